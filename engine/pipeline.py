"""The way of a frame: capture threads read cameras, one inference thread counts them all, outlets take the readings.

Threads carry, pure functions decide; what each thread does is in `Capture`, `Serving` and the outlets.
Cameras come and go while it runs, and how they are counted changes between two of their frames: any thread may ask for
it, the inference thread does it, and cameras that are not concerned notice nothing.
"""

import logging
from collections.abc import Collection, Sequence
from threading import Event
from time import monotonic
from types import TracebackType
from typing import Self

from engine.camera import Camera
from engine.capture.base import Capture
from engine.capture.once import OneFrame
from engine.counting.reading import Reading
from engine.counting.schedule import DensitySchedule, Load
from engine.handoff import WAIT_S, Line, Outlet
from engine.inference.model import Model
from engine.inference.session import BrokenOffError
from engine.picture.frame import Frame
from engine.place import Change, Place
from engine.priority import give_way
from engine.serving import Serving
from engine.worker import Worker

CAPTURES_S = 4.0  # given at the end to all cameras together; one that hangs is left to itself, its frames are closed
LAST_BATCH_S = 1.0  # given to the model at the end, so that all outlets get the last readings
INTERRUPTED_S = 3.0  # given to it when it was told to leave its frames half counted
CHANGE_S = 10.0  # given to the frames that are being counted before a change
ONCE_S = 5.0  # given to frames that are counted once, for a choice that can do without
LOOK_S = 0.02  # how soon the end of a capture, or of all waiting, is noticed
STOP_S = CAPTURES_S + LAST_BATCH_S + INTERRUPTED_S
"""Within which a pipeline is stopped, whatever hangs."""

logger = logging.getLogger(__name__)


class Pipeline:
    """Cameras being counted; used as a context manager it is stopped and joined at the end."""

    def __init__(
        self, model: Model, cameras: Sequence[Camera] = (), *, tiles_at_once: int | None = None, lasting: bool = False
    ) -> None:
        """Takes over the captures and the outlets, and ends them.

        Args:
            model: used by the inference thread alone from now on.
            cameras: any number.
            tiles_at_once: after which a batch is full; by default what suits the model's provider.
            lasting: whether it goes on until it is stopped, for cameras that may still come.
        """
        self._serving = Serving(model, cameras, tiles_at_once=tiles_at_once, lasting=lasting)
        names = cameras[0].capture.name if len(cameras) == 1 else f"{len(cameras)} cameras"
        self._inference = Worker(f"inference of {'all cameras' if lasting else names}", self._count)
        self._is_hurried = Event()

    @property
    def broken(self) -> Exception | None:
        """Why the model failed, or None."""
        return self._inference.failure

    @property
    def failure(self) -> Exception | None:
        """Why it ended before its sources did, or None."""
        failures = (place.capture.failure for place in self._serving.places)
        return self.broken or next((failure for failure in failures if failure), None)

    @property
    def open(self) -> bool:
        """Whether it counts, or would if there were cameras."""
        return self._inference.running

    @property
    def running(self) -> bool:
        """Whether more readings may come."""
        return self.open and not (self._serving.lasting and self._serving.is_through)

    @property
    def is_overloaded(self) -> bool:
        """Whether a notable share of the wanted frames is dropped."""
        return self._serving.is_overloaded

    def load(self, capture: Capture) -> Load:
        """Returns what was asked and done for a camera over the last seconds; nothing for one that is not there."""
        places = [place for place in self._serving.places if place.capture is capture]
        return self._serving.load(places[0]) if places else Load(0.0, 0.0, 0.0, None, None)

    def start(self) -> None:
        """Starts all threads."""
        for model in self._serving.models:
            model.resume()
        self._inference.start()
        for place in self._serving.places:
            place.capture.start()

    def add(self, camera: Camera) -> None:
        """Takes over one more camera of an open pipeline, and starts it."""
        self._serving.add(camera)
        camera.capture.start()

    def is_over(self, capture: Capture) -> bool:
        """Whether nothing more will come of a camera, or it is not there."""
        return all(place.over.is_set() for place in self._serving.places if place.capture is capture)

    def map_once(self, name: str, frame: Frame, outlet: Outlet[Reading], model: Model | None = None) -> None:
        """Has a frame that was read before counted with a density map, for this outlet alone; never waits.

        One that the same outlet was to get before, and that is not counted yet, is given up.

        Args:
            name: of the camera that it came from.
            frame: nobody else may be counting it.
            outlet: is closed when it was counted.
            model: of that camera; None takes that of all.
        """
        for place in self._once():
            if isinstance(place.capture, OneFrame) and outlet in place.camera.outlets:
                place.capture.give_up()
        self._serving.add(Camera(OneFrame(name, frame), [outlet], density=DensitySchedule(), model=model))
        self._serving.bell.set()

    def readings_once(self, name: str, frames: Sequence[Frame]) -> list[Reading]:
        """Counts frames that were read before, without maps; waits for them, and returns none if that takes too long.

        Waits no longer where it has ended, or is about to be stopped.

        Args:
            name: of the recording that they came from.
            frames: nobody else may be counting them.
        """
        self._once()
        lines = [Line[Reading](1) for _ in frames]
        captures = [OneFrame(name, frame) for frame in frames]
        for capture, line in zip(captures, lines, strict=True):
            self._serving.add(Camera(capture, [line], density=DensitySchedule(None)))
        self._serving.bell.set()
        until_s, readings = monotonic() + ONCE_S, list[Reading]()
        for line in lines:
            reading = self._reading_in(line, until_s)
            if reading is None:
                for capture in captures:
                    capture.give_up()
                return []
            readings.append(reading)
        return readings

    def _reading_in(self, line: Line[Reading], until_s: float) -> Reading | None:
        """Waits for a reading for as long as one may come."""
        reading = line.get(0.0)
        while reading is None and not line.finished and self._may_wait(until_s):
            reading = line.get()
        return reading

    def _once(self) -> list[Place]:
        """Returns the places of single frames, and forgets those that are counted."""
        once = [place for place in self._serving.places if isinstance(place.capture, OneFrame)]
        self._serving.remove([place for place in once if place.over.is_set()])
        return once

    def hurry(self) -> None:
        """Has `remove` and `change` wait no longer, now or later, since all is about to be stopped; never waits."""
        self._is_hurried.set()

    def remove(self, captures: Collection[Capture], *, last_batch_s: float = LAST_BATCH_S) -> None:
        """Lets cameras go: their threads end, the frames that they left are counted, their outlets are closed.

        Waits for that, but no longer than `CAPTURES_S` and `last_batch_s`.
        """
        leaving = [place for place in self._serving.places if place.capture in captures]
        if not self._stop_captures(leaving):
            return  # `stop` does the rest
        until_s = monotonic() + last_batch_s
        for place in leaving:
            if not self._waits_for(place.over, until_s):
                place.close()
        self._serving.remove(leaving)

    def change(self, cameras: Sequence[Camera], model: Model | None = None) -> bool:
        """Has cameras counted in another way, from each one's next frame on, and all by another model if one is given.

        Outlets that a camera has no longer are closed. Waits until all that is so, but no longer than `CHANGE_S`.

        Args:
            cameras: with the captures that they had.
            model: used by the inference thread alone from now on, which lets go of the other.

        Returns:
            Whether it is so; if not, the pipeline has ended, or does it when the model is through with its batch.
        """
        change = Change({camera.capture: camera for camera in cameras}, model)
        self._serving.ask(change)
        return self._waits_for(change.made, monotonic() + CHANGE_S)

    def stop(self) -> None:
        """Ends the threads in the order of the flow and waits for them, `STOP_S` at most; may be called twice."""
        self._serving.lasting = False
        self._is_hurried.clear()
        self._serving.bell.set()
        self._stop_captures(self._serving.places)
        if self._inference.running:
            self._inference.wait(LAST_BATCH_S)
        for place in self._serving.places:  # sets it free where it waits for a reader who is gone
            place.close()
        models = self._serving.models
        for model in models:
            model.interrupt()
        if self._inference.finish(INTERRUPTED_S):
            for model in models:
                model.resume()  # for whoever uses it next

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _count(self) -> None:
        if self._serving.lasting:
            give_way()  # to what decodes and shows the cameras meanwhile; it computes as much as the model's threads
        try:
            self._serving.run()
        except BrokenOffError:
            logger.info("%s was left in the middle of a frame", self._inference.name)

    def _stop_captures(self, places: Collection[Place]) -> bool:
        """Ends the captures; False if it was told not to wait for them."""
        for place in places:  # all are told before the first is waited for
            place.capture.end()
        until_s = monotonic() + CAPTURES_S
        for place in places:
            while place.capture.running and monotonic() < until_s:
                if self._is_hurried.wait(LOOK_S):
                    return False
            place.capture.stop(until_s - monotonic())
        return True

    def _waits_for(self, done: Event, until_s: float) -> bool:
        """Waits for what the inference thread does, for as long as there is one; says whether it did it."""
        while not done.wait(WAIT_S) and self._may_wait(until_s):
            pass
        return done.is_set()

    def _may_wait(self, until_s: float) -> bool:
        """Whether there is an inference thread to wait for, and time."""
        return self.open and not self._is_hurried.is_set() and monotonic() < until_s
