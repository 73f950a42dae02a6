"""Rows of a hand-made form: label with its shortcut, field, help beneath, and what is wrong."""

from PyQt6.QtWidgets import QComboBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from app.dialogs.words import FaultLabel, help_text

LABEL_EM = 9  # so that the fields of several groups stand in one line


class Rows(QWidget):
    """Fields, one below the other; each is called by its widget."""

    def __init__(self) -> None:
        super().__init__()
        self._layout = QFormLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self._layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._rows: dict[QWidget, QWidget] = {}
        self._faults: dict[QWidget, FaultLabel] = {}

    def add(self, title: str, field: QWidget, words: str = "", *, extra: QWidget | None = None) -> None:
        """Adds a row.

        Args:
            title: with & before the letter that leads there with Alt.
            field: what is filled in.
            words: help, shown beneath.
            extra: what else belongs to the field, beneath it.
        """
        row, fault = QWidget(), FaultLabel()
        column = QVBoxLayout(row)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(field)
        for more in (help_text(words) if words else None, fault, extra):
            if more is not None:
                column.addWidget(more)
        label = QLabel(title)
        label.setBuddy(field)
        label.setMinimumWidth(LABEL_EM * label.fontMetrics().height())
        field.setAccessibleName(title.replace("&", ""))
        field.setToolTip(words)
        field.setAccessibleDescription(words)
        if isinstance(field, QComboBox):
            field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._layout.addRow(label, row)
        self._rows[field], self._faults[field] = row, fault

    def alias(self, field: QWidget, row: QWidget) -> None:
        """Lets a field be called that is a part of what was added as `row`."""
        self._rows[field], self._faults[field] = self._rows.pop(row), self._faults.pop(row)

    def rename(self, field: QWidget, title: str) -> None:
        """Gives a field another title."""
        label = self._layout.labelForField(self._rows[field])
        assert isinstance(label, QLabel)
        label.setText(title)
        field.setAccessibleName(title.replace("&", ""))

    def show_row(self, field: QWidget, shown: bool) -> None:
        """Shows or hides a row."""
        self._layout.setRowVisible(self._rows[field], shown)

    def say(self, field: QWidget, words: str) -> None:
        """Says what is wrong with a field; nothing for no words."""
        self._faults[field].say(words, field)

    def clear_faults(self) -> None:
        """Takes back all that was said to be wrong."""
        for field, fault in self._faults.items():
            fault.say("", field)

    def focus_first_fault(self) -> bool:
        """Moves to the first field with which something is wrong; says whether there is one."""
        field = next((field for field, fault in self._faults.items() if not fault.isHidden()), None)
        if field is not None:
            field.setFocus()
        return field is not None
