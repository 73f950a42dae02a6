"""The counts of a recording written as a table, as `count` writes them, or as Parquet, which programs read."""

import io
from collections.abc import Iterator
from math import isnan
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.counting.smoothing import Smoother
from engine.counting.trust import Trust
from engine.errors import ConfigError
from engine.files import unwritable, written_whole
from engine.inference.error_table import ErrorTable
from engine.recording.counts import DOUBTS
from engine.recording.table import COLUMNS, CountsTable, Row

FORMATS = ("csv", "parquet")


def table_rows(rows: NDArray[np.float64], smoothing_s: float, errors: ErrorTable | None) -> Iterator[Row]:
    """Yields the lines of a table.

    Args:
        rows: (N, 6) as `Counted` has them, in the order of the frames.
        smoothing_s: over which counts are steadied; 0 is off.
        errors: of the model, from which intervals come.
    """
    smoother, trust = Smoother(smoothing_s), Trust()
    for number, time_s, people, own_s, _, doubt in rows.tolist():
        count = smoother.add(time_s, people)
        own_time_s = None if isnan(own_s) else own_s
        yield Row(int(number), time_s, count, own_time_s, trust.interval(count, errors), DOUBTS[int(doubt)])


def write_table(path: Path, rows: list[Row]) -> None:
    """Writes a table, whole or not at all, in the format that the suffix names.

    Raises:
        OutputError: it cannot be written.
        ConfigError: the format needs a package that is not there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(path.parent, error) from error
    with written_whole(path) as partial:
        if path.suffix == ".parquet":
            _write_parquet(partial, rows)
            return
        with io.FileIO(partial, "w") as file:
            table = CountsTable(file)
            for row in rows:
                table.add(row)


def check_format(kind: str) -> None:
    """Raises ConfigError where a format needs a package that is not there."""
    if kind != "parquet":
        return
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise ConfigError(
            "tables in Parquet need the Python package pyarrow, which is not installed; pip install "
            "'deepcount[analysis]', or take --format csv"
        ) from None


def _write_parquet(path: Path, rows: list[Row]) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    kinds = dict(zip(COLUMNS, (pa.int64(), *[pa.float64()] * 5, pa.bool_()), strict=True))
    columns = zip(*map(_cells, rows), strict=True)
    arrays = [pa.array(values, kind) for values, kind in zip(columns, kinds.values(), strict=True)]
    parquet.write_table(pa.Table.from_arrays(arrays, names=list(kinds)), str(path))


def _cells(row: Row) -> tuple[int, float, float, float | None, float | None, float | None, bool]:
    low, high = row.interval or (None, None)
    return row.frame, row.time_s, row.count, row.own_time_s, low, high, not row.doubt
