"""A log of one camera, of which every second and every alert is known beforehand."""

import json

from sqlalchemy import insert

from engine.alerts.listing import acknowledge, alerts_of
from engine.alerts.record import AlertRecord, Proof, moment, rule_text
from engine.alerts.table import Entries, save
from engine.inference.contract import read_model_file
from engine.log.audit import Deed, note
from engine.log.database import Run, StoredCamera, StoredSample, open_database
from engine.log.rollups import Second, roll_up
from engine.log.tables import StoredGap, StoredSpotCheck, StoredZone, StoredZoneSample
from engine.paths import LIGHT_MODEL
from engine.rules.rule import Rule, Severity
from engine.rules.rulebook import Placed
from engine.rules.series import Subject

BEGAN = 1_795_168_800
"""2026-11-20, 10:00 UTC."""
SECONDS, LOST = 1200, range(600, 660)
CROWD = Rule("crowd", 25.0, for_s=3, severity=Severity.CRITICAL)
PEAK = 300
"""The second at which there were most: 40 people, and 30 in the twenty before and after it."""


def people(second):
    return 40.0 if second == PEAK else 30.0 if abs(second - PEAK) <= 20 else 10.0


def write_log(path, camera="north", *, snapshot=None, clip=None):
    """Writes twenty minutes of a camera with a zone, a gap of a minute, an alert and its audit; returns the path."""
    engine, model = open_database(path), read_model_file(LIGHT_MODEL)
    seconds = [second for second in range(SECONDS) if second not in LOST]
    with engine.begin() as connection:
        made = connection.execute(insert(StoredCamera), {"name": camera, "kind": "camera"})
        place = made.inserted_primary_key[0]
        run = {"camera_id": place, "started_at": moment(BEGAN), "model_name": model.name, "model_sha256": model.sha256}
        number = connection.execute(insert(Run), run).inserted_primary_key[0]
        zone = connection.execute(insert(StoredZone), {"camera_id": place, "name": "queue"}).inserted_primary_key[0]
        rows = [_row(number, second, people(second)) for second in seconds]
        connection.execute(insert(StoredSample), [row | {"condition": "clear"} for row in rows])
        zones = [_row(number, second, people(second) / 2) | {"zone_id": zone} for second in seconds]
        connection.execute(insert(StoredZoneSample), zones)
        gap = {"run_id": number, "second": LOST.start, "seconds": len(LOST), "reason": "reconnecting"}
        connection.execute(insert(StoredGap), gap)
        roll_up(connection, {Second(number, BEGAN, second) for second in seconds})
        checks = [_check(each, camera, model, true) for each, true in enumerate((12, 9, 10, 14, 8))]
        connection.execute(insert(StoredSpotCheck), checks)
    placed = Placed(CROWD, Subject(camera), 60)
    alert = AlertRecord(
        "a1" * 16, camera, None, CROWD.name, rule_text(placed), "critical", moment(BEGAN + 280), moment(BEGAN + 283),
        40.0, moment(BEGAN + PEAK), model.name, model.sha256, cleared_at=moment(BEGAN + 324),
    )  # fmt: skip
    note(engine, [Deed("Ada", "change camera", camera, {"capacity": [None, 60]})])
    note(engine, [Deed("Bob", "change camera", "elsewhere", {"capacity": [None, 3]})])
    shown = {"snapshot": snapshot, "clip": clip}
    proofs = [Proof(alert.uid, kind, name) for kind, name in shown.items() if name]
    save(engine, Entries([alert], proofs=proofs))
    acknowledge(engine, alerts_of(engine)[0].id, who="Ada", note="Opened the second till.")
    engine.dispose()
    return path


def _row(run, second, mean):
    return {"run_id": run, "second": second, "mean": mean, "least": mean - 1, "most": mean + 2, "readings": 4}


def _check(number, camera, model, true):
    return {
        "uid": f"{number:032x}", "camera": camera, "time_s": float(BEGAN + number), "width": 640, "height": 480,
        "points": json.dumps([[0.5, 0.5]] * true), "people": true, "counted": 10.0, "model_name": model.name,
        "model_sha256": model.sha256, "who": "Ada", "note": "", "noted_at": moment(BEGAN),
    }  # fmt: skip
