"""The scale test: the same pictures counted at several times their size, each cut as the engine would cut it.

A camera may send the same scene in 352x288 or in 4K; what is counted there should not hang on that.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import cv2
import numpy as np

from trainer.datasets import Annotated
from trainer.evaluation.counters import TileCounter
from trainer.evaluation.evaluate import Measured, measure
from trainer.evaluation.sets import Groups
from trainer.evaluation.variants import variant_table

SCALES = (0.35, 0.5, 0.7, 1.0, 1.4, 2.0)
LARGEST_EDGE_PX = 4096
"""Pictures are not enlarged beyond it."""
OWN = "1"


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


def scale_table(found: Mapping[float, Groups]) -> str:
    """Returns the MAE over people of each data set at each scale, their mean, and how counts change, as text.

    Args:
        found: at each of `SCALES`, by data sets.
    """
    return variant_table("MAE/people, by size", {f"{scale:g}": groups for scale, groups in found.items()}, OWN)
