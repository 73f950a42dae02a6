"""The way of a frame: capture threads read cameras, one inference thread counts them all, outlets take the readings.

Threads carry, pure functions decide; what each thread does is in `Capture`, `count_tiles` and the outlets.
A frame of many tiles is counted some at a time, with those of other cameras between, so that these need not wait.
What is wrong with one camera's frame is that camera's affair; what is wrong with the model ends all.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event, Lock
from time import monotonic
from types import TracebackType
from typing import Self

from engine.capture.base import Capture
from engine.counting.counter import Counter, Due, count_tiles
from engine.counting.reading import Reading
from engine.counting.schedule import (
    DensitySchedule,
    Load,
    LoadMeter,
    Overload,
    Turns,
    batch_room,
    blame,
    total_dropped_share,
)
from engine.handoff import WAIT_S, Outlet
from engine.inference.model import Model
from engine.inference.session import BrokenOffError
from engine.worker import Worker

TILES_AT_ONCE = {"cpu": 8, "openvino": 8}
"""Tiles after which a batch is full: a processor gains nothing from more, and its first reading would wait longer.

A frame gives no more than that to one batch."""
TILES_AT_ONCE_ON_A_CARD = 64
LOOK_AT_LOAD_S = 1.0
CAPTURES_S = 4.0  # given at the end to all cameras together; one that hangs is left to itself, its frames are closed
LAST_BATCH_S = 1.0  # given to the model at the end, so that all outlets get the last readings
INTERRUPTED_S = 3.0  # given to it when it was told to leave its frames half counted
STOP_S = CAPTURES_S + LAST_BATCH_S + INTERRUPTED_S
"""Within which a pipeline is stopped, whatever hangs."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera that is counted: where its frames come from, what is made of them, where its readings go."""

    capture: Capture
    outlets: Sequence[Outlet[Reading]]
    counter: Counter = field(default_factory=Counter)
    density: DensitySchedule = field(default_factory=DensitySchedule)


class Pipeline:
    """Cameras being counted; used as a context manager it is stopped and joined at the end."""

    def __init__(self, model: Model, cameras: Sequence[Camera], *, tiles_at_once: int | None = None) -> None:
        """Takes over the captures and the outlets, and ends them.

        Args:
            model: used by the inference thread alone from now on.
            cameras: any number.
            tiles_at_once: after which a batch is full; by default what suits the model's provider.
        """
        self._model, self._cameras = model, tuple(cameras)
        self._most_tiles = tiles_at_once or TILES_AT_ONCE.get(model.provider, TILES_AT_ONCE_ON_A_CARD)
        self._per_tile_s = 0.0
        self._turns = Turns(len(self._cameras))
        self._meters = [LoadMeter() for _ in self._cameras]
        self._metering = Lock()
        self._overload, self._looked_s = Overload(), monotonic()
        self._bell = Event()
        for camera in self._cameras:
            camera.capture.frames.bell = self._bell
        self._open = set(range(len(self._cameras)))
        self._begun: dict[int, Due] = {}
        names = self._cameras[0].capture.name if len(self._cameras) == 1 else f"{len(self._cameras)} cameras"
        self._inference = Worker(f"inference of {names}", self._count)

    @property
    def failure(self) -> Exception | None:
        """Why it ended before its sources did, or None."""
        failures = (camera.capture.failure for camera in self._cameras)
        return self._inference.failure or next((failure for failure in failures if failure), None)

    @property
    def running(self) -> bool:
        """Whether more readings may come."""
        return self._inference.running

    @property
    def is_overloaded(self) -> bool:
        """Whether a notable share of the wanted frames is dropped."""
        return self._overload.now

    def load(self) -> tuple[Load, ...]:
        """Returns what was asked and done for each camera, in their order, over the last seconds."""
        now_s = monotonic()
        with self._metering:
            return tuple(
                meter.load(now_s, camera.capture.frames.dropped)
                for meter, camera in zip(self._meters, self._cameras, strict=True)
            )

    def start(self) -> None:
        """Starts all threads."""
        self._model.resume()
        self._inference.start()
        for camera in self._cameras:
            camera.capture.start()

    def stop(self) -> None:
        """Ends the threads in the order of the flow and waits for them, `STOP_S` at most; may be called twice."""
        for camera in self._cameras:  # all are told before the first is waited for
            camera.capture.frames.close()
        until_s = monotonic() + CAPTURES_S
        for camera in self._cameras:
            camera.capture.stop(until_s - monotonic())
        if self._inference.running:
            self._inference.wait(LAST_BATCH_S)
        for camera in self._cameras:  # sets it free where it waits for a reader who is gone
            self._close_outlets(camera)
        self._model.interrupt()
        if self._inference.finish(INTERRUPTED_S):
            self._model.resume()  # for whoever uses it next

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _count(self) -> None:
        try:
            while self._open:
                self._look_at_load()
                batch = self._next_batch()
                self._serve(batch)
                self._close_finished()  # also while others keep the model busy
                if not batch:
                    self._bell.wait(WAIT_S)
        except BrokenOffError:
            logger.info("%s was left in the middle of a frame", self._inference.name)
        finally:
            for camera in self._cameras:
                camera.capture.frames.close()
                self._close_outlets(camera)

    def _next_batch(self) -> list[int]:
        """Finds the cameras whose turn it is, by their places, until there is no room for more."""
        self._bell.clear()  # before looking, so that what comes while we look is seen the next time
        batch, tiles = [], 0
        room = batch_room(self._per_tile_s, self._most_tiles)
        for place in self._turns.order:
            if tiles >= room:
                break
            if place in self._begun or self._begin(place):
                batch.append(place)
                tiles += min(self._begun[place].left, self._most_tiles) if place in self._begun else 0
        self._turns.served(batch)
        return batch

    def _begin(self, place: int) -> bool:
        """Takes a camera's next frame, if there is one; whether it has to be counted is seen in `_begun`."""
        camera = self._cameras[place]
        frame = camera.capture.frames.get(timeout_s=0.0)
        if frame is None:
            return False
        held = camera.counter.held(frame) if frame.is_idle else None
        if held is not None:
            self._hand_on(place, held)
            return True
        try:
            self._begun[place] = Due(camera.counter, frame, with_density=camera.density.due(frame.time_s))
        except Exception as error:  # of this camera, whose trouble is not that of the others
            camera.capture.spoiled(frame.time_s, error)
        return True

    def _serve(self, batch: Sequence[int]) -> None:
        """Counts the next tiles of the frames that were begun, and hands on the readings of those that are through."""
        due = {place: self._begun[place] for place in batch if place in self._begun}
        if not due:
            return
        self._per_tile_s = count_tiles(self._model, list(due.values()), most=self._most_tiles)
        for place in [place for place, item in due.items() if not item.left]:
            item = self._begun.pop(place)
            try:
                reading = item.reading()
            except Exception as error:  # of this camera, whose trouble is not that of the others
                self._cameras[place].capture.spoiled(item.frame.time_s, error)
            else:
                self._hand_on(place, reading)

    def _hand_on(self, place: int, reading: Reading) -> None:
        camera = self._cameras[place]
        tiles = 0 if reading.is_held else reading.frame.grid.tiles
        with self._metering:
            dropped = camera.capture.frames.dropped
            self._meters[place].counted(reading.counted_s, reading.latency_s, dropped, tiles=tiles)
        for outlet in camera.outlets:
            outlet.put(reading)

    def _look_at_load(self) -> None:
        """Says once that the model cannot keep up, and once that it can again."""
        now_s = monotonic()
        if now_s - self._looked_s < LOOK_AT_LOAD_S:
            return
        self._looked_s, loads = now_s, self.load()
        if self._overload.changes(now_s, loads):
            if self._overload.now:
                share = total_dropped_share(loads)
                heavy = blame([camera.capture.name for camera in self._cameras], loads)
                logger.warning("overload: the model drops %.0f %% of the frames%s", 100 * share, heavy)
            else:
                logger.warning("overload is over: the model keeps up with all cameras")

    def _close_finished(self) -> None:
        counted = [place for place in self._open if place not in self._begun]
        for place in [place for place in counted if self._cameras[place].capture.frames.finished]:
            self._open.remove(place)
            self._close_outlets(self._cameras[place])

    def _close_outlets(self, camera: Camera) -> None:
        for outlet in camera.outlets:
            outlet.close()
