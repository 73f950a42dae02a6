"""A form made of a table of settings: title, widget, unit, bounds and help of each come from the pydantic fields."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QFormLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.dialogs.entry import Entry, entry_for
from app.dialogs.rows import LABEL_EM
from app.dialogs.words import FaultLabel, help_text
from engine.settings.problems import Problem
from engine.settings.table import Settings


class Form(QWidget):
    """Fields of one kind of settings, one below the other."""

    changed = pyqtSignal(str)
    """A field says something else now; its key."""

    def __init__(self, kind: type[Settings], keys: Sequence[str] | None = None) -> None:
        """Takes the kind of settings, and which of their fields in which order; None takes all."""
        super().__init__()
        self._entries: dict[str, Entry] = {}
        self._rows: dict[str, QWidget] = {}
        self._faults: dict[str, FaultLabel] = {}
        self._layout = QFormLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self._layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for key in kind.model_fields if keys is None else keys:
            self._add(key, kind)

    @property
    def keys(self) -> tuple[str, ...]:
        """The settings that it holds."""
        return tuple(self._entries)

    def entry(self, key: str) -> Entry:
        """Returns the entry of a setting."""
        return self._entries[key]

    def set_shown(self, keys: Iterable[str]) -> None:
        """Shows these fields only; what the others hold stays in `values`."""
        shown = set(keys)
        for key, row in self._rows.items():
            self._layout.setRowVisible(row, key in shown)

    def values(self) -> dict[str, Any]:
        """Returns what is set, as TOML has it; what is not set is left out."""
        said = {key: entry.value for key, entry in self._entries.items()}
        return {key: value for key, value in said.items() if value is not None}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Takes values as they are in settings or in TOML; what is not among them stays."""
        for key, entry in self._entries.items():
            if key in values:
                entry.value = values[key]
        self.show_problems(())

    def show_problems(self, problems: Iterable[Problem]) -> tuple[Problem, ...]:
        """Says beside each field what is wrong with it, else nothing; returns those for which there is no field."""
        by_key: dict[str, list[str]] = {}
        others = []
        for problem in problems:
            key = str(problem.place[0]) if problem.place else ""
            if key in self._entries:
                by_key.setdefault(key, []).append(problem.words)
            else:
                others.append(problem)
        for key, label in self._faults.items():
            label.say("; ".join(by_key.get(key, ())), self._entries[key].widget)
        return tuple(others)

    def focus_first_fault(self) -> bool:
        """Moves to the first field with which something is wrong; says whether there is one."""
        for key, label in self._faults.items():
            if not label.isHidden():
                self._entries[key].widget.setFocus()
                return True
        return False

    def _add(self, key: str, kind: type[Settings]) -> None:
        field = kind.model_fields[key]
        entry = entry_for(field)
        entry.changed.connect(lambda: self.changed.emit(key))
        row = QWidget()
        column = QVBoxLayout(row)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(entry.widget)
        column.addWidget(help_text(field.description or ""))
        self._faults[key] = FaultLabel()
        column.addWidget(self._faults[key])
        row.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        if isinstance(entry.widget, QCheckBox):
            self._layout.addRow(row)
        else:
            label = QLabel(field.title or key)
            label.setBuddy(entry.widget)
            label.setMinimumWidth(LABEL_EM * label.fontMetrics().height())
            self._layout.addRow(label, row)
        self._entries[key], self._rows[key] = entry, row
