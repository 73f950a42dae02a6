"""The models under Set-up: what each learnt from, how good and how fast it is, and which cameras it counts."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QSignalBlocker
from PyQt6.QtWidgets import QComboBox, QFormLayout, QGroupBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.dialogs.help import show_model_card
from app.dialogs.words import FaultLabel
from app.pages.setup_tab import SetupTab
from app.panels.message import Message
from app.panels.model_words import card_of, date_of, error_of, speed_words, title_of
from app.panels.named_list import ListColumn, ListRow, NamedList
from app.panels.panel import plate, scrolling
from app.running.document import Document
from app.running.live import Live
from app.running.models import Models
from engine.inference.known import KnownModel
from engine.inference.variants import main_file
from engine.settings.address import Address
from engine.settings.config import CameraSettings

LISTED, BENEATH = 2, 3
"""How the list and what is beneath it share the room."""


class ModelsTab(SetupTab):
    """A list of models, the card of the one that is chosen, and the model of every camera."""

    key, icon = "models", "model"
    own = frozenset({"use_model", "card", "measure"})

    def __init__(self, document: Document, live: Live) -> None:
        super().__init__(document)
        self.title = self.tr("Models")
        self._live, self._models = live, Models()
        columns = (
            ListColumn(self.tr("Model"), 9),
            ListColumn(self.tr("Counts"), 0),
            ListColumn(self.tr("MAE"), 4),
            ListColumn(self.tr("Of"), 7),
            ListColumn(self.tr("Learnt from"), 0, is_missable=True),
            ListColumn(self.tr("Speed here"), 0, is_missable=True),
        )
        self.models, self.words, self.fault = NamedList(self.tr("Models"), columns), Message(), FaultLabel()
        self.use, self.card = QPushButton(self.tr("&Use for all")), QPushButton(self.tr("&Card…"))
        self.measure = QPushButton(self.tr("&Measure the speeds"))
        self.choices: dict[str, QComboBox] = {}
        """Of cameras, by their names."""
        self._offered: tuple[object, ...] = ()
        self._rows = QFormLayout()
        self._build()

    @property
    def chooser(self) -> NamedList:
        """The models."""
        return self.models

    def fill(self) -> None:
        """Has the models read, and shows what is known."""
        self._models.look(self.config)
        self.pull_numbers()

    def pull_numbers(self) -> None:
        """Says which cameras are counted by which model, and what runs it."""
        self.models.show_rows([self._row(model) for model in self._models.known])
        self._offer()
        self._show_card()

    def allowed(self) -> frozenset[str]:
        """What is broken can count nobody."""
        model = self._chosen
        found = {"measure"} if self._models.known and not self._models.is_measuring else set()
        if model is not None:
            found.add("card")
        if model is not None and not model.problem and model.path != self._of_all:
            found.add("use_model")
        return frozenset(found)

    def runs(self) -> dict[str, Callable[[], object]]:
        """What its commands do."""
        return {"use_model": self.use_for_all, "card": self.show_card, "measure": self._models.measure}

    def stop(self) -> None:
        """Ends what is being read and measured."""
        self._models.stop()

    def use_for_all(self) -> None:
        """Counts all cameras by the chosen model that have none of their own; takes effect while they run."""
        if (model := self._chosen) is not None and "use_model" in self.allowed():
            problems = self._document.put(self.config.model_copy(update={"model": Address.of(model.name)}))
            self.fault.say("; ".join(problem.sentence for problem in problems), self)

    def show_card(self) -> None:
        """Shows the whole card of the chosen model."""
        if (model := self._chosen) is not None:
            show_model_card(self.window() or self, model.path)

    @property
    def _chosen(self) -> KnownModel | None:
        return next((model for model in self._models.known if model.name == self.models.current), None)

    @property
    def _of_all(self) -> Path:
        return main_file(self.config.model.path if self.config.model else None).absolute()

    def _of(self, camera: CameraSettings) -> Path:
        return self._of_all if camera.model is None else main_file(camera.model.path).absolute()

    def _counted_by(self, model: KnownModel) -> list[str]:
        return [camera.name for camera in self.config.cameras if self._of(camera) == model.path]

    def _row(self, model: KnownModel) -> ListRow:
        names = self._counted_by(model)
        is_of_all = model.path == self._of_all
        said = [self.tr("all others") if any(c.model for c in self.config.cameras) else self.tr("all cameras")]
        counts = said if is_of_all else names
        words = (
            title_of(model),
            ", ".join(counts) or "–",
            error_of(model),
            date_of(model),
            model.facts.get("training_data", "–"),
            speed_words(self._models.speeds_of(model)) or "–",
        )
        tone = "problem" if model.problem else "good" if counts else "quiet"
        tip = f"{model.path}\n{', '.join(names)}".strip()
        return ListRow(model.name, words, tone=tone, toned=1, tip=tip)

    def _show_card(self) -> None:
        model, text = self._chosen, self.tr("Reading the models…")
        if model is not None:
            names = self._counted_by(model)
            runs = self._live.runtime_of(names[0]) if names and set(names) & set(self._live.names) else ""
            text = card_of(model, runs=runs, speeds=self._models.speeds_of(model))
        busy = self.tr("Measuring…") if self._models.is_measuring else ""
        text = "\n".join(filter(None, [busy, self._models.problem, text]))
        if text != self.words.text:
            self.words.set_text(text)
        for button, name in ((self.use, "use_model"), (self.card, "card"), (self.measure, "measure")):
            button.setEnabled(name in self.allowed())

    def _offer(self) -> None:
        """Has a choice for every camera, made anew where cameras or models are others."""
        usable = [model for model in self._models.known if not model.problem]
        offered = tuple(camera.name for camera in self.config.cameras), tuple(model.name for model in usable)
        if offered != self._offered:
            self._offered = offered
            while self._rows.rowCount():
                self._rows.removeRow(0)
            self.choices = {camera.name: self._choice(camera.name, usable) for camera in self.config.cameras}
            for name, choice in self.choices.items():
                self._rows.addRow(name, choice)
        for camera in self.config.cameras:
            choice, own = self.choices[camera.name], None if camera.model is None else str(self._of(camera))
            with QSignalBlocker(choice):
                choice.setCurrentIndex(choice.findData(own))

    def _choice(self, name: str, usable: list[KnownModel]) -> QComboBox:
        choice = QComboBox()
        choice.setAccessibleName(self.tr("Model of {}").format(name))
        choice.addItem(self.tr("That of all"), None)
        for model in usable:
            choice.addItem(title_of(model), str(model.path))
        choice.activated.connect(partial(self._put, name, choice))
        return choice

    def _put(self, name: str, choice: QComboBox, _place: int) -> None:
        camera, wanted = self._document.camera(name), choice.currentData()
        if camera is None:
            return
        model = next((each for each in self._models.known if str(each.path) == wanted), None)
        changed = camera.model_copy(update={"model": None if model is None else Address.of(model.name)})
        problems = self._document.put_camera(changed, replacing=name)
        self.fault.say("; ".join(problem.sentence for problem in problems), self)
        self.pull_numbers()

    def _build(self) -> None:
        self._stack.addWidget(self.models)
        self._models.changed.connect(self._turn)
        self.models.asked.connect(lambda _: self.show_card())
        self.models.currentItemChanged.connect(lambda *_: self._turn())
        for button, act, tip in (
            (self.use, self.use_for_all, self.tr("Count all cameras by it that have no model of their own")),
            (self.card, self.show_card, self.tr("Read how good it counts, and on what")),
            (self.measure, self._models.measure, self.tr("Count for some seconds with each, on all that can run it")),
        ):
            button.setToolTip(tip)
            button.clicked.connect(act)
        details, column, row = QWidget(), QVBoxLayout(), QHBoxLayout()
        details.setLayout(column)
        for button in (self.use, self.card, self.measure):
            row.addWidget(button)
        row.addStretch(1)
        column.addWidget(self.words)
        column.addLayout(row)
        column.addWidget(self.fault)
        box, lower = QGroupBox(self.tr("Model of each camera")), QWidget()
        box.setLayout(self._rows)
        beneath = QVBoxLayout(lower)
        beneath.setContentsMargins(0, 0, 0, 0)
        beneath.addWidget(plate(details))
        beneath.addWidget(box)
        beneath.addStretch(1)
        self._column.addWidget(scrolling(lower, self.tr("Chosen model, and model of each camera")), stretch=BENEATH)
        self._column.setStretch(0, LISTED)

    def _turn(self) -> None:
        self.pull_numbers()
        self.chosen_changed.emit()
