"""The scale test: the same pictures counted at several times their size, each cut as the engine would cut it.

A camera may send the same scene in 352x288 or in 4K; what is counted there should not hang on that.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import median

import cv2
import numpy as np

from trainer.datasets import Annotated
from trainer.evaluation.counters import TileCounter
from trainer.evaluation.evaluate import Measured, measure
from trainer.evaluation.sets import NAME_WIDTH, Groups, mean_normalised, normalised

SCALES = (0.35, 0.5, 0.7, 1.0, 1.4, 2.0)
LARGEST_EDGE_PX = 4096
"""Pictures are not enlarged beyond it."""
LEAST = 1.0
"""Person: of pictures that count less, a change says nothing."""


def resized(annotated: Annotated, scale: float) -> Annotated:
    """Returns a picture with its points at so many times its size."""
    height, width = annotated.picture.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    picture = np.asarray(cv2.resize(annotated.picture, size, interpolation=way), np.uint8)
    sizes = None if annotated.sizes is None else annotated.sizes * np.float32(scale)
    return replace(annotated, picture=picture, points=annotated.points * np.float32(scale), sizes=sizes)


def can_be(annotated: Annotated, scale: float) -> bool:
    """Whether a picture stays within `LARGEST_EDGE_PX`."""
    return scale <= 1 or scale * max(annotated.picture.shape[:2]) <= LARGEST_EDGE_PX


def at_scales(counter: TileCounter, pictures: Iterable[Annotated]) -> dict[float, list[Measured]]:
    """Counts each picture at every scale, without keeping maps; a picture that would become too large is left out."""
    found: dict[float, list[Measured]] = {scale: [] for scale in SCALES}
    for annotated in pictures:
        for scale in SCALES:
            if can_be(annotated, scale):
                own = annotated if scale == 1 else resized(annotated, scale)
                found[scale] += (replace(each, density=None) for each in measure(counter, [own]))
    return found


def median_change(before: Sequence[Measured], after: Sequence[Measured]) -> float:
    """Returns the median of |count after / count before - 1| over the pictures that are in both; nan of none."""
    counts = {picture.name: picture.counts["count"] for picture in before}
    changes = [
        abs(picture.counts["count"] / counts[picture.name] - 1)
        for picture in after
        if counts.get(picture.name, 0.0) >= LEAST
    ]
    return median(changes) if changes else float("nan")


def scale_table(found: Mapping[float, Groups]) -> str:
    """Returns the MAE over people of each data set at each scale, their mean, and how counts change, as text.

    Args:
        found: at each of `SCALES`, by data sets.
    """
    lines = [_line("MAE/people, by size", [f"{scale:g}" for scale in found])]
    for name in found[1.0]:
        errors = (f"{normalised(groups[name]):.3f}" if name in groups else "-" for groups in found.values())
        lines.append(_line(name, list(errors)))
    lines.append(_line("mean over sets", [f"{mean_normalised(groups):.3f}" for groups in found.values()]))
    whole = [[picture for part in groups.values() for picture in part] for groups in found.values()]
    own = next(pictures for scale, pictures in zip(found, whole, strict=True) if scale == 1.0)
    lines.append(_line("median change", [f"{median_change(own, pictures):.1%}" for pictures in whole]))
    return "\n".join(lines)


def _line(name: str, figures: Sequence[str]) -> str:
    shown = name if len(name) < NAME_WIDTH else f"{name[: NAME_WIDTH - 2]}…"
    return f"{shown:<{NAME_WIDTH}}" + "".join(f"{figure:>8}" for figure in figures)
