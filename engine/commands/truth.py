"""True counts of a recording, for measuring a model on it: a CSV with the columns `frame` and `count`."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from engine.commands.report import Row
from engine.errors import SourceError


def read_truth(path: Path) -> dict[int, float]:
    """Returns the true count of each frame.

    Raises:
        SourceError: no such file, or other columns.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return {int(row["frame"]): float(row["count"]) for row in csv.DictReader(file)}
    except OSError as error:
        raise SourceError(f"true counts {path} cannot be read: {(error.strerror or str(error)).lower()}") from error
    except (KeyError, ValueError, TypeError, csv.Error) as error:
        raise SourceError(f"true counts {path} are no CSV with the columns frame,count: {error!r}") from error


def mean_absolute_error(rows: Iterable[Row], truth: Mapping[int, float]) -> float | None:
    """Returns the MAE over the frames whose true count is known; None if there is none."""
    errors = [abs(row.count - truth[row.frame]) for row in rows if row.frame in truth]
    return sum(errors) / len(errors) if errors else None
