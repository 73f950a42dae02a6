"""Asks which span of a camera or recording is put into a bundle of evidence, makes it, and shows how far it is."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import QCoreApplication, QDateTime, Qt, QTimer
from PyQt6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QCheckBox,
    QDateTimeEdit,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.dialogs.rows import Rows
from app.dialogs.words import FAULT_SIGN, WrappedLabel
from app.running.exports import Exports, Progress
from app.theme import em
from engine.evidence.order import Made, Order, RecordingSubject
from engine.evidence.span import clock, lasting, seconds_of
from engine.evidence.watched import LONGEST_S, LogPlace

WIDE_EM = 36
SPARE_EM = 2  # for words that take another line here, which a form does not ask room for
LOOK_MS = 100
ZIP = ".zip"
UNSAFE = re.compile(r"[^\w.-]+")
MOST_LETTERS = 60  # of a name that are in a file's


@dataclass(frozen=True, slots=True)
class Subject:
    """What evidence is asked of, and the span that is offered."""

    name: str
    from_s: float
    to_s: float
    """Seconds since 1970; of a recording from its beginning."""
    place: LogPlace | None
    who: str
    recording: RecordingSubject | None = None
    """None for a camera or group of the log."""

    def order(self, out: Path, span: tuple[float, float], *, pictures: bool) -> Order:
        """Returns what is to be made."""
        subject = self.name if self.recording is None else self.recording
        return Order(subject, out, *span, place=self.place, pictures=pictures, who=self.who)


class EvidenceDialog(QDialog):
    """Stays open while the bundle is made; the window can be used meanwhile."""

    def __init__(
        self, subject: Subject, exports: Exports, on_made: Callable[[Made], object], parent: QWidget | None = None
    ) -> None:
        """`on_made` is told of the bundle that lies in its place."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Export evidence"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._subject, self._exports, self._on_made = subject, exports, on_made
        is_recording = subject.recording is not None
        self.begin: Moment = ClockEdit(subject.from_s) if is_recording else WallEdit(subject.from_s)
        self.end: Moment = ClockEdit(subject.to_s) if is_recording else WallEdit(subject.to_s)
        self.without = QCheckBox(self.tr("&Without pictures"))
        self.file, self.choose = QLineEdit(str(Path.home() / file_name(subject))), QPushButton(self.tr("Choose…"))
        self.bar, self.words = QProgressBar(), WrappedLabel()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._build(is_recording=is_recording)

    def accept(self) -> None:
        """Begins to make the bundle; says beside the field where that cannot be."""
        self._rows.clear_faults()
        span = self._span()
        out = self._out()
        if span is None or out is None:
            self._rows.focus_first_fault()
            return
        self._show_working(working=True)
        self.words.setText(self.tr("It begins…"))
        self._exports.start(self._subject.order(out, span, pictures=not self.without.isChecked()))
        self._timer.start()

    def reject(self) -> None:
        """Gives up what is being made, then closes."""
        if self._timer.isActive():
            self._exports.cancel()
            self.words.setText(self.tr("It is given up…"))
            self.buttons.setEnabled(False)
            return
        super().reject()

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802
        """As the button that cancels."""
        if event is not None and self._timer.isActive():
            event.ignore()
            self.reject()
            return
        super().closeEvent(event)

    def _look(self) -> None:
        """Shows how far it is, and what became of it."""
        progress = self._exports.progress()
        if progress is not None and self.buttons.isEnabled():
            self._show_progress(progress)
        outcome = self._exports.outcome()
        if outcome is None:
            return
        self._timer.stop()
        made, problem = outcome
        if made is not None:
            self._on_made(made)
            super().accept()
        elif problem:
            self._show_working(working=False)
            self.words.setText(f"{FAULT_SIGN} {problem}")
        else:
            super().reject()

    def _show_progress(self, progress: Progress) -> None:
        step = progress.step
        self.bar.setRange(0, 0 if step.total is None else 1000)
        if step.total:
            self.bar.setValue(round(1000 * min(1.0, step.done / step.total)))
        self.words.setText(progress_words(progress))

    def _show_working(self, *, working: bool) -> None:
        for part in (self.begin, self.end, self.without, self.file, self.choose, self.ok):
            part.setEnabled(not working)
        self.bar.setVisible(working)
        self.bar.setRange(0, 0)

    def _span(self) -> tuple[float, float] | None:
        """Returns the span; says what is wrong with it where there is none."""
        try:
            begin_s, end_s = self.begin.moment_s, self.end.moment_s
        except ValueError:
            words = self.tr("is no time such as 90, 1:30 or 0:01:30")
            for field in (self.begin, self.end):
                if not field.is_sound:
                    self._rows.say(field, words)
            return None
        if begin_s >= end_s:
            self._rows.say(self.end, self.tr("lies before the beginning, expected a later moment"))
            return None
        if end_s - begin_s > LONGEST_S:
            self._rows.say(self.end, self.tr("is too far, expected at most {0} days").format(LONGEST_S // 86_400))
            return None
        return begin_s, end_s

    def _out(self) -> Path | None:
        """Returns the file; says what is wrong with it where there is none."""
        text = self.file.text().strip()
        path = Path(text) if text.lower().endswith(ZIP) else Path(f"{text}{ZIP}")
        if not text or not path.parent.is_dir():
            self._rows.say(self.file, self.tr("lies in a folder that is not there, expected one that is"))
            return None
        return path

    def _ask_file(self) -> None:
        kinds = self.tr("Bundles (*.zip)")
        chosen, _ = QFileDialog.getSaveFileName(self, self.tr("Save the bundle"), self.file.text(), kinds)
        if chosen:
            self.file.setText(chosen if chosen.lower().endswith(ZIP) else f"{chosen}{ZIP}")

    def _build(self, *, is_recording: bool) -> None:
        self._rows = rows = Rows()
        times = self.tr("From the beginning of the recording, such as 90, 1:30 or 0:01:30.")
        here = self.tr("By the clock here.")
        rows.add(self.tr("&From"), self.begin, times if is_recording else here)
        rows.add(self.tr("&To"), self.end)
        words = self.tr("No clip, no snapshot, and no picture in the report.")
        rows.add("", self.without, words)
        self.without.setAccessibleName(self.without.text().replace("&", ""))
        place = QWidget()
        row = QHBoxLayout(place)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.file, stretch=1)
        row.addWidget(self.choose)
        rows.add(self.tr("F&ile"), place, self.tr("One ZIP; report.pdf in it is read first."))
        self._rows.alias(self.file, place)
        self.choose.clicked.connect(self._ask_file)
        self.file.setAccessibleName(self.tr("File"))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        assert ok is not None
        self.ok = ok
        ok.setText(self.tr("Export"))
        ok.setToolTip(self.tr("Make the bundle, and note that in the log (Ctrl+Enter)"))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self).activated.connect(self.accept)
        self._arrange()

    def _arrange(self) -> None:
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("How far the bundle is"))
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # else what is above would lose room when it appears
        self.bar.setSizePolicy(policy)
        self.bar.hide()
        self.words.setText(" ")
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        intro = self.tr("Report, counts, alerts with their rules, pictures, the audit log's part, and hashes of all.")
        column = QVBoxLayout(self)
        heading = WrappedLabel(self._subject.name)
        heading.setObjectName("title")
        column.addWidget(heading)
        column.addWidget(WrappedLabel(intro))
        column.addWidget(self._rows, stretch=1)
        column.addWidget(self.bar)
        column.addWidget(self.words)
        column.addWidget(self.buttons)
        self.resize(em(self, WIDE_EM), self.sizeHint().height() + em(self, SPARE_EM))
        self.begin.setFocus()


class WallEdit(QDateTimeEdit):
    """A moment by the clock here."""

    is_sound = True

    def __init__(self, moment_s: float) -> None:
        super().__init__()
        self.setCalendarPopup(True)
        self.setDisplayFormat("HH:mm:ss, d MMM yyyy")
        self.setDateTime(QDateTime.fromSecsSinceEpoch(round(moment_s)))

    @property
    def moment_s(self) -> float:
        """Seconds since 1970."""
        return float(self.dateTime().toSecsSinceEpoch())


class ClockEdit(QLineEdit):
    """A time of a recording."""

    def __init__(self, moment_s: float) -> None:
        super().__init__(clock(moment_s))

    @property
    def moment_s(self) -> float:
        """Seconds from its beginning; raises ValueError where the text is no time."""
        return seconds_of(self.text())

    @property
    def is_sound(self) -> bool:
        """Whether the text is a time."""
        try:
            seconds_of(self.text())
        except ValueError:
            return False
        return True


Moment = WallEdit | ClockEdit


def file_name(subject: Subject) -> str:
    """Returns what the bundle is called unless somebody says otherwise."""
    name = UNSAFE.sub("_", Path(subject.name).stem if subject.recording else subject.name)[:MOST_LETTERS].strip("._")
    if subject.recording is not None:
        return f"evidence-{name or 'recording'}{ZIP}"
    begin = QDateTime.fromSecsSinceEpoch(round(subject.from_s)).toString("yyyyMMdd-HHmm")
    return f"evidence-{name or 'camera'}-{begin}{ZIP}"


def progress_words(progress: Progress) -> str:
    """Returns how far it is, in words."""
    step, said = progress.step, QCoreApplication.translate
    words = f"{step.words[:1].upper()}{step.words[1:]}"
    if step.unit == "frames":
        total = "" if step.total is None else said("evidence", " of {0:,.0f}").format(step.total)
        words += said("evidence", ": {0:,.0f}{1} frames").format(step.done, total)
    if progress.left_s is not None and progress.left_s >= 1:
        words += said("evidence", ", about {0} left").format(lasting(progress.left_s))
    return f"{words}…"
