"""Rules and groups beside the cameras of a monitor: what they look at, and where it is kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from time import monotonic

from sqlalchemy import Engine

from engine.alerts.counts import Group, Sight
from engine.alerts.deeds import changed, ended, started
from engine.alerts.guard import Firing, Guard
from engine.alerts.journal import Journal
from engine.alerts.orders import orders_of, placed_of, witnesses_of
from engine.alerts.proofs import Proofs
from engine.alerts.record import AlertRecord
from engine.alerts.suspension import LIFTED, Suspension
from engine.capture.health import State
from engine.errors import ConfigError
from engine.inference.contract import ModelFile
from engine.log.audit import Deed, system_account
from engine.log.backups import BackupFacts, Backups
from engine.log.retention import Retention
from engine.log.run import LiveRun
from engine.log.store import Store
from engine.monitor.backing import plan_of
from engine.monitor.group_log import GroupLog
from engine.monitor.recent import RecentGroup
from engine.monitor.session import Session
from engine.monitor.share import Share
from engine.monitor.standing import standing_of
from engine.notify.delivery import SinkFacts
from engine.notify.dispatch import Dispatch, Keyed, keyed_anyway, keyed_sinks
from engine.notify.sink import Standing
from engine.settings.config import Config

LOST = frozenset({State.CONNECTING, State.STALLED, State.RECONNECTING, State.FAILED})
"""States in which a camera sends nothing that it ought to send."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was opened and looked up for a configuration, before anything is touched."""

    journal: Journal | None
    sinks: tuple[Keyed, ...]
    problems: Mapping[str, str]
    """Why some sinks cannot be told, by their names."""

    @property
    def engine(self) -> Engine | None:
        """Of the log; None where none is kept."""
        return None if self.journal is None else self.journal.engine


class Alarms:
    """What guards the cameras of one monitor."""

    def __init__(
        self, sessions: Callable[[], Sequence[Session]], operator: str | None = None, share: Share | None = None
    ) -> None:
        """Guards nothing before the first `apply`.

        Args:
            sessions: returns what is watched now.
            operator: who is said to have done what is done; None takes the system account.
            share: what this process does, where others do the rest; None is all.
        """
        self._sums = GroupLog()
        self._sessions, self._guard = sessions, Guard(self._look, self._sums.put, on_raised=self._prove)
        self._share = share
        self._proofs, self._backups = Proofs(self._witness), Backups()
        self._config = Config()
        self.operator = operator or system_account()
        self._journal: Journal | None = None
        self._dispatch: Dispatch | None = None
        self._witnesses: dict[str, tuple[str, ...]] = {}
        self._started = False

    @property
    def failure(self) -> Exception | None:
        """Why rules are no longer stepped, or None; a log that is lost for a while is no failure."""
        return self._guard.failure

    @property
    def engine(self) -> Engine | None:
        """Of the log, for what others ask of it; None where none is kept."""
        return None if self._journal is None else self._journal.engine

    @property
    def firing(self) -> tuple[Firing, ...]:
        """The alerts that are open, the oldest first."""
        return self._guard.firing

    @property
    def people(self) -> dict[str, float | None]:
        """The newest counts of the groups."""
        return dict(self._guard.people)

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups, in the order of the configuration."""
        return self._guard.groups

    def recent(self, group: str) -> RecentGroup | None:
        """Returns the last day of a group; None where there is none of that name."""
        return self._sums.recent(group)

    @property
    def lost(self) -> int:
        """How many alerts and deeds will never be in the log."""
        return self._journal.lost if self._journal else 0

    @property
    def standing(self) -> Standing:
        """How all stands now that is watched or guarded."""
        return standing_of(self._sessions(), self.people, placed_of(self._config), self.firing, self.suspended)

    @property
    def loss(self) -> str:
        """Which alerts will never be in the log, in a sentence; empty where none is missing."""
        return f"{self.lost} alerts were lost: the log could not be written for too long" if self.lost else ""

    @property
    def suspended(self) -> tuple[Suspension, ...]:
        """The rules that raise nothing now."""
        return self._guard.suspended

    def suspend(self, owner: str, rule: str, until: int | None, note: str = "", *, who: str = "") -> bool:
        """Lets a rule raise nothing before a moment (in seconds since 1970) or lets it again; False without one.

        It is in force at once, and is written to the log as soon as that can be; by the operator where `who` is empty.
        """
        until = LIFTED if until is None else until
        return self._guard.suspend(Suspension(owner, rule, until, who or self.operator, note))

    @property
    def sinks(self) -> tuple[SinkFacts, ...]:
        """How all sinks are doing, in the order of the configuration."""
        return self._dispatch.facts if self._dispatch else ()

    @property
    def outlets(self) -> tuple[SinkFacts | BackupFacts, ...]:
        """How all is doing that takes what is in the log: sinks, and back-ups where some are made."""
        return (*self.sinks, *([self.backup] if self.backup else []))

    @property
    def backup(self) -> BackupFacts | None:
        """How back-ups of the log are doing; None where none are made."""
        return self._backups.facts

    def try_again(self, sink: str) -> bool:
        """Has a sink told at once what waits, and what was given up; False where it is not at work."""
        return self._dispatch is not None and self._dispatch.try_again(sink)

    def prepared(self, config: Config, *, whole: bool = True) -> Prepared:
        """Returns what a configuration needs: the secrets of its sinks, and the journal in use or that of its log.

        Where it need not be whole, a sink whose secret is missing is alone in not being told.

        Raises:
            EngineError: as ConfigError a secret is not there, as DatabaseError the log cannot be opened.
        """
        database, share = _database(config), self._share
        sinks, problems = (keyed_sinks(config), dict[str, str]()) if whole else keyed_anyway(config)
        if share is not None and not share.tells:
            sinks = tuple((sink, None) for sink, _ in sinks)  # noted for them, and told by another process
        if database != _database(self._config):
            journal = None if database is None else Journal(database, share.fence if share else None)
            return Prepared(journal, sinks, problems)
        if share is not None and self._journal is not None:
            self._journal.look_again()
        return Prepared(self._journal, sinks, problems)

    def flush(self, timeout_s: float) -> bool:
        """Waits until what happened is in the log, but not longer; says whether it is."""
        return self._journal is None or self._journal.flush(timeout_s)

    def let_go(self, journal: Journal | None) -> None:
        """Closes a journal that was opened and is not to be used."""
        if journal is not None and journal is not self._journal:
            journal.close()

    def attend(self, config: Config) -> None:
        """Has the cameras that may raise alerts keep what proves them, before they begin to be read."""
        self._witnesses = witnesses_of(config)
        guarded = set(chain(*self._witnesses.values()))
        for session in self._sessions():
            session.watch_closely(wanted=session.name in guarded)

    def apply(self, config: Config, model: ModelFile, store: Store | None, prepared: Prepared) -> None:
        """Guards what a configuration says; takes over the journal, and lets go of the one before."""
        before, journal, told = self._journal, prepared.journal, self._dispatch
        self._sums.keep_in(store, model)
        if store is not None:
            store.retention = Retention(**config.retention.model_dump())
        self._backups.apply(plan_of(config) if store is not None else None)
        orders = orders_of(config, model)
        if journal is not before:
            self._dispatch = (
                None if journal is None else Dispatch(journal.engine, lambda: self.standing, journal.proof_folder)
            )
        if journal is not None and self._dispatch is not None:
            self._dispatch.apply(prepared.sinks, prepared.problems)
            journal.post = self._dispatch
        self._sums.follow(orders.groups, {each.name: max(each.intervals.values()) for each in self._sessions()})
        self._guard.apply(orders, journal, going=None if self._share is None else self._share.going)
        config_before, self._journal, self._config = self._config, journal, config
        if told is not None and told is not self._dispatch:
            told.close()
        self.let_go(before)
        is_same = journal is before
        self._note(changed(config_before, config, self.operator) if is_same else started(config, self.operator))
        if not self._started:
            self._guard.start()
            self._started = True

    def close(self) -> None:
        """Ends the thread and writes what is left; alerts that are open stay so; may be called twice."""
        if not self._started:
            return
        self._started = False
        self._guard.close()
        self._proofs.close()
        self._backups.close()
        self._note(ended(self.operator))
        if self._dispatch is not None:
            self._dispatch.close()
        if self._journal is not None:
            self._journal.close()

    def _note(self, deeds: Sequence[Deed]) -> None:
        if self._journal is not None and deeds:
            self._journal.note(deeds)

    def _look(self, _second: int) -> list[Sight]:
        now_s = monotonic()
        self._proofs.tick(now_s)
        owners = {firing.placed.subject.owner for firing in self._guard.firing}
        alerting = {name for owner in owners for name in self._witnesses.get(owner, ())}
        for session in self._sessions():
            session.look(now_s, is_alerting=session.name in alerting)
        return [_sight(session) for session in self._sessions()]

    def _prove(self, alert: AlertRecord) -> None:
        if self._journal is not None:
            self._proofs.raised(alert, self._journal, monotonic())

    def _witness(self, owner: str) -> Session | None:
        """Returns the camera of an alert; of a group the one in which most people are."""
        names = self._witnesses.get(owner, ())
        sessions = [session for session in self._sessions() if session.name in names]
        return max(sessions, key=_people, default=None)


def _people(session: Session) -> float:
    reading = session.feed.newest
    return -1.0 if reading is None else reading.count


def check_rules(config: Config) -> None:
    """Raises ConfigError where rules have no log to keep their alerts in, sinks none, or back-ups none in a file."""
    plan_of(config)
    first = config.first_rule or next((f"sink '{sink.name}'" for sink in config.sinks if sink.enabled), "")
    if first and config.database is None:
        kept = "its alerts" if config.first_rule else "what it is to be told"
        raise ConfigError(
            f"{first} needs a log that keeps {kept}, and no database is configured, expected one; add "
            'database = "counts.db", or give --database'
        )


def _database(config: Config) -> str | None:
    return config.database.full if config.database else None


def _sight(session: Session) -> Sight:
    """Looks at a camera, and notes in the log why nothing is counted of it."""
    sample, state = session.feed.take(), session.capture.health.state
    if isinstance(session.run, LiveRun):
        session.run.explain(monotonic(), state.value if sample is None and state in LOST else None)
    is_lost = None if state is State.ENDED else state in LOST
    return Sight(session.name, sample, is_lost, **session.intervals, densities=_densities(session))


def _densities(session: Session) -> dict[str | None, float | None]:
    """Returns the people per square metre of its zones and, at None, of its densest place; none without a map."""
    crowding = session.tally.newest(monotonic()).crowding
    if crowding is None:
        return {}
    densities: dict[str | None, float | None] = dict(crowding.zones.items())
    return densities | {None: crowding.densest}
