"""Spot checks as pictures with head points, in the form in which the trainer reads tables: a PNG and a CSV each."""

import csv
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from engine.checks.spot_check import SpotCheck
from engine.errors import OutputError
from engine.files import unwritable, written_whole

COLUMNS = ("x", "y")


class Exported(NamedTuple):
    """What was written."""

    pictures: int
    people: int
    without: int
    """Checks of which no picture is kept, so that nobody can learn from them."""


def export(checks: Sequence[SpotCheck], pictures: Path, out: Path) -> Exported:
    """Writes the pictures of checks with the pixels of their heads into a new or empty folder.

    Args:
        checks: those to be written.
        pictures: the folder in which their pictures are kept.
        out: the folder to write into; made if it is not there.

    Raises:
        OutputError: it holds something, or cannot be written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise OutputError(f"{out} holds something already, expected a new or empty folder; give another --out")
        found = [(check, pictures / Path(check.picture).name) for check in checks if check.picture]
        found = [(check, path) for check, path in found if path.is_file()]
        for check, path in found:
            name = f"{check.time_s:012.2f}-{check.uid[:8]}"
            with written_whole(out / f"{name}.png") as partial:
                shutil.copyfile(path, partial)
            with written_whole(out / f"{name}.csv") as partial:
                _write_points(partial, check)
    except OSError as error:
        raise unwritable(out, error) from error
    return Exported(len(found), sum(check.people for check, _ in found), len(checks) - len(found))


def _write_points(path: Path, check: SpotCheck) -> None:
    height, width = check.size
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        table.writerows([f"{x * width:.1f}", f"{y * height:.1f}"] for x, y in check.points)
