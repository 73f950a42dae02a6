"""What the log and the rules of a camera say of its footage, on the time-line: alerts, thresholds, zones to choose."""

from collections.abc import Callable, Sequence
from functools import partial

from PyQt6.QtCore import QCoreApplication
from PyQt6.QtGui import QCursor
from PyQt6.QtWidgets import QMenu

from app.notices import Level, Notices
from app.pages.log_state import SOURCE
from app.pages.outside import Known
from app.panels.alert_marks import level_of, threshold_words
from app.panels.alert_words import seconds_of
from app.panels.counted import Counted
from app.panels.curve_look import Look
from app.panels.timeline import Timeline
from app.panels.timeline_marks import Marks, Raised, Threshold, Zone
from app.running.bridge import Bridge
from app.running.footage_log import Bounds, FootageLog, ZoneCounts
from app.running.task import Task
from engine.alerts.listing import Alert
from engine.alerts.orders import placed_of
from engine.recording.camera_footage import CameraFootage
from engine.rules.rulebook import Placed
from engine.worker import JOIN_TIMEOUT_S

FIRST_LOOK = 2  # of zones: those before are of the count, and of what is counted again


class FootageMarks:
    """Of one recording at a time; one that is no camera's has none. Belongs to the GUI thread."""

    def __init__(self, line: Timeline, bridge: Bridge, notices: Notices, known: Known) -> None:
        self._line, self._bridge, self._notices, self._config, self._logged = line, bridge, notices, *known
        self._tasks: list[Task] = []
        self._log = FootageLog()
        self._zones: tuple[str, ...] = ()
        """Those that are wanted."""
        self._counted: dict[str, Counted] = {}
        """Of zones, as far as they were read."""
        self.menu = QMenu(line)
        self.menu.setAccessibleName(_said("Zones"))

    def begin(self) -> None:
        """Another recording is shown: reads what the log has of it."""
        self._drop()
        self._log, self._zones, self._counted = FootageLog(), (), {}
        log, footage = self._logged(), self._footage
        if footage is not None and log is not None:
            self._ask("reading the alerts of footage", partial(log.read, footage.camera, self._bounds))
        self.lay()

    def lay(self) -> None:
        """Shows what is known and chosen now, of the rules that are in force now."""
        footage = self._footage
        if footage is None:
            return
        placed = [each for each in placed_of(self._config()) if each.subject.owner == footage.camera]
        seen = [each for each in placed if each.subject.zone is None or each.subject.zone in self._zones]
        self._line.show_marks(
            Marks(
                raised_of(self._log.alerts, self._bounds),
                tuple(threshold for each in seen if (threshold := threshold_of(each)) is not None),
                tuple(
                    Zone(zone, Look(FIRST_LOOK + self.zones.index(zone)), self._counted[zone])
                    for zone in self._zones
                    if zone in self._counted
                ),
            )
        )

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones whose counts can be shown: those that are configured, then those that only the log knows."""
        footage = self._footage
        if footage is None:
            return ()
        camera = next((each for each in self._config().cameras if each.name == footage.camera), None)
        configured = (zone.name for zone in camera.zones) if camera else ()
        return tuple(dict.fromkeys([*configured, *self._log.zones]))

    def choose(self) -> None:
        """Opens the list of zones, of which any may be ticked."""
        self.menu.clear()
        for zone in self.zones:
            action = self.menu.addAction(zone)
            assert action is not None
            action.setCheckable(True)
            action.setChecked(zone in self._zones)
            action.triggered.connect(partial(self._switch, zone))
        if self.menu.isEmpty():
            self._line.bar.say(_said("This recording has no zones; those of a camera are counted while it is watched"))
        else:
            bar = self._line.bar.tools
            self.menu.popup(bar.mapToGlobal(bar.rect().bottomLeft()) if bar.isVisible() else QCursor.pos())

    def show_zones(self, zones: Sequence[str]) -> None:
        """Shows the counts of these zones as further curves."""
        self._zones = tuple(zone for zone in self.zones if zone in zones)
        lacking = [zone for zone in self._zones if zone not in self._counted]
        log, footage = self._logged(), self._footage
        if lacking and log is not None and footage is not None:
            self._ask("reading the zones of footage", partial(log.zones, footage.camera, self._bounds, lacking))
        self.lay()

    def finish(self) -> None:
        """Waits for what is being read."""
        self._drop()
        for task in self._tasks:
            task.finish(JOIN_TIMEOUT_S)

    @property
    def _footage(self) -> CameraFootage | None:
        recording = self._bridge.recording
        footage: object = recording.footage if recording is not None else None
        return footage if isinstance(footage, CameraFootage) else None

    @property
    def _bounds(self) -> Bounds:
        recording, footage = self._bridge.recording, self._footage
        assert recording is not None
        assert footage is not None
        return footage.begin_s, footage.begin_s + (recording.duration_s or 0.0)

    def _switch(self, zone: str) -> None:
        self.show_zones([each for each in self.zones if (each in self._zones) != (each == zone)])

    def _ask(self, name: str, work: Callable[[], object]) -> None:
        task = Task(name, work)
        task.done.connect(self._take)
        task.failed.connect(lambda problem: self._notices.post(Level.WARNING, SOURCE, problem))
        self._tasks = [*(each for each in self._tasks if each.is_running), task]
        task.start()

    def _take(self, found: object) -> None:
        if isinstance(found, FootageLog):
            self._log = found
        elif isinstance(found, tuple):
            self._counted |= {each.zone: _counted(each, self._bounds[0]) for each in found}
        self.lay()

    def _drop(self) -> None:
        for task in self._tasks:
            task.drop()
        self._tasks = [task for task in self._tasks if task.is_running]


def raised_of(alerts: Sequence[Alert], bounds: Bounds) -> tuple[Raised, ...]:
    """Returns alerts as they lie in a recording between two moments, by their begins."""
    begin_s, end_s = bounds
    found = []
    for alert in alerts:
        over = alert.cleared_at or alert.closed_at
        first_s, last_s = seconds_of(alert.raised_at), end_s if over is None else seconds_of(over)
        words = alert.rule_name if alert.zone is None else f"{alert.zone}: {alert.rule_name}"
        found.append(Raised(max(0.0, first_s - begin_s), min(last_s, end_s) - begin_s, alert.severity, words))
    return tuple(sorted(found, key=lambda raised: raised.begin_s))


def threshold_of(placed: Placed) -> Threshold | None:
    """Returns the level of a rule in people; None where it compares something else."""
    level, zone = level_of(placed), placed.subject.zone
    if level is None:
        return None
    words = threshold_words(placed)
    return Threshold(level, words if zone is None else f"{zone}: {words}", placed.rule.severity.value)


def _counted(zone: ZoneCounts, begin_s: float) -> Counted:
    counted = Counted()
    counted.take(zone.counts.times - begin_s, zone.counts.people)
    return counted


def _said(words: str) -> str:
    return QCoreApplication.translate("recording", words)
