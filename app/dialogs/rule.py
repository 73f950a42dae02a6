"""One rule: its fields as the table of settings has them, and what it would have done on the last day."""

from collections.abc import Sequence
from time import time
from typing import Any

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import (
    QBoxLayout,
    QCompleter,
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.dialogs.form import Form
from app.dialogs.rule_preview import RulePreview
from app.dialogs.words import FaultLabel
from app.running.rule_trial import Order
from app.running.watched import Watched
from app.theme import em
from engine.alerts.orders import placed_of
from engine.commands.trial import hold_s
from engine.rules.rule import STATES
from engine.settings.config import CameraSettings, Config
from engine.settings.problems import Problem, tried
from engine.settings.rules import GroupSettings, RuleSettings

KEYS = (
    "name", "zone", "measure", "above", "below", "certain", "for_s", "severity", "clear", "clear_for_s", "cooldown_s",
    "worse_severity", "worse_after_s", "schedule", "timezone",
)  # fmt: skip
NOT_OF_LOSS = frozenset({"zone", "above", "below", "certain", "clear"})
NOT_OF_A_GROUP = frozenset({"zone"})
WIDE_EM, SIZE_EM, LEAST_EM = 44, (58, 36), (16, 12)
NO_LOG = (
    "A rule needs a log that keeps its alerts, and no database is configured, expected one; name one in the settings "
    "(Set-up, Ctrl+,)"
)


class RuleDialog(QDialog):
    """When it is accepted the configuration has the rule."""

    def __init__(
        self, watched: Watched, owner: str, rule: RuleSettings | None = None, parent: QWidget | None = None
    ) -> None:
        """Changes a rule of a camera or group, or makes one."""
        super().__init__(parent)
        self._watched, self._owner, self._before = watched, owner, rule
        words = self.tr("Rule of {0}") if rule is None else self.tr("Rule “{1}” of {0}")
        self.setWindowTitle(words.format(owner, rule.name if rule else ""))
        self.form, self.preview = Form(RuleSettings, KEYS), RulePreview()
        self._fault, self._log, self._area = FaultLabel(), FaultLabel(), QScrollArea()
        self._until = int(time())
        self._build()
        self.form.set_values(dict(rule) if rule else {"name": self._proposed(), "for_s": 3.0})
        self.form.changed.connect(lambda _: self._follow())
        self.preview.dragged.connect(self._take_level)
        self._follow()
        self.form.entry("above" if rule is None else "name").widget.setFocus()

    def accept(self) -> None:
        """Keeps the rule; where it cannot be, says why beside the field and stays."""
        owner, found = self._checked()
        self._show(found)
        if owner is None:
            return
        if self._watched.config.database is None:
            self._log.say(self.tr(NO_LOG), self.form)
            return
        problem = self._watched.put_owner(owner)
        self._fault.say(problem, self)
        if not problem:
            super().accept()

    def done(self, result: int) -> None:
        """Ends what is still being tried."""
        self.preview.finish()
        super().done(result)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Puts the last day beside the fields where there is room, else beneath."""
        super().resizeEvent(event)
        wide = self.width() >= em(self, WIDE_EM)
        self._halves.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)

    def _values(self) -> dict[str, Any]:
        values = self.form.values()
        return {key: value for key, value in values.items() if key in self._shown_keys()}

    def _shown_keys(self) -> list[str]:
        is_loss = self.form.entry("measure").value in STATES
        hidden = (NOT_OF_LOSS if is_loss else frozenset()) | (NOT_OF_A_GROUP if self._is_group else frozenset())
        return [key for key in KEYS if key not in hidden]

    @property
    def _is_group(self) -> bool:
        return isinstance(self._owner_now(), GroupSettings)

    def _owner_now(self) -> CameraSettings | GroupSettings | None:
        return next((each for each in self._watched.config.owners if each.name == self._owner), None)

    def _checked(self) -> tuple[CameraSettings | GroupSettings | None, tuple[Problem, ...]]:
        """Returns the owner with the rule, or all that cannot be."""
        values, owner = self._values(), self._owner_now()
        rule, found = tried(RuleSettings, values, str(values.get("name", "")))
        if owner is None:
            words = self.tr("“{0}” is not there any more, expected it; add it anew").format(self._owner)
            return None, (Problem((), words, words),)
        if rule is None:
            return None, found
        rules, own = list(owner.rules), self._before.name if self._before else None
        place = next((place for place, each in enumerate(rules) if each.name == own), None)
        if any(each.name.casefold() == rule.name.casefold() for at, each in enumerate(rules) if at != place):
            words = self.tr("is the name of another rule, expected one of its own")
            return None, (Problem(("name",), words, words),)
        rules = [*rules, rule] if place is None else [*rules[:place], rule, *rules[place + 1 :]]
        made, found = tried(type(owner), dict(owner) | {"rules": tuple(rules)}, owner.name)
        return made, tuple(Problem(("measure",), each.sentence, each.words) for each in found)

    def _follow(self) -> None:
        """Shows the fields that matter, and what the rule as it is would have done."""
        self.form.set_shown(self._shown_keys())
        database = self._watched.config.database
        self._log.say(self.tr(NO_LOG) if database is None else "", self.form)
        owner, _ = self._checked()
        name = self.form.entry("name").value
        if owner is None:
            self.preview.say(self.tr("What it would have done on the last day is shown as soon as the rule is whole."))
        elif database is None:
            self.preview.say(self.tr("No log is kept, so there is no last day to try the rule on."))
        else:
            config = self._with(owner)
            placed = next(each for each in placed_of(config) if each.key == (owner.name, name))
            self.preview.show_rule(Order(database.full, placed, hold_s(config, placed), self._until))

    def _with(self, owner: CameraSettings | GroupSettings) -> Config:
        """Returns a configuration of this owner alone, as far as its rules matter."""
        is_group = isinstance(owner, GroupSettings)
        return Config().model_copy(update={"groups" if is_group else "cameras": (owner,)})

    def _take_level(self, level: float) -> None:
        """Takes over a threshold that was dragged."""
        key = "below" if self.form.entry("below").value is not None else "above"
        entry = self.form.entry(key)
        if entry.value != level:
            entry.value = level

    def _show(self, problems: Sequence[Problem]) -> None:
        others = self.form.show_problems(problems)
        self._fault.say("; ".join(problem.sentence for problem in others), self)
        if self.form.focus_first_fault():
            self._area.ensureWidgetVisible(self.focusWidget())

    def _proposed(self) -> str:
        owner = self._owner_now()
        taken = {rule.name.casefold() for rule in owner.rules} if owner else set()
        names = (self.tr("crowd") + (f" {number}" if number > 1 else "") for number in range(1, len(taken) + 2))
        return next(name for name in names if name.casefold() not in taken)

    def _build(self) -> None:
        owner, zone = self._owner_now(), self.form.entry("zone").widget
        if isinstance(owner, CameraSettings) and isinstance(zone, QLineEdit):
            zone.setCompleter(QCompleter([each.name for each in owner.zones], zone))
        self._halves = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._halves.setSpacing(em(self, 1))
        self._halves.addWidget(self._area, stretch=3)
        self._halves.addWidget(self.preview, stretch=2)
        self._area.setWidget(self.form)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
        assert ok is not None
        ok.setText(self.tr("Save") if self._before else self.tr("Add the rule"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        outer = QVBoxLayout(self)
        outer.addWidget(self._log)
        outer.addLayout(self._halves, stretch=1)
        outer.addWidget(self._fault)
        outer.addWidget(buttons)
        self.setMinimumSize(em(self, LEAST_EM[0]), em(self, LEAST_EM[1]))
        screen = self.screen()
        room = screen.availableSize() if screen else QSize(1280, 800)
        self.resize(QSize(em(self, SIZE_EM[0]), em(self, SIZE_EM[1])).boundedTo(room * 0.95))
