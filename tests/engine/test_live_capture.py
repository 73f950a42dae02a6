import logging
import math
from collections.abc import Callable
from itertools import pairwise
from time import monotonic

import av
import cv2
import numpy as np
import pytest

from cameras import Clip, ScriptedCamera, WebCamera, number_of
from engine.camera import Camera
from engine.capture.backoff import Backoff
from engine.capture.health import HealthReport, State
from engine.capture.live import LiveCapture
from engine.handoff import LatestSlot, Line
from engine.paths import DEMO_CLIP
from engine.picture.condition import Condition
from engine.pipeline import Pipeline
from engine.settings.address import camera_address
from engine.sources import thrift
from engine.sources.hardware import Hardware, hardware_for
from engine.sources.opening import LiveOrder
from engine.sources.trust import Trust
from media import stamped, with_damaged_packets

RATE = 100.0
READ_S, STALL_S, SCALE = 0.5, 0.2, 0.02
SOON_S = 15.0  # a busy machine is slow; the times that are usual are a tenth of it
SECRET = "s3cret!"


class Watched:
    """A capture that ends with the test; frames are taken out while something is waited for."""

    def __init__(self, address: str, *, scale: float = SCALE, **parts) -> None:
        parts = {"open_timeout_s": 3.0, "read_timeout_s": READ_S} | parts
        order = LiveOrder("gate", camera_address(address), **parts)
        self.capture = LiveCapture(order, backoff=Backoff(scale=scale), stall_s=STALL_S)
        self.frames = []
        self.capture.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.capture.stop()

    def until(self, holds: Callable[[HealthReport], bool], *, within_s: float = SOON_S) -> HealthReport:
        end_s = monotonic() + within_s
        while not holds(report := self.capture.health):
            assert monotonic() < end_s, report
            frame = self.capture.frames.get(0.02)
            if frame is not None:
                self.frames.append(frame)
        return report

    def until_state(self, *states: State) -> HealthReport:
        return self.until(lambda report: report.state in states)

    def until_more(self, frames: int = 5) -> HealthReport:
        before = self.capture.health.frames
        return self.until(lambda report: report.state is State.LIVE and report.frames >= before + frames)

    def take(self, frames: int) -> list:
        wanted = len(self.frames) + frames
        self.until(lambda _: len(self.frames) >= wanted)
        return self.frames[-frames:]


@pytest.fixture
def camera():
    with ScriptedCamera(rate=RATE) as camera:
        yield camera


def test_frames_come_with_our_own_time_and_their_arrival(camera):
    before_s = monotonic()
    with Watched(camera.address) as watched:
        frames = watched.take(20)
        report = watched.capture.health
    assert report.state is State.LIVE
    assert report.size == (240, 320)
    assert report.link.codec == "h264"
    assert report.condition is Condition.CLEAR
    assert all(a.time_s < b.time_s and a.index < b.index for a, b in pairwise(frames))
    assert all(f.arrived_s - before_s == pytest.approx(f.time_s, abs=0.5) for f in frames)
    assert all(0 <= number_of(f.picture) < 30 for f in frames)


def test_the_newest_frame_waits_and_the_others_are_counted_as_dropped(camera):
    with Watched(camera.address) as watched:
        watched.take(1)
        camera.until(lambda: camera.frames_sent >= 100)  # while nobody takes any
        report = watched.capture.health
        newest = watched.capture.frames.get(0.0)
    assert report.drops > 50
    assert newest.index >= report.frames - 1


def test_fewer_frames_are_kept_on_request(camera):
    with Watched(camera.address, max_fps=10.0) as watched:
        report = watched.until(lambda report: report.frames >= 100)
    assert len(watched.frames) + report.drops < 40
    steps = np.diff([frame.time_s for frame in watched.frames[3:]])
    assert np.median(steps) == pytest.approx(0.1, abs=0.03)


def test_nothing_is_converted_before_somebody_looks(camera):
    with Watched(camera.address) as watched:
        frame = watched.take(1)[0]
        assert frame._tiles is None
        assert frame._picture is None


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_stall_is_seen_before_the_read_times_out_and_the_camera_is_connected_again(camera, transport):
    with Watched(camera.address, transport=transport, read_timeout_s=1.5) as watched:
        watched.until_more()
        camera.stall()
        stalled = watched.until_state(State.STALLED)
        assert "no frame has come" in stalled.problem
        assert stalled.age_s < 1.5
        lost = watched.until_state(State.RECONNECTING)
        assert "has sent no picture for 1.5 s" in lost.problem
        camera.go_on()
        report = watched.until_more()
    assert report.stalls >= 1
    assert (report.reconnects, report.problem) == (1, "")


def test_a_short_stall_needs_no_new_connection(camera):
    with Watched(camera.address, read_timeout_s=10.0) as watched:
        watched.until_more()
        camera.stall()
        watched.until_state(State.STALLED)
        camera.go_on()
        report = watched.until_more()
    assert report.stalls >= 1
    assert (report.reconnects, camera.connections) == (0, 1)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("fault", ["close_connections", "reset_connections", "babble"])
def test_a_broken_connection_is_made_again(camera, fault, transport):
    with Watched(camera.address, transport=transport) as watched:
        watched.until_more()
        getattr(camera, fault)()
        if fault == "babble":
            watched.until_state(State.RECONNECTING)
            camera.go_on()
        report = watched.until(lambda report: report.reconnects >= 1)
        watched.until_more()
    assert report.problem == ""
    assert camera.connections >= 2


def test_a_camera_that_goes_away_is_there_again_when_it_comes_back(camera):
    with Watched(camera.address) as watched:
        watched.until_more()
        camera.go_away()
        report = watched.until(lambda report: "refuses the connection" in report.problem)
        assert report.state is State.RECONNECTING
        camera.come_back()
        watched.until_more()
    assert watched.capture.health.reconnects == 1


def test_a_camera_that_was_not_there_from_the_start_is_connected_when_it_comes(camera):
    camera.go_away()
    with Watched(camera.address) as watched:
        watched.until_state(State.RECONNECTING)
        camera.come_back()
        report = watched.until_more()
    assert report.reconnects == 0


def test_garbage_is_counted_and_forgotten(camera):
    with Watched(camera.address) as watched:
        watched.until_more()
        camera.garbage(20)
        report = watched.until(lambda report: report.decode_errors > 0)
        camera.go_on()
        watched.until_more(30)
    assert report.decode_errors > 0


@pytest.mark.parametrize("kind", ["mjpeg", "mpegts"])
@pytest.mark.parametrize("fault", ["stall", "close_connections", "reset_connections", "garbage"])
def test_cameras_on_the_web_recover(kind, fault):
    with WebCamera(kind, rate=RATE) as camera, Watched(camera.address) as watched:
        watched.until_more()
        getattr(camera, fault)()
        if fault in ("stall", "garbage"):
            watched.until_state(State.RECONNECTING)
            camera.go_on()
        report = watched.until(lambda report: report.reconnects >= 1)
        watched.until_more()
    assert report.problem == ""


def test_a_trickle_is_lost_like_a_stall(camera):
    with Watched(camera.address) as watched:
        watched.until_more()
        camera.trickle(100)
        watched.until_state(State.RECONNECTING)
        camera.go_on()
        watched.until_more()


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_another_size_comes_in_mid_stream(codec):
    with ScriptedCamera(Clip.drawn(codec), rate=RATE) as camera, Watched(camera.address) as watched:
        watched.until_more()
        camera.change(size=(480, 640))
        report = watched.until(lambda report: report.size == (480, 640))
        frame = watched.take(10)[-1]
        assert frame.picture.shape == (480, 640, 3)
    assert (report.reconnects, camera.connections) == (0, 1)


def test_another_codec_comes_with_a_new_connection(camera):
    with Watched(camera.address) as watched:
        watched.until_more()
        camera.change(codec="h265")
        report = watched.until(lambda report: report.reconnects >= 1)
        assert watched.capture.health.link.codec == "hevc"
    assert report.state is State.LIVE


@pytest.mark.parametrize("seconds", [3600.0, -3600.0], ids=["forth", "back"])
def test_the_cameras_clock_is_not_ours(camera, seconds):
    with Watched(camera.address) as watched:
        watched.until_more()
        camera.jump_clock(seconds)
        watched.until_more(30)
        frames = watched.frames
    assert all(0 < b.time_s - a.time_s < 5 for a, b in pairwise(frames))
    assert camera.connections == 1


def test_a_login_is_answered(camera):
    camera.require("operator", SECRET)
    with Watched(camera.address_with("operator", SECRET)) as watched:
        watched.until_more()
    assert watched.capture.health.stalls == 0


def test_a_wrong_password_is_said_once_and_tried_seldom_until_it_is_right(camera, caplog):
    caplog.set_level(logging.DEBUG)
    camera.require("operator", "another")
    with Watched(camera.address_with("operator", SECRET), scale=0.01) as watched:
        report = watched.until_state(State.FAILED)
        assert report.problem == "camera 'gate' refuses its user or password; correct them in the camera's settings"
        assert watched.capture.health.state is State.FAILED
        camera.require("operator", SECRET)
        watched.until_more()
        told = caplog.text + repr(watched.capture.health) + repr(report)
    assert SECRET not in told
    assert "s3cret%21" not in told
    assert [r.message for r in caplog.records if r.levelno >= logging.WARNING].count(report.problem) == 1


@pytest.mark.parametrize(
    ("status", "state", "problem"),
    [
        pytest.param(401, State.FAILED, "refuses its user or password", id="unauthorised"),
        pytest.param(403, State.FAILED, "refuses its user or password", id="forbidden"),
        pytest.param(404, State.RECONNECTING, "no such stream", id="not-found"),
        pytest.param(503, State.RECONNECTING, "answers with an error", id="unavailable"),
    ],
)
@pytest.mark.parametrize("kind", [ScriptedCamera, WebCamera], ids=["rtsp", "http"])
def test_a_refusal_is_told_and_got_over(kind, status, state, problem):
    with kind() as camera:
        camera.refuse(status)
        with Watched(camera.address, scale=0.01) as watched:
            report = watched.until_state(State.FAILED, State.RECONNECTING)
            assert report.state is state
            assert problem in report.problem
            camera.go_on()
            watched.until_more()


def test_a_certificate_that_nobody_verified_is_warned_of_once(tls, caplog):
    with ScriptedCamera(rate=RATE, tls=tls) as camera, Watched(camera.address, trust=Trust(verify=False)) as watched:
        watched.until_more()
        camera.close_connections()
        report = watched.until(lambda report: report.reconnects == 1)
    assert report.link.security == "not verified"
    assert caplog.text.count("camera 'gate': its certificate is not verified") == 1


@pytest.mark.parametrize("refused", [True, False], ids=["refused", "lost"])
def test_a_wait_to_reconnect_ends_at_once(camera, refused):
    camera.refuse(401 if refused else 503)
    with Watched(camera.address, scale=100.0) as watched:
        watched.until_state(State.FAILED, State.RECONNECTING)
        begun = monotonic()
        watched.capture.stop()
        assert monotonic() - begun < 5
        watched.capture.stop()
    assert watched.capture.health.state is State.ENDED
    assert watched.capture.frames.finished


def test_closing_its_frames_stops_it(camera):
    with Watched(camera.address, scale=100.0) as watched:
        watched.until_more()
        watched.capture.frames.close()
        watched.until_state(State.ENDED)


def test_a_stop_before_the_start_and_in_a_stall_ends_without_a_complaint(camera, caplog):
    order = LiveOrder("gate", camera_address(camera.address))
    LiveCapture(order).stop()
    with Watched(camera.address) as watched:
        watched.until_more()
        camera.stall()
        watched.until_state(State.STALLED)
        caplog.clear()
    assert watched.capture.failure is None
    assert watched.capture.health.state is State.ENDED
    assert not caplog.records


@pytest.mark.skipif(bool(hardware_for("cuda").name), reason="needs a machine on which this hardware fails")
def test_hardware_that_fails_gives_way_to_software(camera, monkeypatch):
    monkeypatch.setattr("engine.capture.live.hardware_for", lambda _: Hardware("cuda"))  # worked when it was tried
    with Watched(camera.address, hardware="cuda") as watched:
        report = watched.until_more()
    assert report.link.decoder == "software"
    assert "cuda cannot decode another camera" in report.link.remark
    assert report.reconnects == 0


def test_a_recording_is_played_at_its_own_speed_and_then_over(clip):
    with Watched(str(clip(frames=10, rate=20))) as watched:
        report = watched.until_state(State.ENDED)
        rest = watched.capture.frames.get(0.0)
    frames = [*watched.frames, *([rest] if rest else [])]
    assert report.frames == 10
    assert frames[-1].index == 9
    assert frames[-1].time_s - frames[0].time_s > 0.3
    assert watched.capture.frames.finished


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_recording_begins_again_on_request(clip, tmp_path, kind):
    address = clip(frames=6, rate=30)
    if kind == "folder":
        address = tmp_path / "pictures"
        address.mkdir()
        cv2.imwrite(str(address / "1.png"), np.full((48, 64, 3), 90, np.uint8))
    with Watched(str(address), loop=True) as watched:
        watched.until(lambda report: report.frames >= (2 if kind == "folder" else 15))
    times = [frame.time_s for frame in watched.frames]
    assert times == sorted(times)


def cut_off(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    return path


def test_a_recording_that_breaks_off_is_over_and_says_why(clip, caplog):
    path = cut_off(clip(frames=30, rate=60, size=(192, 256), faststart=True))
    with Watched(str(path)) as watched:
        report = watched.until_state(State.ENDED)
    assert 10 < report.frames < 30
    assert report.reconnects == 0
    assert "breaks off after" in report.problem
    assert [record.message.count("breaks off") for record in caplog.records if record.levelname == "WARNING"] == [1]


def test_a_recording_that_breaks_off_begins_again_without_a_reconnect(clip, caplog):
    path = cut_off(clip(frames=30, rate=60, size=(192, 256), faststart=True))
    with Watched(str(path), loop=True) as watched:
        report = watched.until(lambda report: report.frames > 60)
    assert report.state is State.LIVE
    assert report.reconnects == 0
    assert [record.message.count("breaks off") for record in caplog.records] == [1]


def test_what_cannot_be_decoded_of_a_recording_is_counted(tmp_path):
    path = with_damaged_packets(stamped(tmp_path / "a.mp4", [n / 60 for n in range(20)], rate=60), 5, 19)
    with Watched(str(path)) as watched:
        report = watched.until_state(State.ENDED)
    assert (report.frames, report.decode_errors) == (18, 2)


def test_a_jump_of_ten_hours_does_not_hold_a_recording_up(tmp_path):
    times = [n / 30 for n in range(10)]
    path = stamped(tmp_path / "a.mkv", [*times, *(36_000 + time for time in times)], rate=30)
    with Watched(str(path), loop=True) as watched:
        report = watched.until(lambda report: report.frames >= 45)
    assert report.stalls == 0
    assert report.reconnects == 0


def test_a_recording_that_is_not_there_is_waited_for(clip, tmp_path):
    with Watched(str(tmp_path / "clip.mp4"), loop=True) as watched:
        report = watched.until_state(State.FAILED)
        assert "does not exist" in report.problem
        clip(frames=6, rate=30, name="clip.part.mp4").replace(tmp_path / "clip.mp4")
        watched.until_more()


def test_a_camera_that_is_asked_seldom_is_not_stalled_between_two_pictures():
    with WebCamera("picture") as camera, Watched(camera.address, max_fps=2.0) as watched:
        report = watched.until(lambda report: report.frames >= 4)  # each half a second after the other
    assert (report.stalls, report.state, report.link.codec) == (0, State.LIVE, "jpeg")


def test_an_unchanged_picture_keeps_its_count_without_being_counted_again(model):
    readings = Line(1000)
    with WebCamera("picture") as camera:
        order = LiveOrder("gate", camera_address(camera.address), max_fps=10.0)
        capture, found, end_s = LiveCapture(order), [], monotonic() + SOON_S
        with Pipeline(model, [Camera(capture, (readings,))]):
            while len(found) < 10:
                assert monotonic() < end_s, capture.health
                reading = readings.get(0.05)
                found.extend([] if reading is None else [reading])
    assert [found[0].is_held, found[1].is_held] == [False, True]
    assert {reading.count for reading in found} == {found[0].count}


def test_counts_stay_sound_whatever_the_camera_sends(camera, model):
    readings = Line(1000)
    order = LiveOrder("gate", camera_address(camera.address), read_timeout_s=READ_S)
    capture = LiveCapture(order, backoff=Backoff(scale=SCALE))
    counts, end_s = [], monotonic() + 3 * SOON_S

    def count(holds=lambda: True, *, at_least=5):
        wanted = len(counts) + at_least
        while len(counts) < wanted or not holds():
            assert monotonic() < end_s, capture.health
            reading = readings.get(0.05)
            counts.extend([] if reading is None else [reading.count])

    with Pipeline(model, [Camera(capture, (readings,))]):
        for fault in (lambda: camera.garbage(10), lambda: camera.change(size=(480, 640)), camera.reset_connections):
            count()
            fault()
        count(lambda: capture.health.reconnects > 0)
        count()
    assert all(math.isfinite(count) and count >= 0 for count in counts)


@pytest.fixture
def grouped(tmp_path):
    """A clip of 30 pictures a second, two of three of which no other is built on, with two key frames a second."""
    path = tmp_path / "grouped.mp4"
    with av.open(str(path), "w") as container:
        options = {
            "preset": "ultrafast",
            "x264-params": "bframes=2:b-adapt=0:b-pyramid=0:keyint=15:scenecut=0:log-level=none",
        }
        stream = container.add_stream("libx264", rate=30, options=options)
        stream.height, stream.width, stream.pix_fmt = 96, 128, "yuv420p"
        for number in range(90):
            picture = np.full((96, 128, 3), 2 * number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("watched", "max_fps", "turn_s", "spared"),
    [
        pytest.param(True, None, 0.0, (0, 0), id="seen by people"),
        pytest.param(False, None, 0.0, (30, 60), id="counted more slowly than it comes"),
        pytest.param(False, 1.0, 0.0, (30, 88), id="counted once a second"),
        pytest.param(False, None, 1.0, (62, 88), id="one of many"),
    ],
)
def test_what_nobody_looks_at_is_not_decoded_and_its_rate_is_told_all_the_same(
    grouped, monkeypatch, watched, max_fps, turn_s, spared
):
    monkeypatch.setattr(thrift, "LEAST_SHARE", 0.0)
    monkeypatch.setattr(thrift, "DEAR_SHARE", 0.0)
    capture = LiveCapture(LiveOrder("loop", camera_address(str(grouped)), max_fps=max_fps))
    capture.frames.turn_s = turn_s
    if watched:
        capture.onlookers.add(LatestSlot())
    capture.start()
    end_s = monotonic() + SOON_S
    while capture.running and monotonic() < end_s:
        capture.frames.wait_closed(0.1)  # the model is busy all the while
    report, least = capture.health, spared[0]
    capture.stop()
    assert least <= capture._thrift.spared <= spared[1]
    assert (report.state, report.frames, report.decode_errors) == (State.ENDED, 90, 0)
    if max_fps is None:
        assert report.drops >= 90 - 15  # but those behind the last key frame all were wanted, and nobody took one


def test_every_key_frame_is_offered_where_the_model_has_no_time_for_more(grouped, monkeypatch):
    monkeypatch.setattr(thrift, "LEAST_SHARE", 0.0)
    monkeypatch.setattr(thrift, "DEAR_SHARE", 0.0)
    with Watched(str(grouped), loop=True, max_fps=5.0) as watched:
        watched.capture.frames.turn_s = 1.0
        watched.until(lambda report: report.frames >= 90)
        drops = watched.capture.health.drops
        frames = watched.take(8)
        report = watched.capture.health
    assert np.median(np.diff([frame.index for frame in frames])) == 15
    assert frames[-1].index - frames[0].index <= 7 * 15 + 15  # where it begins again, what was left out is told late
    assert report.drops - drops >= 7  # of every 2.5 frames that were wanted one came


def test_of_a_recording_in_place_of_a_camera_hardly_a_frame_is_passed_over_where_all_are_fetched():
    with Watched(str(DEMO_CLIP), loop=True) as watched:
        watched.take(20)
        assert watched.capture.health.drops <= 6  # on a busy machine; every second one if it is chosen too soon
