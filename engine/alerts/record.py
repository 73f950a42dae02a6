"""An alert as it is stored: what is known of it at one moment, whole, so that the newest of several is enough."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal, Self
from uuid import uuid4

from engine.log.writing import storable
from engine.rules.machine import Breach, Kind, RuleState
from engine.rules.rulebook import Happening, Key, Placed


def moment(second: int) -> datetime:
    """Returns a second since 1970 as the log has it: UTC, without a zone."""
    return datetime.fromtimestamp(second, UTC).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Model:
    """By whose counts an alert was raised."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """The columns of an alert that the program that raised it writes; the others are the operator's."""

    uid: str
    owner: str
    zone: str | None
    rule_name: str
    rule: str
    severity: str
    began_at: datetime
    raised_at: datetime
    peak: float
    peak_at: datetime
    model_name: str
    model_sha256: str
    worsened_at: datetime | None = None
    cleared_at: datetime | None = None
    closed_at: datetime | None = None

    @classmethod
    def raised(cls, happening: Happening, model: Model) -> Self:
        """Returns the record of an alert that was just raised."""
        placed, breach = happening.placed, happening.event.breach
        return cls(
            uid=uuid4().hex,
            owner=storable(placed.subject.owner),
            zone=None if placed.subject.zone is None else storable(placed.subject.zone),
            rule_name=storable(placed.rule.name),
            rule=rule_text(placed),
            severity=severity_of(breach),
            began_at=moment(breach.began),
            raised_at=moment(happening.event.second),
            peak=breach.peak,
            peak_at=moment(breach.peak_second),
            model_name=storable(model.name),
            model_sha256=model.sha256,
        )

    def after(self, kind: Kind, second: int, breach: Breach) -> Self:
        """Returns it as it is after something happened to it."""
        known = self.seen(breach)
        at = moment(second)
        match kind:
            case Kind.WORSENED:
                return replace(known, worsened_at=at)
            case Kind.CLEARED:
                return replace(known, cleared_at=at)
            case Kind.CLOSED:
                return replace(known, closed_at=at)
        return known

    def seen(self, breach: Breach) -> Self:
        """Returns it with the peak and severity of its breach."""
        severity = severity_of(breach)
        return replace(self, severity=severity, peak=breach.peak, peak_at=moment(breach.peak_second))


@dataclass(frozen=True, slots=True)
class Proof:
    """A file that shows what an alert was about."""

    alert_uid: str
    kind: Literal["snapshot", "clip"]
    path: str
    """From the folder of the log on."""


@dataclass(frozen=True, slots=True)
class StateRecord:
    """In which state a rule is, to be taken up after a restart."""

    owner: str
    rule_name: str
    rule: str
    state: str
    alert_uid: str | None

    @classmethod
    def of(cls, placed: Placed, state: RuleState, alert: AlertRecord | None) -> Self:
        """Returns the record of a rule's state."""
        owner, name = key_of(placed)
        return cls(owner, name, rule_text(placed), json.dumps(state.as_dict), alert.uid if alert else None)

    @property
    def key(self) -> Key:
        """Which rule it is of."""
        return self.owner, self.rule_name

    def suits(self, placed: Placed) -> bool:
        """Whether a rule goes on where this one was left: it may have been edited meanwhile."""
        values = json.loads(self.rule)
        rule = placed.rule
        return (values["zone"], values["measure"], values["is_above"]) == (
            placed.subject.zone,
            rule.measure.value,
            rule.is_above,
        )


def key_of(placed: Placed) -> Key:
    """Returns by what a rule is found in the log."""
    return storable(placed.subject.owner), storable(placed.rule.name)


def rule_text(placed: Placed) -> str:
    """Returns a rule and what it is on, as JSON."""
    place = {"zone": placed.subject.zone, "capacity": placed.capacity, "said": placed.rule.said}
    return json.dumps(placed.rule.as_dict | place, ensure_ascii=False)


def severity_of(breach: Breach) -> str:
    """Returns how bad a breach is that was raised."""
    return "" if breach.severity is None else breach.severity.value
