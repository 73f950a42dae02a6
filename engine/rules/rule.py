"""A rule: what is compared with which level, for how long, and how bad it is.

A camera that is lost is compared too: its series is 1 in a second in which it sends nothing, else 0.
"""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from engine.rules.schedule import Schedule

HYSTERESIS = 0.1
"""By this share of a level the clear level lies on its good side, where none is set."""
LOST_LEVEL = 0.5


class Severity(StrEnum):
    """How bad a breach is, the least first."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    def is_worse_than(self, other: "Severity") -> bool:
        """Whether it is, and not the same."""
        order = list(Severity)
        return order.index(self) > order.index(other)


class Measure(StrEnum):
    """Which series of a subject is compared."""

    COUNT = "count"
    """People."""
    SHARE = "share"
    """People by the capacity; 1 is full."""
    CHANGE = "change"
    """People more than a minute ago, below zero for fewer."""
    LOST = "lost"
    """Whether the camera sends nothing."""
    DENSITY = "density"
    """People per square metre of a zone, or of the densest 9 square metres of all that is seen."""
    DOUBT = "doubt"
    """Whether the count is not to be relied on."""


STATES = frozenset({Measure.LOST, Measure.DOUBT})
"""Those that only hold or do not, so that there is no more or less."""
UNITS = {
    Measure.COUNT: " people",
    Measure.SHARE: " of the capacity",
    Measure.CHANGE: " people a minute",
    Measure.DENSITY: " people/m²",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """The definition; its occurrences are alerts."""

    name: str
    level: float
    is_above: bool = True
    """Whether values above the level breach it; else those below."""
    clear: float | None = None
    """The level at which, or beyond which on the good side, a breach clears; None is `HYSTERESIS` away."""
    for_s: float = 0.0
    """For how long a breach has to be seen before it is an alert."""
    clear_for_s: float | None = None
    """For how long the good side has to be seen before an alert is cleared; None is `for_s`."""
    cooldown_s: float = 0.0
    """After an alert was cleared no other is raised for so long."""
    measure: Measure = Measure.COUNT
    severity: Severity = Severity.WARNING
    worse: Severity | None = None
    """What an alert becomes that stays."""
    worse_after_s: float = 0.0
    """After which it becomes so."""
    schedule: Schedule | None = None
    """When alerts are raised and become worse; None is always. They clear at any time."""
    certain: bool = False
    """Whether a breach counts only where the whole interval of the count lies beyond the level: with 95 % certainty."""

    @property
    def clear_level(self) -> float:
        """The level of `clear`, or what stands for it."""
        if self.clear is not None:
            return self.clear
        return self.level - HYSTERESIS * abs(self.level) * (1 if self.is_above else -1)

    @property
    def clear_time_s(self) -> float:
        """The time of `clear_for_s`, or what stands for it."""
        return self.for_s if self.clear_for_s is None else self.clear_for_s

    def is_breached(self, value: float) -> bool:
        """Whether a value lies beyond the level."""
        return value > self.level if self.is_above else value < self.level

    def is_cleared(self, value: float) -> bool:
        """Whether a value lies at the clear level or on its good side."""
        return value <= self.clear_level if self.is_above else value >= self.clear_level

    def is_worse(self, value: float, than: float) -> bool:
        """Whether a value lies further beyond the level."""
        return value > than if self.is_above else value < than

    def goes_on_as(self, other: "Rule") -> bool:
        """Whether a breach of it is one of another rule too, into which it was edited."""
        return (self.measure, self.is_above) == (other.measure, other.is_above)

    @property
    def said(self) -> str:
        """What breaches it, in words."""
        after = f" for {self.for_s:g} s" if self.for_s else ""
        if self.measure is Measure.LOST:
            return f"lost{after}"
        if self.measure is Measure.DOUBT:
            return f"count not to be relied on{after}"
        sure = " with 95 % certainty" if self.certain else ""
        return f"{'above' if self.is_above else 'below'} {self.level:g}{UNITS[self.measure]}{sure}{after}"

    @property
    def as_dict(self) -> dict[str, Any]:
        """Plain values with stable names, for JSON: how it stood when an alert was raised."""
        values = asdict(self)
        if self.schedule is not None:
            windows = [{**asdict(window), "days": sorted(window.days)} for window in self.schedule.windows]
            values["schedule"] = {"windows": windows, "zone": self.schedule.zone}
        return values | {"clear": self.clear_level, "clear_for_s": self.clear_time_s}


def state_rule(name: str, measure: Measure, **settings: Any) -> Rule:
    """Returns a rule that a camera breaches which is in a state for `for_s` seconds; takes what a `Rule` does."""
    return Rule(name, LOST_LEVEL, clear=LOST_LEVEL, measure=measure, **settings)


def lost_rule(name: str, **settings: Any) -> Rule:
    """Returns a rule that a camera breaches which sends nothing for `for_s` seconds; takes what a `Rule` does."""
    return state_rule(name, Measure.LOST, **settings)
