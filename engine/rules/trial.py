"""A rule tried over seconds that are past: when it would have raised alerts."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.rules.machine import Event, Kind, RuleState
from engine.rules.rulebook import Placed, Rulebook, Second


@dataclass(frozen=True, slots=True)
class Trial:
    """An alert that would have been; all in seconds since 1970 (UTC)."""

    began: int
    raised: int
    peak: float
    peak_second: int
    severity: str
    worsened: int | None = None
    cleared: int | None = None
    """None where it would still be open at the end."""


def tried(placed: Placed, seconds: Iterable[Second]) -> list[Trial]:
    """Steps a new rule over seconds; returns the alerts that it would have raised, the oldest first."""
    book, found = Rulebook([placed]), list[Trial]()
    for second in seconds:
        for happening in book.step(second):
            event = happening.event
            if event.kind is Kind.RAISED:
                found.append(_seen(event))
            else:
                known = found[-1]
                worsened = event.second if event.kind is Kind.WORSENED else known.worsened
                cleared = event.second if event.kind is Kind.CLEARED else None
                found[-1] = replace(_seen(event), worsened=worsened, cleared=cleared)
    return _with_last_peak(found, book.state(placed.key))


def _seen(event: Event) -> Trial:
    breach = event.breach
    severity = "" if breach.severity is None else breach.severity.value
    raised = event.second if breach.raised is None else breach.raised
    return Trial(breach.began, raised, breach.peak, breach.peak_second, severity)


def _with_last_peak(found: list[Trial], state: RuleState) -> list[Trial]:
    if state.breach is None or not state.is_open:
        return found
    return [*found[:-1], replace(found[-1], peak=state.breach.peak, peak_second=state.breach.peak_second)]
