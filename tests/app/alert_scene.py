"""Logs with alerts and counts in them, for tests and pictures of the window."""

import numpy as np
from sqlalchemy import insert

from engine.alerts.listing import acknowledge, alerts_of
from engine.alerts.record import AlertRecord, moment, rule_text
from engine.alerts.table import Entries, save
from engine.log.database import Run, StoredCamera, StoredSample, open_database
from engine.rules.rule import Rule, Severity
from engine.rules.rulebook import Placed
from engine.rules.series import Subject

CROWD = Rule("crowd", 25.0, for_s=3, severity=Severity.CRITICAL)
QUEUE = Rule("queue", 8.0, for_s=60, severity=Severity.WARNING)
QUIET = Rule("nobody at the till", 1.0, is_above=False, for_s=300, severity=Severity.INFO)


def record(number, owner, rule, now_s, ago_s, lasted_s=None, peak=31.0, zone=None):
    """An alert as the engine writes it."""
    raised = int(now_s - ago_s)
    placed = Placed(rule, Subject(owner, zone))
    cleared = None if lasted_s is None else moment(raised + lasted_s)
    return AlertRecord(
        f"{number:032x}", owner, zone, rule.name, rule_text(placed), rule.severity.value, moment(raised - 3),
        moment(raised), peak, moment(raised + 4), "light", "ab" * 32, cleared_at=cleared,
    )  # fmt: skip


def write_alerts(database, now_s):
    """Writes five alerts, of which one is acknowledged."""
    engine = open_database(database)
    records = [
        record(1, "gate", CROWD, now_s, 90_000, 240, 29.4),
        record(2, "north square", QUEUE, now_s, 7200, 1800, 12.25, zone="queue"),
        record(3, "canteen", QUIET, now_s, 4000, 900, 0.0),
        record(4, "gate", CROWD, now_s, 2000, 61, 33.8),
        record(5, "gate", CROWD, now_s, 42, None, 40.2),
    ]
    save(engine, Entries(records))
    second = next(alert.id for alert in alerts_of(engine) if alert.uid == records[1].uid)
    acknowledge(engine, second, who="Ada", note="Opened the second till.\nThe queue was gone after half an hour.")
    engine.dispose()


def write_day(database, camera, now_s, *, peaks=4):
    """Writes the last twelve hours of a camera: about 10 people, and 30 some times, for five minutes each."""
    engine = open_database(database)
    began = int(now_s) - 12 * 3600
    seconds = np.arange(0, 12 * 3600 - 10, 1)
    people = 10 + 4 * np.sin(seconds / 1700)
    for peak in range(peaks):
        start = 3600 + peak * 9000
        people[start : start + 300] = 30
    with engine.begin() as connection:
        place = connection.execute(insert(StoredCamera), {"name": camera, "kind": "camera"}).inserted_primary_key[0]
        run = {"camera_id": place, "started_at": moment(began), "model_name": "light", "model_sha256": "ab" * 32}
        number = connection.execute(insert(Run), run).inserted_primary_key[0]
        rows = [
            {"run_id": number, "second": int(s), "mean": float(p), "least": float(p), "most": float(p), "readings": 1}
            for s, p in zip(seconds, people, strict=True)
        ]
        connection.execute(insert(StoredSample), rows)
    engine.dispose()
