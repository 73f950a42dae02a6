"""Tells one sink what waits for it, in order, in a thread of its own: one that hangs holds up nobody else.

The number of an attempt is written before it is made. So a program that is killed between sending and noting it sends
again, and says that it may be the second time.
"""

import json
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import random
from threading import Event
from time import monotonic, time

from sqlalchemy import Engine

from engine.errors import DatabaseError, NotifyError
from engine.notify.message import Message
from engine.notify.outbox import begin_attempt, give_up, note_problem, note_sent, put_back, tally_of, waiting
from engine.notify.pace import Waiting, back_off_s, next_of
from engine.notify.sink import Sink, Standing
from engine.rules.machine import Kind
from engine.settings.sinks import SinkSettings
from engine.worker import Worker

LOOK_S = 5.0  # between two looks into the outbox, into which other programs may put something
SHOW_S = 1.0
PICTURE_S, PICTURE_LOOK_S = 3.0, 0.25  # for so long an e-mail waits for its picture
RETRY_S = 2.0  # between two attempts at a database that fails
CLOSE_S, BREAK_S = 1.5, 0.5  # for all of a log to end by themselves, and each once it was broken off

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SinkFacts:
    """How a sink is doing; times are UTC."""

    name: str
    kind: str
    enabled: bool
    waiting: int = 0
    failed: int = 0
    """Given up, and kept in the log."""
    last_success: datetime | None = None
    failing_since: datetime | None = None
    problem: str = ""
    """Why, in a sentence."""

    @property
    def as_dict(self) -> dict[str, object]:
        """Plain values with stable names, for JSON."""
        return {
            "sink": self.name,
            "kind": self.kind,
            "enabled": self.enabled,
            "waiting": self.waiting,
            "failed": self.failed,
            "last_success": _iso(self.last_success),
            "failing_since": _iso(self.failing_since),
            "problem": self.problem,
        }


@dataclass(frozen=True, slots=True)
class Sources:
    """What a delivery takes its messages from."""

    engine: Engine
    """The log."""
    standing: Callable[[], Standing]
    picture_of: Callable[[str], bytes | None]
    """Returns the picture of an alert by its uid, as JPEG."""


class Delivery:
    """One sink at work."""

    def __init__(self, settings: SinkSettings, sink: Sink, sources: Sources) -> None:
        self.settings = settings
        self.facts = SinkFacts(settings.name, settings.kind, settings.enabled)
        """How it is doing; any thread may ask."""
        self._sink, self._sources = sink, sources
        self._woken, self._asked, self._ending = Event(), Event(), Event()
        self._sent_s: deque[float] = deque(maxlen=settings.most_per_minute)
        self._failures, self._due_s, self._look_s = 0, 0.0, 0.0
        self._unnoted: Callable[[], None] | None = None
        self._was_quiet = False
        self._worker = Worker(f"notifications to {settings.name}", self._run)

    def start(self) -> None:
        """Starts the thread."""
        self._worker.start()

    def wake(self) -> None:
        """Says that there is something new in the outbox."""
        self._woken.set()

    def try_again(self) -> None:
        """Asks for another attempt at once, however many failed, and for one at what was given up."""
        self._asked.set()
        self._woken.set()

    def end(self) -> None:
        """Asks the thread to end; what it is telling right now it may tell."""
        self._ending.set()
        self._woken.set()

    def finish(self, end_s: float) -> None:
        """Waits for the end until a moment (monotonic); what hangs is broken off, and told again at the next start."""
        if not self._worker.wait(end_s - monotonic()):
            self._sink.close()
        self._worker.finish(BREAK_S)

    def _run(self) -> None:
        try:
            while not self._ending.is_set():
                try:
                    wait_s = self._turn()
                except DatabaseError as error:
                    logger.info("notifications wait: %s", error)
                    wait_s = RETRY_S
                self._woken.wait(wait_s)
                if self._woken.is_set():
                    self._woken.clear()
                    self._look_s = 0.0
        finally:
            self._sink.close()

    def _turn(self) -> float:
        """Does what is due; returns how long nothing is."""
        if self._unnoted is not None:
            self._unnoted()
            self._unnoted = None
        if self._asked.is_set():
            put_back(self._sources.engine, self.settings.name)
            self._asked.clear()
            self._due_s = self._look_s = 0.0
        if monotonic() < self._due_s:
            self._count()
            return min(self._due_s - monotonic(), LOOK_S)
        if self._sink.shows and not self._attempted(lambda: self._sink.show(self._sources.standing())):
            return 0.0
        wait_s = self._look_s - monotonic()
        if wait_s <= 0:
            wait_s = self._look()
            self._look_s = monotonic() + wait_s
        return min(wait_s, SHOW_S) if self._sink.shows else wait_s

    def _look(self) -> float:
        """Tells what is next in the outbox; returns when to look again."""
        engine, name = self._sources.engine, self.settings.name
        if give_up(engine, name, self.settings.give_up_days):
            logger.warning("sink '%s': notifications were given up; see 'deepcount-engine notify list'", name)
        rows = waiting(engine, name)
        self._count()
        hours = self.settings.quiet_hours
        if hours is not None and hours.applies(int(time())):
            self._was_quiet = True
            return LOOK_S
        most = self.settings.most_per_minute
        due = next_of(rows, tuple(self._sent_s), monotonic(), most_per_minute=most, together=self._was_quiet)
        if not due.rows:
            self._was_quiet = self._was_quiet and bool(rows)
            return min(due.wait_s, LOOK_S) if rows else LOOK_S
        if self._waits_for_picture(due.rows[-1]):
            return PICTURE_LOOK_S
        self._tell(due.rows)
        return 0.0

    def _waits_for_picture(self, row: Waiting) -> bool:
        """Whether a picture may still come, which is written after its alert."""
        if self.settings.kind != "email" or self.settings.picture is False or row.kind != Kind.RAISED:
            return False
        age_s = (_now().replace(tzinfo=None) - row.created_at).total_seconds()
        return 0 <= age_s < PICTURE_S and self._sources.picture_of(row.alert_uid) is None

    def _tell(self, rows: tuple[Waiting, ...]) -> None:
        engine = self._sources.engine
        key, attempt = begin_attempt(engine, rows)
        picture = self._sources.picture_of(rows[-1].alert_uid)
        message = Message(key, tuple(json.loads(row.payload) for row in rows), attempt, picture)
        if self._attempted(lambda: self._sink.deliver(message)):
            self._sent_s.append(monotonic())
            self._was_quiet = False
            self.facts = replace(self.facts, last_success=_now())
            self._note(lambda: note_sent(engine, rows))
        else:
            self._note(lambda: note_problem(engine, rows, self.facts.problem))
        self._count()

    def _attempted(self, work: Callable[[], object]) -> bool:
        """Does what may fail; after a failure nothing is due for a while."""
        try:
            work()
        except NotifyError as error:
            self._fail(str(error))
            return False
        except Exception as error:  # libraries raise what they like, and a sink is not to end by it
            logger.debug("sink '%s' failed", self.settings.name, exc_info=error)
            self._fail(
                f"sink '{self.settings.name}' failed unexpectedly ({type(error).__name__}); try it with its test"
            )
            return False
        if self._failures:
            logger.warning("sink '%s' can be told again", self.settings.name)
        self._failures = 0
        self.facts = replace(self.facts, failing_since=None, problem="")
        return True

    def _fail(self, problem: str) -> None:
        if self._ending.is_set():
            return
        if not self._failures:
            logger.warning("notifications wait, and are tried again: %s", problem)
        self._failures += 1
        self._due_s = monotonic() + back_off_s(self._failures, random())
        self.facts = replace(self.facts, problem=problem, failing_since=self.facts.failing_since or _now())

    def _note(self, work: Callable[[], None]) -> None:
        """Writes what came of an attempt; where that fails, it is written before anything else is sent."""
        self._unnoted = work
        work()
        self._unnoted = None

    def _count(self) -> None:
        tally = tally_of(self._sources.engine, self.settings.name)
        last = self.facts.last_success or (tally.last_success and tally.last_success.replace(tzinfo=UTC))
        self.facts = replace(self.facts, waiting=tally.waiting, failed=tally.failed, last_success=last)


def _now() -> datetime:
    return datetime.now(UTC)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
