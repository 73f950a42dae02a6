"""Cameras tried before they are watched; the scripted ones are real servers on this machine."""

import logging
from threading import Thread
from time import monotonic

import pytest

from cameras import Clip, ScriptedCamera, WebCamera, number_of
from engine.errors import ConfigError, SourceError
from engine.monitor.probe import Trial, probe
from engine.settings.config import CameraSettings
from engine.settings.passwords import store_password
from engine.settings.problems import checked
from engine.worker import Worker

SECRET = "p@ss/word"
SLACK_S = 1.5


def settings(address, **values):
    return checked(CameraSettings, {"name": "gate", "address": str(address), **values}, "test")


@pytest.fixture(autouse=True)
def no_trial_is_left():
    yield
    import threading

    for thread in threading.enumerate():
        if isinstance(thread, Worker):
            assert thread.wait(10.0), thread.name


def test_a_camera_shows_its_first_picture_and_what_was_measured():
    with ScriptedCamera(rate=20.0) as camera:
        found = probe(settings(camera.address))
    assert found.size == found.picture.shape[:2] == camera.clip.size
    assert number_of(found.picture) is not None
    assert found.rate == pytest.approx(20.0, rel=0.2)
    assert (found.link.codec, found.link.decoder, found.link.security) == ("h264", "software", "")
    assert 0 < found.first_s < 5


def test_privacy_masks_hide_their_part_of_the_picture_and_large_ones_come_small():
    everything = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]
    with ScriptedCamera(Clip.drawn(size=(1080, 1920)), rate=5.0) as camera:
        found = probe(settings(camera.address, privacy=[everything]))
    assert (found.size, found.picture.shape) == ((1080, 1920), (720, 1280, 3))
    assert len({*found.picture.ravel().tolist()}) == 1


def test_a_password_comes_from_who_asks_or_from_the_keyring_and_shows_nowhere(monkeypatch, tmp_path, caplog):
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyrings.alt.file.PlaintextKeyring")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    caplog.set_level(logging.DEBUG)
    with ScriptedCamera(rate=20.0) as camera:
        camera.require("guard", SECRET)
        kept = settings(camera.address, user="guard", password="keyring")
        assert probe(kept, password=SECRET).size == camera.clip.size
        with pytest.raises(SourceError, match="camera 'gate' refuses its user or password"):
            probe(kept, password="wrong" + SECRET)
        with pytest.raises(ConfigError, match="camera 'gate': the system's keyring holds no password"):
            probe(kept)
        store_password("guard", "127.0.0.1", SECRET)
        assert probe(kept).size == camera.clip.size
    assert SECRET not in caplog.text
    assert "p%40ss" not in caplog.text


def test_both_streams_of_a_camera_are_tried_and_each_says_its_own():
    with ScriptedCamera(Clip.drawn(size=(288, 512)), rate=20.0) as main, ScriptedCamera(rate=20.0) as small:
        both = settings(main.address, address_small=small.address)
        small.change(size=(144, 256))
        found = probe(both)
        assert (found.size, found.main.size, found.main_problem) == ((144, 256), (288, 512), "")
        assert probe(both.model_copy(update={"address_small": None})).size == (288, 512)
        main.go_away()
        found = probe(both)
        assert (found.size, found.main) == ((144, 256), None)
        assert found.main_problem.startswith("camera 'gate' (main stream) refuses the connection")
        main.come_back()
        small.refuse(404)
        with pytest.raises(SourceError, match=r"camera 'gate' \(small stream\) answers that it has no such stream"):
            probe(both)
        small.go_on()
        small.change(size=(192, 256))
        assert "sends 512x288, another shape than the 256x192 of its small stream" in probe(both).main_problem


@pytest.mark.parametrize("trouble", ["stalled", "no key frame", "nothing"])
def test_whatever_a_camera_does_there_is_an_answer_in_time(trouble, free_port):
    with ScriptedCamera(rate=20.0) as camera:
        if trouble == "stalled":
            camera.stall()
        elif trouble == "no key frame":
            camera.garbage()
        address = f"rtsp://127.0.0.1:{free_port}/x" if trouble == "nothing" else camera.address
        begun = monotonic()
        with pytest.raises(SourceError, match="camera 'gate'"):
            probe(settings(address, open_timeout_s=60.0, read_timeout_s=60.0), patience_s=1.5)
        assert monotonic() - begun < 1.5 + SLACK_S


def test_a_camera_that_stops_after_its_first_picture_has_shown_it():
    with ScriptedCamera(rate=20.0) as camera:
        trial = Trial(settings(camera.address), patience_s=3.0)
        Thread(target=lambda: camera.until(lambda: camera.frames_sent > 10) and camera.stall()).start()
        trial.start()
        assert trial.result().size == camera.clip.size


def test_a_trial_that_is_cancelled_ends_at_once():
    with ScriptedCamera(rate=20.0) as camera:
        camera.stall()
        trial = Trial(settings(camera.address), patience_s=60.0)
        trial.start()
        assert camera.until(lambda: camera.connections > 0)
        begun = monotonic()
        trial.cancel()
        with pytest.raises(SourceError):
            trial.result()
        assert monotonic() - begun < SLACK_S


def test_pictures_that_are_asked_for_and_recordings_are_tried_as_well(clip, tmp_path):
    with WebCamera("mjpeg", rate=5.0) as camera:
        assert probe(settings(camera.address)).link.codec == "mjpeg"
    found = probe(settings(clip(frames=60, rate=10)))
    assert (found.size, found.rate) == ((96, 128), pytest.approx(10, rel=0.2))
    with pytest.raises(SourceError, match=r"none\.mp4"):
        probe(settings(tmp_path / "none.mp4"))
