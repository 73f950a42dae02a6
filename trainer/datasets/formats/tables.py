"""Tables of points or boxes: one for each picture, or one with a column of names for many.

The first line names the columns. A point is `x,y`; a box has a corner and a size or two corners: `x,y,width,height`
(or w,h, or left,top), `xmin,ymin,xmax,ymax` (or x1,y1,x2,y2, or left,top,right,bottom). A column of labels may come
with them. Columns are divided by commas, semicolons or tabs, and numbers may have a decimal comma. A picture without
anybody has a table of only the first line, or in a common one a line with its name and nothing behind it.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from trainer.datasets.annotation import Annotation, Fault, Mark, box_between, sized_box
from trainer.datasets.formats.base import Format
from trainer.datasets.points import reading
from trainer.datasets.text import decoded, text_of
from trainer.errors import TrainerError
from trainer.files import reason

NAMES = ("name", "filename", "file_name", "file", "image", "image_name", "image_path", "path", "picture")
LABELS = ("label", "class", "category", "class_name", "label_name")
CORNERS = (("xmin", "ymin", "xmax", "ymax"), ("x1", "y1", "x2", "y2"), ("left", "top", "right", "bottom"))
SIZED = (("x", "y", "width", "height"), ("x", "y", "w", "h"), ("left", "top", "width", "height"))
POINTS = (("x", "y"),)
DELIMITERS = "\t;,"
EXPECTED = "expected x,y of points, or of boxes x,y,width,height or xmin,ymin,xmax,ymax, with a name for many pictures"
Line = tuple[int, Mapping[str, str]]
"""Its number from 1, and its values by column."""


def _read(file: Path) -> list[Annotation]:
    with reading(file, "readable table"):
        text = decoded(file)
    columns = _columns(text)
    places = _places(columns)
    if places is None:
        raise TrainerError(f"annotation {file} has the columns {','.join(columns)}, {EXPECTED}")
    named = next((name for name in NAMES if name in columns), None)
    lines: dict[str, list[Line]] = defaultdict(list)
    for number, values in _lines(text, columns):
        lines[values.get(named, "") if named else ""].append((number, values))
    if not named:
        return [_annotation(file, "", lines[""], places)]
    return [_annotation(file, name, found, places) for name, found in lines.items()]


def _annotation(file: Path, name: str, lines: Sequence[Line], places: Sequence[str]) -> Annotation:
    items = [_mark(values, places, number) for number, values in lines if not (name and _is_empty(values, places))]
    marks = tuple(item for item in items if isinstance(item, Mark))
    faults = tuple(item for item in items if isinstance(item, Fault))
    return Annotation(file, marks, faults, picture=name, size=_size(lines[0][1], places) if lines else None)


def _mark(values: Mapping[str, str], places: Sequence[str], number: int) -> Mark | Fault:
    label = next((values[name] for name in LABELS if name in values), "")
    try:
        found = [float(values.get(place, "").replace(",", ".")) for place in places]
        if len(found) == 2:
            return Mark(label, found[0], found[1])
        if tuple(places) in CORNERS:
            return box_between(label, (found[0], found[1], found[2], found[3]))
        return sized_box(label, (found[0] + found[2] / 2, found[1] + found[3] / 2), found[2], found[3])
    except ValueError as error:
        return Fault(f"line {number}", f"{reason(error)}; expected {', '.join(places)} in pixels")


def _is_empty(values: Mapping[str, str], places: Sequence[str]) -> bool:
    return not any(values.get(place) for place in places)


def _size(values: Mapping[str, str], places: Sequence[str]) -> tuple[int, int] | None:
    """Returns the picture's height and width, which stand beside a box's corners in TensorFlow's tables."""
    found = values.get("height", ""), values.get("width", "")
    if "width" in places or not all(value.isdecimal() for value in found):
        return None
    return int(found[0]), int(found[1])


def _places(columns: Sequence[str]) -> tuple[str, ...] | None:
    """Returns the columns of a mark's numbers; two corners before a size, which may be the picture's."""
    return next((places for places in (*CORNERS, *SIZED, *POINTS) if set(places) <= set(columns)), None)


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return next((mark for mark in DELIMITERS if mark in first), ",")


def _columns(text: str) -> list[str]:
    first = next(csv.reader(text.splitlines()[:1], delimiter=_delimiter(text)), [])
    return [name.strip().lower() for name in first]


def _lines(text: str, columns: Sequence[str]) -> Iterator[Line]:
    rows = csv.reader(text.splitlines(), delimiter=_delimiter(text))
    next(rows, None)
    for row in rows:
        if any(value.strip() for value in row):  # spreadsheets leave lines of nothing but semicolons
            yield rows.line_num, dict(zip(columns, (value.strip() for value in row), strict=False))


def _is_common(file: Path) -> bool:
    columns = _columns(text_of(file))
    return _places(columns) is not None and any(name in columns for name in NAMES)


TABLE = Format(
    "csv",
    "a table NAME.csv (columns x,y) for each picture, or one table with the columns name,x,y",
    (".csv", ".tsv"),
    _read,
    is_known=_is_common,
)
