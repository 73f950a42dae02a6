"""The dialog in which somebody counts a frame: picture, number of heads beside the model's count, note, name."""

from collections.abc import Callable

from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.dialogs.heads.canvas import HeadCanvas
from app.dialogs.rows import Rows
from app.dialogs.sight.dialog import SightDialog
from app.dialogs.words import FaultLabel, WrappedLabel
from app.icons import icon
from app.running.checks import HandCount, Kept
from app.theme import em
from engine.monitor.screen import Wish
from engine.settings.fields import LONGEST_NAME

PULL_MS = 60
SIDE_EM = 20
SHARE = 0.9
"""Of the window's room: heads are small."""
UNKNOWN = "–"


class HeadsDialog(SightDialog):
    """Accepted, what was counted is in the log; `on_kept` is told."""

    def __init__(
        self,
        count: HandCount,
        title: str,
        who: str,
        *,
        on_kept: Callable[[Kept, str], None],
        parent: QWidget | None = None,
    ) -> None:
        """Takes the frame, its name, who is thought to count it, and who is told what was kept, and by whom."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Count the heads: {}").format(title))
        self._count, self._tell_kept, self._wish = count, on_kept, Wish((1, 1), overlay="heat")
        self.canvas, self.number, self.verdict = HeadCanvas(), QLabel(), WrappedLabel()
        self.map, self.note, self.who = QCheckBox(self.tr("Show the model's &map")), QLineEdit(), QLineEdit(who)
        self.undo, self.redo = QPushButton(icon("undo"), self.tr("Undo")), QPushButton(icon("redo"), self.tr("Redo"))
        self.save, self.cancel = QPushButton(icon("save"), self.tr("Save")), QPushButton(self.tr("Cancel"))
        self.fault, self._refusal = FaultLabel(), ""
        self._arrange()
        self.canvas.show_blind(count.view)
        self._connect()
        self._tell()
        if parent is not None and (window := parent.window()) is not None:
            self.resize(window.size() * SHARE)
        self.canvas.setFocus()

    def question(self) -> str:
        """Asks about heads that are not saved."""
        marked = len(self.canvas.marks.points)
        return self.tr("{} heads are marked and not saved. Leave all the same?").format(marked) if marked else ""

    def put(self) -> None:
        """Has it kept, and leaves once it is."""
        if self.save.isEnabled():
            self._count.keep(self.canvas.marks.points, who=self.who.text().strip(), note=self.note.text().strip())
            self._tell()

    def done(self, result: int) -> None:
        """Lets go of the frame."""
        self._count.close()
        super().done(result)

    def _arrange(self) -> None:
        words = self.tr(
            "Click every head once, also those half hidden. Drag a ring to move it, right-click or Delete removes it. "
            "The wheel zooms, the middle button moves the picture. Keys: arrows aim (Shift: finer, Ctrl: moves the "
            "picture), Space marks, + − 0 zoom."
        )
        font = self.number.font()
        font.setPointSizeF(2.2 * font.pointSizeF())
        self.number.setFont(font)
        rows = Rows()
        self.who.setMaxLength(LONGEST_NAME)
        rows.add(self.tr("&Note"), self.note, self.tr("Such as the weather; it may stay empty."))
        rows.add(self.tr("&By"), self.who, self.tr("Your name, as the log has it."))
        side = QWidget()
        side.setFixedWidth(em(self, SIDE_EM))
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        steps = QHBoxLayout()
        for button in (self.undo, self.redo):
            steps.addWidget(button)
        for each in (self.number, self.verdict, self.map):
            column.addWidget(each)
        column.addLayout(steps)
        column.addWidget(rows)
        column.addWidget(WrappedLabel(words))
        column.addStretch(1)
        column.addWidget(self.fault)
        ends = QHBoxLayout()
        for button in (self.cancel, self.save):
            ends.addWidget(button)
        column.addLayout(ends)
        for button in (self.undo, self.redo, self.cancel, self.save):
            button.setAutoDefault(False)
        whole = QHBoxLayout(self)
        whole.addWidget(self.canvas, stretch=1)
        whole.addWidget(side)

    def _connect(self) -> None:
        canvas = self.canvas
        canvas.changed.connect(self._take)
        canvas.refused.connect(self._refuse)
        canvas.looked.connect(self._look)
        self.map.toggled.connect(canvas.show_map)
        for button, keys, tip, act in (
            (self.undo, "Ctrl+Z", self.tr("Take the newest step back"), canvas.undo),
            (self.redo, "Ctrl+Shift+Z", self.tr("Make it again"), canvas.redo),
            (self.save, "Ctrl+S", self.tr("Keep it in the log, with the picture"), self.put),
            (self.cancel, "", self.tr("Leave without keeping anything"), self.reject),
        ):
            button.clicked.connect(act)
            if keys:
                button.setShortcut(keys)
            button.setToolTip(f"{tip} ({keys})" if keys else tip)
        QShortcut(QKeySequence("M"), canvas).activated.connect(self.map.toggle)
        self._pull_every(PULL_MS, self._pull)

    def _take(self) -> None:
        self._refusal = ""
        self._tell()

    def _refuse(self) -> None:
        self._refusal = self.tr("Nobody is counted there: a mask covers it. Mark the heads in the bright part alone.")
        self._tell()

    def _look(self) -> None:
        self._wish = Wish(self.canvas.wanted, overlay="heat")

    def _pull(self) -> None:
        self._count.want(self._wish)
        if self._count.pull() and self._count.picture is not None:
            self.canvas.show_picture(self._count.picture)
        if self._count.kept is not None:
            self._tell_kept(self._count.kept, self.who.text().strip())
            self.accept()
            return
        self._tell()

    def _tell(self) -> None:
        """Says how many are marked, and what the model counted."""
        marks, counted = self.canvas.marks, self._count.counted
        self.number.setText(self.tr("1 head") if len(marks.points) == 1 else f"{len(marks.points)} " + self.tr("heads"))
        if counted is None:
            words = self.tr("The model's count of this frame is on its way…")
        else:
            off = counted - len(marks.points)
            more = self.tr("more than are marked") if off >= 0 else self.tr("fewer than are marked")
            words = self.tr("The model counts {0:.1f}, {1:.1f} {2}").format(counted, abs(off), more)
        self.verdict.setText(words)
        self.undo.setEnabled(bool(marks.past))
        self.redo.setEnabled(bool(marks.future))
        self.save.setEnabled(self._count.has_log and not self._count.is_keeping)
        lack = "" if self._count.has_log else self.tr("No log is kept, so it cannot be saved; name one under Set-up.")
        self.fault.say(lack or self._count.problem or self._refusal, self.save)
