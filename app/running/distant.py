"""A service that runs elsewhere, for the panels of the window: the same as of an engine of its own."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from app.running.errands import Errands, Outcome
from engine.alerts.guard import Firing
from engine.alerts.listing import Alert
from engine.alerts.suspension import Suspension
from engine.client.remote import Remote
from engine.history.series import Column
from engine.log.audit import system_account
from engine.monitor.facts import CameraFacts, GroupFacts
from engine.monitor.recent import LastDay
from engine.monitor.screen import Picture, Wish
from engine.settings.config import Config

LOOK_MS = 250
WATCHED_S, USUAL_S = 2.0, 20.0
"""Between two readings of all alerts, while somebody looks at them, and else."""
READ, ACKNOWLEDGE, PROOF = "reading the alerts", "acknowledging alert ", "fetching "


class DistantCameras(QObject):
    """The cameras of a service."""

    changed = pyqtSignal(object)
    """Another `Config` is in force there."""
    told = pyqtSignal(str)
    """Why nothing is known now, or '' once something is."""

    def __init__(self, remote: Remote) -> None:
        super().__init__()
        self._remote, self._layouts, self._problem = remote, 0, ""
        self.config = Config()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Looks from now on."""
        self._timer.start()

    def close(self) -> None:
        """Looks no more."""
        self._timer.stop()

    def look(self) -> None:
        """Takes what is new; done by itself."""
        if self._remote.layouts != self._layouts:
            self._layouts, self.config = self._remote.layouts, self._remote.config
            self.changed.emit(self.config)
        if self._remote.problem != self._problem:
            self._problem = self._remote.problem
            self.told.emit(self._problem)

    @property
    def is_overloaded(self) -> bool:
        """Whether the model there cannot keep up: what is told of each camera says so."""
        return False

    def want(self, wishes: Mapping[str, Wish]) -> None:
        """Says which cameras are visible, and how each is shown."""
        self._remote.want(wishes)

    def newest(self, name: str) -> Picture | None:
        """Takes out a camera's newest picture; None if there was none since the last call."""
        return self._remote.newest(name)

    def facts(self) -> dict[str, CameraFacts]:
        """Returns how each camera is doing now."""
        return self._remote.facts()

    def groups(self) -> tuple[GroupFacts, ...]:
        """Returns what is known of all groups now."""
        return self._remote.groups()

    def people(self) -> dict[str, float | None]:
        """Returns what is counted now in each group; None while it is unknown."""
        return {facts.name: facts.people for facts in self._remote.groups()}

    def recent(self, name: str) -> LastDay | None:
        """Returns the last day of a camera or group; None where it is not watched."""
        return self._remote.recent(name)

    def bounds(self, name: str, counts: Column) -> tuple[Column, Column] | None:
        """Nobody here knows how far the counts there are to be trusted."""
        return None


class DistantAlerts(QObject):
    """The alerts of a service."""

    changed = pyqtSignal()
    """Other alerts are open, or are listed."""
    failed = pyqtSignal(str)
    """An alert was not acknowledged, and why."""

    def __init__(self, remote: Remote) -> None:
        super().__init__()
        self._remote, self._errands = remote, Errands("alerts of a service")
        self.all: tuple[Alert, ...] = ()
        """The newest first."""
        self.firing: tuple[Firing, ...] = ()
        """Those that are open now, the oldest first."""
        self.suspended: tuple[Suspension, ...] = ()
        """The rules that raise nothing now."""
        self.problem, self.is_watched, self.who = "", False, system_account()
        self._folder = TemporaryDirectory(prefix="deepcount-", ignore_cleanup_errors=True)
        self._proofs: dict[str, Path | None] = {}
        self._read_s = float("-inf")
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Looks from now on."""
        self._timer.start()

    def close(self) -> None:
        """Waits for what is being acknowledged, and looks no more; may be called twice."""
        self._timer.stop()
        self._errands.close(READ, *(PROOF + name for name in self._proofs))
        self._folder.cleanup()

    def alert(self, uid: str) -> Alert | None:
        """Returns one that is listed."""
        return next((alert for alert in self.all if alert.uid == uid), None)

    def proof(self, name: str | None) -> Path | None:
        """Returns where a snapshot or a clip lies; it is fetched when it is first asked for, and then `changed`."""
        if name is None:
            return None
        if name not in self._proofs:
            self._proofs[name] = None
            self._errands.ask(PROOF + name, partial(self._remote.proof, name, Path(self._folder.name)))
        return self._proofs[name]

    def acknowledge(self, uids: Sequence[str], *, note: str, who: str) -> None:
        """Has the service note that somebody has taken care of alerts; who it was is remembered."""
        self.who = who.strip() or system_account()
        numbers = {alert.uid: alert.id for alert in self.all if alert.uid in uids}
        for uid, number in numbers.items():
            self._errands.ask(ACKNOWLEDGE + uid, partial(self._remote.acknowledge, number, who=self.who, note=note))

    def settle(self, uids: Sequence[str], *, note: str, who: str) -> None:
        """Alerts are closed where the service is, not from here."""
        self.failed.emit(self.tr("alerts are closed with the service itself, not from here; acknowledge them"))

    def suspension(self, owner: str, rule: str) -> Suspension | None:
        """Returns how a rule is suspended now; None where it is not."""
        return next((each for each in self.suspended if (each.owner, each.rule) == (owner, rule)), None)

    def suspend(self, owner: str, rule: str, until: int | None, *, note: str = "", who: str = "") -> None:
        """Rules are suspended where the service is, not from here."""
        self.failed.emit(self.tr("rules are suspended with the service itself, not from here"))

    def look(self) -> None:
        """Takes what is new; done by itself."""
        for outcome in self._errands.outcomes():
            self._take(outcome)
        firing, suspended = self._remote.firing(), self._remote.suspended()
        if (firing, suspended) != (self.firing, self.suspended):
            self.firing, self.suspended = firing, suspended
            self._read_s = float("-inf")
            self.changed.emit()
        now_s, pace_s = monotonic(), WATCHED_S if self.is_watched else USUAL_S
        if not self._errands.is_busy(READ) and now_s - self._read_s >= pace_s:
            self._read_s = now_s
            self._errands.ask(READ, self._remote.alerts)

    def _take(self, outcome: Outcome) -> None:
        match outcome.result:
            case Path() as path:
                self._proofs[outcome.kind.removeprefix(PROOF)] = path
                self.changed.emit()
            case tuple() as listing:
                self._show(listing, "")
            case Alert() as known:
                self._show(tuple(known if alert.uid == known.uid else alert for alert in self.all), "")
                self._read_s = float("-inf")
        if outcome.problem and outcome.kind.startswith(PROOF):
            self._proofs.pop(outcome.kind.removeprefix(PROOF), None)  # it is asked for again
        elif outcome.problem and outcome.kind == READ:
            self._show(self.all, outcome.problem)
        elif outcome.problem:
            self.failed.emit(outcome.problem)

    def _show(self, listing: tuple[Alert, ...], problem: str) -> None:
        if listing != self.all or problem != self.problem:
            self.all, self.problem = listing, problem
            self.changed.emit()
