"""What minutes and hours came to, made as samples come.

A minute that gets a sample is summed up anew from all that it has, and so is its hour from its minutes: to do it twice
does no harm, and a roll-up never says anything else than its samples do. What spans two runs has a row for each.
"""

import math
from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Connection, text

from engine.log.tables import WHOLE

MINUTE_S, HOUR_S = 60, 3600

_UPSERT = """
ON CONFLICT (run_id, zone_id, span_s, began_s) DO UPDATE SET people = excluded.people, least = excluded.least,
    most = excluded.most, readings = excluded.readings, seconds = excluded.seconds
"""
_INTO = "INSERT INTO rollup (run_id, zone_id, span_s, began_s, people, least, most, readings, seconds)"
CAMERA_MINUTE = text(
    f"{_INTO} SELECT run_id, {WHOLE}, {MINUTE_S}, :began, SUM(mean * readings), MIN(least), MAX(most), "
    "SUM(readings), COUNT(*) FROM sample WHERE run_id = :run AND second BETWEEN :first AND :last "
    f"GROUP BY run_id {_UPSERT}"
)
ZONE_MINUTES = text(
    f"{_INTO} SELECT run_id, zone_id, {MINUTE_S}, :began, SUM(mean * readings), MIN(least), MAX(most), "
    "SUM(readings), COUNT(*) FROM zone_sample WHERE run_id = :run AND zone_id IN (SELECT zone.id FROM zone "
    "JOIN run ON run.camera_id = zone.camera_id WHERE run.id = :run) AND second BETWEEN :first AND :last "
    f"GROUP BY run_id, zone_id {_UPSERT}"
)
HOURS = text(
    f"{_INTO} SELECT run_id, zone_id, {HOUR_S}, :began, SUM(people), MIN(least), MAX(most), SUM(readings), "
    f"SUM(seconds) FROM rollup WHERE run_id = :run AND zone_id IN (SELECT {WHOLE} UNION SELECT zone.id FROM zone "
    f"JOIN run ON run.camera_id = zone.camera_id WHERE run.id = :run) AND span_s = {MINUTE_S} "
    f"AND began_s BETWEEN :began AND :began + {HOUR_S - 1} GROUP BY run_id, zone_id {_UPSERT}"
)
"""The zones are named in all of them, since they come before the time in the index."""


class Second(NamedTuple):
    """A second that has got a sample."""

    run: int
    began_s: float
    """Of the run, in seconds since 1970 (UTC)."""
    second: int
    """Of the run."""


class _Minute(NamedTuple):
    run: int
    began_s: float
    minute: int


def roll_up(connection: Connection, seconds: Collection[Second]) -> None:
    """Sums up anew the minutes and hours of seconds that have got a sample."""
    minutes = {_Minute(each.run, each.began_s, int(each.began_s + each.second) // MINUTE_S) for each in seconds}
    if not minutes:
        return
    spans = [_span(minute) for minute in sorted(minutes)]
    connection.execute(CAMERA_MINUTE, spans)
    connection.execute(ZONE_MINUTES, spans)
    hours = sorted({(minute.run, minute.minute * MINUTE_S // HOUR_S * HOUR_S) for minute in minutes})
    connection.execute(HOURS, [{"run": run, "began": began} for run, began in hours])


def _span(minute: _Minute) -> dict[str, int]:
    """Returns the seconds of the run that lie in a minute: those that begin in it."""
    began = minute.minute * MINUTE_S
    first = math.ceil(began - minute.began_s)
    last = math.ceil(began + MINUTE_S - minute.began_s) - 1
    return {"run": minute.run, "began": began, "first": first, "last": last}
