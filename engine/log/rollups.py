"""What minutes and hours came to, made as samples come.

A minute that gets a sample is summed up anew from all that it has, and so is its hour from its minutes: to do it twice
does no harm, and a roll-up never says anything else than its samples do. What spans two runs has a row for each.
"""

import math
from collections.abc import Collection
from datetime import UTC
from typing import NamedTuple

from sqlalchemy import Connection, Engine, func, select, text, update

from engine.log.database import Run, StoredSample
from engine.log.tables import WHOLE, RollUp

MINUTE_S, HOUR_S = 60, 3600
SECONDS_AT_ONCE = 7200  # of a run of an older version

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


def roll_up_some(engine: Engine) -> int:
    """Rolls up a few minutes of a run that an older version wrote, the newest first; returns how many seconds.

    A run is read by its roll-ups once all of them are made.
    """
    with engine.begin() as connection:
        query = select(Run.id, Run.started_at).where(~Run.is_summed).order_by(Run.started_at.desc()).limit(1)
        found = connection.execute(query).first()
        if found is None:
            return 0
        run, began_s = found.id, found.started_at.replace(tzinfo=UTC).timestamp()
        done = select(func.max(RollUp.began_s)).where(
            RollUp.run_id == run, RollUp.zone_id == WHOLE, RollUp.span_s == MINUTE_S
        )
        last = connection.scalar(done)
        first = 0 if last is None else math.ceil(last + MINUTE_S - began_s)
        after = StoredSample.run_id == run, StoredSample.second >= first
        seconds = connection.scalars(
            select(StoredSample.second).where(*after).order_by(StoredSample.second).limit(SECONDS_AT_ONCE)
        ).all()
        if not seconds:
            connection.execute(update(Run).where(Run.id == run).values(is_summed=True))
            return 1
        roll_up(connection, {Second(run, began_s, second) for second in seconds})
        return len(seconds)


def _span(minute: _Minute) -> dict[str, int]:
    """Returns the seconds of the run that lie in a minute: those that begin in it."""
    began = minute.minute * MINUTE_S
    first = math.ceil(began - minute.began_s)
    last = math.ceil(began + MINUTE_S - minute.began_s) - 1
    return {"run": minute.run, "began": began, "first": first, "last": last}
