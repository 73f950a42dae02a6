"""What holds for all cameras: the model and what runs it, with their speeds here; the log; the look of the window."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from os import W_OK, access
from pathlib import Path
from threading import Event
from typing import Any

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.dialogs.form import Form
from app.dialogs.rows import Rows
from app.dialogs.words import FAULT_SIGN, FaultLabel, WrappedLabel
from app.panels.panel import title
from app.running.document import Document
from app.running.task import Task
from engine.errors import DatabaseError
from engine.inference.runtime import PROVIDER_CHOICES
from engine.log.database import database_state
from engine.monitor.speed import Speed, measured_speeds, providers_here
from engine.paths import SHIPPED
from engine.settings.address import Address
from engine.settings.config import Config
from engine.settings.problems import Problem, tried
from engine.settings.recordings import RecordingsSettings

CHOICES: Mapping[theme.Choice, str] = {"system": "As the system", "light": "Light", "dark": "Dark"}
RUNNING = ("strict_provider", "alert_weight")
SIZE_EM = 46, 44


class SettingsDialog(QDialog):
    """What is chosen takes effect, and is written, when it is accepted."""

    def __init__(
        self,
        document: Document,
        *,
        choice: theme.Choice,
        choose: Callable[[theme.Choice], None],
        parent: QWidget | None = None,
    ) -> None:
        """Takes the configuration, the look that is chosen now, and what makes another the chosen one."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        self._document, self._choose, self._choice = document, choose, choice
        self.model, self.provider, self.database, self.look = QComboBox(), QComboBox(), QLineEdit(), QComboBox()
        self.rows, self.running, self.recordings = Rows(), Form(Config, RUNNING), Form(RecordingsSettings)
        self.measure, self.check = QPushButton(self.tr("&Measure the speeds")), QPushButton(self.tr("&Check it"))
        self.speeds, self.state, self._fault = _Speeds(self.measure), WrappedLabel(), FaultLabel()
        self._checking: Task | None = None
        self._build()
        self._fill(document.config)
        self._connect()
        self.model.setFocus()

    def accept(self) -> None:
        """Puts all into the document, or says what cannot be."""
        config, found = self._checked()
        if config is not None:
            found = self._document.put(config)
        self._show(found)
        if not found:
            if self.look.currentData() != self._choice:
                self._choose(self.look.currentData())
            super().accept()

    def done(self, result: int) -> None:
        """Ends what is still being measured."""
        self.speeds.stop()
        if self._checking is not None:
            self._checking.drop()
        super().done(result)

    def _checked(self) -> tuple[Config | None, tuple[Problem, ...]]:
        values: dict[str, Any] = {**dict(self._document.config), **self.running.values()}
        before = self._document.config.database
        text = self.database.text().strip()
        values |= {
            "model": self.model.currentData(),
            "provider": self.provider.currentData(),
            "database": before if before is not None and text == before.shown else text or None,
            "recordings": self.recordings.values(),
        }
        name, folder = self._document.path.name, self._document.path.parent
        return tried(Config, values, name, folder=folder)

    def _show(self, problems: tuple[Problem, ...]) -> None:
        self.rows.clear_faults()
        fields: dict[str, QWidget] = {"model": self.model, "provider": self.provider, "database": self.database}
        others, recordings = list[str](), list[Problem]()
        for problem in problems:
            field = fields.get(str(problem.place[0])) if problem.place else None
            if problem.place[:1] == ("recordings",):
                recordings.append(replace(problem, place=problem.place[1:]))
            elif field is None:
                others.append(problem.sentence)
            else:
                self.rows.say(field, problem.words)
        others += [problem.sentence for problem in self.recordings.show_problems(recordings)]
        self._fault.say("; ".join(others), self)
        if not self.rows.focus_first_fault():
            self.recordings.focus_first_fault()

    def _check_database(self) -> None:
        config, found = self._checked()
        self._show(tuple(problem for problem in found if problem.place == ("database",)))
        if config is None or config.database is None:
            self.state.setText(self.tr("No log is kept."))
            return
        address = config.database
        self.state.setText(self.tr("Looking…"))
        self._checking = Task("look at a log", lambda: state_of(address))
        self._checking.done.connect(self.state.setText)
        self._checking.failed.connect(lambda words: self.state.setText(f"{FAULT_SIGN} {words}"))
        self._checking.start()

    def _choose_model(self) -> None:
        start = str(self._document.path.parent)
        chosen, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a model"), start, "ONNX (*.onnx)")
        if chosen:
            self._offer_model(chosen, chosen)
            self.model.setCurrentIndex(self.model.findData(chosen))

    def _choose_database(self) -> None:
        start = str(self._document.path.parent / "deepcount.db")
        chosen, _ = QFileDialog.getSaveFileName(
            self, self.tr("Where is the log kept?"), start, options=QFileDialog.Option.DontConfirmOverwrite
        )
        if chosen:
            self.database.setText(chosen)

    def _offer_model(self, title: str, value: object) -> None:
        if self.model.findData(value) < 0:
            self.model.addItem(title, value)

    def _fill(self, config: Config) -> None:
        self._offer_model(self.tr("What suits this computer"), None)
        for name in SHIPPED:
            self._offer_model(name, name)
        if config.model is not None:
            self._offer_model(config.model.shown, config.model.shown)
        self.model.setCurrentIndex(self.model.findData(config.model.shown if config.model else None))
        here = providers_here()
        for provider in _offered():
            missing = "" if provider in (*here, "auto", "tensorrt") else self.tr(" – not installed here")
            self.provider.addItem(f"{provider}{missing}", provider)
        self.provider.setCurrentIndex(self.provider.findData(config.provider))
        self.running.set_values(dict(config))
        self.recordings.set_values(dict(config.recordings))
        self.database.setText(config.database.shown if config.database else "")
        for choice, words in CHOICES.items():
            self.look.addItem(self.tr(words), choice)
        self.look.setCurrentIndex(self.look.findData(self._choice))

    def _connect(self) -> None:
        self.measure.clicked.connect(self.speeds.begin)
        self.check.clicked.connect(self._check_database)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)

    def _build(self) -> None:
        self.database.setPlaceholderText(self.tr("no log is kept"))
        model = self._line(self._button(self.tr("Choose a &file…"), self._choose_model))
        log = self._line(self._button(self.tr("Choose a &place…"), self._choose_database), self.check, below=self.state)
        fields = Config.model_fields
        self.rows.add(self.tr("Mo&del"), self.model, fields["model"].description or "", extra=model)
        self.rows.add(self.tr("&Runs on"), self.provider, fields["provider"].description or "")
        self.rows.add(self.tr("&Log"), self.database, fields["database"].description or "", extra=log)
        self.rows.add(self.tr("L&ook"), self.look, self.tr("Light or dark; takes effect at once."))
        inside = QWidget()
        column = QVBoxLayout(inside)
        heading = title(self.tr("Recordings of cameras"))
        for part in (self.rows, self.running, self._line(self.measure), self.speeds, heading, self.recordings):
            column.addWidget(part)
        column.addStretch(1)
        for button in (self.measure, self.check):
            button.setAutoDefault(False)
        area = QScrollArea()
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        outer = QVBoxLayout(self)
        outer.addWidget(area, stretch=1)
        outer.addWidget(self._fault)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        outer.addWidget(self._buttons)
        self.resize(theme.em(self, SIZE_EM[0]), theme.em(self, SIZE_EM[1]))

    def _line(self, *buttons: QPushButton, below: QWidget | None = None) -> QWidget:
        line = QWidget()
        column, row = QVBoxLayout(line), QHBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        for button in buttons:
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        if below is not None:
            column.addWidget(below)
        return line

    def _button(self, title: str, run: Callable[[], None]) -> QPushButton:
        button = QPushButton(title)
        button.setAutoDefault(False)
        button.clicked.connect(run)
        return button


class _Speeds(WrappedLabel):
    """What was measured so far, a line for each model and provider."""

    def __init__(self, button: QPushButton) -> None:
        super().__init__()
        self._button, self._stop = button, Event()
        self._task: Task | None = None
        self._lines: list[str] = []
        button.setToolTip(self.tr("Counts for some seconds with each model on all that can run it here (Alt+M)"))

    def begin(self) -> None:
        """Measures all; what counts meanwhile goes on."""
        self._stop, self._lines = Event(), []
        stop = self._stop
        self._button.setEnabled(False)
        self.setText(self.tr("Measuring…"))
        self._task = Task.of_steps("measurement of speeds", lambda: measured_speeds(stop))
        self._task.step.connect(self._add)
        self._task.done.connect(lambda _: self._end(""))
        self._task.failed.connect(self._end)
        self._task.start()

    def stop(self) -> None:
        """Ends it after what is being measured."""
        self._stop.set()
        if self._task is not None:
            self._task.drop()

    def _add(self, speed: object) -> None:
        assert isinstance(speed, Speed)
        if speed.tiles_per_s is None:
            self._lines.append(f"{speed.model}, {speed.provider}: {FAULT_SIGN} {speed.words}")
        else:
            words = self.tr("{model}, {provider}: {speed} tiles/s")
            shown = f"{speed.tiles_per_s:.0f}" if speed.tiles_per_s >= 10 else f"{speed.tiles_per_s:.1f}"
            self._lines.append(words.format(model=speed.model, provider=speed.provider, speed=shown))
        self.setText("\n".join([*self._lines, self.tr("Measuring…")]))

    def _end(self, problem: str) -> None:
        self._button.setEnabled(True)
        self.setText("\n".join([*self._lines, *([f"{FAULT_SIGN} {problem}"] if problem else [])]))


def state_of(database: Address) -> str:
    """Says what a log holds and that it can be written; raises DatabaseError where it cannot be used."""
    if database.kind == "path" and not access(next(p for p in database.path.absolute().parents if p.exists()), W_OK):
        raise DatabaseError(f"{database.path.parent} cannot be written, expected a folder for the log; choose another")
    return database_state(Path(database.full) if database.kind == "path" else database.full)


def _offered() -> tuple[str, ...]:
    """Providers that a configuration can name."""
    return tuple(name for name in PROVIDER_CHOICES if not tried(Config, {"provider": name}, "")[1])
