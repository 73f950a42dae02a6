"""Steps the rules once a second, in a thread of its own, and keeps the alerts that they raise.

Rules go by what was counted, not by what was stored: a log that is held, full or gone delays no alert, see `Journal`.
"""

import json
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Event, RLock
from time import time

from engine.alerts.counts import Counts, Group, Sight
from engine.alerts.journal import Journal
from engine.alerts.record import AlertRecord, Model, StateRecord, key_of
from engine.alerts.suspension import LIFTED, Suspension
from engine.counting.reading import Sample
from engine.log.writing import storable
from engine.rules.machine import Breach, Kind, RuleState
from engine.rules.rule import Severity
from engine.rules.rulebook import Happening, Key, Placed, Rulebook
from engine.rules.series import Subject
from engine.worker import Worker

SECOND_S = 1.0
PEAK_S = 10  # how often a peak that rises is written while an alert is open
NO_MODEL = Model("", "")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Orders:
    """What is to be guarded."""

    placed: tuple[Placed, ...] = ()
    groups: tuple[Group, ...] = ()
    owners: frozenset[str] = frozenset()
    """Cameras and groups that are configured: rules of others that are in the log are somebody else's."""
    model: Model = NO_MODEL


@dataclass(frozen=True, slots=True)
class Firing:
    """An alert that is open, as it is shown."""

    uid: str
    placed: Placed
    severity: Severity
    raised: int
    """Seconds since 1970 (UTC)."""
    peak: float
    acknowledged_by: str | None = None
    """Who takes care of it; None where that is nobody yet, as far as the log has told."""


class Guard:
    """Looks, steps, writes; what has no underscore may be called by any thread."""

    def __init__(
        self,
        look: Callable[[int], Sequence[Sight]],
        on_group: Callable[[str, int, Sample], None] = lambda group, second, sample: None,
        clock: Callable[[], float] = time,
        on_raised: Callable[[AlertRecord], None] = lambda alert: None,
    ) -> None:
        """Guards nothing yet.

        Args:
            look: returns what was seen of all cameras since it was called last; is given the second.
            on_group: takes what a second of a group came to.
            clock: wall time in seconds since 1970.
            on_raised: takes each alert that is raised; must not wait.
        """
        self._look, self._on_group, self._clock, self._on_raised = look, on_group, clock, on_raised
        self._lock, self._ending = RLock(), Event()
        self._orders, self._journal = Orders(), None  # type: tuple[Orders, Journal | None]
        self._book, self._counts = Rulebook(), Counts()
        self._open: dict[Key, AlertRecord] = {}
        self._left: list[StateRecord] = []
        """What the log says of rules that were not guarded yet since it was opened."""
        self._heeded: Mapping[Key, Suspension] = {}
        """What was asked for last of each rule, and is in force."""
        self.people: dict[str, float | None] = {}
        """The newest counts of the groups."""
        self._worker = Worker("rules of all cameras", self._run)

    @property
    def failure(self) -> Exception | None:
        """Why it ended before it was told to, or None."""
        return self._worker.failure

    @property
    def firing(self) -> tuple[Firing, ...]:
        """The alerts that are open, the oldest first."""
        with self._lock:
            open_now = [(self._open[key], *found) for key, found in self._book.firing.items()]
            known = self._journal.acknowledged if self._journal is not None else {}
        alerts = [_firing(alert, placed, state.breach) for alert, placed, state in open_now if state.breach]
        alerts = [replace(each, acknowledged_by=known.get(each.uid)) for each in alerts]
        return tuple(sorted(alerts, key=lambda each: each.raised))

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups that are guarded, in the order of the orders."""
        return self._orders.groups

    @property
    def suspended(self) -> tuple[Suspension, ...]:
        """The rules that raise nothing now, in the order of the orders."""
        with self._lock:
            known = [(each, self._book.state(each.key).suspended_until) for each in self._orders.placed]
            heeded, now_s = self._heeded, self._clock()
        return tuple(_suspension(placed, until, heeded) for placed, until in known if until and now_s < until)

    def start(self) -> None:
        """Starts the thread."""
        self._worker.start()

    def apply(self, orders: Orders, journal: Journal | None, *, going: Collection[str] | None = None) -> None:
        """Guards something else from now on; alerts that are open go on where their rules do.

        Args:
            orders: what is to be guarded.
            journal: in which it is kept.
            going: cameras and groups that another process goes on with, which leaves their alerts open; what comes is
                then taken up as another process left it. None where all is this process's alone.
        """
        with self._lock:
            second = int(self._clock())
            if going is not None:
                self._hand_over(going)
                coming = {storable(owner) for owner in orders.owners - self._orders.owners}
                left = journal.left[1] if journal is not None else ()
                self._left = [*(each for each in left if each.owner in coming)]
            self._settle(self._book.replace(orders.placed, second))
            self._orders, self._counts.groups = orders, orders.groups
            is_another = journal is not self._journal
            if is_another:
                self._journal, self._left = journal, list(journal.left[1]) if journal else []
            self._take_up(second)
            if is_another:
                self._write_open()
                self._hand_on_suspensions()
            self._heed(anew=True)
            self.people = {group.name: self.people.get(group.name) for group in orders.groups}

    def tick(self, second: int) -> None:
        """Lets a second pass, which is over or about to be."""
        with self._lock:
            self._heed()
            self._drop_closed()
            now, samples = self._counts.second(second, self._look(second))
            self.people = {group.name: now.counts.get(Subject(group.name)) for group in self._orders.groups}
            self._settle(self._book.step(now))
            if second % PEAK_S == 0:
                self._write_peaks()
        for group, sample in samples.items():
            self._on_group(group, second, sample)

    def suspend(self, suspension: Suspension) -> bool:
        """Lets a rule raise nothing before a moment, or lets it again; False where there is no such rule."""
        with self._lock:
            placed = next((each for each in self._orders.placed if key_of(each) == suspension.key), None)
            if placed is None:
                return False
            self._heeded = {**self._heeded, suspension.key: suspension}
            if self._journal is not None:
                self._journal.suspend(suspension)
            self._obey(placed, suspension)
            return True

    def close(self) -> None:
        """Ends the thread; alerts that are open stay so, for whoever takes them up."""
        self._ending.set()
        self._worker.finish()
        with self._lock:
            self._write_peaks()

    def _run(self) -> None:
        """Ticks in the middle of each second, so that no second is told twice by a clock that is being steered."""
        while True:
            now_s = self._clock()
            wait_s = (SECOND_S / 2 - now_s) % SECOND_S
            if self._ending.wait(wait_s if wait_s > SECOND_S / 4 else wait_s + SECOND_S):
                return
            self.tick(int(self._clock()))

    def _hand_over(self, owners: Collection[str]) -> None:
        """Lets go of what another process goes on with, and leaves it as it stands."""
        self._write_peaks()
        self._book.forget(owners)
        self._open = {key: alert for key, alert in self._open.items() if key[0] not in owners}

    def _settle(self, happened: Sequence[Happening]) -> None:
        """Keeps what happened, and hands it on to be written."""
        for each in happened:
            placed, event, key = each.placed, each.event, each.placed.key
            if event.kind is Kind.RAISED:
                alert = self._open[key] = AlertRecord.raised(each, self._orders.model)
            else:
                alert = self._open[key] = self._open[key].after(event.kind, event.second, event.breach)
            said = f"{placed.subject}: rule '{placed.rule.name}' ({placed.rule.said})"
            logger.info("%s %s an alert", said, event.kind.value)
            if event.kind in (Kind.CLEARED, Kind.CLOSED):
                del self._open[key]
            self._write(placed, alert, event.kind)
            if event.kind is Kind.RAISED:
                self._on_raised(alert)

    def _heed(self, *, anew: bool = False) -> None:
        """Takes over what the log says of suspensions, where that is new; `anew`, all of it."""
        said = self._journal.suspensions if self._journal is not None else self._heeded
        before, self._heeded = {} if anew else self._heeded, said
        if said is before:
            return
        for placed in self._orders.placed:
            asked = said.get(key_of(placed))
            if asked is not None and asked != before.get(key_of(placed)):
                self._obey(placed, asked)

    def _drop_closed(self) -> None:
        """Lets go of alerts that people have closed; what still holds is raised anew, as a new breach is."""
        closed = self._journal.closed if self._journal is not None else frozenset()
        for key, (placed, state) in self._book.firing.items() if closed else ():
            if self._open[key].uid in closed:
                del self._open[key]
                self._book.resume(key, RuleState(suspended_until=state.suspended_until))
                self._write(placed, None)

    def _obey(self, placed: Placed, asked: Suspension) -> None:
        until = None if asked.until == LIFTED else asked.until
        if self._book.state(placed.key).suspended_until != until:
            self._book.suspend(placed.key, until)
            self._write(placed, None)

    def _hand_on_suspensions(self) -> None:
        """Writes what is in force to a log that does not know of it, as where none could be opened before."""
        now_s = self._clock()
        for key, asked in self._heeded.items():
            if self._journal is not None and asked.holds(now_s) and key not in self._journal.suspensions:
                self._journal.suspend(asked)

    def _write(self, placed: Placed, alert: AlertRecord | None, kind: Kind | None = None) -> None:
        if self._journal is not None:
            state = StateRecord.of(placed, self._book.state(placed.key), self._open.get(placed.key))
            self._journal.put(state, alert, kind)

    def _write_peaks(self) -> None:
        for key, (placed, state) in self._book.firing.items():
            before = self._open[key]
            if state.breach is not None and (before.peak != state.breach.peak):
                self._open[key] = before.seen(state.breach)
                self._write(placed, self._open[key])

    def _take_up(self, second: int) -> None:
        """Goes on where the log says that the rules were left; what is open already is written to this log too."""
        if self._journal is None:
            return
        alerts, left = self._journal.left[0], self._left
        placed = {key_of(each): each for each in self._orders.placed}
        self._left = [each for each in left if each.key not in placed and each.owner not in self._orders.owners]
        for record in left:
            alert, rule = alerts.get(record.alert_uid or ""), placed.get(record.key)
            state = RuleState.of(json.loads(record.state))
            is_taken = rule is not None and rule.key in self._open  # by an alert of another log before
            suits = rule is not None and record.suits(rule) and (alert is not None or not state.is_open)
            if rule is not None and suits and not is_taken:
                self._resume(rule, state, alert)
            elif alert is not None and state.breach is not None and record.owner in self._orders.owners:
                closed = alert.after(Kind.CLOSED, second, state.breach)
                fresh = StateRecord(record.owner, record.rule_name, record.rule, json.dumps(RuleState().as_dict), None)
                self._journal.put(fresh, closed, Kind.CLOSED)
        known = {record.key for record in self._journal.left[1]}
        for each in placed.values():
            if key_of(each) not in known:
                self._write(each, None)  # so that the log knows all rules that are guarded over it

    def _write_open(self) -> None:
        """Writes what is open to a log that may not know of it."""
        for each in self._orders.placed:
            if each.key in self._open:
                self._write(each, self._open[each.key])

    def _resume(self, placed: Placed, state: RuleState, alert: AlertRecord | None) -> None:
        self._book.resume(placed.key, state)
        if alert is not None:
            self._open[placed.key] = alert


def _firing(alert: AlertRecord, placed: Placed, breach: Breach) -> Firing:
    return Firing(alert.uid, placed, breach.severity or placed.rule.severity, breach.raised or 0, breach.peak)


def _suspension(placed: Placed, until: int, heeded: Mapping[Key, Suspension]) -> Suspension:
    """Returns who suspended a rule until a moment, as far as that is known."""
    known = heeded.get(key_of(placed))
    fits = known is not None and known.until == until
    return known if known is not None and fits else Suspension(placed.subject.owner, placed.rule.name, until, "")
