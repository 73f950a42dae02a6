"""The hours or days of a span as a file."""

import csv
from collections.abc import Sequence
from pathlib import Path

from app.panels.curve_export import cell_text
from app.panels.day_marks import local
from app.panels.history_words import unknown_s
from app.running.lookback import SumRow
from engine.files import written_whole

HEADER = (
    "begin (local time with its distance from UTC)",
    "length (s)",
    "count",
    "mean (people)",
    "least (people)",
    "most (people)",
    "unknown (s)",
    "alerts",
)


def write_sums(path: Path, rows: Sequence[SumRow], now_s: float) -> Path:
    """Writes hours or days as CSV, whole or not at all; unknown is an empty cell.

    Raises:
        OutputError: the file cannot be written.
    """
    with written_whole(path) as partial, partial.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for row in rows:
            period, each = row.sum.period, row.sum
            if period.from_s < now_s:
                values = ["" if value is None else f"{value:.2f}" for value in (each.mean, each.least, each.most)]
                missing_s = round(unknown_s(period, each.known_s, now_s))
                begin = local(period.from_s).isoformat()
                name = cell_text(str(row.subject))
                writer.writerow([begin, period.to_s - period.from_s, name, *values, missing_s, row.alerts])
    return path
