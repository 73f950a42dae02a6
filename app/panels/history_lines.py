"""What is drawn of counts that are looked back at: a line for each, and one for the same on other days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from PyQt6.QtCore import QCoreApplication

from app.panels.curve_choice import TOTAL
from app.panels.curve_drawing import Line
from app.panels.curve_lines import title
from app.panels.curve_look import Look, Looks
from app.running.lookback import Curves
from engine.history.series import Series, total
from engine.rules.series import Subject
from engine.settings.config import Config


@dataclass(frozen=True, slots=True)
class Drawn:
    """Lines by what they are of."""

    days: Mapping[Subject, Line] = field(default_factory=dict)
    others: Mapping[Subject, Line] = field(default_factory=dict)

    @property
    def all(self) -> list[Line]:
        """Those of the other days first, so that none of them lies over these."""
        return [*self.others.values(), *self.days.values()]


class HistoryLines:
    """The chosen counts with their looks."""

    def __init__(self) -> None:
        self._looks, self._has_total = Looks(), False
        self.looks: dict[Subject, Look] = {}
        self.subjects: tuple[Subject, ...] = ()
        """Of which the log is asked."""
        self.capacities: dict[Subject, int | None] = {}

    def choose(self, chosen: Sequence[Subject], config: Config) -> None:
        """Takes what is to be drawn."""
        self.subjects = tuple(subject for subject in chosen if subject != TOTAL)
        self._has_total = TOTAL in chosen and any(subject.zone is None for subject in self.subjects)
        self.looks = self._looks.choose(self.subjects) | ({TOTAL: Look()} if self._has_total else {})
        self.capacities = {Subject(owner.name): owner.capacity for owner in config.owners}
        for camera in config.cameras:
            self.capacities |= {Subject(camera.name, zone.name): zone.capacity for zone in camera.zones}

    @property
    def other_looks(self) -> dict[Subject, Look]:
        """Of the same counts on other days."""
        return {subject: replace(look, is_other=True) for subject, look in self.looks.items()}

    def drawn(self, curves: Curves) -> Drawn:
        """Returns the lines of what was counted."""
        days = {
            subject: Line(self.looks[subject], series, self.capacities.get(subject), self._words(subject))
            for subject, series in self._with_total(curves.series).items()
        }
        looks = self.other_looks
        others = {subject: Line(looks[subject], each) for subject, each in self._with_total(curves.others).items()}
        return Drawn(days, others)

    def _with_total(self, series: Mapping[Subject, Series]) -> dict[Subject, Series]:
        shown = {subject: each for subject, each in series.items() if subject in self.looks}
        cameras = [each for subject, each in shown.items() if subject.zone is None]
        return shown | ({TOTAL: total(cameras)} if self._has_total and cameras else {})

    def _words(self, subject: Subject) -> str:
        words = QCoreApplication.translate("curve", "{} holds {}")
        return words.format(title(subject), self.capacities.get(subject))
