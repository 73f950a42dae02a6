"""Writes alerts, and what was done, in a thread of its own, so that a database that is held delays no rule.

Of each alert and each rule only the newest record waits, so what waits is bounded by their number, and by `ROOM`. A
database that fails is tried again for as long as the journal is open; that is said once. What it says was written lies
on the disk, even if the power fails.
"""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Condition, Event
from time import monotonic

from sqlalchemy import Engine

from engine.alerts.elsewhere import Elsewhere
from engine.alerts.occurrence import Occurrence, Post
from engine.alerts.record import AlertRecord, Proof, StateRecord
from engine.alerts.suspension import Suspension, by_rule
from engine.alerts.table import Entries, save, stored
from engine.errors import DatabaseError
from engine.handoff import WAIT_S
from engine.log.audit import Deed
from engine.log.database import open_database
from engine.log.fence import Fence
from engine.log.place import named, reported
from engine.log.proof_files import proof_folder
from engine.rules.machine import Kind
from engine.rules.rulebook import Key
from engine.stopping import close_in_any_case
from engine.worker import Worker

ROOM = 10_000  # alerts that may wait
RETRY_S = 2.0  # between two attempts at a database that fails
LOOK_S = 1.0  # between two looks at what other programs wrote

logger = logging.getLogger(__name__)


class Journal:
    """The alerts in the log: what is given to it is written as soon as that can be."""

    def __init__(self, target: str | Path, fence: Fence | None = None) -> None:
        """Opens the log; a `fence` says of which cameras and groups this process may write.

        Raises:
            DatabaseError: it is locked, damaged, read-only, no database, or does not answer.
        """
        self._engine, self._elsewhere = open_database(target, durable=True), Elsewhere(target)
        self._fence = fence
        try:
            with reported(self._engine.url):
                self.left = stored(self._engine)
                """What a program before left: open alerts by their uids, and the states of rules."""
                known, self.acknowledged = self._elsewhere.begin()
                """By whom, of those that are open, by their uids."""
        except DatabaseError:
            self._let_go()
            raise
        self.suspensions: Mapping[Key, Suspension] = by_rule(known)
        """What was asked for last of each rule, by any program; another mapping as soon as that is something else."""
        self.closed: frozenset[str] = frozenset()
        """The uids of alerts that people have closed since it was opened."""
        self._asked: list[Suspension] = []
        self._look_s = monotonic() + LOOK_S
        self._changed, self._ending = Condition(), Event()
        self._alerts: dict[str, AlertRecord] = {}
        self._states: dict[Key, StateRecord] = {}
        self._deeds: list[Deed] = []
        self._occurrences: list[Occurrence] = []
        self.post: Post | None = None
        """Takes down, in the same transaction, whom to tell."""
        self._proofs: list[Proof] = []
        self.proof_folder = proof_folder(self._engine.url)
        """Where snapshots and clips belong."""
        self.problem: DatabaseError | None = None
        """Why alerts are not being written now, or None."""
        self.lost = 0
        """Alerts and deeds of which something was never written."""
        self._worker = Worker(f"store of alerts in {named(self._engine.url)}", self._write)
        self._worker.start()
        close_in_any_case(self)

    @property
    def engine(self) -> Engine:
        """The log."""
        return self._engine

    def look_again(self) -> None:
        """Reads anew what other programs left; raises DatabaseError."""
        with reported(self._engine.url):
            self.left = stored(self._engine)

    def flush(self, timeout_s: float) -> bool:
        """Waits until all is written that was taken so far, but not longer; says whether it is."""
        with self._changed:
            self._changed.notify_all()
            return self._changed.wait_for(lambda: not self._has_work, timeout_s)

    def put(self, state: StateRecord, alert: AlertRecord | None, kind: Kind | None = None) -> None:
        """Takes the newest of a rule and its alert, and what happened to that just now; never waits."""
        with self._changed:
            self._states[state.key] = state
            if alert is not None:
                self._alerts.pop(alert.uid, None)  # so that the oldest come first
                self._alerts[alert.uid] = alert
                if kind is not None:
                    self._occurrences.append(Occurrence(kind, alert))
            while len(self._alerts) > ROOM:
                gone = next(iter(self._alerts))
                del self._alerts[gone]  # and nobody is told of an alert that is nowhere
                self._occurrences = [each for each in self._occurrences if each.alert.uid != gone]
                self.lost += 1
            self._changed.notify_all()

    def note(self, deeds: Sequence[Deed]) -> None:
        """Takes what was done, for the audit log; never waits."""
        with self._changed:
            self._deeds += deeds
            self.lost += max(0, len(self._deeds) - ROOM)
            del self._deeds[:-ROOM]
            self._changed.notify_all()

    def suspend(self, suspension: Suspension) -> None:
        """Takes what was asked for of a rule, for the log and the audit log; never waits."""
        with self._changed:
            self.suspensions = {**self.suspensions, suspension.key: suspension}
            self._asked = [*self._asked[1 - ROOM :], suspension]
            self._changed.notify_all()

    def attach(self, proof: Proof) -> None:
        """Takes where a snapshot or a clip lies; never waits."""
        with self._changed:
            self._proofs = [*self._proofs[1 - ROOM :], proof]
            self._changed.notify_all()

    def close(self) -> None:
        """Tries once more to write what is left, and lets go of the database; may be called twice."""
        self._ending.set()
        with self._changed:
            self._changed.notify_all()
        self._worker.finish()
        left = len(self._alerts) + len(self._deeds)
        if left:
            logger.error("the log is closed with %d alerts and deeds that could not be written", left)
            self.lost += left
            self._alerts.clear()
            self._deeds.clear()
        self._let_go()

    def _let_go(self) -> None:
        self._engine.dispose()
        self._elsewhere.close()

    def _write(self) -> None:
        is_last = False
        while not is_last:
            with self._changed:
                self._changed.wait_for(lambda: self._has_work or self._ending.is_set(), WAIT_S)
                is_last = self._ending.is_set()
            if self._has_work and not self._attempt():
                self._ending.wait(RETRY_S)
            elif monotonic() > self._look_s:
                self._look()
                self._look_s = monotonic() + LOOK_S

    def _look(self) -> None:
        """Reads what any program wrote since the last look; holds up nobody who writes."""
        try:
            news = self._elsewhere.look(at_alerts=self.post is not None)
        except DatabaseError as error:
            logger.info("what other programs ask for is read later: %s", error)
            return
        with self._changed:
            if news.suspensions:
                self.suspensions = {**self.suspensions, **by_rule(news.suspensions)}
            self._occurrences += news.occurrences
            for each in news.occurrences:
                if each.kind is Kind.CLOSED:
                    self.closed |= {each.alert.uid}
                elif each.dealing is not None:
                    self.acknowledged = {**self.acknowledged, each.alert.uid: each.dealing.who}

    @property
    def _has_work(self) -> bool:
        return bool(self._states or self._deeds or self._proofs or self._asked or self._occurrences)

    def _attempt(self) -> bool:
        """Writes what waits; False if the database failed."""
        with self._changed:
            alerts, states, deeds = dict(self._alerts), dict(self._states), list(self._deeds)
            happened, proofs, post = list(self._occurrences), list(self._proofs), self.post
            asked = list(self._asked)
        try:
            with reported(self._engine.url):
                entries = Entries(list(alerts.values()), list(states.values()), deeds, happened, proofs, asked)
                save(self._engine, entries, post, self._fence)
        except DatabaseError as error:
            if self.problem is None:
                logger.warning("alerts go on, and wait to be written: %s", error)
            self.problem = error
            return False
        with self._changed:
            self._alerts = {uid: alert for uid, alert in self._alerts.items() if alerts.get(uid) is not alert}
            self._states = {key: state for key, state in self._states.items() if states.get(key) is not state}
            written = {id(each) for each in (*deeds, *happened, *proofs, *asked)}
            self._deeds = [deed for deed in self._deeds if id(deed) not in written]
            self._occurrences = [each for each in self._occurrences if id(each) not in written]
            self._proofs = [proof for proof in self._proofs if id(proof) not in written]
            self._asked = [each for each in self._asked if id(each) not in written]
            self._changed.notify_all()
        if post is not None and happened:
            post.wake()
        if self.problem is not None:
            logger.warning("alerts are being written again")
        self.problem = None
        return True
