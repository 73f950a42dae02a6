"""How far the counts of one camera are to be trusted: interval, spot checks, and a correction that they propose."""

from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QGroupBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.dialogs.tuning_box import TuningBox
from app.dialogs.words import FaultLabel, WrappedLabel
from app.panels.trust_words import doubt_words, interval_words
from app.running.camera_trust import Known, read_known
from app.running.live import Live
from app.running.models import named
from app.running.task import Task
from app.running.tunings import Tunings
from app.theme import em
from engine.counting.correction import LEAST_CHECKS, Correction
from engine.counting.trust import LEAST_CHECKS as LEAST_FOR_INTERVAL
from engine.settings.address import Address
from engine.settings.config import CameraSettings, Config
from engine.settings.correction import CorrectionSettings

WIDTH_EM = 40
PULL_MS = 500


class TrustDialog(QDialog):
    """Shows what is known of a camera, and puts its counts right as soon as somebody says so."""

    def __init__(
        self,
        live: Live,
        name: str,
        *,
        config: Callable[[], Config],
        save: Callable[[CameraSettings], str],
        tunings: Tunings,
        parent: QWidget | None = None,
    ) -> None:
        """Takes a camera's name, who knows the configuration in force, who changes a camera, and what it learns."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("How far to trust {}").format(name))
        self._live, self._name, self._config, self._save = live, name, config, save
        self._known: Known | None = None
        model, database = live.model, self._database
        self._model = self._counting
        job = tunings.of(name, database, model) if model and database else None
        self.tuning = TuningBox(job, put=self._put_model, used=lambda: named(config()))
        self.now, self.checked, self.correction = WrappedLabel(), WrappedLabel(), WrappedLabel()
        self.take, self.drop = QPushButton(self.tr("&Correct the counts")), QPushButton(self.tr("&Switch it off"))
        self.fault, self._timer = FaultLabel(), QTimer(self)
        self._task = self._reading()
        self._build()
        self._timer.timeout.connect(self._pull)
        self._timer.start(PULL_MS)
        self._tell()

    def done(self, result: int) -> None:
        """Waits for nothing more."""
        self._timer.stop()
        self._task.drop()
        super().done(result)

    def _reading(self) -> Task:
        """Has the log read."""
        task = Task(f"checks of {self._name}", partial(read_known, self._database, self._name, self._model))
        task.done.connect(self._take_known)
        task.failed.connect(lambda words: self.fault.say(words, self))
        task.start()
        return task

    @property
    def _counting(self) -> str:
        """By which the model is known that counts now; empty where there is none."""
        model = self._live.model_of(self._name)
        return model.sha256 if model else ""

    @property
    def _database(self) -> str | None:
        database = self._config().database
        return database.full if database else None

    @property
    def _settings(self) -> CameraSettings | None:
        return next((camera for camera in self._config().cameras if camera.name == self._name), None)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        for title, widgets in (
            (self.tr("The count now"), (self.now,)),
            (self.tr("Spot checks"), (self.checked,)),
            (self.tr("Correction"), (self.correction, self._line(self.take, self.drop))),
        ):
            box = QGroupBox(title)
            within = QVBoxLayout(box)
            for widget in widgets:
                within.addWidget(widget)
            column.addWidget(box)
        column.addWidget(self.tuning)
        column.addWidget(self.fault)
        column.addStretch(1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)
        self.take.clicked.connect(self._put_proposed)
        self.drop.clicked.connect(lambda: self._put(None))
        for button in (self.take, self.drop):
            button.setAutoDefault(False)
        self.resize(em(self, WIDTH_EM), self.sizeHint().height())

    def _line(self, *buttons: QPushButton) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        for button in buttons:
            row.addWidget(button)
        row.addStretch(1)
        return line

    def _take_known(self, known: object) -> None:
        if isinstance(known, Known):
            self._known = known
            self._tell()

    def _put_proposed(self) -> None:
        if self._known is not None and self._known.proposed is not None:
            self._put(self._known.proposed.settings)

    def _put(self, correction: CorrectionSettings | None) -> None:
        self._change(correction=correction)

    def _put_model(self, model: Address | None) -> None:
        self._change(model=model)

    def _change(self, **values: object) -> None:
        settings = self._settings
        if settings is not None:
            self.fault.say(self._save(settings.model_copy(update=values)), self)
            self._tell()

    def _pull(self) -> None:
        if self._counting != self._model:  # another model counts now, of which other frames were checked
            self._model = self._counting
            self._task.drop()
            self._task = self._reading()
        facts = self._live.facts().get(self._name)
        newest = facts.newest if facts else None
        if newest is None or newest.people is None:
            words = self.tr("Nothing is counted now.")
        else:
            counted = self.tr("{} people").format(f"{newest.people:.0f}")
            certain = interval_words(newest.interval) or self.tr("the model's file says nothing of its errors")
            words = ", ".join(filter(None, [counted, certain, doubt_words(newest.doubt)]))
        if words != self.now.text():
            self.now.setText(words)
        own = self._settings.model if self._settings else None
        self.tuning.tell(own.path if own else None, None if self._known is None else self._known.pictures)

    def _tell(self) -> None:
        self._pull()
        known, settings = self._known, self._settings
        in_force = settings.correction if settings else None
        self.checked.setText(self.tr("Reading the log…") if known is None else self._checked_words(known))
        self.correction.setText(self._correction_words(in_force))
        self.take.setEnabled(bool(known and known.proposed and known.proposed.settings != in_force))
        self.drop.setEnabled(in_force is not None)

    def _checked_words(self, known: Known) -> str:
        if known.errors is None:
            return self.tr("No frame was checked with this model; press M at the camera, and click every head.")
        words = self.tr("The model is {}.").format(known.errors.sentence)
        if known.errors.number >= LEAST_FOR_INTERVAL:
            return f"{words} " + self.tr("The interval comes from these frames.")
        left = LEAST_FOR_INTERVAL - known.errors.number
        return f"{words} " + self.tr("After {} more the interval comes from them.").format(left)

    def _correction_words(self, in_force: CorrectionSettings | None) -> str:
        known, words = self._known, []
        if in_force is not None:
            correction = Correction(in_force.gain, in_force.offset)
            words.append(self.tr("In force: {}.").format(correction.words))
            if in_force.model not in (None, self._model):
                words.append(self.tr("It was found for another model, so that counts stay as this one says."))
        if known is not None and known.proposed is not None:
            words.append(self.tr("The checks say: {}.").format(known.proposed.proposal.sentence))
        elif known is not None and len(known.counted) < LEAST_CHECKS:
            left = LEAST_CHECKS - len(known.counted)
            words.append(self.tr("A correction is looked for after {} more checked frames.").format(left))
        elif known is not None:
            words.append(self.tr("No correction would make the error on the checked frames smaller."))
        return " ".join(words)
