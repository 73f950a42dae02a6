"""A camera with two streams: the small one is counted and shown, the main one recorded; they never stand in."""

import logging
import re
from contextlib import ExitStack
from time import monotonic

import av
import pytest

from cameras import Clip, ScriptedCamera
from constant import write_constant
from engine.alerts.listing import read_alerts
from engine.capture.health import State
from engine.monitor.facts import facts_of
from engine.monitor.monitor import Changes, Monitor
from engine.monitor.screen import Screen, Wish
from engine.recording.segments import camera_folder, read_segments
from engine.settings.config import Config
from engine.settings.problems import checked
from logged import waited_for

LARGE, SMALL, OTHER = (288, 512), (144, 256), (192, 256)
TOP = [[0, 0], [1, 0], [1, 0.5], [0, 0.5]]
SECRET = "s3cret"
ALWAYS = {"keep": "always"}


@pytest.fixture
def streams():
    """Makes the two streams of a camera."""
    with ExitStack() as open_streams:

        def make(large=LARGE, small=SMALL):
            cameras = (ScriptedCamera(Clip.drawn(size=size), rate=25.0) for size in (large, small))
            return [open_streams.enter_context(camera) for camera in cameras]

        yield make


@pytest.fixture
def configured(tmp_path):
    """Returns a configuration: `configured(name={"address": ..., further settings}, ...)`."""
    write_constant(tmp_path / "eight.onnx", people=8.0)

    def make(**cameras):
        tables = [{"name": name, **settings} for name, settings in cameras.items()]
        values = {"model": "eight.onnx", "database": "log.db", "cameras": tables}
        values["recordings"] = {"folder": "kept", "free_gigabytes": 0.0}
        return checked(Config, values, "a test", folder=tmp_path)

    return make


@pytest.fixture
def hasty(monkeypatch):
    """What waits for minutes takes a second."""
    monkeypatch.setattr("engine.recording.cutting.LENGTH_S", 0.4)
    monkeypatch.setattr("engine.recording.recorder.LOOK_S", 0.1)
    monkeypatch.setattr("engine.alerts.proofs.BEFORE_S", 1.0)
    monkeypatch.setattr("engine.alerts.proofs.AFTER_S", 1.0)


def of(main, small, **settings):
    return {"address": main.address, "address_small": small.address, **settings}


def is_counted(session):
    total = session.tally.total.readings
    return waited_for(lambda: session.tally.total.readings >= total + 2)


def sizes_in(path):
    with av.open(str(path)) as container:
        return {(frame.height, frame.width) for frame in container.decode(video=0)}


def test_the_small_stream_is_counted_and_shown_and_nobody_asks_for_the_main_one(configured, streams):
    main, small = streams()
    with Monitor() as monitor, Screen(monitor) as screen:
        screen.want({"gate": Wish((1080, 1920))})
        monitor.apply(configured(gate=of(main, small)))
        (session,) = monitor.sessions
        session.feed.want_newest(wanted=True)
        assert waited_for(lambda: session.feed.newest is not None)
        assert session.feed.newest.frame.size == session.health.size == SMALL
        pictures = []
        assert waited_for(lambda: pictures.append(screen.newest("gate")) or any(pictures))
        assert next(filter(None, pictures)).size == SMALL
        assert facts_of(monitor)[0].health.remark == ""
    assert (main.connections, small.connections) == (0, 1)


def test_recordings_are_of_the_main_stream_which_is_hung_up_at_the_end(configured, streams, hasty, tmp_path):
    main, small = streams()
    folder = camera_folder(tmp_path / "kept", "gate")
    with Monitor() as monitor:
        monitor.apply(configured(gate=of(main, small, recording=ALWAYS)))
        (session,) = monitor.sessions
        assert waited_for(lambda: len(read_segments(folder)) >= 3)
        assert session.health.size == SMALL
    segments = read_segments(folder)
    assert set().union(*(sizes_in(segment.path) for segment in segments)) == {LARGE}
    assert main.connections == 1
    assert waited_for(lambda: main.connected == 0)


def test_the_clip_of_an_alert_is_of_the_main_stream(configured, streams, hasty, tmp_path):
    main, small = streams()
    log = tmp_path / "log.db"
    rules = [{"name": "busy", "above": 5, "for_s": 1}]
    with Monitor() as monitor:
        monitor.apply(configured(gate=of(main, small, rules=rules, privacy=[TOP])))
        assert waited_for(lambda: log.exists() and any(alert.clip for alert in read_alerts(log)), 60)
    assert sizes_in(tmp_path / next(alert.clip for alert in read_alerts(log) if alert.clip)) == {LARGE}


def test_a_wrong_password_of_either_stream_is_said_and_shown_nowhere(configured, streams, caplog):
    main, small = streams()
    for camera in (main, small):
        camera.require("guard", "right")
    caplog.set_level(logging.DEBUG)
    places = {"address": main.address_with("guard", SECRET), "address_small": small.address_with("guard", SECRET)}
    well = places | {"address_small": small.address_with("guard", "right")}
    with Monitor() as monitor:
        monitor.apply(configured(gate=places, yard=well | {"recording": ALWAYS}))
        gate, yard = monitor.sessions
        assert waited_for(lambda: "refuses its user or password" in gate.health.problem)
        assert waited_for(lambda: "(main stream) refuses its user or password" in yard.health.remark)
        assert "(small stream)" in gate.health.problem
        told = [facts.as_dict for facts in facts_of(monitor)]
    assert SECRET not in f"{told} {caplog.text} {monitor.sessions!r}"


def test_a_large_picture_is_of_the_main_stream_for_as_long_as_it_is_looked_at(configured, streams, monkeypatch):
    monkeypatch.setattr("engine.capture.main_stream.LINGER_S", 0.2)
    monkeypatch.setattr("engine.monitor.screen.STALL_S", 1.0)
    main, small = streams()

    def shows(size):
        seen = []
        return waited_for(
            lambda: seen.append(screen.newest("gate")) or size in {picture.size for picture in filter(None, seen)}, 20
        )

    with Monitor() as monitor, Screen(monitor) as screen:
        monitor.apply(configured(gate=of(main, small)))
        screen.want({"gate": Wish((1080, 1920), "heat", is_large=True)})
        assert shows(SMALL)
        assert shows(LARGE)
        (session,) = monitor.sessions
        assert session.health.size == SMALL
        main.go_away()
        assert shows(SMALL)
        assert waited_for(lambda: "is not there" in session.health.remark)
        main.come_back()
        assert shows(LARGE)
        screen.want({"gate": Wish((1080, 1920), "heat")})
        assert shows(SMALL)
        assert waited_for(lambda: main.connected == 0)
    assert small.connections == 1


def test_a_main_stream_is_let_go_once_nobody_wants_it(configured, streams, monkeypatch):
    monkeypatch.setattr("engine.capture.main_stream.LINGER_S", 0.2)
    main, small = streams()
    with Monitor() as monitor:
        monitor.apply(configured(gate=of(main, small, recording=ALWAYS)))
        assert waited_for(lambda: main.connected == 1)
        assert monitor.apply(configured(gate=of(main, small))) == Changes(recounted=("gate",))
        assert waited_for(lambda: main.connected == 0)
        assert is_counted(*monitor.sessions)
    assert small.connections == 1


def test_a_small_stream_that_is_lost_has_no_count_and_is_tried_again_whatever_the_main_one_does(configured, streams):
    main, small = streams()
    with Monitor() as monitor:
        monitor.apply(configured(gate=of(main, small, recording=ALWAYS)))
        (session,) = monitor.sessions
        assert is_counted(session)
        assert waited_for(lambda: main.connected == 1)
        small.go_away()
        assert waited_for(lambda: session.health.state is State.RECONNECTING)
        assert waited_for(lambda: "refuses the connection" in session.health.problem)
        assert session.health.problem.startswith("camera 'gate' (small stream) ")
        assert facts_of(monitor)[0].newest.people is None
        assert main.connected == 1
        small.come_back()
        assert waited_for(lambda: session.health.state is State.LIVE, 20)
        assert is_counted(session)
        assert session.health.size == SMALL
    assert session.tally.newest(monotonic()).people in (8.0, None)


def test_a_main_stream_that_is_lost_is_said_and_costs_no_count(configured, streams):
    main, small = streams()
    main.go_away()
    with Monitor() as monitor:
        monitor.apply(configured(gate=of(main, small, recording=ALWAYS)))
        (session,) = monitor.sessions
        said = r"its main stream, for .* is not there: camera 'gate' \(main stream\) refuses the connection"
        assert waited_for(lambda: re.match(said, facts_of(monitor)[0].as_dict["remark"]))
        assert facts_of(monitor)[0].health.state is State.LIVE
        assert is_counted(session)


def test_a_main_stream_of_another_shape_is_refused_and_nothing_of_it_is_recorded(configured, streams, hasty, tmp_path):
    main, small = streams(OTHER, SMALL)
    with Monitor() as monitor:
        monitor.apply(configured(gate=of(main, small, recording=ALWAYS)))
        said = "sends 256x192, another shape than the 256x144 of its small stream, expected the same"
        assert waited_for(lambda: said in facts_of(monitor)[0].health.remark)
        assert is_counted(*monitor.sessions)
    assert read_segments(camera_folder(tmp_path / "kept", "gate")) == []


def test_where_both_are_said_to_be_of_one_shape_they_are(configured, streams, hasty, tmp_path):
    main, small = streams(OTHER, SMALL)
    with Monitor() as monitor:
        monitor.apply(configured(gate=of(main, small, recording=ALWAYS, aspect="16:9")))
        assert waited_for(lambda: len(read_segments(camera_folder(tmp_path / "kept", "gate"))) >= 1)


def test_another_small_stream_opens_that_camera_alone_anew(configured, streams):
    (main, small), (yard, other) = streams(), streams()
    with Monitor() as monitor:
        both = {"gate": of(main, small), "yard": {"address": yard.address}}
        monitor.apply(configured(**both))
        assert all(is_counted(session) for session in monitor.sessions)
        moved = both | {"gate": of(main, other)}
        assert monitor.apply(configured(**moved)) == Changes(reconnected=("gate",))
        assert all(is_counted(session) for session in monitor.sessions)
        plain = both | {"gate": {"address": main.address}}
        assert monitor.apply(configured(**plain)) == Changes(reconnected=("gate",))
        assert all(is_counted(session) for session in monitor.sessions)
        assert [session.health.size for session in monitor.sessions] == [LARGE, LARGE]
    assert [each.connections for each in (main, small, other, yard)] == [1, 1, 1, 1]
