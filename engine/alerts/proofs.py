"""Snapshots and clips of alerts, made in a thread of their own: what goes wrong with them never touches an alert.

A tick each second takes packets out of the pre-rolls as soon as a clip is due, so that they do not wait for the writing
of others.
"""

import logging
import shutil
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition, Lock
from typing import Literal, Protocol

from engine.alerts.clip import Scene, write_clip
from engine.alerts.feed import Feed
from engine.alerts.journal import Journal
from engine.alerts.record import AlertRecord, Proof
from engine.alerts.snapshot import write_snapshot
from engine.capture.preroll import PreRoll
from engine.counting.reading import Reading
from engine.errors import EngineError, OutputError
from engine.handoff import WAIT_S
from engine.log.proof_files import delete_partial
from engine.picture.view import View
from engine.worker import Worker

BEFORE_S, AFTER_S = 8.0, 8.0
"""Of a clip, from the raising of its alert on."""
MAP_WAIT_S = 1.5  # for the map of a frame to come
FRESH_S = 1.0  # by which the frame of a snapshot may be older than its alert
MOST_WAITING = 64  # alerts whose proof is still to be made; there is none of more
LEAST_FREE_BYTES = 100 << 20  # that are left to the log
CLOSE_S = 2.0  # for what is being written at the end

logger = logging.getLogger(__name__)


class Wanted(Protocol):
    """Density maps, which are made while somebody looks."""

    def want(self, viewer: object, *, wanted: bool) -> None:
        """Notes whether somebody looks at them now."""
        ...


class Captured(Protocol):
    """What reads a camera."""

    @property
    def view(self) -> View:
        """How it is seen now."""
        ...

    @property
    def preroll(self) -> PreRoll:
        """Its last packets."""
        ...


class Witness(Protocol):
    """A camera that saw what an alert is about."""

    @property
    def footage(self) -> Captured:
        """What reads what is kept of it."""
        ...

    @property
    def feed(self) -> Feed:
        """What was counted last."""
        ...

    @property
    def maps(self) -> Wanted:
        """Its density maps."""
        ...


@dataclass(eq=False, slots=True)
class _Task:
    """The proof of one alert that is still to be made."""

    alert: AlertRecord
    journal: Journal
    witness: Witness
    at_s: float
    """When it was raised, on the monotonic clock."""
    first: Reading | None
    """What was counted last before, for a snapshot where no map comes."""
    has_snapshot: bool = False


@dataclass(frozen=True, slots=True)
class _Work:
    """One file that can be written now."""

    task: _Task = field(repr=False)
    kind: Literal["snapshot", "clip"]
    content: Reading | Scene = field(repr=False)

    @property
    def name(self) -> str:
        alert, suffix = self.task.alert, "jpg" if self.kind == "snapshot" else "mp4"
        return f"{alert.raised_at:%Y%m%d-%H%M%S}-{alert.uid[:8]}.{suffix}"


class Proofs:
    """Makes what proves alerts; what has no underscore may be called by any thread."""

    def __init__(self, witness: Callable[[str], Witness | None]) -> None:
        """Makes nothing yet; `witness` returns the camera that an owner's alert is seen by."""
        self._witness, self._lock, self._changed = witness, Lock(), Condition()
        self._tasks: list[_Task] = []
        self._work: deque[_Work] = deque()
        self._is_ending = False
        self._problem, self._tidied = "", set[Path]()
        self._worker = Worker("snapshots and clips of alerts", self._write)

    def raised(self, alert: AlertRecord, journal: Journal, now_s: float) -> None:
        """Has the proof of an alert made that was raised now, on the monotonic clock; never waits."""
        witness = self._witness(alert.owner)
        if witness is None:
            return
        with self._lock:
            if len(self._tasks) >= MOST_WAITING:
                logger.warning("%s: too many alerts at once, this one has no snapshot and no clip", alert.owner)
                return
            self._tasks.append(_Task(alert, journal, witness, now_s, witness.feed.newest))
            self._want_maps(witness, wanted=True)
        if self._worker.ident is None:
            self._worker.start()

    def tick(self, now_s: float) -> None:
        """Takes out of the pre-rolls what is due; has to be called about once a second."""
        with self._lock:
            self._look_at_all(now_s, is_last=False)

    def close(self) -> None:
        """Writes what there is of proofs that are still to be made, as far as that is quickly done."""
        with self._lock:
            self._look_at_all(0.0, is_last=True)
        with self._changed:
            self._is_ending = True
            self._changed.notify_all()
        self._worker.finish(CLOSE_S)

    def _look_at_all(self, now_s: float, *, is_last: bool) -> None:
        before, self._tasks = self._tasks, []
        for task in before:
            is_over = is_last or now_s - task.at_s >= AFTER_S
            if not task.has_snapshot:
                self._look_for_map(task, is_last=is_over or now_s - task.at_s >= MAP_WAIT_S)
            if is_over:
                begin_s = task.at_s - BEFORE_S
                kept, view = task.witness.footage.preroll.since(begin_s)
                self._hand_on(_Work(task, "clip", Scene(kept, begin_s, task.at_s, view)))
            else:
                self._tasks.append(task)
        looking = {id(task.witness.maps) for task in self._tasks if not task.has_snapshot}
        for task in before:
            if id(task.witness.maps) not in looking:
                self._want_maps(task.witness, wanted=False)

    def _want_maps(self, witness: Witness, *, wanted: bool) -> None:
        witness.feed.want_mapped(wanted=wanted)
        witness.maps.want(self, wanted=wanted)

    def _look_for_map(self, task: _Task, *, is_last: bool) -> None:
        """Has a snapshot made of the first frame with a map, or of the last before if none comes."""
        mapped = task.witness.feed.mapped
        reading = mapped if mapped is not None and mapped.frame.arrived_s >= task.at_s - FRESH_S else None
        task.has_snapshot = reading is not None or is_last
        reading = reading or (task.first if is_last else None)
        if reading is not None:
            self._hand_on(_Work(task, "snapshot", reading))

    def _hand_on(self, work: _Work) -> None:
        with self._changed:
            self._work.append(work)
            self._changed.notify_all()

    def _write(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._work) or self._is_ending, WAIT_S)
                if not self._work:
                    if self._is_ending:
                        return
                    continue
                work = self._work.popleft()
            try:
                self._make(work)
                self._problem = ""
            except (EngineError, OSError) as error:
                self._complain(work, str(error))
            except Exception as error:  # of one file, whatever is wrong with it; the next may be well
                logger.exception("a %s cannot be made", work.kind)
                self._complain(work, type(error).__name__)

    def _make(self, work: _Work) -> None:
        folder = work.task.journal.proof_folder
        if not folder.is_dir():
            folder.mkdir(parents=True)
        if folder not in self._tidied:
            delete_partial(folder)
            self._tidied.add(folder)
        _check_room(folder)
        path = folder / work.name
        if isinstance(work.content, Reading):
            write_snapshot(path, work.content, work.task.witness.footage.view)
        else:
            write_clip(path, work.content, lambda: self._is_ending)
        work.task.journal.attach(Proof(work.task.alert.uid, work.kind, f"{folder.name}/{path.name}"))

    def _complain(self, work: _Work, problem: str) -> None:
        """Says once what goes wrong again and again."""
        level = logging.DEBUG if problem == self._problem else logging.WARNING
        logger.log(level, "%s: an alert has no %s: %s", work.task.alert.owner, work.kind, problem)
        self._problem = problem


def _check_room(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        raise OutputError(
            f"{folder} has {free >> 20} MB of room, expected {LEAST_FREE_BYTES >> 20} MB, which are left to the log; "
            "make room"
        )
