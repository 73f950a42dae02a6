"""All that is known of one alert, beside the list."""

from collections.abc import Mapping

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFormLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.dialogs.words import WrappedLabel
from app.panels.panel import scrolling
from app.theme import em

LEAST_EM = 14.0


class AlertDetails(QWidget):
    """A heading, facts, and the button that acknowledges."""

    def __init__(self, button: QPushButton) -> None:
        super().__init__()
        self.heading, self._button = WrappedLabel(), button
        self.heading.setObjectName("title")
        self._facts = QWidget()
        self._form = QFormLayout(self._facts)
        self._form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self._form.setContentsMargins(0, 0, em(self, 0.5), 0)
        self._values: dict[str, QLabel] = {}
        self._area: QScrollArea = scrolling(self._facts, self.tr("Details of the alert"))
        self._area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # nothing in it has the focus, and it has to be scrolled
        column = QVBoxLayout(self)
        column.setContentsMargins(em(self, 0.6), 0, 0, 0)
        column.addWidget(self.heading)
        column.addWidget(self._area, stretch=1)
        column.addWidget(button)
        self.setMinimumWidth(em(self, LEAST_EM))

    def show_facts(self, heading: str, facts: Mapping[str, str]) -> None:
        """Shows these."""
        self.heading.setText(heading)
        if list(facts) != list(self._values):
            while self._form.rowCount():
                self._form.removeRow(0)
            self._values = {name: self._row(name) for name in facts}
        for name, words in facts.items():
            if self._values[name].text() != words:
                self._values[name].setText(words)

    def set_terse(self, terse: bool) -> None:
        """Leaves the facts alone, where there is little room."""
        self.heading.setHidden(terse)
        self._button.setHidden(terse)

    def value(self, name: str) -> str:
        """Returns what one of the facts says; '' where it is not shown."""
        return self._values[name].text() if name in self._values else ""

    def _row(self, name: str) -> QLabel:
        label, value = QLabel(name), WrappedLabel()
        label.setObjectName("fact")
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._form.addRow(label, value)
        return value
