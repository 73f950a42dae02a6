"""A recording is played in a monitor beside its cameras: by one model, in one log, shown as it is counted."""

import json
import sqlite3
import threading
from contextlib import closing

import psutil
import pytest

from cameras import ScriptedCamera
from constant import write_constant
from engine.checks.kept import keep, new_uid
from engine.checks.spot_check import SpotCheck
from engine.cli import main
from engine.counting.trust import LEAST_CHECKS
from engine.errors import EngineError, SourceError
from engine.history.footage import footage_of
from engine.log.database import open_existing
from engine.monitor.monitor import Monitor
from engine.monitor.playing import PlayOrder
from engine.monitor.screen import Screen, Wish
from engine.recording.footage import FileFootage
from engine.recording.segments import camera_folder
from engine.settings.config import Config
from engine.settings.problems import checked
from kept import write_segment
from logged import samples_of, waited_for


class Followed:
    """A follower that keeps all that it is told."""

    def __init__(self):
        self.points, self.samples, self.known = [], [], None

    def recalled(self, counts):
        self.known = counts

    def counted(self, point):
        self.points.append(point)

    def logged(self, samples):
        self.samples += samples


@pytest.fixture
def configured(tmp_path):
    """Returns a configuration with a log: `configured(name={"address": ...}, ...)`."""
    write_constant(tmp_path / "seven.onnx", people=7.0)
    write_constant(tmp_path / "three.onnx", people=3.0)

    def make(model="seven.onnx", **cameras):
        tables = [{"name": name, **settings} for name, settings in cameras.items()]
        values = {"model": model, "database": "log.db", "cameras": tables}
        return checked(Config, values, "a test", folder=tmp_path)

    return make


@pytest.fixture
def monitor(configured):
    """A monitor without cameras."""
    with Monitor() as monitor:
        monitor.apply(configured())
        yield monitor


def is_through(monitor, playing):
    return waited_for(lambda: monitor.is_over(playing))


def drawn(screen, playing, holds=lambda picture: True):
    """Waits for a picture of which something holds, and returns it."""
    found = []

    def is_there():
        picture = screen.newest(playing.key)
        found.extend([picture] if picture and holds(picture) else [])
        return bool(found)

    assert waited_for(is_there)
    return found[0]


def others():
    """The threads that there are, but for those that the model starts when two tiles are there at once."""
    return [thread for thread in threading.enumerate() if not thread.name.startswith("tiles at lane")]


def test_intervals_of_a_recording_come_from_its_own_checks_also_of_those_that_others_kept(monitor, clip, tmp_path):
    film = FileFootage(clip())
    playing = monitor.play(PlayOrder(film))
    assert playing.counter.trust.checks == ()
    engine = open_existing(tmp_path / "log.db")
    places = [(0.1 * n, 0.5) for n in range(9)]
    for source in (film.identity().sha256, "a" * 64, None):
        for second in range(LEAST_CHECKS):
            facts = film.name, float(second), (96, 128), tuple(places), 7.0, "seven", monitor.model.file.sha256, "Ada"
            keep(engine, SpotCheck(new_uid(), *facts, source_sha256=source), None)
    engine.dispose()
    monitor.look_at_checks()
    assert len(playing.counter.trust.checks) == LEAST_CHECKS
    assert playing.counter.trust.interval(7.0, None) == pytest.approx((5.0, 9.0))


def test_a_recording_is_counted_whole_beside_a_camera_in_the_same_log(monitor, configured, clip, tmp_path):
    followed = Followed()
    with ScriptedCamera(rate=20.0) as camera:
        monitor.apply(configured(gate={"address": camera.address}))
        session = monitor.sessions[0]
        assert waited_for(lambda: session.tally.total.readings > 2)
        threads = len(others())
        playing = monitor.play(PlayOrder(FileFootage(clip(frames=12, rate=6)), follower=followed))
        assert is_through(monitor, playing)
        monitor.stop_playing()
        before = session.tally.total.readings
        assert waited_for(lambda: session.tally.total.readings > before + 2)
        assert waited_for(lambda: len(followed.samples) == 2)
        assert len(others()) == threads + 1  # for whoever looks at it
        assert (camera.connections, session.capture.health.reconnects) == (1, 0)
    assert [(point.people, point.missing) for point in followed.points] == [(7.0, 0)] * 12
    assert [sample.readings for sample in followed.samples] == [6, 6]
    assert playing.problems == []
    assert [row[1:] for row in samples_of(tmp_path / "log.db") if row[0] == "clip.mp4"] == [(0, 7.0, 6), (1, 7.0, 6)]


def test_a_recording_that_cannot_be_opened_or_breaks_off_is_no_failure_of_the_monitor(monitor, clip, tmp_path):
    whole = monitor.play(PlayOrder(FileFootage(clip(frames=60, rate=6))))
    with pytest.raises(SourceError, match="does not exist"):
        monitor.play(PlayOrder(FileFootage(tmp_path / "missing.mp4")))
    assert monitor.playing is whole
    assert not monitor.is_over(whole)
    cut = clip(frames=60, rate=60, name="cut.mkv")
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
    broken = monitor.play(PlayOrder(FileFootage(cut)))
    assert is_through(monitor, broken)
    assert "breaks off" in str(broken.problems[0])
    assert monitor.failure is None
    assert is_through(monitor, monitor.play(PlayOrder(FileFootage(clip()))))


def test_a_recording_needs_a_monitor_that_runs(clip):
    monitor = Monitor()
    with pytest.raises(EngineError, match="nothing yet that could count"):
        monitor.play(PlayOrder(FileFootage(clip())))
    monitor.close()


def test_another_model_counts_the_rest_of_a_recording_in_a_run_of_its_own(monitor, configured, clip, tmp_path):
    followed = Followed()
    playing = monitor.play(PlayOrder(FileFootage(clip(frames=30, rate=10)), follower=followed))
    assert waited_for(lambda: len(followed.points) > 3)
    assert monitor.apply(configured("three.onnx")).model
    assert is_through(monitor, playing)
    monitor.stop_playing()
    people = [point.people for point in followed.points]
    assert sorted(people, reverse=True) == people
    assert (len(people), set(people)) == (30, {7.0, 3.0})
    assert waited_for(lambda: sum(sample.readings for sample in followed.samples) == 30)
    assert {mean for _, _, mean, _ in samples_of(tmp_path / "log.db")} == {7.0, 3.0}


def test_pictures_of_a_recording_come_as_they_are_counted_with_the_map_of_the_same_frame(monitor, clip):
    with Screen(monitor) as screen:
        playing = monitor.play(PlayOrder(FileFootage(clip(frames=100, rate=10))))
        screen.want({playing.key: Wish((48, 640), "heat")})
        picture = drawn(screen, playing, lambda picture: picture.heat)
        assert (picture.pixels.shape, picture.size) == ((48, 64, 3), (96, 128))
        assert picture.heat.made_s == picture.arrived_s
        assert picture.density.sum() == pytest.approx(7.0)
        screen.want({})
        assert waited_for(lambda: playing.maps.schedule.interval_s is None)


def test_the_map_of_a_picture_that_is_held_is_made_when_it_is_wanted_and_counts_for_nothing_else(monitor, clip):
    followed = Followed()
    with Screen(monitor) as screen:
        playing = monitor.play(PlayOrder(FileFootage(clip(frames=100, rate=10)), follower=followed))
        screen.want({playing.key: Wish((96, 128))})
        assert drawn(screen, playing).heat is None
        playing.capture.playback.pause()
        screen.want({playing.key: Wish((96, 128), "heat")})
        drawn(screen, playing, lambda picture: picture.heat and picture.heat.made_s == picture.arrived_s)
        assert waited_for(lambda: playing.capture.frames.finished is False)
        counted = len(followed.points)
        screen.want({playing.key: Wish((96, 128))})
        assert drawn(screen, playing).heat is None
        screen.want({playing.key: Wish((96, 128), "heads")})
        assert drawn(screen, playing, lambda picture: picture.heads is not None)
        assert counted <= len(followed.points) <= counted + 1  # the one that was being decoded


def test_the_map_of_the_last_picture_can_be_asked_for_after_the_end(monitor, clip):
    followed = Followed()
    with Screen(monitor) as screen:
        playing = monitor.play(PlayOrder(FileFootage(clip(frames=5, rate=10)), follower=followed))
        assert is_through(monitor, playing)
        monitor.stop_playing()
        screen.want({playing.key: Wish((96, 128), "heat")})
        assert drawn(screen, playing, lambda picture: picture.heat).consistency == pytest.approx(1.0)
        assert len(followed.points) == 5


def test_a_recording_that_is_begun_again_and_again_leaves_nothing_behind(monitor, clip):
    path, process = clip(frames=4, rate=20), psutil.Process()
    with Screen(monitor) as screen:

        def played():
            playing = monitor.play(PlayOrder(FileFootage(path)))
            screen.want({playing.key: Wish((96, 128), "heat")})
            assert drawn(screen, playing)

        for _ in range(3):
            played()
        threads, files = process.num_threads(), process.num_fds() if hasattr(process, "num_fds") else 0
        for _ in range(20):
            played()
        assert waited_for(lambda: process.num_threads() <= threads)
        assert not files or waited_for(lambda: process.num_fds() <= files)
        assert len(monitor.shown) == 1


def played(monitor, path, *, until=None):
    """Plays a recording to its end, or until something holds; returns it and what followed it."""
    followed = Followed()
    playing = monitor.play(PlayOrder(FileFootage(path), follower=followed))
    playing.capture.playback.hurry()
    assert waited_for(lambda: until(followed)) if until else is_through(monitor, playing)
    monitor.stop_playing()
    return playing, followed


def times_of(followed):
    return [*followed.known.times, *(point.time_s for point in followed.points)]


def test_what_was_counted_before_is_known_at_once_and_not_counted_again(monitor, clip):
    path = clip(frames=20, rate=10)
    first, counted = played(monitor, path)
    assert (first.is_known, len(counted.known), len(counted.points)) == (False, 0, 20)
    second, followed = played(monitor, path)
    assert (second.is_known, followed.points) == (True, [])
    assert list(followed.known.times) == [point.time_s for point in counted.points]
    assert set(followed.known.people) == {7.0}
    assert second.run is None
    assert (second.progress.share, second.progress.spans_s()) == (1.0, ((0.0, 2.0),))
    assert waited_for(lambda: second.sight.frame is not None)
    assert second.looking.looked.is_running


def test_counting_goes_on_where_it_was_stopped(monitor, clip):
    path = clip(frames=60, rate=10)
    _, before = played(monitor, path, until=lambda followed: len(followed.points) > 5)
    second, after = played(monitor, path)
    assert not second.is_known
    assert 5 < len(after.known) == len(before.points) < 60
    assert sorted(times_of(after)) == pytest.approx([n / 10 for n in range(60)])
    assert played(monitor, path)[0].is_known


def test_a_recording_is_counted_from_where_somebody_looks_first(monitor, clip):
    followed = Followed()
    playing = monitor.play(PlayOrder(FileFootage(clip(frames=200, rate=10)), follower=followed))
    playing.look(15.0)
    assert is_through(monitor, playing)
    times = times_of(followed)
    assert sorted(times) == pytest.approx([n / 10 for n in range(200)])
    turn = times.index(pytest.approx(15.0))
    assert times[turn:] == pytest.approx([*(n / 10 for n in range(150, 200)), *(n / 10 for n in range(turn, 150))])
    assert turn <= 20
    assert playing.progress.spans_s() == ((0.0, pytest.approx(20.0)),)
    monitor.stop_playing()


def test_the_window_and_the_command_know_what_the_other_counted(monitor, configured, clip, tmp_path, capsys):
    path, model = clip(frames=12, rate=6), tmp_path / "seven.onnx"
    played(monitor, path)

    def count(source, out):
        assert (
            main(["count", str(source), "--out", str(tmp_path / out), "--json", "--no-video", "--model", str(model)])
            == 0
        )
        return json.loads(capsys.readouterr().out)["counted_before"]

    assert count(path, "a") == 12
    other = clip(frames=13, rate=6, name="other.mp4")
    assert count(other, "b") == 0
    assert played(monitor, other)[0].is_known


def test_another_model_does_not_know_what_one_counted(monitor, configured, clip):
    path = clip(frames=6, rate=6)
    played(monitor, path)
    monitor.apply(configured("three.onnx"))
    playing, followed = played(monitor, path)
    assert not playing.is_known
    assert {point.people for point in followed.points} == {3.0}


def test_counting_gives_way_while_somebody_seeks_and_goes_on_by_itself(monitor, clip):
    followed = Followed()
    playing = monitor.play(PlayOrder(FileFootage(clip(frames=300, rate=10)), follower=followed))
    playing.look(1.0)
    assert playing.capture.playback.gives_way
    assert waited_for(lambda: playing.looking.looked.is_exact and not playing.capture.playback.gives_way)
    before = len(followed.points)
    assert waited_for(lambda: len(followed.points) > before + 5)
    monitor.stop_playing()


def test_what_the_log_lacks_of_a_camera_s_footage_is_counted_once_and_stands_where_it_was_recorded(monitor, tmp_path):
    begin_s, root, log = 1_700_000_000.25, tmp_path / "recordings", tmp_path / "log.db"
    for at_s in (0.0, 20.0):
        write_segment(camera_folder(root, "north"), begin_s + at_s, 20, bframes=0)

    def played():
        followed = Followed()
        footage = footage_of("north", root, (begin_s, begin_s + 60), log=str(log))
        playing = monitor.play(PlayOrder(footage, follower=followed))
        assert is_through(monitor, playing)
        monitor.stop_playing()
        assert waited_for(lambda: sum(sample.readings for sample in followed.samples) == len(followed.points))
        return playing.is_known, len(followed.known), len(followed.points)

    assert played() == (False, 0, 40)
    assert samples_of(log) == [("north", second, 7.0, 10) for second in (0, 1, 20, 21)]
    assert played() == (True, 4, 0)
    write_segment(camera_folder(root, "north"), begin_s + 40, 10, bframes=0)
    assert played() == (False, 4, 10)
    with closing(sqlite3.connect(log)) as rows:
        assert rows.execute("SELECT COUNT(*) FROM run").fetchone() == (1,)
        assert rows.execute("SELECT started_at FROM run").fetchone()[0].startswith("2023-11-14 22:13:20.25")
