"""YOLO's text: for each picture lines of a class and a box, in fractions of the picture as it is shown.

A line is `class x y width height`, with the centre's place, perhaps followed by a confidence; `class x y` is a point,
and `class x y x y x y ...` an outline, of which the box is taken. Names of the classes come from the nearest data.yaml
or classes.txt at or above the file; without one they are called by their numbers.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from trainer.datasets.annotation import Annotation, Fault, Mark, box_between, sized_box
from trainer.datasets.formats.base import Format
from trainer.datasets.points import reading
from trainer.datasets.text import decoded, text_of
from trainer.files import reason

NAME_FILES = ("data.yaml", "data.yml", "dataset.yaml", "classes.txt", "obj.names")
HEIGHT_SEARCHED = 4
"""Folders upwards in which names of classes are looked for."""
BEYOND = 0.01
"""By how much of the picture a place may be outside."""


def _read(file: Path) -> list[Annotation]:
    with reading(file, "readable lines"):
        text = decoded(file)
    names = _names(file)
    lines = [(number, line.split()) for number, line in enumerate(text.splitlines(), 1)]
    items = [_mark(words, names, number) for number, words in lines if words]
    marks = tuple(item for item in items if isinstance(item, Mark))
    faults = tuple(item for item in items if isinstance(item, Fault))
    return [Annotation(file, marks, faults, relative=True, upright=True)]


def _mark(words: Sequence[str], names: Sequence[str], number: int) -> Mark | Fault:
    try:
        index, values = int(words[0]), [float(word) for word in words[1:]]
        label = names[index] if 0 <= index < len(names) else str(index)
        mark = _shape(label, values)
        if not all(-BEYOND <= value <= 1 + BEYOND for value in (mark.x, mark.y)):
            raise ValueError(f"a place of {mark.x:g}, {mark.y:g}, which is no part of the picture")
        return mark
    except ValueError as error:
        return Fault(f"line {number}", f"{reason(error)}; expected class x y width height from 0 to 1")


def _shape(label: str, values: Sequence[float]) -> Mark:
    match len(values):
        case 2:
            return Mark(label, values[0], values[1])
        case 4 | 5:
            return sized_box(label, (values[0], values[1]), values[2], values[3])
        case many if many >= 6 and many % 2 == 0:
            outline = np.array(values).reshape(-1, 2)
            return box_between(label, (*outline.min(axis=0).tolist(), *outline.max(axis=0).tolist()))
    raise ValueError(f"{len(values)} numbers behind the class")


def _names(file: Path) -> Sequence[str]:
    folders = list(file.parents)[:HEIGHT_SEARCHED]
    found = next((folder / name for folder in folders for name in NAME_FILES if (folder / name).is_file()), None)
    return _names_in(found, found.stat().st_mtime_ns) if found else ()


@lru_cache(maxsize=16)
def _names_in(file: Path, changed_ns: int) -> tuple[str, ...]:
    """Returns the names of classes; of YAML those in the three ways that YOLO's tools write `names`."""
    text = text_of(file)
    if file.suffix not in (".yaml", ".yml"):
        return tuple(line.strip() for line in text.splitlines() if line.strip())
    inline = re.search(r"^names:\s*[\[{](.*?)[\]}]", text, re.MULTILINE | re.DOTALL)
    if inline:
        items = inline.group(1).split(",")
    else:
        block = re.search(r"^names:[ \t]*\r?\n((?:[ \t]*(?:-|\d+:).*(?:\r?\n|$))+)", text, re.MULTILINE)
        items = block.group(1).splitlines() if block else []
    names = (re.sub(r"^\s*(-|\d+\s*:)?\s*", "", item).strip().strip("'\"") for item in items)
    return tuple(name for name in names if name)


YOLO = Format("yolo", "YOLO's NAME.txt for each picture", (".txt",), _read)
