"""How cameras, groups and rules stand now, for sinks that show it."""

from collections.abc import Mapping, Sequence
from time import monotonic

from engine.alerts.guard import Firing
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
) -> Standing:
    """Returns how all stands; what is not known is None."""
    open_now = {alert.placed.key: alert for alert in firing}
    owners = [_camera(session) for session in sessions]
    owners += [OwnerStanding(name, GROUP, people) for name, people in groups.items()]
    rules = [_rule(each, open_now.get(each.key)) for each in placed]
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
    return RuleStanding(owner, rule, said, alert.severity.value, alert.raised, alert.peak)
