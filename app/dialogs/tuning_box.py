"""Better on this camera: a model that learns from its checked frames, offered only where it is better."""

from collections.abc import Callable, Iterable
from pathlib import Path

from PyQt6.QtWidgets import QGroupBox, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.dialogs.words import FaultLabel, WrappedLabel
from app.running.tunings import TuningJob
from engine.checks.tuning import LEAST_FRAMES
from engine.settings.address import Address

STEPS = 1000  # of the bar


class TuningBox(QGroupBox):
    """Starts and stops the learning of one camera, and changes the model that counts it."""

    def __init__(
        self, job: TuningJob | None, *, put: Callable[[Address | None], None], used: Callable[[], Iterable[Path]]
    ) -> None:
        """Takes the learning, None without a log or a model.

        Args:
            job: the learning.
            put: gives the camera a model of its own, or none.
            used: returns the models that count any camera.
        """
        super().__init__()
        self.setTitle(self.tr("Better on this camera"))
        self._job, self._put = job, put
        self._own: Path | None = None
        self._frames: int | None = None
        self.said, self.bar, self.fault = WrappedLabel(), QProgressBar(), FaultLabel()
        self.start, self.stop = QPushButton(self.tr("&Learn from the checked frames")), QPushButton(self.tr("&Stop"))
        self.use, self.back = QPushButton(self.tr("&Use this model")), QPushButton(self.tr("&Go back"))
        self.bar.setRange(0, STEPS)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("How far the learning is"))
        column, row = QVBoxLayout(self), QHBoxLayout()
        for button in (self.start, self.stop, self.use, self.back):
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        line = QWidget()
        row.setContentsMargins(0, 0, 0, 0)
        line.setLayout(row)
        for widget in (self.said, self.bar, line, self.fault):
            column.addWidget(widget)
        if job is not None:
            self.start.clicked.connect(lambda: job.start(self._own, used()))
            self.stop.clicked.connect(job.stop)
            self.use.clicked.connect(lambda: put(Address.of(str(job.model))))
        self.back.clicked.connect(lambda: put(None))

    def tell(self, own: Path | None, frames: int | None) -> None:
        """Says how far it is.

        Args:
            own: the model that the camera has of its own; None where that of all counts it.
            frames: how many checked frames have a picture; None while that is not known.
        """
        job, self._own, self._frames = self._job, own, frames
        is_running = job is not None and job.is_running
        is_better = job is not None and job.verdict is not None and job.verdict.is_better
        share = job.progress.share if job is not None and job.progress is not None else None
        self.bar.setVisible(is_running)
        self.bar.setRange(0, 0 if share is None else STEPS)
        self.bar.setValue(round(STEPS * (share or 0.0)))
        self.start.setText(self.tr("&Go on learning") if job and job.can_go_on else self.start_words)
        self.start.setEnabled(job is not None and not is_running and (frames or 0) >= LEAST_FRAMES)
        self.stop.setEnabled(is_running)
        self.use.setEnabled(bool(job and is_better and own != job.model))
        self.back.setEnabled(own is not None)
        words = self._words()
        if words != self.said.text():
            self.said.setText(words)
        self.fault.say(job.problem if job else "", self)

    @property
    def start_words(self) -> str:
        """What the button says that begins."""
        return self.tr("&Learn from the checked frames")

    def _words(self) -> str:
        job, said = self._job, []
        if self._own is not None:
            said.append(self.tr("This camera is counted by a model of its own, {}.").format(self._own.name))
        if job is None:
            said.append(self.tr("Learning needs a log with checked frames."))
        elif job.is_running and job.progress is not None:
            said.append(job.progress.words)
        elif job.verdict is not None:
            said.append(self.tr("The model that learnt is {}.").format(job.verdict.sentence))
        elif self._frames is not None and self._frames < LEAST_FRAMES:
            words = self.tr("{} checked frames have a picture; learning needs {} of other times and crowds.")
            said.append(words.format(self._frames, LEAST_FRAMES))
        elif self._frames is not None:
            words = self.tr("{} checked frames can be learnt from; every third is held out to judge the result.")
            said.append(words.format(self._frames))
        return " ".join(said)
