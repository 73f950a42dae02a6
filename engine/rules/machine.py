"""The state machine of one rule: points of a series in, events out; pure: time is what the points carry.

A point speaks for its second, and only what was seen counts: a second without a value neither raises nor clears
anything. Missing seconds up to `GAP_S` are as if they had not been. After more, what was seen before says nothing of
now, so a breach that was pending, or the clearing of an alert, begins anew; an alert that is open stays open, since
nobody saw it end.

Seconds that are left out and points without a value are the same. A clock that jumps forward leaves seconds out, as a
computer does that slept. One that jumps back goes on from there: nothing was missed, and times are measured in seconds
seen, never by subtracting two moments.
"""

import math
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Self

from engine.rules.rule import Rule, Severity

GAP_S = 5


@dataclass(frozen=True, slots=True)
class Point:
    """What a series was in one second."""

    second: int
    """Since 1970 (UTC)."""
    value: float | None
    """None where it is not known; what is not finite is not known either."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A breach that is pending, or has become an alert."""

    began: int
    """The first second in which it was seen."""
    peak: float
    """The value furthest beyond the level."""
    peak_second: int
    raised: int | None = None
    """The second that made it an alert; None while it is pending."""
    severity: Severity | None = None
    open_s: int = 0
    """Seconds in which it was seen since it was raised."""


@dataclass(frozen=True, slots=True)
class RuleState:
    """What has to be remembered of a rule; may be stored, and taken up by another process."""

    second: int | None = None
    """Of the newest point; None before the first."""
    missing_s: int = 0
    """Seconds without a value since the last one with."""
    held_s: int = 0
    """Seconds for which was seen what raises, or while an alert is open what clears it."""
    breach: Breach | None = None
    cooldown_s: float = 0.0
    """For which no alert is raised yet."""
    suspended_until: int | None = None
    """Before that moment none is raised or becomes worse."""

    @property
    def is_open(self) -> bool:
        """Whether an alert of the rule is open."""
        return self.breach is not None and self.breach.raised is not None

    @property
    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """Returns the state that was stored."""
        breach = values.get("breach")
        if breach is not None:
            severity = breach.get("severity")
            breach = Breach(**{**breach, "severity": None if severity is None else Severity(severity)})
        return cls(**{**values, "breach": breach})


class Kind(StrEnum):
    """What can happen to an alert."""

    RAISED = "raised"
    WORSENED = "worsened"
    CLEARED = "cleared"
    CLOSED = "closed"
    """The rule was edited into another, or taken out, before it cleared; or somebody closed it."""
    ACKNOWLEDGED = "acknowledged"
    """Somebody takes care of it; this never comes of a rule."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an alert."""

    kind: Kind
    second: int
    breach: Breach
    """As it stood then."""


Step = tuple[RuleState, tuple[Event, ...]]


def step(state: RuleState, rule: Rule, point: Point) -> Step:
    """Takes the next point of the series; returns the state after it, and what happened."""
    value = point.value if point.value is not None and math.isfinite(point.value) else None
    state = _passed(state, point.second, is_known=value is not None)
    if value is None:
        return state, ()
    return _watched(state, rule, value) if state.is_open else _quiet(state, rule, value)


def edited(state: RuleState, before: Rule, after: Rule | None, second: int) -> Step:
    """Puts another rule in place of one, or none; returns the state for it, and what happened.

    An open alert goes on where the same values may breach both, and clears as the other rule says. Else it is closed.
    """
    if before == after:
        return state, ()
    if after is not None and before.goes_on_as(after):
        return replace(state, held_s=0, breach=state.breach if state.is_open else None), ()
    events = () if state.breach is None or not state.is_open else (Event(Kind.CLOSED, second, state.breach),)
    return RuleState(suspended_until=state.suspended_until), events


def is_armed(state: RuleState, rule: Rule, second: int) -> bool:
    """Whether alerts may be raised, or become worse, in a second."""
    suspended = state.suspended_until is not None and second < state.suspended_until
    return not suspended and (rule.schedule is None or rule.schedule.applies(second))


def _passed(state: RuleState, second: int, *, is_known: bool) -> RuleState:
    """Lets time pass up to a point."""
    passed = 1 if state.second is None or second <= state.second else second - state.second
    missing_s = state.missing_s + passed - is_known
    cooldown_s = max(0.0, state.cooldown_s - passed)
    held_s, breach = state.held_s, state.breach
    if missing_s > GAP_S:
        held_s, breach = 0, breach if state.is_open else None
    return RuleState(second, 0 if is_known else missing_s, held_s, breach, cooldown_s, state.suspended_until)


def _quiet(state: RuleState, rule: Rule, value: float) -> Step:
    """Takes a value while no alert is open."""
    second = state.second or 0
    if not rule.is_breached(value) or not is_armed(state, rule, second):
        return replace(state, held_s=0, breach=None), ()
    breach, held_s = _seen(state.breach, rule, second, value), state.held_s + 1
    if held_s < rule.for_s or state.cooldown_s > 0:
        return replace(state, held_s=held_s, breach=breach), ()
    breach = replace(breach, raised=second, severity=rule.severity)
    return replace(state, held_s=0, breach=breach), (Event(Kind.RAISED, second, breach),)


def _watched(state: RuleState, rule: Rule, value: float) -> Step:
    """Takes a value while an alert is open."""
    second = state.second or 0
    breach = _seen(state.breach, rule, second, value)
    breach = replace(breach, open_s=breach.open_s + 1)
    held_s = state.held_s + 1 if rule.is_cleared(value) else 0
    if held_s and held_s >= rule.clear_time_s:
        cleared = replace(state, held_s=0, breach=None, cooldown_s=rule.cooldown_s)
        return cleared, (Event(Kind.CLEARED, second, breach),)
    events: tuple[Event, ...] = ()
    if _worsens(breach, rule) and is_armed(state, rule, second):
        breach = replace(breach, severity=rule.worse)
        events = (Event(Kind.WORSENED, second, breach),)
    return replace(state, held_s=held_s, breach=breach), events


def _worsens(breach: Breach, rule: Rule) -> bool:
    if rule.worse is None or breach.open_s < rule.worse_after_s:
        return False
    return breach.severity is None or rule.worse.is_worse_than(breach.severity)


def _seen(breach: Breach | None, rule: Rule, second: int, value: float) -> Breach:
    """Returns a breach, new or known, in which a value was seen."""
    if breach is None:
        return Breach(second, value, second)
    return replace(breach, peak=value, peak_second=second) if rule.is_worse(value, breach.peak) else breach
