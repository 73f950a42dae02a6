"""The controls above a curve: live, how long a stretch, what is read where the cross-hair is, the list, saving."""

from PyQt6.QtCore import QCoreApplication, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QResizeEvent
from PyQt6.QtWidgets import QComboBox, QLabel, QMenu, QSizePolicy, QToolBar, QToolButton

from app.icons import icon
from app.panels.curve_view import CurveView
from app.theme import changed, colours

PRESETS_S = (300.0, 3600.0, 28_800.0, 86_400.0, 604_800.0, 2_592_000.0)
LONGEST_SPAN = 4  # characters
WORDS_LEAST = 8  # letters that have room in any case
UNITS = ((86_400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"))


class CurveBar(QToolBar):
    """Tells what is wanted; shows what it is told."""

    live_wanted, table_wanted, picture_wanted = pyqtSignal(), pyqtSignal(), pyqtSignal()
    span_wanted = pyqtSignal(float)
    """Seconds."""
    counts_wanted = pyqtSignal(bool)
    """Whether the list of counts is to be seen."""

    def __init__(self) -> None:
        super().__init__()
        self._note, self._state, self._moment, self._is_problem = "", "", "", False
        self.setMovable(False)
        self.setAccessibleName(self.tr("Controls of the curve"))
        self.live = self._action(self.tr("Live"), self.tr("Follow now (Home on the curve)"))
        self.live.triggered.connect(self.live_wanted)
        self.span = self._spans()
        self.addWidget(self.span)
        self.words = _Words()
        self.addWidget(self.words)
        self.counts = self._action(self.tr("List"), self.tr("Show or hide the list of counts"))
        self.counts.setIcon(icon("list"))
        self.counts.toggled.connect(self.counts_wanted)
        self.save = self._saving()
        self.addWidget(self.save)
        self._name_buttons()
        self.show_view(CurveView())
        changed.connect(self._write)

    def show_view(self, view: CurveView) -> None:
        """Says which stretch is shown."""
        self.live.setChecked(view.is_live)
        place = self.span.findData(view.span_s)
        self.span.setCurrentIndex(place)
        if place < 0:
            self.span.setPlaceholderText(span_text(view.span_s))

    def show_moment(self, words: str) -> None:
        """Says which moment is read."""
        if words != self._moment:
            self._moment = words
            self._write()

    def show_state(self, words: str) -> None:
        """Says what is being waited for or missing; '' is nothing."""
        if words != self._state:
            self._state = words
            self._write()

    def show_note(self, words: str, *, is_problem: bool) -> None:
        """Says what became of something; it stays until there is something else to say."""
        self._note, self._is_problem = words, is_problem
        self._write()

    def set_counts_shown(self, shown: bool) -> None:
        """Shows or hides the list of counts."""
        self.counts.setChecked(shown)

    @property
    def text(self) -> str:
        """What is said."""
        return " · ".join(filter(None, (self._moment, self._state, self._note)))

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Makes the words fit."""
        super().resizeEvent(event)
        self._write()

    def _write(self) -> None:
        text = self.text
        colour = colours().problem if self._is_problem else colours().quiet
        self.words.setStyleSheet(f"color: {colour}; padding: 0 0.5em")
        self.words.setText(self.words.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, self._room()))
        self.words.setToolTip(text)
        self.words.setAccessibleName(text)

    def _room(self) -> int:
        return self.words.width() - self.fontMetrics().height()

    def _action(self, words: str, tip: str) -> QAction:
        action = QAction(words, self)
        action.setCheckable(True)
        action.setToolTip(tip)
        self.addAction(action)
        return action

    def _spans(self) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(self.tr("Length of the curve"))
        box.setMinimumContentsLength(LONGEST_SPAN)  # for lengths between the presets too
        box.setToolTip(self.tr("How long a stretch is shown (+ and − on the curve)"))
        for span_s in PRESETS_S:
            box.addItem(span_text(span_s), span_s)
        box.activated.connect(lambda place: self.span_wanted.emit(PRESETS_S[place]))
        return box

    def _saving(self) -> QToolButton:
        menu = QMenu(self)
        menu.addAction(self.tr("Table (CSV)…"), self.table_wanted.emit)
        menu.addAction(self.tr("Picture (PNG)…"), self.picture_wanted.emit)
        button = QToolButton()
        button.setIcon(icon("export"))
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setAccessibleName(self.tr("Save the curve"))
        button.setToolTip(self.tr("Save the curve as a table or a picture"))
        return button

    def _name_buttons(self) -> None:
        for action in (self.live, self.counts):
            button = self.widgetForAction(action)
            if isinstance(button, QToolButton):
                button.setAccessibleName(action.text())
                button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.save.setFocusPolicy(Qt.FocusPolicy.StrongFocus)


class _Words(QLabel):
    """Words that take what room is left."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Returns the same for all words."""
        return QSize(self.fontMetrics().averageCharWidth() * WORDS_LEAST, self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Returns the same for all words."""
        return self.sizeHint()


def span_text(span_s: float) -> str:
    """Returns a length of time in words, such as 5 min."""
    length_s, unit = next(((length, unit) for length, unit in UNITS if span_s >= length), UNITS[-1])
    return f"{span_s / length_s:.3g} {QCoreApplication.translate('span', unit)}"
