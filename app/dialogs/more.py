"""The rest of what can be set of a camera, in sections that are folded until somebody wants them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from PyQt6.QtCore import QCoreApplication, Qt
from PyQt6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from app.dialogs.form import Form
from app.panels.panel import title
from engine.settings.config import CameraSettings
from engine.settings.problems import Problem
from engine.settings.recordings import RecordingSettings

SECTIONS = {
    "Watching": ("enabled", "counted", "on_wall", "capacity"),
    "Counting": ("max_fps", "weight", "grid", "density_interval_s", "smoothing_s", "motion_gate", "aspect"),
    "Connection": ("transport", "tls_verify", "tls_ca", "open_timeout_s", "read_timeout_s", "hardware", "loop"),
}
RECORDING = "recording"
"""The table of settings that has a section of its own."""
ONLY_OF = {"transport": ("rtsp",), "loop": ("path",)}
"""Settings that other kinds of addresses do not have."""
OF_LOGIN = ("tls_verify", "tls_ca")


class More(QWidget):
    """A button that unfolds, and forms."""

    def __init__(self) -> None:
        super().__init__()
        self.button = QToolButton()
        self.button.setText(self.tr("&More"))
        self.button.setToolTip(self.tr("How often and how it is counted, its connection, its recording (Alt+M)"))
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.button.setCheckable(True)
        self.button.setAutoRaise(True)
        self.forms = {name: Form(CameraSettings, keys) for name, keys in SECTIONS.items()}
        self.recording = Form(RecordingSettings)
        self._body = QWidget()
        inside = QVBoxLayout(self._body)
        inside.setContentsMargins(0, 0, 0, 0)
        for name, form in {**self.forms, "Recording": self.recording}.items():
            inside.addSpacing(title("").fontMetrics().height() // 2)
            inside.addWidget(title(QCoreApplication.translate("More", name)))
            inside.addWidget(form)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._body)
        self.button.toggled.connect(self._fold)
        self._fold(False)

    def values(self, kind: str) -> dict[str, Any]:
        """Returns what is set, also that something is not; what an address of that kind has not is left at rest."""
        said = {key: form.entry(key).value for form in self.forms.values() for key in form.keys}
        defaults = {key: CameraSettings.model_fields[key].default for key in ONLY_OF}
        said |= {key: defaults[key] for key, kinds in ONLY_OF.items() if kind not in kinds}
        return said | {RECORDING: self.recording.values()}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Takes what is configured."""
        for form in self.forms.values():
            form.set_values(values)
        self.recording.set_values(dict(values[RECORDING]))

    def suit(self, kind: str, *, encrypted: bool) -> None:
        """Shows what an address of that kind has."""
        for form in self.forms.values():
            form.set_shown(
                key for key in form.keys if kind in ONLY_OF.get(key, (kind,)) and (encrypted or key not in OF_LOGIN)
            )

    def show_problems(self, problems: Iterable[Problem]) -> tuple[Problem, ...]:
        """Says what is wrong beside the fields, unfolded if need be; returns those for which there is no field."""
        given = tuple(problems)
        own = [problem for problem in given if problem.place[:1] == (RECORDING,)]
        left = tuple(problem for problem in given if problem not in own)
        for form in self.forms.values():
            left = form.show_problems(left)
        left += self.recording.show_problems([replace(problem, place=problem.place[1:]) for problem in own])
        if len(left) < len(given):
            self.button.setChecked(True)
        return left

    def focus_first_fault(self) -> bool:
        """Moves to the first field with which something is wrong; says whether there is one."""
        return any(form.focus_first_fault() for form in (*self.forms.values(), self.recording))

    def _fold(self, unfolded: bool) -> None:
        self._body.setVisible(unfolded)
        self.button.setArrowType(Qt.ArrowType.DownArrow if unfolded else Qt.ArrowType.RightArrow)
