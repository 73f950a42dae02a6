"""The way of a frame: capture threads read cameras, one inference thread counts them all, outlets take the readings.

Threads carry, pure functions decide; what each thread does is in `Capture`, `count_frames` and the outlets.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event
from types import TracebackType
from typing import Self

from engine.capture import Capture
from engine.counter import Counter, Due, count_frames
from engine.frame import Frame
from engine.handoff import WAIT_S, Outlet
from engine.model import Model
from engine.reading import Reading
from engine.schedule import DensitySchedule, Turns
from engine.worker import Worker

TILES_AT_ONCE = {"cpu": 8, "openvino": 8}
"""Tiles after which a batch is full: a processor gains nothing from more, and its first reading would wait longer."""
TILES_AT_ONCE_ON_A_CARD = 64


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
        self._room = tiles_at_once or TILES_AT_ONCE.get(model.provider, TILES_AT_ONCE_ON_A_CARD)
        self._turns = Turns(len(self._cameras))
        self._bell = Event()
        for camera in self._cameras:
            camera.capture.frames.bell = self._bell
        self._open = set(range(len(self._cameras)))
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
        return self._inference.is_alive()

    def start(self) -> None:
        """Starts all threads."""
        self._inference.start()
        for camera in self._cameras:
            camera.capture.start()

    def stop(self) -> None:
        """Ends the threads in the order of the flow and waits for them; may be called twice."""
        for camera in self._cameras:  # all are told before the first is waited for
            camera.capture.frames.close()
        for camera in self._cameras:
            camera.capture.stop()
            self._close_outlets(camera)
        self._inference.finish()

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
                batch = self._next_batch()
                if batch:
                    self._serve(batch)
                else:
                    self._close_finished()
                    self._bell.wait(WAIT_S)
        finally:
            for camera in self._cameras:
                camera.capture.frames.close()
                self._close_outlets(camera)

    def _next_batch(self) -> list[tuple[Camera, Frame]]:
        """Takes frames of the cameras whose turn it is, until there is no room for more."""
        self._bell.clear()  # before looking, so that what comes while we look is seen the next time
        batch, served, tiles = [], [], 0
        for place in self._turns.order:
            if tiles >= self._room:
                break
            frame = self._cameras[place].capture.frames.get(timeout_s=0.0)
            if frame is not None:
                batch.append((self._cameras[place], frame))
                served.append(place)
                tiles += 0 if frame.is_idle else frame.grid.tiles
        self._turns.served(served)
        return batch

    def _serve(self, batch: Sequence[tuple[Camera, Frame]]) -> None:
        held = [(camera, camera.counter.held(frame) if frame.is_idle else None) for camera, frame in batch]
        moving = [item for item, (_, reading) in zip(batch, held, strict=True) if reading is None]
        due = [Due(camera.counter, frame, camera.density.due(frame.time_s)) for camera, frame in moving]
        counted = zip((camera for camera, _ in moving), count_frames(self._model, due), strict=True)
        for camera, reading in (*held, *counted):
            if reading is not None:
                for outlet in camera.outlets:
                    outlet.put(reading)

    def _close_finished(self) -> None:
        for place in [place for place in self._open if self._cameras[place].capture.frames.finished]:
            self._open.remove(place)
            self._close_outlets(self._cameras[place])

    def _close_outlets(self, camera: Camera) -> None:
        for outlet in camera.outlets:
            outlet.close()
