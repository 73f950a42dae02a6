"""A log of weeks that are drawn by chance: three cameras, a zone, a group, a recording, alerts, gaps, an empty day."""

from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import text

from alert_scene import CROWD, QUEUE, record
from engine.alerts.listing import acknowledge, alerts_of
from engine.alerts.record import moment
from engine.alerts.table import Entries, save
from engine.log.database import open_database
from engine.log.rollups import HOUR_S, MINUTE_S

DAY_S = 86_400
NAMES = ("North path", "Lamp post", "Car park")
GROUP, ZONE, RECORDING = "everywhere", "junction", "evening.mp4"
HEIGHT = {"North path": 60.0, "Lamp post": 25.0, "Car park": 12.0}
RUN = "INSERT INTO run (id, camera_id, started_at, model_name, model_sha256) VALUES (:id, :camera, :at, 'light', '0')"
ROLLUP = (
    "INSERT INTO rollup (run_id, zone_id, span_s, began_s, people, least, most, readings, seconds) "
    "VALUES (:run, :zone, :span, :began, :people, :least, :most, :readings, :readings)"
)
SAMPLE = (
    "INSERT INTO sample (run_id, second, mean, least, most, readings, condition) "
    "VALUES (:run, :second, :mean, :least, :most, 2, 'clear')"
)
GAP_DAYS, EMPTY_DAYS = {5: (9, 17), 12: (0, 7), 20: (22, 24)}, (9,)
"""Days before the last, with the hours of the clock in which nothing was counted; and those without anything."""


def people_of(name, minutes, weekday, chance):
    """How many people a camera sees in each minute of a day: at noon and in the evening, and more on Saturdays."""
    hour = minutes / 60
    noon, evening = np.exp(-(((hour - 12.5) / 1.3) ** 2)), np.exp(-(((hour - 18.6) / 1.6) ** 2))
    height = HEIGHT[name] * (1.5 if weekday == 5 else 0.6 if weekday == 6 else 1.0) * chance.uniform(0.8, 1.2)
    mean = height * (0.04 + 0.6 * noon + 0.85 * evening) + chance.normal(0, 0.04 * height, len(minutes))
    return np.maximum(0.0, mean)


class Writer:
    """Writes runs, one a day and camera."""

    def __init__(self, connection):
        self.connection, self.run = connection, 0

    def add(self, camera, began_s, means, *, known, zone_share=0.0, seconds=(0, 0)):
        """Adds a day in minutes, and the seconds from an hour until another."""
        self.run += 1
        at = moment(began_s).isoformat(sep=" ", timespec="microseconds")
        self.connection.execute(text(RUN), {"id": self.run, "camera": camera, "at": at})
        shares = [(0, 1.0)] + ([(1, zone_share)] if zone_share else [])
        rows = [
            self._row(zone, share, MINUTE_S, began_s + MINUTE_S * place, means[place : place + 1])
            for zone, share in shares
            for place in np.flatnonzero(known)
        ]
        hours = [
            self._row(zone, share, HOUR_S, began_s + HOUR_S * hour, part[has])
            for zone, share in shares
            for hour, (part, has) in enumerate(zip(np.array_split(means, 24), np.array_split(known, 24), strict=True))
            if has.any()
        ]
        self.connection.execute(text(ROLLUP), rows + hours)
        hour = np.arange(len(means)) // 60
        if rows := list(self._seconds(means, known & (hour >= seconds[0]) & (hour < seconds[1]))):
            self.connection.execute(text(SAMPLE), rows)

    def _row(self, zone, share, span_s, began_s, means):
        readings, own = MINUTE_S * len(means), share * means
        extremes = {"least": float(own.min() * 0.85), "most": float(own.max() * 1.1 + share)}
        sums = {"people": float(own.mean() * readings), "readings": readings}
        return {"run": self.run, "zone": zone, "span": span_s, "began": int(began_s), **sums, **extremes}

    def _seconds(self, means, known):
        for minute in np.flatnonzero(known):
            mean = float(means[minute])
            for second in range(MINUTE_S):
                most = mean * 1.1 + 1 if second == 31 else mean
                yield {"run": self.run, "second": int(minute * 60 + second), "mean": mean} | {
                    "least": mean * 0.85 if second == 7 else mean,
                    "most": most,
                }


def write_history(target, now_s, *, days=35, seconds=(0, 24)):
    """Writes so many days until now, of the last of them every second of some hours; they must have 24 hours."""
    engine, chance = open_database(target), np.random.default_rng(7)
    midnight = datetime.fromtimestamp(now_s).replace(hour=0, minute=0, second=0, microsecond=0)
    with engine.begin() as connection:
        names = [*((name, "camera") for name in NAMES), (GROUP, "group"), (RECORDING, "camera")]
        for number, (name, kind) in enumerate(names, 1):
            connection.execute(
                text("INSERT INTO camera (id, name, kind) VALUES (:id, :name, :kind)"),
                {"id": number, "name": name, "kind": kind},
            )
        connection.execute(text("INSERT INTO zone (id, camera_id, name) VALUES (1, 1, :name)"), {"name": ZONE})
        writer = Writer(connection)
        for ago in reversed(range(days)):
            if ago not in EMPTY_DAYS:
                began = midnight - timedelta(days=ago)
                _write_day(writer, began, now_s, GAP_DAYS.get(ago), chance, seconds=(0, 0) if ago else seconds)
        few = np.full(1440, 3.0)
        known = np.arange(1440) // 60 == 20
        writer.add(5, midnight.timestamp() - 3 * DAY_S, few, known=known)
    _write_alerts(engine, now_s, days)
    engine.dispose()


def _write_day(writer, began, now_s, gap, chance, *, seconds):
    minutes, began_s = np.arange(1440), began.timestamp()
    known = began_s + MINUTE_S * (minutes + 1) <= now_s
    if gap:
        known &= ~((minutes // 60 >= gap[0]) & (minutes // 60 < gap[1]))
    if not known.any():
        return
    everything = np.zeros(1440)
    for camera, name in enumerate(NAMES, 1):
        means = people_of(name, minutes, began.weekday(), chance)
        everything += means
        share = 0.4 if camera == 1 else 0.0
        writer.add(camera, began_s, means, known=known, zone_share=share, seconds=seconds if camera == 1 else (0, 0))
    writer.add(4, began_s, everything, known=known)


def _write_alerts(engine, now_s, days):
    records, number = [], 0
    for ago in range(1, days):
        evening = now_s - ago * DAY_S
        at_s = datetime.fromtimestamp(evening).replace(hour=18, minute=20, second=0).timestamp()
        for place in range(ago % 3):
            number += 1
            rule = QUEUE if place else CROWD
            ago_s = now_s - at_s - 1800 * place
            records.append(record(number, NAMES[0], rule, now_s, ago_s, 700, 66.0, zone=ZONE if place else None))
    save(engine, Entries(records))
    if records:
        first = alerts_of(engine)[-1]
        acknowledge(engine, first.id, who="Ada", note="Opened the second gate")
