"""Cameras at the model: the inference thread's part of a pipeline, which counts their frames in turns.

A frame of many tiles is counted some at a time, with those of other cameras between, so that these need not wait.
What is wrong with one camera's frame is that camera's affair; what is wrong with the model ends all.
"""

import logging
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock
from time import monotonic

from engine.camera import Camera
from engine.capture.base import Capture
from engine.counting.counter import Due, count_tiles
from engine.counting.reading import Reading
from engine.counting.schedule import (
    Costs,
    Load,
    LoadMeter,
    Overload,
    Turns,
    Wish,
    batch_room,
    blame,
    fair_rate,
    total_dropped_share,
)
from engine.handoff import WAIT_S
from engine.inference.model import Model

TILES_AT_ONCE = {"cpu": 8, "openvino": 8}
"""Tiles after which a batch is full: a processor gains nothing from more, and its first reading would wait longer.

A frame gives no more than that to one batch."""
TILES_AT_ONCE_ON_A_CARD = 64
LOOK_AT_LOAD_S = 1.0

logger = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class Place:
    """A camera's place in the pipeline; changed by the inference thread alone, but for the meter, which is locked."""

    camera: Camera
    meter: LoadMeter = field(default_factory=LoadMeter)
    begun: Due | None = None
    """Its frame that is being counted."""
    tiles: int = 0
    """Of the last one."""
    over: Event = field(default_factory=Event)
    """Set when nothing more will come of it, and its outlets are closed."""

    @property
    def capture(self) -> Capture:
        """Where its frames come from."""
        return self.camera.capture

    def close(self) -> None:
        """Closes the outlets."""
        for outlet in self.camera.outlets:
            outlet.close()
        self.over.set()


@dataclass(eq=False, slots=True)
class Change:
    """Cameras to be counted in another way, and by another model."""

    cameras: Mapping[Capture, Camera]
    model: Model | None
    made: Event = field(default_factory=Event)

    def concerns(self, place: Place) -> bool:
        """Whether a camera's frames are counted in another way after it."""
        return self.model is not None or place.capture in self.cameras


class Serving:
    """Serves the cameras at their places; what has no underscore may be used by any thread, `run` by one alone."""

    def __init__(self, model: Model, cameras: Sequence[Camera], *, tiles_at_once: int | None, lasting: bool) -> None:
        """Takes what a pipeline is given."""
        self.model, self.lasting = model, lasting
        self.bell = Event()
        """Rung when there is something to do."""
        self._places: tuple[Place, ...] = ()
        self._placing, self._metering = Lock(), Lock()
        self._tiles_at_once, self._costs = tiles_at_once, Costs()
        self._turns: Turns[Place] = Turns()
        self._gives_way = False
        """Whether a frame was left with parts to count."""
        self._changes: deque[Change] = deque()
        self._overload, self._looked_s = Overload(), monotonic()
        for camera in cameras:
            self.add(camera)

    @property
    def places(self) -> Sequence[Place]:
        """The cameras that are there, also those that are over."""
        return self._places

    @property
    def models(self) -> Sequence[Model]:
        """All that count now."""
        own = (place.camera.model for place in self._places)
        return tuple(dict.fromkeys([self.model, *(model for model in own if model is not None)]))

    @property
    def is_through(self) -> bool:
        """Whether nothing more will come of any camera."""
        return all(place.over.is_set() for place in self._places)

    @property
    def is_overloaded(self) -> bool:
        """Whether a notable share of the wanted frames is dropped."""
        return self._overload.now

    def load(self, place: Place) -> Load:
        """Returns what was asked and done for a camera over the last seconds."""
        with self._metering:
            return place.meter.load(monotonic(), place.capture.frames.dropped)

    def add(self, camera: Camera) -> None:
        """Gives a camera a place."""
        camera.capture.frames.bell = self.bell
        with self._placing:
            self._places = (*self._places, Place(camera))

    def remove(self, places: Sequence[Place]) -> None:
        """Forgets cameras that are over."""
        with self._placing:
            self._places = tuple(place for place in self._places if place not in places)

    def ask(self, change: Change) -> None:
        """Has a change made as soon as no frame that it concerns is being counted."""
        self._changes.append(change)
        self.bell.set()

    def run(self) -> None:
        """Serves the cameras until all are over, or for as long as it is lasting; at its end all are closed.

        Raises:
            ModelError: the model failed.
            BrokenOffError: it was interrupted.
        """
        try:
            while self.lasting or not self.is_through:
                self._look_at_load()
                batch = self._next_batch()
                self._serve(batch)
                self._close_finished()  # also while others keep the model busy
                if not batch:
                    self.bell.wait(WAIT_S)
        finally:
            for place in self._places:
                place.capture.frames.close()
                place.close()

    def _make_changes(self) -> Change | None:
        """Makes the changes that were asked for; returns the first that has to wait for frames to be through."""
        while self._changes:
            change = self._changes[0]
            concerned = [place for place in self._places if change.concerns(place)]
            if any(place.begun for place in concerned):
                return change
            self.model = change.model or self.model
            for place in concerned:
                before, place.camera = place.camera, change.cameras.get(place.capture, place.camera)
                if change.model is not None:
                    place.camera.counter.begin_anew()
                for outlet in before.outlets:
                    if outlet not in place.camera.outlets:
                        outlet.close()
                if place.over.is_set():
                    place.close()
            self._changes.popleft().made.set()
        return None

    @property
    def _most_tiles(self) -> int:
        return self._tiles_at_once or TILES_AT_ONCE.get(self.model.provider, TILES_AT_ONCE_ON_A_CARD)

    def _most_of(self, camera: Camera) -> int | None:
        """Returns how many tiles a camera's frame gives to one batch; None for all that are good for it.

        What may have to wait at any moment gives no more than what is counted side by side, so that it soon does. A
        card is done at once with many.
        """
        may_wait = camera.capture.frames.may_wait and self.model.provider in TILES_AT_ONCE
        return self.model.tiles_side_by_side if may_wait else None

    def _next_batch(self) -> list[Place]:
        """Finds the cameras whose turn it is, until there is no room for more."""
        self.bell.clear()  # before looking, so that what comes while we look is seen the next time
        change = self._make_changes()
        batch, new, work, most = [], [], 0.0, self._most_tiles
        room = batch_room(self._costs.per_tile_s, most, self.model.tiles_side_by_side)
        for place in self._order(most):
            if work >= room:
                break
            if place.capture.frames.is_given_up:
                place.begun = None
            if place.capture.frames.waits:
                continue
            is_held_up = change is not None and change.concerns(place)
            is_new = not place.begun
            if is_new and (is_held_up or not self._begin(place)):
                continue
            batch.append(place)
            new += [place] if is_new else []
            if begun := place.begun:
                work += self._costs.work(begun.next_number(most), with_density=begun.with_density)
        self.model.lanes.each(self._cut, new)
        self._turns.served(new, lambda place: place.camera.weight)
        self._gives_way = any(place.begun and place.begun.left > most for place in batch)
        return batch

    def _order(self, most: int) -> Sequence[Place]:
        """Returns whose turn it is.

        A frame that is counted in parts lets others go first between two of them, but none that needs parts too: it
        would be old before its last one.
        """
        order = self._turns.order(self._places)
        begun = [place for place in order if place.begun]
        others = [place for place in order if not place.begun and not (begun and place.tiles > most)]
        return [*others, *begun] if self._gives_way else [*begun, *others]

    def _begin(self, place: Place) -> bool:
        """Takes a camera's next frame, if there is one; whether it has to be counted is seen in `begun`."""
        camera = place.camera
        frame = camera.capture.frames.get(timeout_s=0.0)
        if frame is None:
            return False
        if not camera.is_counted:  # it came before anybody could tell its capture
            return True
        held = camera.counter.held(frame) if frame.is_idle else None
        if held is not None:
            self._hand_on(place, held)
            return True
        try:
            with_density = camera.density.due(frame.time_s)
            place.begun = Due(camera.counter, camera.seen(frame), with_density=with_density, most=self._most_of(camera))
            place.tiles = place.begun.left
        except Exception as error:  # of this camera, whose trouble is not that of the others
            camera.capture.spoiled(frame.time_s, error)
        return True

    def _cut(self, place: Place) -> None:
        """Makes the tiles of the frame that was just begun, if any."""
        if place.begun is None:
            return
        try:
            place.begun.cut((place.camera.model or self.model).file.likeness)
        except Exception as error:  # as above
            place.capture.spoiled(place.begun.frame.time_s, error)
            place.begun = None

    def _serve(self, batch: Sequence[Place]) -> None:
        """Counts the next tiles of the frames that were begun, and hands on the readings of those that are through."""
        due = [(place, place.begun) for place in batch if place.begun]
        if not due:
            return
        for model in dict.fromkeys(place.camera.model or self.model for place, _ in due):
            own = [item for place, item in due if (place.camera.model or self.model) is model]
            self._costs.note(count_tiles(model, own, most=self._most_tiles))
        for place, item in due:
            if item.left:
                continue
            place.begun = None
            try:
                reading = item.reading()
            except Exception as error:  # of this camera, whose trouble is not that of the others
                place.capture.spoiled(item.frame.time_s, error)
            else:
                self._hand_on(place, reading)
                place.camera.look(reading, self._costs.per_tile_s * len(self._places))

    def _hand_on(self, place: Place, reading: Reading) -> None:
        tiles = 0 if reading.is_held else reading.frame.grid.tiles
        with self._metering:
            place.meter.counted(reading.counted_s, reading.latency_s, place.capture.frames.dropped, tiles=tiles)
        for outlet in place.camera.outlets:
            outlet.put(reading)

    def _look_at_load(self) -> None:
        """Says once that the model cannot keep up, and once that it can again."""
        now_s = monotonic()
        if now_s - self._looked_s < LOOK_AT_LOAD_S:
            return
        places = self._places
        self._looked_s, loads = now_s, [self.load(place) for place in places]
        self._say_whose_turn_comes_when([place for place, load in zip(places, loads, strict=True) if load.counted_fps])
        if self._overload.changes(now_s, loads):
            if self._overload.now:
                share = total_dropped_share(loads)
                heavy = blame([place.capture.name for place in places], loads)
                logger.warning("overload: the model drops %.0f %% of the frames%s", 100 * share, heavy)
            else:
                logger.warning("overload is over: the model keeps up with all cameras")

    def _say_whose_turn_comes_when(self, places: Sequence[Place]) -> None:
        """Tells captures how often the model can come for a frame, so that no more is decoded than that is worth."""
        wishes = [
            Wish(place.capture.frames.most_fps, place.tiles * self._costs.per_tile_s, place.camera.weight)
            for place in places
        ]
        rate = fair_rate([wish for wish in wishes if wish.frame_s])
        for place, wish in zip(places, wishes, strict=True):
            place.capture.frames.turn_s = 1 / (rate * wish.weight)

    def _close_finished(self) -> None:
        for place in self._places:
            if not (place.over.is_set() or place.begun) and place.capture.frames.finished:
                place.close()
