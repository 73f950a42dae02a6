"""COCO: one JSON file for many pictures, as CVAT, Label Studio and Roboflow export it.

A person is a point where a keypoint was set: the one called head (or head_top, or nose), else any; otherwise a box.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from trainer.datasets.annotation import Annotation, Fault, Mark, sized_box
from trainer.datasets.formats.base import Format
from trainer.datasets.points import UNREADABLE, reading
from trainer.datasets.text import json_of, text_of
from trainer.files import reason

HEADS = ("head", "head_top", "nose")
KEYS = ('"images"', '"annotations"')


def _is_coco(file: Path) -> bool:
    text = text_of(file)
    return all(key in text for key in KEYS)


def _read(file: Path) -> list[Annotation]:
    with reading(file, "images and annotations as COCO's"):
        content = json_of(file)
        categories = {category["id"]: category for category in content.get("categories", [])}
        of_image: dict[Any, list[Mark | Fault]] = defaultdict(list)
        for place, person in enumerate(content["annotations"], 1):
            category = categories.get(person.get("category_id"), {})
            of_image[person["image_id"]].append(_mark(person, category, place))
        found = [_annotation(file, image, of_image.pop(image["id"], [])) for image in content["images"]]
    return found + [Annotation(file, picture=f"image {number!r} that it does not list") for number in of_image]


def _annotation(file: Path, image: Mapping[str, Any], items: Sequence[Mark | Fault]) -> Annotation:
    size = image.get("height"), image.get("width")
    return Annotation(
        file,
        tuple(item for item in items if isinstance(item, Mark)),
        tuple(item for item in items if isinstance(item, Fault)),
        picture=str(image["file_name"]),
        size=(int(size[0]), int(size[1])) if size[0] and size[1] else None,
    )


def _mark(person: Mapping[str, Any], category: Mapping[str, Any], place: int) -> Mark | Fault:
    label, where = str(category.get("name", "")), f"annotation {person.get('id', place)}"
    if person.get("iscrowd"):
        return Fault(
            where, "a crowd region without a number (iscrowd); annotate its people or remove the picture", label
        )
    try:
        head = _keypoint(person.get("keypoints") or [], category.get("keypoints", []))
        if head:
            return Mark(label, *head)
        left, top, width, height = (float(value) for value in person["bbox"])
        return sized_box(label, (left + width / 2, top + height / 2), width, height)
    except UNREADABLE as error:
        return Fault(where, f"{reason(error)}; expected a bbox of x, y, width and height", label)


def _keypoint(flat: Sequence[float], names: Sequence[str]) -> tuple[float, float] | None:
    """Returns the best keypoint that was set, if any was."""
    if len(flat) % 3:
        raise ValueError(f"{len(flat)} numbers for keypoints, which have x, y and visibility each")
    places = [flat[i : i + 3] for i in range(0, len(flat), 3)]
    called = {name: place for name, place in zip(names, places, strict=False) if place[2]}
    best = next((called[name] for name in HEADS if name in called), None)
    best = best or next((place for place in places if place[2]), None)
    return (float(best[0]), float(best[1])) if best else None


COCO = Format(
    "coco",
    "a COCO file with images and annotations",
    (".json",),
    _read,
    is_known=_is_coco,
    is_foreign=lambda f: not _is_coco(f),
)
