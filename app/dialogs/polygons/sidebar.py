"""The list of polygons at the side of the picture: adds, names, deletes, and says of each what is wrong with it."""

from collections.abc import Callable

from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QPalette, QShortcut
from PyQt6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.dialogs.polygons.board import Board, called
from app.dialogs.polygons.edits import KINDS, Kind, problems
from app.icons import icon
from engine.settings.fields import LONGEST_NAME

MOST_PEOPLE = 1_000_000
ICONS: dict[Kind, str] = {"zone": "zone", "include": "include", "privacy": "mask"}
ADD = {"zone": "Add &zone", "include": "Add &include area", "privacy": "Add &privacy mask"}
ADD_TIPS = {
    "zone": "Draw a part of the picture whose people are counted apart",
    "include": "Draw a part of the picture in which people count; all outside of such parts does not",
    "privacy": "Draw a part of the picture that nobody may see; it is black before anything looks at it",
}
NO_ZONES = "No polygon yet. Add one, then click its corners in the picture."
REMOVE_KEY, UNDO_KEYS, REDO_KEYS = "Ctrl+Delete", ("Ctrl+Z",), ("Ctrl+Shift+Z", "Ctrl+Y")


class Sidebar(QWidget):
    """Shows a board as a list."""

    drawing_began = pyqtSignal()
    """The picture is where to go on."""

    def __init__(self, board: Board, count: Callable[[int], float | None]) -> None:
        """Takes what is shown, and how many people are in a shape by its place; None where nobody knows."""
        super().__init__()
        self._board, self._count = board, count
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Polygons"))
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentRowChanged.connect(self._choose)
        self.empty = self._words(self.tr(NO_ZONES))
        self.name, self.capacity = QLineEdit(), QSpinBox()
        self.problem = self._words("")
        self.problem.setForegroundRole(QPalette.ColorRole.BrightText)
        self.adders = {kind: self._adder(kind) for kind in KINDS}
        self.remove = self._button(self.tr("Delete"), "remove", self.tr("Delete the chosen polygon"), (REMOVE_KEY,))
        self.undo = self._button(self.tr("Undo"), "undo", self.tr("Take the last change back"), UNDO_KEYS)
        self.redo = self._button(self.tr("Redo"), "redo", self.tr("Do again what was taken back"), REDO_KEYS)
        for button, act in ((self.remove, self._remove), (self.undo, board.undo), (self.redo, board.redo)):
            button.clicked.connect(act)
        self._make_fields()
        self._arrange()
        board.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Shows the board as it is now, and the counts."""
        board, wrong = self._board, problems(self._board.shapes)
        with QSignalBlocker(self.list):
            while self.list.count() > len(board.shapes):
                self.list.takeItem(self.list.count() - 1)
            for place, shape in enumerate(board.shapes):
                item = self.list.item(place) or QListWidgetItem(self.list)
                words = self._row_words(place, wrong.get(place, ""))
                if item.text() != words:
                    item.setText(words)
                    item.setIcon(icon("problem" if place in wrong else ICONS[shape.kind]))
            self.list.setCurrentRow(-1 if board.chosen is None else board.chosen)
        self.list.setVisible(bool(board.shapes))
        self.empty.setVisible(not board.shapes)
        self._show_fields(wrong.get(-1 if board.chosen is None else board.chosen, ""))
        self.remove.setEnabled(board.chosen is not None)
        self.undo.setEnabled(bool(board.history.past or board.draft))
        self.redo.setEnabled(bool(board.history.future) and board.drawing is None)

    def _row_words(self, place: int, wrong: str) -> str:
        shape = self._board.shapes[place]
        words = called(self._board.shapes, place)
        words = words[:1].upper() + words[1:]
        if shape.kind == "zone":
            people = self._count(place)
            words += ": " + (self.tr("–") if people is None else self.tr("{:.1f} people").format(people))
        return f"{words}\n⚠ {wrong}" if wrong else words

    def _show_fields(self, wrong: str) -> None:
        shape = self._board.shape
        is_zone = shape is not None and shape.kind == "zone"
        for field in (self.name, self.capacity):
            field.setEnabled(is_zone)
        name, capacity = (shape.name, shape.capacity) if shape is not None else ("", None)
        with QSignalBlocker(self.name), QSignalBlocker(self.capacity):
            if self.name.text() != name:
                self.name.setText(name)
            if self.capacity.value() != (capacity or 0):
                self.capacity.setValue(capacity or 0)
        self.problem.setText(f"⚠ {wrong}" if wrong else "")
        self.problem.setVisible(bool(wrong))

    def _choose(self, row: int) -> None:
        self._board.choose(row if row >= 0 else None)

    def _remove(self) -> None:
        self._board.choose(self._board.chosen)  # and none of its corners
        self._board.remove()

    def _begin(self, kind: Kind) -> None:
        self._board.begin(kind)
        self.drawing_began.emit()

    def _adder(self, kind: Kind) -> QPushButton:
        words = self.tr(ADD[kind])
        letter = words[words.index("&") + 1].upper() if "&" in words else ""
        button = self._button(words, ICONS[kind], self.tr(ADD_TIPS[kind]), (f"Alt+{letter}",))
        button.clicked.connect(lambda: self._begin(kind))
        return button

    def _button(self, words: str, name: str, tip: str, keys: tuple[str, ...]) -> QPushButton:
        button = QPushButton(icon(name), words)
        button.setAutoDefault(False)  # Enter closes what is drawn
        button.setToolTip(f"{tip} ({' or '.join(keys)})")
        for key in [] if "&" in words else keys:
            QShortcut(QKeySequence(key), self, button.click, context=Qt.ShortcutContext.WindowShortcut)
        return button

    def _words(self, words: str) -> QLabel:
        label = QLabel(words)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        return label

    def _make_fields(self) -> None:
        self.name.setMaxLength(LONGEST_NAME)
        self.name.setAccessibleName(self.tr("Name of the zone"))
        self.name.textEdited.connect(self._board.rename)
        self.capacity.setRange(0, MOST_PEOPLE)
        self.capacity.setSpecialValueText(self.tr("none"))
        self.capacity.setSuffix(self.tr(" people"))
        self.capacity.setAccessibleName(self.tr("Capacity of the zone"))
        self.capacity.setToolTip(self.tr("How many people the zone holds: a line in its curve"))
        self.capacity.valueChanged.connect(lambda people: self._board.set_capacity(people or None))

    def _arrange(self) -> None:
        fields = QFormLayout()
        fields.setContentsMargins(0, 0, 0, 0)
        fields.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        fields.addRow(self.tr("&Name"), self.name)
        fields.addRow(self.problem)
        fields.addRow(self.tr("&Capacity"), self.capacity)
        steps = QHBoxLayout()
        for button in (self.undo, self.redo):
            steps.addWidget(button)
        column = QVBoxLayout(self)
        margin = theme.em(self, 0.6)
        column.setContentsMargins(margin, 0, 0, 0)
        for button in self.adders.values():
            column.addWidget(button)
        column.addWidget(self.list, stretch=1)
        column.addWidget(self.empty, stretch=1)
        column.addLayout(fields)
        column.addWidget(self.remove)
        column.addLayout(steps)
