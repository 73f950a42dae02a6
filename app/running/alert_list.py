"""A list of alerts for the window, kept in step by a timer with those that are open and with all that there were.

Each alert is told once when it is raised, and once more when it becomes worse; what was raised before the window was
opened is listed and not told again. Whatever takes long is an errand, done in a thread of its own. Where the alerts
come from is for others to say.
"""

from collections.abc import Callable, Sequence
from time import time

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from app.running.errands import Errands, Outcome
from engine.alerts.guard import Firing
from engine.alerts.listing import Alert
from engine.alerts.suspension import Suspension
from engine.log.audit import system_account

LOOK_MS = 250
WATCHED_S, USUAL_S = 2.0, 20.0
"""Between two readings of all alerts, while somebody looks at them, and else."""
READ, ACKNOWLEDGE, CLOSE = "reading the alerts", "acknowledging alert ", "closing alert "
Listing = tuple[Alert, ...]


class AlertList(QObject):
    """What is known of alerts; for the GUI thread."""

    changed = pyqtSignal()
    """Other alerts are open, or are listed; or other rules are suspended."""
    told = pyqtSignal(object)
    """A `Firing` that was raised just now, or has become worse."""
    failed = pyqtSignal(str)
    """Something could not be done with an alert or a rule, and why."""

    def __init__(self, name: str, clock: Callable[[], float] = time) -> None:
        """Looks at nothing yet; takes a name for the log, and what says the time in seconds since 1970."""
        super().__init__()
        self.all: Listing = ()
        """The newest first."""
        self.firing: tuple[Firing, ...] = ()
        """Those that are open now, the oldest first."""
        self.suspended: tuple[Suspension, ...] = ()
        """The rules that raise nothing now."""
        self.problem = ""
        """Why the list is not as it should be, or ''."""
        self.is_watched = False
        """Whether somebody looks at the list."""
        self.who = system_account()
        """Who acknowledges."""
        self._errands, self._read_s = Errands(name), float("-inf")
        self._began_s = int(clock())  # alerts know the second in which they were raised
        self._told: dict[str, str] = {}
        """Severities of those that are open, as far as they were told."""
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Looks from now on."""
        self._timer.start()

    def close(self) -> None:
        """Waits for what is being done with alerts, and looks no more; may be called twice."""
        self._timer.stop()
        self._errands.close(READ)

    def look(self) -> None:
        """Takes what is new; done by itself."""
        for outcome in self._errands.outcomes():
            self._take(outcome)

    def alert(self, uid: str) -> Alert | None:
        """Returns one that is listed."""
        return next((alert for alert in self.all if alert.uid == uid), None)

    def suspension(self, owner: str, rule: str) -> Suspension | None:
        """Returns how a rule is suspended now; None where it is not."""
        return next((each for each in self.suspended if (each.owner, each.rule) == (owner, rule)), None)

    def _follow(self, firing: tuple[Firing, ...]) -> None:
        """Takes those that are open now, and tells what is new among them."""
        before, self._told = self._told, standing(firing)
        self.firing, self._read_s = firing, float("-inf")
        for each in firing:
            is_new = each.uid not in before and each.raised >= self._began_s
            if is_new or before.get(each.uid, self._told[each.uid]) != self._told[each.uid]:
                self.told.emit(each)
        self.changed.emit()

    def _take(self, outcome: Outcome) -> None:
        """Takes what became of an errand."""
        if isinstance(known := outcome.result, Alert):
            self._show(tuple(known if alert.uid == known.uid else alert for alert in self.all), "")
            self._read_s = float("-inf")
        if outcome.problem and outcome.kind == READ:
            self._show(self.all, outcome.problem)
        elif outcome.problem:
            self.failed.emit(outcome.problem)

    def _show(self, listing: Listing, problem: str) -> None:
        if listing != self.all or problem != self.problem:
            self.all, self.problem = listing, problem
            self.changed.emit()


def standing(firing: Sequence[Firing]) -> dict[str, str]:
    """Returns how severe alerts are, by their uids."""
    return {each.uid: each.severity.value for each in firing}
