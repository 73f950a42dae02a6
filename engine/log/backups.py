"""Back-ups of a log by themselves, in a thread of their own: counting and writing go on meanwhile.

A copy is called by the moment at which it was due, so that what was made is told by the folder alone, over restarts
and by any number of programs; one that was missed is made as soon as a program runs. A copy that fails is tried again
later, and that is said once.
"""

import logging
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Lock
from time import time
from typing import Any

from engine.errors import DatabaseError, OutputError
from engine.files import ClaimedError, claimed
from engine.log.copying import copy_log
from engine.log.place import proof_of
from engine.priority import behind_others
from engine.redaction import readable
from engine.worker import Worker

LOOK_S, AGAIN_S = 10.0, 600.0  # between two looks at the clock; after a failure
SETTLE_S = 3.0  # in which a log that was just opened gets its first rows
LEAST_FREE_BYTES = 100 << 20  # that are left beside the copy, since the log may lie on the same disk
CLOSE_S = 2.0
SUNDAY, WEEK_DAYS = 6, 7

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is copied, when, and where to."""

    log: Path
    folder: Path
    hour: int
    minute: int
    weekly: bool = False
    """On Sundays; else every day."""
    keep: int = 7


@dataclass(frozen=True, slots=True)
class BackupFacts:
    """How back-ups are doing."""

    folder: str
    last: datetime | None = None
    """When the newest was due; UTC."""
    problem: str = ""
    """Why the last one could not be made, in a sentence."""

    @property
    def as_dict(self) -> dict[str, Any]:
        """Plain values with stable names, for JSON."""
        last = None if self.last is None else self.last.isoformat(timespec="seconds")
        return {"backup": self.folder, "last": last, "problem": self.problem}


def due_moment(plan: Plan, now_s: float) -> float:
    """Returns the last moment up to now at which a copy was to be made, in seconds since 1970; by the clock here."""
    today = datetime.fromtimestamp(now_s).replace(hour=plan.hour, minute=plan.minute, second=0, microsecond=0, fold=0)
    moments = (today - timedelta(days=days) for days in range(WEEK_DAYS + 1))
    wanted = (each.timestamp() for each in moments if not plan.weekly or each.weekday() == SUNDAY)
    return next(at_s for at_s in wanted if at_s <= now_s)


def place_of_copy(plan: Plan, due_s: float) -> Path:
    """Returns what the copy of a moment is called: by UTC, so that names are in order where clocks are put back."""
    return plan.folder / f"{plan.log.stem}.{datetime.fromtimestamp(due_s, UTC):%Y-%m-%dT%H%MZ}{plan.log.suffix}"


def copies_of(plan: Plan) -> list[Path]:
    """Returns the copies that are there, the oldest first."""
    stem, suffix = re.escape(plan.log.stem), re.escape(plan.log.suffix)
    name = re.compile(rf"{stem}\.\d{{4}}-\d\d-\d\dT\d{{4}}Z{suffix}")
    return sorted(path for path in plan.folder.glob("*") if name.fullmatch(path.name))


def back_up_if_due(plan: Plan, now_s: float, go_on: Callable[[], bool] = lambda: True) -> Path | None:
    """Copies the log if that is due and nobody else does it; deletes the oldest of more copies than are kept.

    Args:
        plan: what is copied, when, and where to.
        now_s: wall time in seconds since 1970.
        go_on: asked now and then whether it is still wanted.

    Returns:
        The copy that was made.

    Raises:
        EngineError: it cannot be made, and there is none.
    """
    copy = place_of_copy(plan, due_moment(plan, now_s))
    if not plan.log.exists() or copy.exists():
        return None
    try:
        with claimed(plan.folder, copy.with_stem(f"{plan.log.stem}.*").name):
            if copy.exists():
                return None
            _check_room(plan)
            copy_log(plan.log, copy, lambda _share: _check_wanted(go_on))
            for old in copies_of(plan)[: -plan.keep]:
                old.unlink(missing_ok=True)
                proof_of(old).unlink(missing_ok=True)
    except ClaimedError:  # by another program, which makes the same copy
        return None
    except (OutputError, OSError) as error:
        cause = error if isinstance(error, OSError) else error.__cause__
        reason = (getattr(cause, "strerror", None) or "it is no folder").lower()
        raise DatabaseError(
            f"back-up folder {readable(str(plan.folder))} cannot be written: {reason}; change its permissions, or name "
            "another"
        ) from None
    return copy


def _check_room(plan: Plan) -> None:
    need, free = plan.log.stat().st_size + LEAST_FREE_BYTES, shutil.disk_usage(plan.folder).free
    if free < need:
        raise DatabaseError(
            f"back-up folder {readable(str(plan.folder))} has {free >> 20} MB of room, expected {need >> 20} MB; make "
            "room, or name another"
        )


def _check_wanted(go_on: Callable[[], bool]) -> None:
    if not go_on():
        raise OutputError("a back-up was given up, since the watch ends")


class Backups:
    """Copies one log by a plan, until another is given."""

    def __init__(self, clock: Callable[[], float] = time) -> None:
        """Copies nothing yet; `clock` is wall time in seconds since 1970."""
        self._clock, self._lock = clock, Lock()
        self._plan: Plan | None = None
        self._woken, self._ending = Event(), Event()
        self._facts: BackupFacts | None = None
        self._worker: Worker | None = None

    @property
    def facts(self) -> BackupFacts | None:
        """How they are doing; None where none are made."""
        return self._facts

    def apply(self, plan: Plan | None) -> None:
        """Copies by another plan from now on, or no more; never waits."""
        with self._lock:
            if plan == self._plan:
                return
            self._plan = plan
            self._facts = None if plan is None else BackupFacts(readable(str(plan.folder)))
            self._woken.set()
            if plan is not None and self._worker is None:
                self._worker = Worker("back-ups of the log", self._run)
                behind_others(self._worker.start)

    def close(self) -> None:
        """Gives up what is being copied, of which nothing is left, and ends."""
        self._ending.set()
        self._woken.set()
        if self._worker is not None:
            self._worker.finish(CLOSE_S)

    def _run(self) -> None:
        self._ending.wait(SETTLE_S)
        while not self._ending.is_set():
            self._woken.clear()
            with self._lock:
                plan = self._plan
            wait_s = LOOK_S if plan is None else self._attempt(plan)
            self._woken.wait(wait_s)

    def _attempt(self, plan: Plan) -> float:
        """Does what is due; returns how long to wait."""
        problem = ""
        try:
            made = back_up_if_due(plan, self._clock(), lambda: not self._ending.is_set() and plan == self._plan)
            if made is not None:
                logger.info("the log was backed up to %s", made)
        except DatabaseError as error:
            problem = str(error)
        with self._lock:
            if plan != self._plan or self._facts is None or self._ending.is_set():
                return 0.0
            if problem and not self._facts.problem:
                logger.warning("the log is not backed up: %s", problem)
            self._facts = replace(self._facts, last=_newest(plan), problem=problem)
        return AGAIN_S if problem else LOOK_S


def _newest(plan: Plan) -> datetime | None:
    """Returns when the newest copy was due."""
    copies = copies_of(plan)
    if not copies:
        return None
    moment = copies[-1].name.removesuffix(plan.log.suffix)[-len("2026-01-01T0000Z") :]
    return datetime.strptime(moment, "%Y-%m-%dT%H%MZ").replace(tzinfo=UTC)
