"""The side of the calibration: what is marked next, the marks, what follows from them, and what is wrong with them."""

from PyQt6.QtCore import QSignalBlocker, Qt
from PyQt6.QtWidgets import (
    QButtonGroup,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.dialogs.ground.marking import Marking
from app.dialogs.ground.marks import Kind
from app.dialogs.ground.words import HELP, KEYS, mark_words, step_words
from app.dialogs.words import FaultLabel, WrappedLabel
from app.icons import icon
from engine.calibration.fitting import LEAST_TALL, MOST_TALL
from engine.settings.calibration import MOST_METRES

LEAST_METRES = 0.1


class Sidebar(QWidget):
    """Shows a marking as a list, and says what was found."""

    def __init__(self, marking: Marking) -> None:
        super().__init__()
        self._marking = marking
        self.people, self.distances = QRadioButton(self.tr("&People")), QRadioButton(self.tr("&Distances"))
        self._kinds: dict[Kind, QRadioButton] = {"person": self.people, "distance": self.distances}
        self._group = QButtonGroup(self)
        self.metres, self.metres_label = QDoubleSpinBox(), QLabel()
        self.list = QListWidget()
        self.step, self.found, self.camera, self.fault = WrappedLabel(), WrappedLabel(), WrappedLabel(), FaultLabel()
        self.remove = self._button(self.tr("Delete"), "remove", self.tr("Delete the chosen mark"), "Ctrl+Delete")
        self.undo = self._button(self.tr("Undo"), "undo", self.tr("Take the newest step back"), "Ctrl+Z")
        self.redo = self._button(self.tr("Redo"), "redo", self.tr("Make it again"), "Ctrl+Shift+Z")
        self._connect()
        self._arrange()
        marking.changed.connect(self.refresh)
        self.refresh()

    def say(self, found: str, camera: str, fault: str) -> None:
        """Says what was found, or why nothing was."""
        self.found.setText(found)
        self.camera.setText(camera)
        if fault != self.fault.text().removeprefix("⚠ "):
            self.fault.say(fault, self.list)

    def refresh(self) -> None:
        """Shows the marking as it is now."""
        marking = self._marking
        marks = marking.marks.all
        with QSignalBlocker(self.list):
            while self.list.count() > len(marks):
                self.list.takeItem(self.list.count() - 1)
            for place, mark in enumerate(marks):
                item = self.list.item(place) or QListWidgetItem(self.list)
                item.setText(mark_words(place + 1, mark))
            self.list.setCurrentRow(-1 if marking.chosen is None else marking.chosen)
        self._kinds[marking.kind].setChecked(True)
        is_person = marking.kind == "person"
        self.metres_label.setText(self.tr("&Height") if is_person else self.tr("&Length"))
        with QSignalBlocker(self.metres):
            self.metres.setRange(*((LEAST_TALL, MOST_TALL) if is_person else (LEAST_METRES, MOST_METRES)))
            self.metres.setValue(marking.metres)
        self.metres.setAccessibleName(self.tr("Height of the person") if is_person else self.tr("Length in metres"))
        self.step.setText(step_words(marking.kind, marking.start))
        self.remove.setEnabled(marking.chosen is not None)
        self.undo.setEnabled(bool(marking.marks.past) or marking.start is not None)
        self.redo.setEnabled(bool(marking.marks.future))

    def _connect(self) -> None:
        marking = self._marking
        for kind, radio in self._kinds.items():
            self._group.addButton(radio)
            radio.clicked.connect(lambda _, kind=kind: marking.choose_kind(kind))
        self.metres.setDecimals(2)
        self.metres.setSingleStep(0.05)
        self.metres.setSuffix(self.tr(" m"))
        self.metres.valueChanged.connect(marking.say_metres)
        self.list.setAccessibleName(self.tr("Marks"))
        self.list.currentRowChanged.connect(lambda row: marking.choose(row if row >= 0 else None))
        for button, act in ((self.remove, marking.remove), (self.undo, marking.undo), (self.redo, marking.redo)):
            button.clicked.connect(act)

    def _button(self, words: str, name: str, tip: str, key: str) -> QPushButton:
        button = QPushButton(icon(name), words)
        button.setAutoDefault(False)
        button.setShortcut(key)
        button.setToolTip(f"{tip} ({key})")
        return button

    def _arrange(self) -> None:
        self.metres_label.setBuddy(self.metres)
        kinds, length, steps = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for button in self._kinds.values():
            kinds.addWidget(button)
        length.addWidget(self.metres_label)
        length.addWidget(self.metres, stretch=1)
        for each in (self.undo, self.redo):
            steps.addWidget(each)
        help_label = WrappedLabel(self.tr(HELP))
        keys = WrappedLabel(self.tr(KEYS))
        keys.setObjectName("fact")
        self.camera.setObjectName("fact")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMinimumHeight(theme.em(self, 6))
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.em(self, 0.6), 0, 0, 0)
        column.addWidget(help_label)
        column.addLayout(kinds)
        column.addLayout(length)
        column.addWidget(self.step)
        column.addWidget(self.list, stretch=1)
        column.addWidget(self.remove)
        column.addLayout(steps)
        for label in (self.fault, self.found, self.camera, keys):
            column.addWidget(label)
