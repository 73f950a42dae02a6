import logging
import threading
from itertools import count
from time import monotonic

import numpy as np
import pytest

from constant import write_constant
from engine.camera import Camera
from engine.capture.health import State
from engine.capture.live import LiveCapture
from engine.capture.once import OneFrame
from engine.capture.recording import RecordingCapture
from engine.counting.batch import Due, count_tiles
from engine.counting.counter import Counter
from engine.counting.schedule import DensitySchedule, blame
from engine.errors import ModelError, SourceError
from engine.handoff import LatestSlot, Line
from engine.inference.contract import read_model_file
from engine.inference.model import Model
from engine.picture.frame import Frame, Look
from engine.picture.masks import BLACK, BLANK, Mask
from engine.picture.shot import Still
from engine.picture.tiling import Grid
from engine.picture.view import PLAIN, View
from engine.picture.zones import Zone
from engine.pipeline import ONCE_S, Pipeline
from engine.settings.address import camera_address
from engine.sources import FileSource
from engine.sources.opening import LiveOrder
from engine.sources.playback import Playback
from engine.worker import Worker

LEFT, RIGHT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)), ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))


class Steady:
    """A live capture that offers the same picture at a steady rate."""

    def __init__(self, name, fps, size=(384, 512), frames=None, view=PLAIN):
        self._view = view
        self.name, self._fps, self.offered = name, fps, 0
        self.frames: LatestSlot[Frame] = LatestSlot()
        self._picture = np.random.default_rng(3).integers(0, 256, (*size, 3), dtype=np.uint8)
        self._numbers = count() if frames is None else range(frames)
        self._stopped = threading.Event()
        self._worker = Worker(f"capture of {name}", self._offer)

    @property
    def failure(self):
        return self._worker.failure

    @property
    def running(self):
        return self._worker.running

    def start(self):
        self._worker.start()

    def end(self):
        self._stopped.set()
        self.frames.close()

    def stop(self, timeout_s=None):
        self.end()
        self._worker.finish()

    def _offer(self):
        begun_s = monotonic()
        for number in self._numbers:
            self._stopped.wait(max(0.0, begun_s + number / self._fps - monotonic()))
            arrived_s = monotonic()
            frame = Frame(number, arrived_s - begun_s, Still(self._picture), self._view, arrived_s=arrived_s)
            if self._stopped.is_set() or not self.frames.put(frame):
                break
            self.offered += 1
        self.frames.close()


class Gathered:
    """An outlet that notes which frames were counted."""

    def __init__(self, enough):
        self.indices, self._enough = [], enough

    def put(self, reading):
        self.indices.append(reading.frame.index)
        self._enough.release()
        return True

    def close(self):
        pass


def test_under_overload_the_rates_of_all_cameras_fall_evenly_and_no_frame_waits_in_line(model, caplog, monkeypatch):
    """Six cameras offer 50 a second each: several times what a model of some 10 ms a tile can count."""
    monkeypatch.setattr("engine.counting.schedule.OVERLOAD_SETTLES_S", 0.0)
    monkeypatch.setattr("engine.serving.LOOK_AT_LOAD_S", 0.2)
    caplog.set_level(logging.WARNING, logger="engine.serving")
    enough = threading.Semaphore(0)
    outlets = [Gathered(enough) for _ in range(6)]
    cameras = [
        Camera(Steady(f"camera {number}", 50.0), [outlet], density=DensitySchedule(None))
        for number, outlet in enumerate(outlets)
    ]
    with Pipeline(model, cameras, tiles_at_once=4) as pipeline:
        for _ in range(96):
            assert enough.acquire(timeout=30)
        loads = [pipeline.load(camera.capture) for camera in cameras]
        overloaded = pipeline.is_overloaded
        while not (turns_s := [camera.capture.frames.turn_s for camera in cameras])[0]:
            assert enough.acquire(timeout=30)
    counted = [len(outlet.indices) for outlet in outlets]
    assert max(counted) / min(counted) < 1.2
    assert overloaded
    assert 0.2 < turns_s[0] * loads[0].counted_fps < 5  # it comes about as often as it said it would
    assert len(set(turns_s)) == 1
    assert all(load.dropped_share > 0.1 for load in loads)
    assert all(load.offered_fps > load.counted_fps > 0 for load in loads)
    for camera, outlet in zip(cameras, outlets, strict=True):
        assert outlet.indices == sorted(set(outlet.indices))
        queued = camera.capture.offered - camera.capture.frames.dropped - len(outlet.indices)
        assert (
            queued <= 1
        )  # whatever is not counted is dropped, so no frame ever waits for more than the batch before it
    assert [record.getMessage() for record in caplog.records if "overload:" in record.getMessage()]


def test_cameras_that_end_close_their_outlets_and_the_others_go_on(model):
    more = threading.Semaphore(0)
    short, long = Line(room=100), Gathered(more)
    cameras = [Camera(Steady("short", 100.0, frames=2), [short]), Camera(Steady("long", 20.0), [long])]
    with Pipeline(model, cameras) as pipeline:
        assert 1 <= len(list(short)) <= 2
        assert more.acquire(timeout=10)
        assert pipeline.running
    assert pipeline.failure is None


def read_at_once(frames):
    """A capture that has all of these frames from the start."""
    capture = OneFrame("gate", frames[0])
    capture.frames = Line(room=len(frames))
    for frame in frames:
        capture.frames.put(frame)
    capture.frames.close()
    return capture


def still(number, *, is_idle):
    picture = Still(np.zeros((96, 128, 3), np.uint8))
    return Frame(number, number / 10, picture, look=Look(is_idle=is_idle))


def test_a_frame_in_which_nothing_moves_does_not_overtake_one_that_is_being_counted(model):
    capture, outlet = read_at_once([still(number, is_idle=number % 2 == 1) for number in range(8)]), Kept()
    with Pipeline(model, [Camera(capture, [outlet], density=DensitySchedule(None))]):
        outlet.wait(8)
    assert outlet.indices == list(range(8))


def test_frames_in_which_nothing_moves_are_not_counted_while_the_one_before_is(model):
    capture, outlet = read_at_once([still(number, is_idle=number > 0) for number in range(8)]), Kept()
    with Pipeline(model, [Camera(capture, [outlet], density=DensitySchedule(None))]):
        outlet.wait(8)
    assert [reading.is_held for reading in outlet.readings] == [False] + [True] * 7
    assert outlet.indices == list(range(8))


def test_of_a_camera_in_whose_frames_nothing_moves_the_model_has_time_for_all(model, monkeypatch):
    monkeypatch.setattr("engine.serving.LOOK_AT_LOAD_S", 0.0)
    capture, outlet = OneFrame("gate", still(0, is_idle=False)), Kept()
    capture.frames = LatestSlot(100.0)  # more than it could count
    capture.frames.turn_s = 3.0  # as it was before
    with Pipeline(model, [Camera(capture, [outlet], density=DensitySchedule(None))], lasting=True):
        for number in range(100):
            capture.frames.put(still(number, is_idle=number > 0))
            outlet.wait(1)
    assert sum(reading.is_held for reading in outlet.readings) == 99
    assert capture.frames.turn_s == 0.0


def test_readings_do_not_wait_for_a_model_that_counts_another_camera(model, tmp_path, monkeypatch):
    own = Model(read_model_file(write_constant(tmp_path / "seven.onnx", people=7.0)))
    run, others_are_counted = own._session.run, threading.Event()
    monkeypatch.setattr(own._session, "run", lambda *given, **how: others_are_counted.wait(10) and run(*given, **how))
    slow, quick = Kept(), Kept()
    alone = Camera(read_at_once([still(0, is_idle=False)]), [slow], model=own)
    with Pipeline(model, [alone, Camera(read_at_once([still(number, is_idle=False) for number in range(4)]), [quick])]):
        quick.wait(4)
        waited = not slow.indices
        others_are_counted.set()
        slow.wait(1)
    assert waited
    assert quick.indices == [0, 1, 2, 3]


def test_zones_are_counted_with_each_map_and_add_up_to_the_count(model, clip):
    readings = Line(room=100)
    zones = [Zone("left", LEFT), Zone("right", RIGHT)]
    capture = RecordingCapture(FileSource(clip(frames=12, rate=6)), Playback(own_speed=False))
    camera = Camera(capture, [readings], Counter(zones=zones), DensitySchedule(1.0))
    with Pipeline(model, [camera]):
        found = list(readings)
    mapped = [reading for reading in found if reading.density is not None]
    assert [reading.frame.index for reading in mapped] == [0, 6]
    for reading in mapped:
        assert [zone.name for zone in reading.zones] == ["left", "right"]
        assert sum(zone.people for zone in reading.zones) == pytest.approx(reading.count, abs=1e-3)
        assert 0 <= reading.consistency <= 1
    assert all(reading.zones == () for reading in found if reading.density is None)


def counted(model, view, counter, picture):
    """Returns the reading of one picture."""
    due = Due(counter, Frame(0, 0.0, Still(picture), view), with_density=True)
    count_tiles(model, [due])
    return due.reading()


def test_an_idle_frame_keeps_the_count_and_has_no_zones(model):
    picture = np.random.default_rng(5).integers(0, 256, (384, 512, 3), dtype=np.uint8)
    counter = Counter(zones=[Zone("left", LEFT)])
    idle = Frame(1, 0.1, Still(picture), look=Look(is_idle=True))
    assert counter.held(idle) is None
    first = counted(model, View(), counter, picture)
    held = counter.held(idle)
    assert (held.count, held.is_held, held.zones, held.density) == (first.count, True, (), None)


def test_the_model_and_the_map_see_nothing_outside_of_what_is_included(model):
    picture = np.random.default_rng(5).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    included = Mask((LEFT,))
    view = View(included=included)
    tile = Frame(0, 0.0, Still(picture), view).take_tiles()[0]
    assert (tile[:, 256:] == BLANK).all()
    assert not (tile[:, :256] == BLANK).all()
    assert (Frame(0, 0.0, Still(picture), view).picture == picture).all()
    counter = Counter(zones=[Zone("left", LEFT), Zone("right", RIGHT)])
    reading = counted(model, view, counter, picture)
    half = reading.density.shape[1] // 2
    assert (reading.density[:, half:] == 0).all()
    assert reading.zones[0].people == pytest.approx(reading.count, abs=1e-6)
    assert reading.zones[1].people == pytest.approx(0, abs=1e-6)


def test_private_pixels_are_in_neither_the_tiles_nor_the_picture():
    picture = np.full((300, 400, 3), 250, np.uint8)
    frame = Frame(0, 0.0, Still(picture), View(private=Mask((RIGHT,))))
    assert (frame.picture[:, 200:] == BLACK).all()
    assert (frame.picture[:, :199] == 250).all()
    assert (frame.take_tiles()[0][:, 256:] == BLANK).all()
    assert (picture == 250).all()


def test_a_model_that_fails_ends_the_pipeline_with_its_reason(model, monkeypatch):
    def fail(*tiles, **how):
        raise ModelError("model light failed on 1 tiles: out of memory")

    readings = Line(room=10)
    with Pipeline(model, [Camera(Steady("gate", 20.0), [readings], density=DensitySchedule(None))]) as pipeline:
        assert readings.get(timeout_s=10) is not None
        monkeypatch.setattr(model._session, "run", fail)
        assert list(readings) is not None
    assert isinstance(pipeline.failure, ModelError)
    assert not pipeline.running


class Noted:
    """An outlet that notes in a list of all cameras whose reading came."""

    def __init__(self, name, order, enough):
        self._name, self._order, self._enough = name, order, enough

    def put(self, reading):
        self._order.append(self._name)
        self._enough.release()
        return True

    def close(self):
        pass


def test_a_camera_of_many_tiles_does_not_hold_up_the_one_beside_it(model):
    """While one frame of 12 tiles is counted, two at a time, the other camera is served between."""
    order, enough = [], threading.Semaphore(0)
    tall = Steady("tall", 50.0, view=View(Grid(12, 1)))
    cameras = [
        Camera(capture, [Noted(capture.name, order, enough)], density=DensitySchedule(None))
        for capture in (tall, Steady("small", 200.0))
    ]
    with Pipeline(model, cameras, tiles_at_once=2) as pipeline:
        while order.count("tall") < 4:
            assert enough.acquire(timeout=60)
        loads = [pipeline.load(camera.capture) for camera in cameras]
    first, last = order.index("tall"), len(order) - order[::-1].index("tall")
    between = order[first:last]
    assert between.count("small") >= 3 * (between.count("tall") - 1)
    assert "'tall' asks for" in blame(["tall", "small"], loads)


class Kept(Gathered):
    """An outlet that keeps the readings."""

    def __init__(self):
        super().__init__(threading.Semaphore(0))
        self.readings = []

    def put(self, reading):
        self.readings.append(reading)
        return super().put(reading)

    def wait(self, number):
        for _ in range(number):
            assert self._enough.acquire(timeout=30)


def test_another_view_holds_for_tiles_map_and_zones_of_one_frame_on(tmp_path):
    """Whatever frames the capture offers meanwhile: it may be told before or after."""
    write_constant(tmp_path / "seven.onnx", people=7.0)
    before, after = View(), View(included=Mask((LEFT,)))
    capture, first, second = Steady("gate", 50.0, view=before), Kept(), Kept()
    zoned = Counter(zones=[Zone("right", RIGHT)])
    with Pipeline(Model(read_model_file(tmp_path / "seven.onnx")), [Camera(capture, [first], zoned, view=before)]) as p:
        first.wait(3)
        capture._view = after
        first.wait(3)
        assert p.change([Camera(capture, [second], zoned, view=after)])
        second.wait(3)
        capture._view = before
        second.wait(3)
    for reading in first.readings:
        assert (reading.frame.view, reading.zones[0].people) == (before, pytest.approx(3.5))
    for reading in second.readings:
        assert (reading.frame.view, reading.zones[0].people) == (after, pytest.approx(0.0, abs=1e-6))


OUTSIDE = ((2.0, 2.0), (3.0, 2.0), (3.0, 3.0))  # no polygon that settings would let through: the next fault is unknown
FAULTS = {
    "cutting": (View(private=Mask((OUTSIDE,))), Counter()),
    "zones": (View(), Counter(zones=[Zone("nowhere", OUTSIDE)])),
    "masks": (View(included=Mask((OUTSIDE,))), Counter()),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_with_one_cameras_frames_is_in_its_health_and_the_others_go_on(model, clip, fault, caplog):
    view, counter = FAULTS[fault]
    path, enough = camera_address(str(clip(frames=30, rate=30))), threading.Semaphore(0)
    faulty = LiveCapture(LiveOrder("gate", path, loop=True, view=view))
    sound = LiveCapture(LiveOrder("yard", path, loop=True))
    cameras = [Camera(faulty, [Gathered(threading.Semaphore(0))], counter), Camera(sound, [Gathered(enough)])]
    with Pipeline(model, cameras) as pipeline:
        end_s = monotonic() + 30
        while "camera 'gate': a frame could not be counted" not in faulty.health.problem:
            assert monotonic() < end_s, faulty.health
            assert enough.acquire(timeout=30)
        for _ in range(3):
            assert enough.acquire(timeout=30)
        assert pipeline.running
        assert faulty.health.state is State.LIVE
        assert sound.health.problem == ""
    assert pipeline.failure is None
    assert sum("camera 'gate'" in record.getMessage() for record in caplog.records) == 1


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_with_a_recordings_frame_is_its_failure(model, clip, fault):
    view, counter = FAULTS[fault]
    readings = Line(room=100)
    capture = RecordingCapture(FileSource(clip(), view=view), Playback(own_speed=False))
    with Pipeline(model, [Camera(capture, [readings], counter)]) as pipeline:
        assert list(readings) == []
    assert isinstance(pipeline.failure, SourceError)
    assert "clip.mp4: the frame at 0.0 s cannot be counted" in str(pipeline.failure)


def test_cameras_come_and_go_and_the_others_are_counted_all_the_while(model):
    more, enough, first = threading.Semaphore(0), threading.Semaphore(0), Line(room=1000)
    stays, late = Gathered(more), Gathered(enough)
    leaving = Camera(Steady("leaving", 20.0), [first], density=DensitySchedule(None))
    staying = Camera(Steady("staying", 20.0), [stays], density=DensitySchedule(None))
    with Pipeline(model, [leaving, staying], lasting=True) as pipeline:
        assert first.get(timeout_s=10) is not None
        pipeline.remove([leaving.capture])
        assert first.closed
        assert leaving.capture.frames.finished
        coming = Camera(Steady("coming", 20.0), [late], density=DensitySchedule(None))
        pipeline.add(coming)
        for waiting in (enough, more, enough):
            assert waiting.acquire(timeout=10)
        assert pipeline.load(coming.capture).counted_fps > 0
        assert pipeline.load(leaving.capture).counted_fps == 0
        pipeline.remove([coming.capture, staying.capture])
        assert (pipeline.running, pipeline.open) == (False, True)
    for camera, outlet in ((staying, stays), (coming, late)):
        assert len(outlet.indices) + camera.capture.frames.dropped == camera.capture.offered
    assert not pipeline.open
    assert pipeline.failure is None


def test_a_camera_is_counted_in_another_way_from_its_next_frame_on(model):
    before, after, enough = Line(room=1000), Line(room=1000), threading.Semaphore(0)
    capture = Steady("gate", 20.0)
    with Pipeline(model, [Camera(capture, [before]), Camera(Steady("yard", 20.0), [Gathered(enough)])]) as pipeline:
        assert before.get(timeout_s=10).zones == ()
        assert pipeline.change([Camera(capture, [after], Counter(zones=[Zone("left", LEFT)]))])
        assert before.closed
        found = [after.get(timeout_s=10) for _ in range(3)]
        assert enough.acquire(timeout=10)
    assert [zone.name for reading in found for zone in reading.zones] == ["left"] * 3
    indices = [reading.frame.index for reading in [*before, *found, *after]]
    assert indices == sorted(set(indices))


def test_another_model_takes_over_between_two_frames(model, tmp_path):
    other = Model(read_model_file(write_constant(tmp_path / "seven.onnx", people=7.0)))
    readings, enough = Line(room=1000), threading.Semaphore(0)
    tall = Camera(Steady("tall", 50.0, view=View(Grid(3, 1))), [readings], density=DensitySchedule(None))
    beside = Camera(Steady("small", 50.0), [Gathered(enough)], density=DensitySchedule(None))
    with Pipeline(model, [tall, beside], tiles_at_once=1) as pipeline:
        assert readings.get(timeout_s=10) is not None
        assert pipeline.change([], other)
        people = [readings.get(timeout_s=10).count for _ in range(5)]
        assert enough.acquire(timeout=10)
    assert people[-1] == 21.0
    assert all(count == 21.0 for count in people[people.index(21.0) :])
    assert model.count(np.zeros((1, 384, 512, 3), np.uint8)) >= 0


def test_of_many_frames_that_are_to_be_mapped_only_the_last_is(model):
    outlet, other = Kept(), Kept()
    pipeline = Pipeline(model, lasting=True)
    for number in range(4):
        pipeline.map_once("a", Frame.of(number, float(number), np.zeros((96, 128, 3), np.uint8)), outlet)
        assert sum(not place.capture.frames.finished for place in pipeline._serving.places) == 1
    pipeline.map_once("b", Frame.of(9, 9.0, np.zeros((96, 128, 3), np.uint8)), other)
    with pipeline:
        outlet.wait(1)
        other.wait(1)
    assert (outlet.indices, other.indices) == ([3], [9])


@pytest.mark.parametrize("end", [Pipeline.stop, Pipeline.hurry], ids=["stopped", "about to be stopped"])
def test_frames_are_not_waited_for_where_nobody_counts_any_more(model, end):
    frames = [Frame.of(number, float(number), np.zeros((96, 128, 3), np.uint8)) for number in range(3)]
    with Pipeline(model, lasting=True) as pipeline:
        assert len(pipeline.readings_once("a", frames)) == 3
        end(pipeline)
        began_s = monotonic()
        assert pipeline.readings_once("a", frames) == []
        assert monotonic() - began_s < ONCE_S / 2


def test_frames_of_many_tiles_are_counted_one_after_the_other_and_none_waits_for_all_cameras(model):
    order, enough = [], threading.Semaphore(0)
    view = View(Grid(4, 1))
    cameras = [
        Camera(capture, [Noted(capture.name, order, enough)], density=DensitySchedule(None))
        for capture in (Steady(f"tall {number}", 50.0, view=view) for number in range(3))
    ]
    begun = []
    with Pipeline(model, cameras, tiles_at_once=2) as pipeline:
        while len(order) < 9:
            assert enough.acquire(timeout=60)
            begun.append(sum(bool(place.underway) for place in pipeline._serving.places))
    counts = [order.count(camera.capture.name) for camera in cameras]
    assert max(counts) - min(counts) <= 1
    assert max(begun[3:]) <= 1


@pytest.mark.parametrize("gave_way", [True, False])
def test_what_gave_way_gives_few_tiles_to_a_batch_so_that_it_soon_does_again(model, clip, monkeypatch, gave_way):
    sizes, begin, outlet = [], model.begin, Kept()
    monkeypatch.setattr(
        model, "begin", lambda *tiles, **how: sizes.append(sum(map(len, tiles))) or begin(*tiles, **how)
    )
    playback = Playback(own_speed=False)
    if gave_way:
        playback.give_way(0.1)
    capture = RecordingCapture(FileSource(clip(frames=1), view=View(Grid(12, 1))), playback)
    with Pipeline(model, [Camera(capture, [outlet], density=DensitySchedule(None))]):
        outlet.wait(1)
    assert sum(sizes) == 12
    assert max(sizes) == (model.tiles_side_by_side if gave_way else 8)
