"""True counts of a recording, for measuring a model on it: a CSV with the columns `frame` and `count`."""

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from engine.errors import SourceError
from engine.recording.table import Row


def read_truth(path: Path) -> dict[int, float]:
    """Returns the true count of each frame; spaces and the mark that spreadsheets put before a CSV do not matter.

    Raises:
        SourceError: no such file, other columns, or a line that holds no frame and count; it says which.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = csv.reader(file)
            names = [name.strip().lower() for name in next(lines, [])]
            if not {"frame", "count"} <= set(names):
                raise SourceError(
                    f"true counts {path} have no columns frame,count in their first line, expected both; add them"
                )
            columns = names.index("frame"), names.index("count")
            return dict(_truth(cells, columns, f"{path}, line {lines.line_num},") for cells in lines if any(cells))
    except OSError as error:
        raise SourceError(f"true counts {path} cannot be read: {(error.strerror or str(error)).lower()}") from error
    except (UnicodeDecodeError, csv.Error):
        raise SourceError(f"true counts {path} are no CSV in UTF-8, expected the columns frame,count") from None


def _truth(cells: Sequence[str], columns: tuple[int, int], where: str) -> tuple[int, float]:
    """Returns a line's frame and count."""
    try:
        frame, count = int(cells[columns[0]]), float(cells[columns[1]])
    except (IndexError, ValueError):
        frame, count = 0, math.nan
    if frame < 0 or not 0 <= count < math.inf:
        raise SourceError(f"true counts {where} hold no frame and count, expected whole and finite numbers from 0 on")
    return frame, count


def mean_absolute_error(rows: Iterable[Row], truth: Mapping[int, float]) -> float | None:
    """Returns the MAE over the frames whose true count is known; None if there is none."""
    errors = [abs(row.count - truth[row.frame]) for row in rows if row.frame in truth]
    return sum(errors) / len(errors) if errors else None
