"""The counts of a recording as a table for people: one line for each frame."""

import errno
import io
import os
from dataclasses import dataclass

from engine.counting.doubt import Doubt
from engine.inference.error_table import Interval

COLUMNS = ("frame", "time_s", "count", "own_time_s", "low", "high", "reliable")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of `counts.csv`."""

    frame: int
    time_s: float
    count: float
    own_time_s: float | None = None
    """The time stamp that the frame bears in its recording; None where it bears none."""
    interval: Interval | None = None
    """In which the truth lies with 90 % certainty; None where nothing is known of errors."""
    doubt: Doubt = Doubt.NONE

    @property
    def line(self) -> str:
        """The cells of the table."""
        own_time = "" if self.own_time_s is None else f"{self.own_time_s:.3f}"
        low, high = ("", "") if self.interval is None else (f"{end:.2f}" for end in self.interval)
        reliable = "no" if self.doubt else "yes"
        return f"{self.frame},{self.time_s:.3f},{self.count:.2f},{own_time},{low},{high},{reliable}"


class CountsTable:
    """`counts.csv`, line by line without a buffer: on a full disk the lines that fitted stay."""

    def __init__(self, file: io.FileIO) -> None:
        self._file = file
        self._write(",".join(COLUMNS))

    def add(self, row: Row) -> None:
        """Appends one line, whole or not at all; raises OSError."""
        self._write(row.line)

    def _write(self, line: str) -> None:
        content, start = f"{line}\r\n".encode("ascii"), self._file.tell()
        if self._file.write(content) != len(content):
            self._file.truncate(start)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
