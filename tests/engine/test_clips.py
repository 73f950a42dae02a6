"""Snapshots and clips of alerts: real cameras, files that a player plays, and nothing in them that masks hide."""

import os
from dataclasses import replace
from datetime import UTC, datetime

import av
import cv2
import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cameras import ScriptedCamera, WebCamera
from constant import write_constant
from engine.alerts.clip import Scene, write_clip
from engine.alerts.listing import read_alerts
from engine.capture.live import LiveCapture
from engine.capture.preroll import KEPT_S, MOST_BYTES, PreRoll
from engine.errors import OutputError
from engine.log.database import open_database
from engine.log.retention import DAY_S, Retention, delete_some
from engine.log.tables import StoredAlert
from engine.monitor.monitor import Monitor
from engine.picture.masks import BLACK, Mask
from engine.picture.view import PLAIN, View
from engine.settings.address import camera_address
from engine.settings.config import Config
from engine.settings.problems import checked
from engine.sources.opening import LiveOrder
from engine.sources.packets import Coding, Piece
from logged import waited_for

TOP = ((0.0, 0.0), (1.0, 0.0), (1.0, 0.5), (0.0, 0.5))
BUSY = {"name": "busy", "above": 5, "for_s": 1}
NOW_S = 1_790_000_000
CODED, EDGE = 20, 8  # by which a black pixel may differ once it was coded, and how near to others it may more


@pytest.fixture
def hasty(monkeypatch):
    """Clips of a second before and after their alert."""
    monkeypatch.setattr("engine.alerts.proofs.BEFORE_S", 1.0)
    monkeypatch.setattr("engine.alerts.proofs.AFTER_S", 1.0)


@pytest.fixture
def configured(tmp_path):
    """Returns a configuration of one camera of which each picture shows eight people."""
    write_constant(tmp_path / "eight.onnx", people=8.0)

    def make(address, **settings):
        yard = {"name": "yard", "address": address, "rules": [BUSY]} | settings
        return checked(
            Config, {"model": "eight.onnx", "database": "log.db", "cameras": [yard]}, "a test", folder=tmp_path
        )

    return make


def watched(config, log, until=lambda alert: alert.snapshot and alert.clip):
    """Watches until an alert is there of which something holds; returns it."""
    with Monitor() as monitor:
        monitor.apply(config)
        assert waited_for(lambda: log.exists() and any(map(until, read_alerts(log))), 60)
    assert (monitor.failure, monitor.loss) == (None, "")
    return next(filter(until, read_alerts(log)))


def pictures_of(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


@pytest.mark.parametrize("privacy", [[], [TOP]], ids=["copied", "masked"])
def test_an_alert_has_a_snapshot_and_a_clip_that_plays_without_what_masks_hide(configured, hasty, tmp_path, privacy):
    with ScriptedCamera(rate=25.0) as camera:
        alert = watched(configured(camera.address, privacy=privacy), tmp_path / "log.db")
    snapshot = cv2.imread(str(tmp_path / alert.snapshot))
    clip = pictures_of(tmp_path / alert.clip)
    assert len(clip) >= 12
    assert alert.as_dict["clip"].startswith("log.db.alerts/")
    for picture in (snapshot, *clip):
        middle = picture.shape[0] // 2
        is_blank = int(picture[: middle - EDGE].max()) - BLACK <= CODED
        assert is_blank == bool(privacy), picture[: middle - EDGE].max(axis=(0, 1))
        assert np.ptp(picture[middle + EDGE :]) > 4 * CODED
    assert not list(tmp_path.glob("*/.*"))


@pytest.mark.parametrize("kind", ["pictures of a web camera", "a folder"])
def test_a_camera_that_sends_pictures_has_clips_too(configured, hasty, tmp_path, kind):
    if kind == "a folder":
        (tmp_path / "shots").mkdir()
        for number in range(6):
            picture = np.full((96, 128, 3), 40 * number, np.uint8)
            cv2.imwrite(str(tmp_path / "shots" / f"{number}.{'png' if number % 2 else 'jpg'}"), picture)
        alert = watched(configured(str(tmp_path / "shots"), loop=True), tmp_path / "log.db")
    else:
        with WebCamera(rate=10.0) as camera:
            alert = watched(configured(camera.address), tmp_path / "log.db")
    assert pictures_of(tmp_path / alert.clip)


def test_a_clip_that_cannot_be_written_costs_the_clip_and_never_the_alert(configured, hasty, tmp_path, caplog):
    (tmp_path / "log.db.alerts").write_text("no folder")
    with ScriptedCamera(rate=25.0) as camera, Monitor() as monitor:
        monitor.apply(configured(camera.address))
        assert waited_for(lambda: "an alert has no snapshot" in caplog.text, 60)
        assert monitor.alarms.firing
    (alert,) = read_alerts(tmp_path / "log.db")
    assert (alert.snapshot, alert.clip) == (None, None)
    assert "Traceback" not in caplog.text


def test_the_last_room_of_a_disk_is_left_to_the_log(configured, hasty, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("engine.alerts.proofs.LEAST_FREE_BYTES", 1 << 60)
    with ScriptedCamera(rate=25.0) as camera, Monitor() as monitor:
        monitor.apply(configured(camera.address))
        assert waited_for(lambda: "MB of room, expected" in caplog.text, 60)
    assert list((tmp_path / "log.db.alerts").iterdir()) == []
    assert len(read_alerts(tmp_path / "log.db")) == 1


class Clock:
    """A pre-roll whose time is told, of packets of one size."""

    def __init__(self, size=1000):
        self.now_s, self.size, self.view = 0.0, size, PLAIN
        self.preroll = PreRoll(lambda: self.view, lambda: self.now_s)
        self.preroll.is_wanted = True

    def put(self, seconds, *, key_every_s, rate=5):
        for _ in range(round(seconds * rate)):
            is_key = key_every_s is not None and self.now_s % key_every_s == 0
            self.preroll.put(Piece(bytes(self.size), is_key, Coding("h264")))
            self.now_s += 1 / rate

    def since(self, from_s=0.0):
        return [kept.arrived_s for kept in self.preroll.since(from_s)[0]]


@pytest.mark.parametrize(("key_every_s", "oldest_s"), [(1.0, 70.0), (20.0, 60.0)])
def test_a_pre_roll_keeps_some_seconds_from_a_key_frame_on(key_every_s, oldest_s):
    clock = Clock()
    clock.put(100, key_every_s=key_every_s, rate=4)
    assert clock.since()[0] == pytest.approx(oldest_s - (0 if key_every_s > 1 else 1), abs=1.01)
    assert clock.since(95.5)[0] == (95.0 if key_every_s == 1 else 80.0)
    assert clock.preroll.bytes == 1000 * len(clock.since()) <= 1000 * 4 * (KEPT_S + key_every_s + 1)


def test_a_pre_roll_is_bounded_in_bytes_and_where_there_are_no_key_frames():
    clock = Clock(size=MOST_BYTES // 20)
    clock.put(60, key_every_s=1.0, rate=4)
    assert 0 < clock.preroll.bytes <= MOST_BYTES
    clock.put(30, key_every_s=None, rate=4)
    assert clock.preroll.bytes == 0


def test_a_pre_roll_forgets_what_came_under_other_masks_and_what_nobody_wants():
    clock = Clock()
    clock.put(3, key_every_s=1.0, rate=4)
    clock.view = View(private=Mask((TOP,)))
    assert clock.since() == []
    clock.put(2, key_every_s=1.0, rate=4)
    assert clock.since()[0] == 3.0
    clock.preroll.is_wanted = False
    assert clock.preroll.bytes == 0
    clock.put(2, key_every_s=1.0, rate=4)
    assert clock.since() == []


@pytest.fixture
def kept(clip):
    """What a recording gives that is played twice and a half: packets with B-frames, each pass with its own times."""
    address = camera_address(str(clip(frames=12, rate=24)))
    capture = LiveCapture(LiveOrder("yard", address, loop=True))
    capture.preroll.is_wanted = True
    capture.start()
    try:
        assert waited_for(lambda: len(capture.preroll.since(0.0)[0]) >= 30)
        return capture.preroll.since(0.0)[0]
    finally:
        capture.stop()


def times_of(path):
    with av.open(str(path)) as container:
        return [frame.time for frame in container.decode(video=0)]


def test_a_clip_goes_on_over_the_seam_of_a_looped_recording_copied_or_encoded(kept, tmp_path):
    begin_s = kept[0].arrived_s
    scene = Scene(kept, begin_s, kept[20].arrived_s, PLAIN)
    write_clip(tmp_path / "copied.mp4", scene)
    write_clip(tmp_path / "encoded.mp4", replace(scene, view=View(private=Mask((TOP,)))))
    copied, encoded = times_of(tmp_path / "copied.mp4"), times_of(tmp_path / "encoded.mp4")
    assert len(copied) == len(kept)
    assert np.diff(copied) == pytest.approx(1 / 24, abs=0.02)
    assert 1 / 3 * len(kept) <= len(encoded) <= 2 / 3 * len(kept)
    assert encoded[-1] == pytest.approx(copied[-1], abs=0.15)


def test_a_clip_whose_key_frame_lies_far_back_begins_when_it_should(kept, tmp_path, monkeypatch):
    monkeypatch.setattr("engine.alerts.clip.LONGEST_LEAD_S", 0.1)
    begin_s = kept[-6].arrived_s
    write_clip(tmp_path / "clip.mp4", Scene(kept, begin_s, begin_s, PLAIN))
    assert 1 <= len(times_of(tmp_path / "clip.mp4")) <= 6


def test_a_clip_of_nothing_or_of_an_ended_watch_is_refused_and_leaves_no_file(kept, tmp_path):
    path = tmp_path / "alerts" / "clip.mp4"
    path.parent.mkdir()
    scene = Scene([each for each in kept if not each.piece.is_key], 0.0, 0.0, PLAIN)
    with pytest.raises(OutputError, match="no key frame"):
        write_clip(path, scene)
    garbage = [replace(each, piece=replace(each.piece, data=b"\xff" * 50)) for each in kept]
    masked = View(private=Mask((TOP,)))
    with pytest.raises(OutputError, match="no picture"):
        write_clip(path, Scene(garbage, 0.0, 0.0, masked))
    with pytest.raises(OutputError, match="given up"):
        write_clip(path, Scene(kept, 0.0, 0.0, masked), lambda: True)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("kept_for", "rows", "files"),
    [(Retention(clips_days=9), 30, 0), (Retention(alerts_days=9), 10, 20), (Retention(clips_days=11), 30, 60)],
    ids=["clips", "closed alerts", "all"],
)
def test_files_are_deleted_in_steps_before_their_names(tmp_path, kept_for, rows, files):
    engine = open_database(tmp_path / "log.db")
    with Session(engine) as session:
        session.add_all(alert_of(number, tmp_path) for number in range(30))
        session.commit()
    deleted = [delete_some(engine, kept_for, NOW_S)]
    while deleted[-1]:
        assert deleted[-1] <= 20
        deleted.append(delete_some(engine, kept_for, NOW_S))
    with engine.connect() as connection:
        named = [name for names in connection.execute(select(StoredAlert.snapshot, StoredAlert.clip)) for name in names]
    engine.dispose()
    assert len(named) == 2 * rows
    there = {f"log.db.alerts/{path.name}" for path in (tmp_path / "log.db.alerts").iterdir()}
    assert there == set(filter(None, named))
    assert len(there) == files


def test_files_that_no_alert_names_go_with_their_days(tmp_path):
    engine = open_database(tmp_path / "log.db")
    (tmp_path / "log.db.alerts").mkdir()
    for name, days in (("old", 10), ("new", 8)):
        (tmp_path / "log.db.alerts" / name).write_bytes(b"x")
        os.utime(tmp_path / "log.db.alerts" / name, 2 * (NOW_S - days * DAY_S,))
    assert delete_some(engine, Retention(clips_days=9), NOW_S) == 0
    engine.dispose()
    assert [path.name for path in (tmp_path / "log.db.alerts").iterdir()] == ["new"]


def alert_of(number, folder):
    """An alert of ten days ago with both of its files; a third of them are not closed."""
    (folder / "log.db.alerts").mkdir(exist_ok=True)
    paths = {kind: f"log.db.alerts/{number}.{kind}" for kind in ("snapshot", "clip")}
    for path in paths.values():
        (folder / path).write_bytes(b"x")
    at = datetime.fromtimestamp(NOW_S - 10 * DAY_S, UTC).replace(tzinfo=None)
    words = dict.fromkeys(("owner", "rule_name", "severity", "model_name", "model_sha256"), "x") | {"rule": "{}"}
    times = dict.fromkeys(("began_at", "raised_at", "peak_at"), at) | {"closed_at": at if number % 3 else None}
    return StoredAlert(uid=str(number), peak=1.0, **words, **times, **paths)
