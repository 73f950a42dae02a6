"""The alerts for the window: those that are open now, from the rules that run, and all that there were, from the log.

Whatever touches the log is done in a thread of its own.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import time
from typing import NamedTuple, Protocol

from sqlalchemy import Engine

from app.running.alert_list import ACKNOWLEDGE, CLOSE, READ, USUAL_S, WATCHED_S, AlertList, Listing, standing
from app.running.errands import Outcome
from app.running.live import Live
from engine.alerts.closing import close
from engine.alerts.guard import Firing
from engine.alerts.listing import Alert, State, acknowledge, alerts_of
from engine.errors import DatabaseError
from engine.log.audit import system_account
from engine.log.database import open_existing, open_for_reading
from engine.log.place import database_url, reported
from engine.log.proof_files import proof_folder
from engine.settings.config import Config

MOST = 1000
"""Alerts that are listed, the newest."""
BEHIND_S = 0.5
"""Between two readings while the log lacks what is known."""


class Reading(NamedTuple):
    """What a log holds."""

    database: str
    listing: Listing


class Configured(Protocol):
    """Who knows the configuration in force."""

    @property
    def config(self) -> Config:
        """As it is now."""
        ...


class Alerts(AlertList):
    """Keeps the list of alerts in step with the log and with the rules; for the GUI thread."""

    def __init__(self, live: Live, configured: Configured, *, clock: Callable[[], float] = time) -> None:
        super().__init__("alerts", clock)
        self._live, self._configured, self._clock = live, configured, clock
        self._database: str | None = None
        self._ended: set[str] = set()

    def proof(self, name: str | None) -> Path | None:
        """Returns where a snapshot or a clip lies that the log names; None where there is none."""
        database = self._configured.config.database
        return proof_folder(database_url(database.full)) / Path(name).name if name and database else None

    def acknowledge(self, uids: Sequence[str], *, note: str, who: str) -> None:
        """Notes in the log, soon, that somebody has taken care of alerts; who it was is remembered."""
        self.who = who.strip() or system_account()
        database = self._configured.config.database
        for uid in uids if database else ():
            assert database is not None
            self._errands.ask(ACKNOWLEDGE + uid, partial(_acknowledge, database.full, uid, self.who, note))

    def settle(self, uids: Sequence[str], *, note: str, who: str) -> None:
        """Closes alerts in the log, soon, also such that still stand; who it was is remembered."""
        self.who = who.strip() or system_account()
        database = self._configured.config.database
        for uid in uids if database else ():
            assert database is not None
            self._errands.ask(CLOSE + uid, partial(_close, database.full, uid, self.who, note))

    def suspend(self, owner: str, rule: str, until: int | None, *, note: str = "", who: str = "") -> None:
        """Lets a rule raise nothing before a moment, or for None lets it again; in force at once, in the log soon."""
        self.who = who.strip() or self.who
        self._live.act_as(self.who)
        if self._live.suspend(owner, rule, until, note):
            self.look()
        else:
            words = "rule “{rule}” of “{owner}” does not run now, expected it to; see its camera and the log"
            self.failed.emit(self.tr(words).format(rule=rule, owner=owner))

    def look(self) -> None:
        """Takes what is new; done by itself."""
        self._live.act_as(self.who)
        super().look()
        firing = self._live.firing()
        if standing(firing) != standing(self.firing):
            self._follow(firing)
        self.firing = firing
        suspended = self._live.suspended()
        if suspended != self.suspended:
            self.suspended = suspended
            self.changed.emit()
        self._ask(self._clock())

    def _follow(self, firing: tuple[Firing, ...]) -> None:
        """Takes those that are open now; the log is behind until it lists them, and the ends of others."""
        self._ended |= self._told.keys() - standing(firing).keys()
        super()._follow(firing)

    def _ask(self, now_s: float) -> None:
        """Has the log read where that is due."""
        database = self._configured.config.database
        is_there = database is not None and (database.kind != "path" or database.path.exists())
        place = database.full if database is not None and is_there else None
        if place != self._database:
            self._database, self._read_s = place, float("-inf")
            self._show((), "")
        pace_s = BEHIND_S if self._is_behind else WATCHED_S if self.is_watched else USUAL_S
        if place is not None and not self._errands.is_busy(READ) and not 0 <= now_s - self._read_s < pace_s:
            self._read_s = now_s
            self._errands.ask(READ, partial(_read, place, self.all))

    @property
    def _is_behind(self) -> bool:
        """Whether the log has not yet what the rules know."""
        listed = {alert.uid: alert.severity for alert in self.all if alert.state is State.OPEN}
        self._ended &= listed.keys()
        return bool(self._ended) or any(listed.get(uid) != severity for uid, severity in self._told.items())

    def _take(self, outcome: Outcome) -> None:
        if isinstance(outcome.result, Reading):
            if outcome.result.database == self._database:
                self._show(outcome.result.listing, "")
        else:
            super()._take(outcome)


def _read(database: str, before: Listing) -> Reading:
    """Reads the newest alerts; returns the very list that was known where nothing has changed."""
    engine = open_for_reading(database)
    try:
        with reported(engine.url):
            listing = tuple(alerts_of(engine, most=MOST))
    finally:
        engine.dispose()
    return Reading(database, before if listing == before else listing)


def _acknowledge(database: str, uid: str, who: str, note: str) -> Alert:
    with _opened(database, uid) as (engine, known):
        return acknowledge(engine, known.id, who=who, note=note)


def _close(database: str, uid: str, who: str, note: str) -> Alert:
    with _opened(database, uid) as (engine, known):
        return close(engine, known.id, who=who, note=note, anyway=True)


@contextmanager
def _opened(database: str, uid: str) -> Iterator[tuple[Engine, Alert]]:
    """Yields a log, and an alert as it stands there."""
    engine = open_existing(database)
    try:
        with reported(engine.url):
            known = next((alert for alert in alerts_of(engine) if alert.uid == uid), None)
        if known is None:
            raise DatabaseError("the alert is not in the log yet, expected it there; try again in a moment")
        yield engine, known
    finally:
        engine.dispose()
