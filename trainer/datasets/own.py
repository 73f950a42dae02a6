"""A user's own pictures with head points: as CSV tables, or from labelme."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.datasets.base import Choice, PictureSet
from trainer.datasets.pictures import Picture, picture_files
from trainer.datasets.points import checked_points, reading
from trainer.datasets.text import json_of, text_of
from trainer.errors import TrainerError
from trainer.files import reason

BESIDE, TABLE = ("x", "y"), ("name", "x", "y")
"""Columns of a table beside each picture, and of one table for all pictures."""


class CsvPoints(PictureSet):
    """Pictures with a table `x,y` beside each, or with one table `name,x,y` for all.

    Points are in the pixels as they are stored. A picture without anybody has a table of only a heading, or in the
    common table a line with its name and nothing behind it.
    """

    layout = "pictures with a table NAME.csv (columns x,y) beside each, or one table with the columns name,x,y"

    def __init__(self, folder: Path, choice: Choice | None = None) -> None:
        self.table = _common_table(folder)
        self._points = _by_name(self.table) if self.table else {}
        super().__init__(folder, choice)

    @classmethod
    def recognises(cls, folder: Path) -> bool:
        """Whether a folder holds such a table."""
        beside = (picture.with_suffix(".csv") for picture in picture_files(folder))
        return _common_table(folder) is not None or any(file.is_file() for file in beside)

    def listed(self, folder: Path) -> list[Path]:
        """Returns the pictures sorted by number."""
        return picture_files(folder)

    def points_of(self, path: Path) -> NDArray[np.float32]:
        """Returns the points of the picture's own table, or its lines in the common one."""
        if self.table:
            found = self._points.get(path.name, self._points.get(path.stem))
            if found is None:
                raise TrainerError(
                    f"annotation {self.table} has no line for {path.name}; write '{path.name},,' if nobody is in it"
                )
            return checked_points(found, self.table)
        file = path.with_suffix(".csv")
        return checked_points([xy for _, xy in _lines(file, BESIDE)], file)


class Labelme(PictureSet):
    """Pictures with a NAME.json beside each, as labelme saves points.

    Labelme shows pictures upright, so its points are in the upright picture.
    """

    layout = "pictures with labelme's NAME.json beside each"

    @classmethod
    def recognises(cls, folder: Path) -> bool:
        """Whether the first annotation beside a picture has shapes."""
        beside = (picture.with_suffix(".json") for picture in picture_files(folder))
        first = next((file for file in beside if file.is_file()), None)
        return first is not None and '"shapes"' in text_of(first)

    def listed(self, folder: Path) -> list[Path]:
        """Returns the pictures sorted by number."""
        return picture_files(folder)

    def points_of(self, path: Path) -> NDArray[np.float32]:
        """Returns the points of all shapes; raises TrainerError for one that is no point."""
        file = path.with_suffix(".json")
        with reading(file, "shapes as labelme's"):
            return checked_points([_point_of(shape, file) for shape in json_of(file)["shapes"]], file)

    def is_upright(self, path: Path, picture: Picture) -> bool:
        """Labelme's points are."""
        return True


def _point_of(shape: Mapping[str, Any], file: Path) -> list[float]:
    kind, points = shape["shape_type"], shape["points"]
    if kind != "point" or len(points) != 1:
        raise TrainerError(f"annotation {file} has a shape of type {kind!r}, expected 'point': a click on each head")
    x, y = points[0]
    return [x, y]


def _common_table(folder: Path) -> Path | None:
    return next((file for file in sorted(folder.glob("*.csv")) if set(TABLE) <= set(_heading(file))), None)


def _heading(file: Path) -> list[str]:
    first = text_of(file).partition("\n")[0]
    return [name.strip().strip('"').lower() for name in first.replace(";", ",").split(",")]


def _by_name(table: Path) -> dict[str, list[list[float]]]:
    found: dict[str, list[list[float]]] = {}
    for name, xy in _lines(table, TABLE):
        people = found.setdefault(name, [])
        if xy:
            people.append(xy)
    return found


def _lines(file: Path, columns: tuple[str, ...]) -> Iterator[tuple[str, list[float]]]:
    """Yields the name, empty in a picture's own table, and x and y of each line, which are none for nobody."""
    with reading(file, "readable table"):
        text = file.read_text("utf-8-sig")
    names = _heading(file)
    if not set(columns) <= set(names):
        raise TrainerError(f"annotation {file} has the columns {','.join(names)}, expected {','.join(columns)}")
    first = text.partition("\n")[0]
    rows = csv.reader(text.splitlines(), delimiter=";" if ";" in first else ",")
    next(rows, None)
    for number, row in enumerate(rows, 2):
        values = dict(zip(names, (value.strip() for value in row), strict=False))
        xy = [values.get("x", ""), values.get("y", "")]
        name = values.get("name", "") if "name" in columns else ""
        if xy == ["", ""] and (name or not row):
            yield from [(name, [])] if name else []
            continue
        try:
            yield name, [float(value) for value in xy]
        except ValueError as error:
            raise TrainerError(
                f"annotation {file}, line {number}: {reason(error)}; expected x and y in pixels"
            ) from error
