"""Opens what was recorded of cameras: asks which and when, or goes to a moment, and finds the counts of it."""

from collections.abc import Callable, Iterator

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QApplication

from app.dialogs.footage import Choice, FootageDialog
from app.notices import Level, Notices
from app.panels.work_strip import WorkStrip
from app.running.alerts import Configured
from app.running.recorded import Recorded
from app.running.task import Task
from engine.alerts.orders import cameras_of
from engine.recording.camera_footage import CameraFootage
from engine.recording.footage import Footage
from engine.settings.config import Config
from engine.worker import JOIN_TIMEOUT_S

SOURCE = "footage"
Steps = Callable[[Callable[[], bool]], Iterator[float | CameraFootage]]


class Footages(QObject):
    """What asks for footage."""

    def __init__(
        self,
        configured: Configured,
        recorded: Callable[[Config], Recorded],
        notices: Notices,
        on_open: Callable[[Footage, float | None], None],
    ) -> None:
        """Takes nothing up yet.

        Args:
            configured: knows what is watched.
            recorded: returns what was recorded of that.
            notices: where troubles are told.
            on_open: opens what was found, at a moment in seconds since 1970 (UTC) if there is one.
        """
        super().__init__()
        self._configured, self._recorded, self._notices, self._on_open = configured, recorded, notices, on_open
        self._task: Task | None = None
        self._wanted = [False]
        """Of the footage that is being fetched, whether it still is; each has a list of its own."""
        self._looking: Task | None = None
        self._ending: list[Task] = []
        """Those that nobody wants any more."""
        self.dialog: FootageDialog | None = None
        """The one that is open, or was last."""
        self.strip = WorkStrip()
        """Says how much is at hand, where that takes long."""
        self.strip.cancelled.connect(self.cancel)

    def choose(self, camera: str = "") -> None:
        """Asks what is to be opened; `camera` is offered first."""
        self.dialog = dialog = FootageDialog(self._here, camera, QApplication.activeWindow())
        dialog.accepted.connect(lambda: self.open(dialog.choice))
        dialog.open()

    def open(self, choice: Choice) -> None:
        """Opens footage; the counts that are known of it are shown at once."""
        recorded = self._here
        self._begin(lambda is_wanted: recorded.footage(choice.camera, choice[1:], is_wanted), None)

    def show(self, owner: str, at_s: float | None) -> None:
        """Opens what was recorded around a moment of a camera, or of one of a group's, and shows that moment.

        Args:
            owner: a camera or group.
            at_s: the moment, in seconds since 1970 (UTC); None has it asked for.
        """
        recorded, cameras = self._here, cameras_of(self._configured.config, owner)
        if at_s is None:
            self.choose(cameras[0] if cameras else "")
            return

        def steps(is_wanted: Callable[[], bool]) -> Iterator[float | CameraFootage]:
            span = at_s - recorded.around_s, at_s + recorded.around_s
            return recorded.footage(recorded.camera_at(cameras, at_s), span, is_wanted)

        self._begin(steps, at_s)

    def look_for(self, owner: str, at_s: float, then: Callable[[bool], object]) -> None:
        """Says in a while whether a moment of a camera or group was recorded, unless something else is asked before."""
        recorded, cameras = self._here, cameras_of(self._configured.config, owner)
        self._let_go(self._looking)
        self._looking = Task("looking for footage", lambda: recorded.recorded_at(cameras, at_s))
        self._looking.done.connect(lambda found: then(found is not None))
        self._looking.start()

    @property
    def is_looking(self) -> bool:
        """Whether the answer to `look_for` is not known yet."""
        return self._looking is not None and self._looking.is_running

    def cancel(self) -> None:
        """Opens nothing of what is being fetched."""
        self._wanted[0] = False
        self._let_go(self._task)
        self.strip.hide()

    def close(self) -> None:
        """Waits for what is being looked up; may be called twice."""
        self.cancel()
        self._let_go(self._looking)
        self._looking = None
        for task in self._ending:
            task.finish(JOIN_TIMEOUT_S)

    @property
    def _here(self) -> Recorded:
        return self._recorded(self._configured.config)

    def _begin(self, steps: Steps, at_s: float | None) -> None:
        self.cancel()
        wanted = self._wanted = [True]
        self._task = task = Task.of_steps("opening of footage", lambda: steps(lambda: wanted[0]))
        task.step.connect(lambda step: self._take(step, at_s))
        task.failed.connect(self._fail)
        task.start()

    def _take(self, step: float | CameraFootage, at_s: float | None) -> None:
        if isinstance(step, CameraFootage):
            self.strip.hide()
            self._on_open(step, at_s)
        else:
            self.strip.show_work(self.tr("Fetching footage…"), step)

    def _fail(self, problem: str) -> None:
        self.strip.hide()
        self._notices.post(Level.PROBLEM, SOURCE, problem)

    def _let_go(self, task: Task | None) -> None:
        """Wants no answer any more."""
        if task is not None:
            task.drop()
        self._ending = [each for each in (*self._ending, task) if each is not None and each.is_running]
