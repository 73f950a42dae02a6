"""A service that runs elsewhere, for the panels of the window: the same as of an engine of its own."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from app.running.alert_list import ACKNOWLEDGE, CLOSE, LOOK_MS, READ, USUAL_S, WATCHED_S, AlertList
from app.running.errands import Outcome
from app.running.footage_log import Bounds, FootageLog, ZoneCounts, of_camera
from engine.alerts.suspension import LIFTED, Suspension
from engine.client.grant import Grant
from engine.client.recordings import counts_in
from engine.client.remote import Remote
from engine.history.series import Column, Grid
from engine.log.audit import system_account
from engine.monitor.facts import CameraFacts, GroupFacts
from engine.monitor.recent import LastDay
from engine.monitor.screen import Picture, Wish
from engine.rules.series import Subject
from engine.settings.config import Config

PROOF, SUSPEND = "fetching ", "suspending "


class DistantCameras(QObject):
    """The cameras of a service."""

    changed = pyqtSignal(object)
    """Another `Config` is in force there."""
    told = pyqtSignal(str)
    """Why nothing is known now, or '' once something is."""
    granted = pyqtSignal(object)
    """Another `Grant` says what may be done there."""

    def __init__(self, remote: Remote) -> None:
        super().__init__()
        self._remote, self._layouts, self._problem = remote, 0, ""
        self.config, self._grant = Config(), Grant()
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
        if self._remote.grant != self._grant:
            self._grant = self._remote.grant
            self.granted.emit(self._grant)
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


class DistantAlerts(AlertList):
    """The alerts of a service."""

    def __init__(self, remote: Remote) -> None:
        super().__init__("alerts of a service")
        self._remote = remote
        self._folder = TemporaryDirectory(prefix="deepcount-", ignore_cleanup_errors=True)
        self._proofs: dict[str, Path | None] = {}

    def close(self) -> None:
        """Waits for what is being done with alerts, and looks no more; may be called twice."""
        self._timer.stop()
        self._errands.close(READ, *(PROOF + name for name in self._proofs))
        self._folder.cleanup()

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
        for uid, number in self._numbers(uids):
            self._errands.ask(ACKNOWLEDGE + uid, partial(self._remote.acknowledge, number, who=self.who, note=note))

    def settle(self, uids: Sequence[str], *, note: str, who: str) -> None:
        """Has the service close alerts, also such that still stand; who it was is remembered."""
        self.who = who.strip() or system_account()
        for uid, number in self._numbers(uids):
            self._errands.ask(CLOSE + uid, partial(self._remote.close_alert, number, who=self.who, note=note))

    def suspend(self, owner: str, rule: str, until: int | None, *, note: str = "", who: str = "") -> None:
        """Has the service let a rule raise nothing before a moment, or for None let it again."""
        self.who = who.strip() or self.who
        wanted = Suspension(owner, rule, LIFTED if until is None else until, self.who, note)
        self._errands.ask(f"{SUSPEND}{owner}: {rule}", partial(self._remote.suspend, wanted))

    def look(self) -> None:
        """Takes what is new; done by itself."""
        super().look()
        firing, suspended = self._remote.firing(), self._remote.suspended()
        if (firing, suspended) != (self.firing, self.suspended):
            self.suspended = suspended
            self._follow(firing)
        now_s, pace_s = monotonic(), WATCHED_S if self.is_watched else USUAL_S
        if not self._errands.is_busy(READ) and now_s - self._read_s >= pace_s:
            self._read_s = now_s
            self._errands.ask(READ, self._remote.alerts)

    def _numbers(self, uids: Sequence[str]) -> list[tuple[str, int]]:
        """Returns what the log calls those of some alerts that are listed, beside each."""
        return [(alert.uid, alert.id) for alert in self.all if alert.uid in uids]

    def _take(self, outcome: Outcome) -> None:
        if isinstance(outcome.result, Path):
            self._proofs[outcome.kind.removeprefix(PROOF)] = outcome.result
            self.changed.emit()
        elif isinstance(outcome.result, tuple):
            self._show(outcome.result, "")
        elif outcome.problem and outcome.kind.startswith(PROOF):
            self._proofs.pop(outcome.kind.removeprefix(PROOF), None)  # it is asked for again
        else:
            super()._take(outcome)


class DistantLog:
    """The log of a service."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def read(self, camera: str, bounds: Bounds) -> FootageLog:
        """Asks for the alerts of a span; the zones are those that are watched. Raises SourceError."""
        return FootageLog(of_camera(self._remote.alerts(bounds), camera))

    def zones(self, camera: str, bounds: Bounds, zones: Sequence[str]) -> tuple[ZoneCounts, ...]:
        """Asks for the counts of zones, by the second; raises SourceError."""
        grid = Grid(int(bounds[0]), 1, int(bounds[1]) - int(bounds[0]) + 1)
        return tuple(ZoneCounts(zone, counts_in(self._remote.series(Subject(camera, zone), grid))) for zone in zones)
