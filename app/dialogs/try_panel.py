"""Tries a camera on request: its first picture and what was measured within five seconds, or why there is none."""

from collections.abc import Callable

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PyQt6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.dialogs.words import FAULT_SIGN, WrappedLabel
from app.running.task import Task
from engine.monitor.probe import Probe, Trial

HEIGHT_EM, WIDTH_EM = 13, 20


class TryPanel(QWidget):
    """A button, and beneath it what came of it."""

    answered = pyqtSignal()
    """Something came of it, and is shown."""

    def __init__(self, begin: Callable[[], Trial | None]) -> None:
        """Takes what makes a trial of what was filled in; None where that cannot be tried, which was said there."""
        super().__init__()
        self._begin = begin
        self._trial: Trial | None = None
        self._task: Task | None = None
        self.button = QPushButton(self.tr("&Test"))
        self.button.setAutoDefault(False)
        self.button.setToolTip(
            self.tr("Shows the camera's first picture within five seconds, or says why there is none (Alt+T)")
        )
        self.picture, self.words = _PictureView(), WrappedLabel()
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.button)
        column.addWidget(self.picture)
        column.addWidget(self.words)
        column.addStretch(1)
        self.button.clicked.connect(self._try)
        self.picture.say(self.tr("Test shows the first picture here."))

    def cancel(self) -> None:
        """Nobody wants to know any more."""
        if self._trial is not None and self._task is not None:
            self._task.drop()
            self._trial.cancel()
            self._trial = None

    def _try(self) -> None:
        self.cancel()
        trial = self._begin()
        if trial is None:
            return
        self._trial = trial
        self.words.clear()
        self.picture.show_image(None)
        self.picture.say(self.tr("Trying…"))
        self._task = Task("answer of a trial", trial.result)
        self._task.done.connect(self._show)
        self._task.failed.connect(self._refuse)
        trial.start()
        self._task.start()

    def _show(self, probe: object) -> None:
        assert isinstance(probe, Probe)
        self._trial = None
        height, width = probe.picture.shape[:2]
        image = QImage(probe.picture.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
        self.picture.show_image(image)
        self._tell(self._facts(probe))

    def _refuse(self, problem: str) -> None:
        self._trial = None
        self.picture.say(self.tr("No picture"))
        self._tell(f"{FAULT_SIGN} {problem}")

    def _tell(self, words: str) -> None:
        self.words.setText(words)
        self.words.setAccessibleName(words)
        self.answered.emit()

    def _facts(self, probe: Probe) -> str:
        link = probe.link
        rate = "–" if probe.rate is None else f"{probe.rate:.1f}"
        facts = [
            f"{probe.size[1]}×{probe.size[0]}",
            link.codec,
            self.tr("{0} pictures per second").format(rate),
            self.tr("first picture after {0} s").format(f"{probe.first_s:.1f}"),
            self.tr("decoded by {0}").format(link.decoder),
            self.tr("encrypted, certificate {0}").format(link.security) if link.security else "",
        ]
        found = [" · ".join(filter(None, facts)), *filter(None, (link.remark, probe.remark))]
        if probe.main is not None:
            found.append(self.tr("main stream: {0}×{1} · {2}").format(*probe.main.size[::-1], probe.main.link.codec))
        if probe.main_problem:
            found.append(f"{FAULT_SIGN} {probe.main_problem}")
        return "\n".join(found)


class _PictureView(QWidget):
    """A picture as large as fits, or a word in its place."""

    def __init__(self) -> None:
        super().__init__()
        self._image: QImage | None = None
        self._scaled: QImage | None = None
        self._words = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_image(self, image: QImage | None) -> None:
        """Shows a picture."""
        self._image, self._scaled = image, None
        self.setAccessibleName(self.tr("First picture of the camera") if image else self._words)
        self.update()

    def say(self, words: str) -> None:
        """Says a word where there is no picture."""
        self._words = words
        self.setAccessibleName(words)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """A share of the dialog that grows with its letters."""
        em = self.fontMetrics().height()
        return QSize(em * WIDTH_EM, em * HEIGHT_EM)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Another size needs another picture."""
        self._scaled = None
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Draws it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().base())
        if self._image is None:
            painter.setPen(self.palette().placeholderText().color())
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(self.rect(), flags, self._words)
            return
        if self._scaled is None:
            ratio = self.devicePixelRatioF()
            self._scaled = self._image.scaled(
                self.size() * ratio, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
            self._scaled.setDevicePixelRatio(ratio)
        size = self._scaled.deviceIndependentSize()
        x, y = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        painter.drawImage(round(x), round(y), self._scaled)
