"""Labelme: a JSON file beside each picture, in whose pixels as they are shown its places are."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from trainer.datasets.annotation import Annotation, Fault, Mark, box_between, sized_box
from trainer.datasets.formats.base import Format
from trainer.datasets.formats.coco import COCO
from trainer.datasets.points import UNREADABLE, reading
from trainer.datasets.text import json_of, text_of
from trainer.files import reason


def _read(file: Path) -> list[Annotation]:
    with reading(file, "shapes as labelme's"):
        items = [_mark(shape, place) for place, shape in enumerate(json_of(file)["shapes"], 1)]
    marks = tuple(item for item in items if isinstance(item, Mark))
    return [Annotation(file, marks, tuple(item for item in items if isinstance(item, Fault)), upright=True)]


def _mark(shape: Mapping[str, Any], place: int) -> Mark | Fault:
    label, kind = str(shape.get("label") or ""), shape["shape_type"]
    try:
        points = np.array(shape["points"], np.float64).reshape(-1, 2)
        if kind == "point" and len(points) == 1:
            return Mark(label, *points[0].tolist())
        if kind in ("rectangle", "polygon") and len(points) > 1:
            return box_between(label, (*points.min(axis=0).tolist(), *points.max(axis=0).tolist()))
        if kind == "circle" and len(points) == 2:
            across = 2 * float(np.hypot(*(points[1] - points[0])))
            return sized_box(label, (float(points[0, 0]), float(points[0, 1])), across, across)
    except UNREADABLE as error:
        return Fault(f"shape {place}", f"{reason(error)}; expected x and y", label)
    return Fault(
        f"shape {place}",
        f"type {kind!r} with {len(points)} points, expected a point on each head, or a rectangle, circle or polygon",
        label,
    )


LABELME = Format(
    "labelme",
    "labelme's NAME.json for each picture",
    (".json",),
    _read,
    is_known=lambda file: '"shapes"' in text_of(file),
    is_foreign=COCO.is_known,
)
