"""Cameras at the model: the inference thread's part of a pipeline, which counts their frames in turns.

A frame of many tiles is counted some at a time, with those of other cameras between, so that these need not wait.
What is wrong with one camera's frame is that camera's affair; what is wrong with the model ends all.
"""

import logging
from collections import deque
from collections.abc import Sequence
from threading import Event, Lock
from time import monotonic

from engine.camera import Camera
from engine.counting.batch import Batch, Due
from engine.counting.reading import Reading
from engine.counting.schedule import (
    Costs,
    Load,
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
from engine.place import Change, Place

TILES_AT_ONCE = {"cpu": 8, "openvino": 8}
"""Tiles that a frame gives to one batch at most, and after which a batch is full where it gains from being large."""
TILES_AT_ONCE_ON_A_CARD = 64
LOOK_AT_LOAD_S = 1.0

logger = logging.getLogger(__name__)


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
        self._batches: deque[tuple[Batch, Sequence[tuple[Place, Due]]]] = deque()
        """What the model was asked for and is not through with, the oldest first, and whose it is."""
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
                self.bell.clear()  # before looking, so that what comes while we look is seen the next time
                has_begun, has_finished = self._begin_batch(), self._finish_batch()
                self._close_finished()  # also while others keep the model busy
                if not (has_begun or has_finished):
                    self.bell.wait(WAIT_S)
        finally:
            for batch, _ in self._batches:
                batch.wait()
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
            is_other = change.model is not None and change.model.file.sha256 != self.model.file.sha256
            self.model = change.model or self.model
            for place in concerned:
                before, place.camera = place.camera, change.cameras.get(place.capture, place.camera)
                if change.model is not None:
                    place.camera.counter.begin_anew()
                if is_other and place.camera.finder is not None and place.camera.model is None:
                    place.camera.finder.begin_anew()
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

    def _begin_batch(self) -> bool:
        """Has the tiles of those whose turn it is counted behind what is counted now; whether somebody was served.

        It is not done before the last of the lanes takes the last tile, so that frames are as new as they can be.
        """
        if sum(batch.waiting for batch, _ in self._batches) >= self.model.tiles_side_by_side:
            return False
        most = self._most_tiles
        served, turns = self._next_turns(most, self._make_changes())
        self._turns.served(served, lambda place: place.camera.weight)
        self._gives_way = any(item.unasked > most for _, item in turns)
        if turns:
            model, due = turns[0][0].camera.model or self.model, [item for _, item in turns]
            batch = Batch(model, due, most=most, beside=bool(self._batches), on_step=self.bell.set)
            self._batches.append((batch, turns))
        return bool(served or turns)

    def _next_turns(self, most: int, change: Change | None) -> tuple[list[Place], list[tuple[Place, Due]]]:
        """Finds whose turn it is until there is no room for more: who got a new frame in, and what is counted next."""
        served, turns, work, model = [], [], 0.0, None
        for place in self._order(most):
            if work >= self._room:
                break
            if place.capture.frames.is_given_up:
                place.give_up()
            own = place.camera.model or self.model
            if place.capture.frames.waits or own is not (model or own):
                continue
            if place.underway is None:
                is_held_up = change is not None and change.concerns(place)
                if is_held_up or not self._begin(place, own):
                    continue
                served.append(place)
            if item := place.underway:
                turns.append((place, item))
                work += self._costs.work(item.next_number(most), with_density=item.with_density)
                model = own
        return served, turns

    @property
    def _room(self) -> int:
        """Returns how many tiles make a batch: no more than keep all lanes busy, where each is counted alone."""
        if not self.model.gains_from_batches:
            return min(self._most_tiles, self.model.tiles_side_by_side)
        return batch_room(self._costs.per_tile_s, self._most_tiles)

    def _order(self, most: int) -> Sequence[Place]:
        """Returns whose turn it is.

        A frame that is counted in parts lets others go first between two of them, but none that needs parts too: it
        would be old before its last one.
        """
        order = self._turns.order(self._places)
        underway = [place for place in order if place.underway]
        others = [place for place in order if not place.underway and not (underway and place.tiles > most)]
        return [*others, *underway] if self._gives_way else [*underway, *others]

    def _begin(self, place: Place, model: Model) -> bool:
        """Takes a camera's next frame and cuts it, if there is one; whether it has to be counted is seen in `begun`."""
        camera = place.camera
        frame, place.idle = place.idle or camera.capture.frames.get(timeout_s=0.0), None
        if frame is None:
            return False
        if not camera.is_counted:  # it came before anybody could tell its capture
            return True
        if frame.is_idle and place.begun:
            place.idle = frame
            return False
        held = camera.counter.held(frame) if frame.is_idle else None
        if held is not None:
            self._hand_on(place, held)
            return True
        try:
            with_density = camera.density.due(frame.time_s)
            item = Due(camera.counter, camera.seen(frame), with_density=with_density, most=self._most_of(camera))
            item.cut(model.file.likeness)
        except Exception as error:  # of this camera, whose trouble is not that of the others
            camera.capture.spoiled(frame.time_s, error)
        else:
            place.begun.append(item)
            place.tiles = item.left
        return True

    def _finish_batch(self) -> bool:
        """Hands on the readings of a model's oldest batch if all of it was counted; whether one was."""
        oldest = {batch.model: (batch, turns) for batch, turns in reversed(self._batches)}
        done = next((asked for asked in oldest.values() if asked[0].is_done), None)
        if done is None:
            return False
        self._batches.remove(done)
        batch, turns = done
        self._costs.note(batch.finish())
        for place, item in turns:
            if item.left or item not in place.begun:  # it was given up meanwhile
                continue
            place.begun.remove(item)
            try:
                reading = item.reading()
            except Exception as error:  # of this camera, whose trouble is not that of the others
                place.capture.spoiled(item.frame.time_s, error)
            else:
                self._hand_on(place, reading)
                place.camera.look(reading, self._costs.per_tile_s * len(self._places))
        return True

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
        self._say_whose_turn_comes_when(places, loads)
        if self._overload.changes(now_s, loads):
            if self._overload.now:
                share = total_dropped_share(loads)
                heavy = blame([place.capture.name for place in places], loads)
                logger.warning("overload: the model drops %.0f %% of the frames%s", 100 * share, heavy)
            else:
                logger.warning("overload is over: the model keeps up with all cameras")

    def _say_whose_turn_comes_when(self, places: Sequence[Place], loads: Sequence[Load]) -> None:
        """Tells captures how often the model can come for a frame, so that no more is decoded than that is worth."""
        wishes = [
            Wish(place.capture.frames.most_fps, load.tiles * self._costs.per_tile_s, place.camera.weight)
            for place, load in zip(places, loads, strict=True)
        ]
        rate = fair_rate([wish for wish in wishes if wish.frame_s])
        for place in places:
            place.capture.frames.turn_s = 1 / (rate * place.camera.weight)

    def _close_finished(self) -> None:
        for place in self._places:
            if not (place.over.is_set() or place.begun or place.idle) and place.capture.frames.finished:
                place.close()
