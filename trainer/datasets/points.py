"""Head points as annotation files hold them: checked, and moved into their picture."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tokenize import TokenError

import numpy as np
from numpy.typing import NDArray
from scipy.io.matlab import MatReadError

from trainer.errors import TrainerError
from trainer.files import reason

UNREADABLE = (
    KeyError,
    ValueError,
    IndexError,
    TypeError,
    AttributeError,
    OSError,
    EOFError,
    OverflowError,
    MemoryError,
    RuntimeError,
    MatReadError,
    TokenError,
    zlib.error,
)
"""What reading a damaged or foreign annotation raises; NumPy's reader raises that of the tokenizer."""


def checked_points(values: object, path: Path) -> NDArray[np.float32]:
    """Returns annotated points as float32 (n, 2), n may be 0; raises TrainerError if they are anything else.

    Args:
        values: what the annotation holds, x and y in pixels.
        path: of the annotation, for the message.
    """
    try:
        with np.errstate(over="ignore"):  # what is endless is refused below
            points = np.asarray(values, np.float32)
    except (TypeError, ValueError) as error:
        raise TrainerError(f"annotation {path} holds points that are not numbers: {reason(error)}") from error
    if points.size == 0:
        return np.zeros((0, 2), np.float32)
    if points.ndim != 2 or points.shape[1] != 2:
        found = "x".join(map(str, points.shape)) or "a single number"
        raise TrainerError(f"annotation {path} holds points of shape {found}, expected one line of x and y per person")
    if not np.isfinite(points).all():
        raise TrainerError(f"annotation {path} holds points that are not numbers; remove them")
    return points


def move_inside(points: NDArray[np.float32], height: int, width: int) -> tuple[NDArray[np.float32], int]:
    """Moves points (n, 2) that lie outside a height x width picture to its border; returns them and how many moved."""
    limits = np.nextafter(np.array([width, height], np.float32), np.float32(0))
    inside = np.clip(points, np.float32(0), limits).astype(np.float32)
    return inside, int(np.any(inside != points, axis=1).sum())


@contextmanager
def reading(path: Path, expected: str) -> Iterator[None]:
    """Turns whatever reading an annotation raises into a TrainerError that says what was expected in it."""
    try:
        yield
    except FileNotFoundError:
        raise TrainerError(f"annotation {path} is missing, but its picture is there") from None
    except UNREADABLE as error:
        raise TrainerError(f"annotation {path} holds no {expected}: {reason(error)}") from error
