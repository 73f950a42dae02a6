"""All rules and their states, stepped together second by second; pure: who calls has clock and thread."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from engine.rules.machine import Event, Point, RuleState, edited, step
from engine.rules.rule import STATES, Measure, Rule
from engine.rules.series import Change, Subject

Key = tuple[str, str]
"""Owner and name of a rule."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A rule and what it is on."""

    rule: Rule
    subject: Subject
    capacity: int | None = None
    """How many people the subject holds."""

    @property
    def key(self) -> Key:
        """By which its state is found again."""
        return self.subject.owner, self.rule.name


@dataclass(frozen=True, slots=True)
class Happening:
    """An event, and the rule that it is of."""

    placed: Placed
    event: Event


@dataclass(frozen=True, slots=True)
class Second:
    """What is known of one second."""

    second: int
    """Since 1970 (UTC)."""
    counts: Mapping[Subject, float | None]
    """People; of what is not in it nothing is known."""
    lost: Mapping[str, bool] = field(default_factory=dict)
    """Whether a camera sends nothing; of one that is not in it nothing is known."""
    intervals: Mapping[Subject, tuple[float, float]] = field(default_factory=dict)
    """Between which numbers of people the truth lies, each end with 95 % certainty."""
    densities: Mapping[Subject, float | None] = field(default_factory=dict)
    """People per square metre of a zone; of a camera, of the densest place that it sees."""
    doubted: Mapping[str, bool] = field(default_factory=dict)
    """Whether a camera's count is not to be relied on."""


@dataclass(slots=True)
class _Entry:
    placed: Placed
    state: RuleState
    change: Change | None


class Rulebook:
    """Steps rules; not to be shared between threads without a lock."""

    def __init__(self, placed: Iterable[Placed] = ()) -> None:
        """Takes rules, each with an own key."""
        self._entries = {each.key: _entry(each, RuleState()) for each in placed}

    def state(self, key: Key) -> RuleState:
        """Returns in which state a rule is; of one that is not there, that of a new one."""
        entry = self._entries.get(key)
        return RuleState() if entry is None else entry.state

    def resume(self, key: Key, state: RuleState) -> None:
        """Takes up a rule in the state in which it was left."""
        self._entries[key].state = state

    @property
    def firing(self) -> dict[Key, tuple[Placed, RuleState]]:
        """The rules of which an alert is open."""
        return {key: (each.placed, each.state) for key, each in self._entries.items() if each.state.is_open}

    def step(self, now: Second) -> list[Happening]:
        """Takes what is known of the next second; returns what happened."""
        happened = []
        for entry in self._entries.values():
            point = Point(now.second, _value(entry, now))
            entry.state, events = step(entry.state, entry.placed.rule, point)
            if events:
                happened += [Happening(entry.placed, event) for event in events]
        return happened

    def replace(self, placed: Iterable[Placed], second: int) -> list[Happening]:
        """Takes other rules in place of all; open alerts go on where their rules do, see `edited`."""
        before, self._entries = self._entries, {}
        happened = []
        for each in placed:
            old = before.pop(each.key, None)
            if old is None:
                self._entries[each.key] = _entry(each, RuleState())
                continue
            moved = old.placed.subject != each.subject
            state, events = edited(old.state, old.placed.rule, None if moved else each.rule, second)
            goes_on = not moved and old.placed.rule.measure is each.rule.measure
            self._entries[each.key] = _Entry(each, state, old.change) if goes_on else _entry(each, state)
            happened += [Happening(old.placed, event) for event in events]
        for old in before.values():
            happened += [Happening(old.placed, event) for event in edited(old.state, old.placed.rule, None, second)[1]]
        return happened

    def forget(self, owners: Collection[str]) -> None:
        """Lets go of the rules of some owners, which somebody else goes on with; of their alerts nothing is said."""
        self._entries = {key: each for key, each in self._entries.items() if key[0] not in owners}

    def suspend(self, key: Key, until: int | None) -> bool:
        """Lets a rule raise nothing before a moment, or lets it again; False where there is no such rule."""
        entry = self._entries.get(key)
        if entry is not None:
            entry.state = replace(entry.state, suspended_until=until)
        return entry is not None


def _entry(placed: Placed, state: RuleState) -> _Entry:
    return _Entry(placed, state, Change() if placed.rule.measure is Measure.CHANGE else None)


def _count(placed: Placed, now: Second) -> float | None:
    """Returns the count, or the end of its interval that a rule goes by which has to be certain."""
    count = now.counts.get(placed.subject)
    if not placed.rule.certain or count is None:
        return count
    interval = now.intervals.get(placed.subject)
    return None if interval is None else interval[0 if placed.rule.is_above else 1]


def _value(entry: _Entry, now: Second) -> float | None:
    placed = entry.placed
    if placed.rule.measure in STATES:
        states = now.lost if placed.rule.measure is Measure.LOST else now.doubted
        state = states.get(placed.subject.owner)
        return None if state is None else float(state)
    if placed.rule.measure is Measure.DENSITY:
        return now.densities.get(placed.subject)
    count = _count(placed, now)
    if entry.change is not None:
        return entry.change.add(now.second, count)
    if placed.rule.measure is Measure.SHARE:
        return None if count is None or not placed.capacity else count / placed.capacity
    return count
