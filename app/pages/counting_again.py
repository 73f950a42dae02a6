"""Counting a recording in another way too, in the background: a second curve, and how it differs from the first."""

from PyQt6.QtCore import QCoreApplication

from app.dialogs.count_again import CountAgain
from app.notices import Level, Notices
from app.pages.log_state import SOURCE
from app.panels.difference import difference, difference_words
from app.panels.timeline import Timeline
from app.panels.timeline_drawing import OTHER
from app.panels.work_strip import WorkStrip
from app.running.bridge import Bridge
from app.running.task import Task
from engine.recording.recount import Recount, Recounted, recounted
from engine.worker import JOIN_TIMEOUT_S


class CountingAgain:
    """One such count at a time; belongs to the GUI thread."""

    def __init__(self, line: Timeline, bridge: Bridge, notices: Notices) -> None:
        self.strip, self.dialog = WorkStrip(), None  # type: WorkStrip, CountAgain | None
        self._line, self._bridge, self._notices = line, bridge, notices
        self._task: Task | None = None
        self._ending: list[Task] = []
        """Those that nobody wants any more."""
        self._wanted = [False]
        """Of the count that goes on, whether it still is; each has a list of its own."""
        self._name = ""
        self.strip.cancelled.connect(self.remove)

    def ask(self) -> None:
        """Asks in which way."""
        recording = self._bridge.recording
        if recording is None:
            return
        self.dialog = CountAgain(recording.model.file.name, self._line.window())
        self.dialog.accepted.connect(self._begin)
        self.dialog.finished.connect(self.dialog.deleteLater)
        self.dialog.open()

    def count(self, order: Recount) -> None:
        """Counts in another way, in place of the one before."""
        self.remove()
        wanted = self._wanted = [True]
        grid = f", {order.grid[0]}×{order.grid[1]}" if order.grid else ""
        aspect = f", {order.aspect.numerator}:{order.aspect.denominator}" if order.aspect else ""
        self._name = f"{order.model.stem if order.model else _said('the usual model')}{grid}{aspect}"
        self.strip.show_sample(OTHER)
        self.strip.show_work(_said("Counting again: {0}…").format(self._name), 0.0)
        self._task = task = Task.of_steps("counting again", lambda: recounted(order, lambda: wanted[0]))
        task.step.connect(self._take)
        task.done.connect(self._end)
        task.failed.connect(self._fail)
        task.start()

    def remove(self) -> None:
        """Ends the count, and takes its curve away."""
        self._wanted[0] = False
        if self._task is not None:
            self._task.drop()
            self._ending = [task for task in (*self._ending, self._task) if task.is_running]
            self._task = None
        self._line.begin_other()
        self.strip.hide()

    def finish(self) -> None:
        """Ends the count, and waits for that."""
        self.remove()
        for task in self._ending:
            task.finish(JOIN_TIMEOUT_S)

    def _begin(self) -> None:
        recording, dialog = self._bridge.recording, self.dialog
        if recording is not None and dialog is not None:
            provider = self._bridge.setup.provider
            self.count(Recount(recording.footage, dialog.model, provider, dialog.grid, dialog.aspect))

    def _take(self, part: object) -> None:
        assert isinstance(part, Recounted)
        self._line.add_other(part.counts)
        words = difference_words(self._name, difference(self._line.counted, self._line.other))
        self.strip.show_work(words, part.share)

    def _end(self, _: object) -> None:
        self.strip.show_result(difference_words(self._name, difference(self._line.counted, self._line.other)))

    def _fail(self, problem: str) -> None:
        self._notices.post(Level.PROBLEM, SOURCE, problem)
        if len(self._line.other):
            self._end(None)
        else:
            self.strip.hide()


def _said(words: str) -> str:
    return QCoreApplication.translate("counting", words)
