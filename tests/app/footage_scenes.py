"""What was recorded of a camera, as pictures are taken of it: a quarter of an hour with alerts, zones and a gap."""

import shutil
from datetime import datetime

import av
import numpy as np
from sqlalchemy import insert

from alert_scene import CROWD, QUEUE, record
from engine.alerts.table import Entries, save
from engine.log.database import open_database
from engine.log.tables import StoredZone, StoredZoneSample
from engine.paths import DEMO_CLIP, default_database, default_recordings
from engine.recording.segments import camera_folder, finished_path, partial_path
from kept import write_log
from stage import NAMES, SMALL, ZONES, Stage

RULES = """
[[cameras.rules]]
name = "crowd"
above = 25
severity = "critical"
[[cameras.rules]]
name = "queue"
zone = "junction"
above = 8
"""
PARTS, LEFT_OUT = 28, (14, 15)
EVENING = datetime(2026, 11, 21, 18, 0).timestamp()


def footage(stage: Stage) -> None:
    """Its curve with alerts and thresholds, zones, a rule that is tried; the pages that lead there."""
    _write()
    stage.open(stage.film(0, "enabled = false\n" + ZONES + RULES))
    made = stage.assembly
    page, line = made.recording, made.recording.panels.plot
    made.footage.show(NAMES[0], EVENING + 300)
    stage.until(lambda: len(line.marks.raised) > 0 and page.around.looked is not None)
    stage.until(lambda: page.around.looked.is_exact and page.panels.video.has_heatmap)
    stage.shoot("footage")
    page.desk.marks.show_zones(page.desk.marks.zones)
    page.acts["alert_on"].trigger()
    stage.rest(2.0)
    line.zoom(0.25)
    line.choose(line.head_s - 5, line.head_s + 60)
    stage.shoot("footage-zones")
    page.acts["zones"].trigger()
    stage.shoot("footage-zones-menu", page.desk.marks.menu)
    page.desk.marks.menu.close()
    line.choose(None, None)
    line.fit()
    page.acts["what_if"].trigger()
    stage.rest(1.0)
    stage.shoot("footage-what-if")
    page.acts["what_if"].trigger()
    stage.resize(*SMALL)
    stage.shoot("footage-small")
    stage.resize(1400, 900)
    stage.show("alerts")
    stage.until(made.alerts_page.details.footage.isEnabled)
    stage.shoot("footage-alerts")
    made.history.restore({"chosen": [[NAMES[0], ""]]})
    stage.show("history")
    stage.rest(2.0)
    made.history.body.lead_to(EVENING + 300, made.history.body.lines.subjects[0], "the crowd")
    stage.rest(1.0)
    stage.shoot("footage-history")


def _write() -> None:
    """Copies the demonstration clip as the segments of a camera, and draws its counts and alerts."""
    with av.open(str(DEMO_CLIP)) as clip:
        length_s = float(clip.duration) / av.time_base
    for part in range(PARTS):
        if part not in LEFT_OUT:
            partial = partial_path(camera_folder(default_recordings(), NAMES[0]), EVENING + part * length_s, ".mp4")
            partial.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(DEMO_CLIP, finished_path(partial, length_s))
    seconds = np.arange(round(PARTS * length_s))
    people = 18 + 12 * np.sin(seconds / 95) + np.random.default_rng(3).normal(0, 1.2, len(seconds))
    is_known = ~np.isin(seconds // length_s, LEFT_OUT)
    known = {int(second): max(0.0, float(people[second])) for second in seconds[is_known]}
    engine = open_database(write_log(default_database(), NAMES[0], EVENING, known))
    with engine.begin() as connection:
        connection.execute(insert(StoredZone), [{"id": 1, "camera_id": 1, "name": "junction"}])
        rows = [
            {"run_id": 1, "zone_id": 1, "second": second, "readings": 1}
            | dict.fromkeys(("mean", "least", "most"), each)
            for second, each in ((second, 0.4 * count) for second, count in known.items())
        ]
        connection.execute(insert(StoredZoneSample), rows)
    alerts = [record(1, NAMES[0], CROWD, EVENING, -105, 85), record(2, NAMES[0], CROWD, EVENING, -702, 80)]
    save(engine, Entries([*alerts, record(3, NAMES[0], QUEUE, EVENING, -130, 40, zone="junction")]))
    engine.dispose()
