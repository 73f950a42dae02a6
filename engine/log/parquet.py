"""Rows of a log as Parquet, which programs for analysis read; needs the optional package pyarrow."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
from pyarrow.parquet import ParquetWriter

from engine.log.export import HEADER, Row

SCHEMA = pa.schema(
    [
        pa.field("time", pa.timestamp("ms", tz="UTC"), nullable=False),
        pa.field("camera", pa.string(), nullable=False),
        pa.field("zone", pa.string()),
        *(pa.field(name, pa.float64(), nullable=False) for name in ("mean", "least", "most")),
        pa.field("readings", pa.int32(), nullable=False),
        pa.field("consistency", pa.float64()),
        pa.field("condition", pa.string()),
        pa.field("low", pa.float64()),
        pa.field("high", pa.float64()),
        pa.field("doubt", pa.string()),
    ]
)
GROUP_ROWS = 100_000


class ParquetTable:
    """A table in columns; times are moments in UTC."""

    def __init__(self, path: Path) -> None:
        self._writer = ParquetWriter(str(path), SCHEMA)
        self._rows: list[Row] = []

    def add(self, rows: Sequence[Row]) -> None:
        """Adds rows."""
        self._rows += rows
        if len(self._rows) >= GROUP_ROWS:
            self._flush()

    def close(self) -> None:
        """Finishes the file."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._rows:
            seconds, *others = zip(*self._rows, strict=True)
            columns = [[1000 * second for second in seconds], *map(list, others)]
            arrays = [pa.array(values, SCHEMA.field(name).type) for name, values in zip(HEADER, columns, strict=True)]
            self._writer.write_table(pa.Table.from_arrays(arrays, schema=SCHEMA))
        self._rows = []
