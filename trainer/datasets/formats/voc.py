"""Pascal VOC: an XML file for each picture, with a box or a point for each object."""

from pathlib import Path
from xml.etree import ElementTree

from trainer.datasets.annotation import Annotation, Fault, Mark, box_between
from trainer.datasets.formats.base import Format
from trainer.datasets.points import UNREADABLE, reading
from trainer.datasets.text import text_of
from trainer.errors import TrainerError
from trainer.files import reason

CORNERS = ("xmin", "ymin", "xmax", "ymax")


def _read(file: Path) -> list[Annotation]:
    try:
        with reading(file, "readable XML"):
            root = ElementTree.fromstring(file.read_bytes())
    except ElementTree.ParseError as error:
        raise TrainerError(f"annotation {file} is no XML, or not a whole one: {reason(error)}") from error
    if root.tag != "annotation":
        raise TrainerError(f"annotation {file} is no annotation of Pascal VOC: its first tag is {root.tag!r}")
    items = [_mark(thing, place) for place, thing in enumerate(root.iter("object"), 1)]
    marks = tuple(item for item in items if isinstance(item, Mark))
    faults = tuple(item for item in items if isinstance(item, Fault))
    return [Annotation(file, marks, faults, size=_size(root))]


def _mark(thing: ElementTree.Element, place: int) -> Mark | Fault:
    label = (thing.findtext("name") or "").strip()
    try:
        point = thing.find("point")
        if point is not None:
            return Mark(label, _number(point, "x"), _number(point, "y"))
        box = thing.find("bndbox")
        if box is None:
            raise ValueError("neither bndbox nor point")
        left, top, right, bottom = (_number(box, corner) for corner in CORNERS)
        return box_between(label, (left, top, right, bottom))
    except UNREADABLE as error:
        return Fault(f"object {place}", f"{reason(error)}; expected {', '.join(CORNERS)} in pixels", label)


def _size(root: ElementTree.Element) -> tuple[int, int] | None:
    found = [root.findtext(f"size/{name}") or "" for name in ("height", "width")]
    height, width = (int(text) if text.strip().isdecimal() else 0 for text in found)
    return (height, width) if height and width else None


def _number(element: ElementTree.Element, tag: str) -> float:
    text = element.findtext(tag)
    if text is None:
        raise ValueError(f"no {tag}")
    return float(text)


VOC = Format(
    "voc",
    "Pascal VOC's NAME.xml for each picture",
    (".xml",),
    _read,
    is_known=lambda file: "<annotation" in text_of(file),
)
