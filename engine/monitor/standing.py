"""How cameras, groups and rules stand now, for sinks that show it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from time import monotonic

from engine.alerts.guard import Firing
from engine.alerts.suspension import Suspension
from engine.capture.health import State
from engine.monitor.session import Session
from engine.notify.sink import OwnerStanding, RuleStanding, Standing
from engine.rules.rulebook import Placed

GROUP = "group"


def standing_of(
    sessions: Sequence[Session],
    groups: Mapping[str, float | None],
    placed: Sequence[Placed],
    firing: Sequence[Firing],
    suspended: Sequence[Suspension] = (),
) -> Standing:
    """Returns how all stands; what is not known is None."""
    open_now = {alert.placed.key: alert for alert in firing}
    owners = [_camera(session) for session in sessions]
    owners += [OwnerStanding(name, GROUP, people) for name, people in groups.items()]
    until = {(each.owner, each.rule): each.until for each in suspended}
    rules = [replace(_rule(each, open_now.get(each.key)), suspended_until=until.get(each.key)) for each in placed]
    return Standing(tuple(owners), tuple(rules))


def _camera(session: Session) -> OwnerStanding:
    state = session.capture.health.state
    is_known = session.is_counted and state is State.LIVE
    people = session.tally.newest(monotonic()).people if is_known else None
    return OwnerStanding(session.name, state.value, people)


def _rule(placed: Placed, alert: Firing | None) -> RuleStanding:
    owner, rule, said = placed.subject.owner, placed.rule.name, placed.rule.said
    if alert is None:
        return RuleStanding(owner, rule, said, None)
    return RuleStanding(owner, rule, said, alert.severity.value, alert.raised, alert.peak, alert.acknowledged_by)
