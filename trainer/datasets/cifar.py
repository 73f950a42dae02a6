"""CIFAR-10 (Krizhevsky, 2009): the Python batches as they are published, read without running what is in them.

They are pickles, which may name any function; here nothing but NumPy's arrays is let through.
"""

import io
import pickle
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.errors import TrainerError
from trainer.files import reason

TRAINING = tuple(f"data_batch_{number}" for number in range(1, 6))
TEST = "test_batch"
UNPACKED = "cifar-10-batches-py"
"""The folder in the archive."""
CLASSES = 10
EDGE = 32
VALIDATION_EVERY = 10
"""One in so many training pictures is for validation: 9:1."""
WHERE = "cifar-10-python.tar.gz of https://www.cs.toronto.edu/~kriz/cifar.html, unpacked"
ALLOWED = {
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("_codecs", "encode"),
}


@dataclass(frozen=True, slots=True)
class Classified:
    """Pictures of one size, each of one class."""

    pixels: NDArray[np.uint8] = field(repr=False)
    """RGB, (n, 32, 32, 3)."""
    labels: NDArray[np.int64] = field(repr=False)
    """(n,)."""

    def __len__(self) -> int:
        return len(self.labels)

    def taken(self, places: NDArray[np.bool_] | NDArray[np.intp]) -> "Classified":
        """Returns some of them."""
        return Classified(self.pixels[places], self.labels[places])


def read_training(folder: Path) -> tuple[Classified, Classified]:
    """Reads the five training batches; returns nine tenths to learn from, and every tenth for validation.

    Raises:
        TrainerError: a batch is missing or damaged; it is named, and said what to put where.
    """
    whole = _joined([_read(folder, name) for name in TRAINING])
    held_out = np.arange(1, len(whole) + 1) % VALIDATION_EVERY == 0
    return whole.taken(~held_out), whole.taken(held_out)


def read_test(folder: Path) -> Classified:
    """Reads the test batch; raises TrainerError as `read_training` does."""
    return _read(folder, TEST)


def _joined(parts: Sequence[Classified]) -> Classified:
    return Classified(np.concatenate([p.pixels for p in parts]), np.concatenate([p.labels for p in parts]))


def _read(folder: Path, name: str) -> Classified:
    inside = folder / UNPACKED
    path = (inside if inside.is_dir() else folder) / name
    if not path.is_file():
        raise TrainerError(
            f"CIFAR-10 is not in {folder}: {path.name} is missing; put the Python batches there ({WHERE})"
        )
    try:
        found = _Unpickler(io.BytesIO(path.read_bytes()), encoding="bytes").load()
        data, labels = np.asarray(found[b"data"]), np.asarray(found[b"labels"])
        if data.dtype != np.uint8 or data.shape != (len(labels), 3 * EDGE * EDGE) or not len(labels):
            raise ValueError(
                f"its data is {data.dtype} {data.shape} for {len(labels)} labels, expected uint8 (n, 3072)"
            )
        if labels.min() < 0 or labels.max() >= CLASSES:
            raise ValueError(f"its labels are {labels.min()} to {labels.max()}, expected 0 to {CLASSES - 1}")
    except Exception as error:  # a damaged pickle may raise anything
        raise TrainerError(f"CIFAR-10's {path} is damaged: {reason(error)}; unpack it again ({WHERE})") from error
    pixels = data.reshape(-1, 3, EDGE, EDGE).transpose(0, 2, 3, 1)
    return Classified(np.ascontiguousarray(pixels), labels.astype(np.int64))


class _Unpickler(pickle.Unpickler):
    """Lets NumPy's arrays through and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        """Returns what an array is made with."""
        if (module, name) not in ALLOWED:
            raise ValueError(f"it names {module}.{name}, which no CIFAR-10 batch does")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)
