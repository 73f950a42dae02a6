"""What is configured of rules and groups: when a count becomes an alert, and whose counts are added up."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, field_validator, model_validator

from engine.rules.rule import STATES, Measure, Rule, Severity, state_rule
from engine.rules.schedule import Schedule, window
from engine.settings.fields import LISTED, Name, setting
from engine.settings.table import Misfit, MisfitError, Settings, check_unique

DAY_S = 86_400
MOST_SHARE = 10.0
"""Above that a share was meant as per cent."""
MOST_DENSITY = 15.0
"""People per square metre; more cannot stand there."""


def _in_a_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], LISTED]
Windows = Annotated[tuple[str, ...], LISTED, BeforeValidator(_in_a_list)]
"""Days and times; one alone may be a text without a list around it."""


class RuleSettings(Settings):
    """When a count becomes an alert."""

    name: Name = setting("Name", "How the rule is called in alerts.")
    zone: Name | None = setting("Zone", "The camera's zone whose people are compared; none takes all of them.", None)
    measure: Literal["count", "share", "change", "density", "lost", "doubt"] = setting(
        "Measure",
        "People, their share of the capacity, their change in a minute, people per square metre (of the densest 9 m² "
        "without a zone), whether the camera sends nothing, or whether its count is not to be relied on.",
        "count",
    )
    above: float | None = setting("Above", "What is above it is a breach.", None)
    below: float | None = setting("Below", "What is below it is a breach; give one of the two.", None)
    certain: bool = setting(
        "Certain", "Whether the count has to be beyond the threshold with 95 % certainty, by its interval.", False
    )
    clear: float | None = setting("Clear", "Where an alert clears; none is a tenth from the threshold.", None)
    for_s: float = setting("Time", "How long a breach lasts before it is an alert.", 0.0, unit="s", ge=0, le=DAY_S)
    clear_for_s: float | None = setting(
        "Time to clear", "How long it is over before the alert clears; none is as long.", None, unit="s", ge=0, le=DAY_S
    )
    cooldown_s: float = setting(
        "Cooldown", "After an alert has cleared no other is raised for so long.", 0.0, unit="s", ge=0, le=DAY_S
    )
    severity: Literal["info", "warning", "critical"] = setting("Severity", "How bad it is.", "warning")
    worse_severity: Literal["warning", "critical"] | None = setting(
        "Worse severity", "What one becomes that lasts.", None
    )
    worse_after_s: float | None = setting(
        "Time to worse", "How long an alert lasts before it becomes so.", None, unit="s", gt=0, le=DAY_S
    )
    schedule: Windows | None = setting(
        "Schedule", "Days and times such as 'mon-fri 08:00-18:00' at which alerts are raised; none is always.", None
    )
    timezone: str | None = setting("Time zone", "Of the schedule, such as Europe/Berlin; none is the computer's.", None)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if misfits := (*self._misfits_of_level(), *self._misfits_of_severity(), *self._misfits_of_schedule()):
            raise MisfitError(misfits)
        return self

    def _misfits_of_level(self) -> Iterator[Misfit]:
        yield from self._misfits_of_certainty()
        if self.measure in STATES:
            yield from self._misfits_of_state()
        elif (self.above is None) == (self.below is None):
            has = "neither above nor below" if self.above is None else "above and also below"
            yield "above", f"has {has}, expected one of the two"
        else:
            key, level = ("below" if self.above is None else "above"), self._threshold
            if self.measure != "change" and (level < 0 or (key == "below" and level == 0)):
                yield key, f"has {key} = {level:g}, and no {self.measure} is below 0; expected more"
            if self.measure == "share" and level > MOST_SHARE:
                yield key, f"has {key} = {level:g} on a share, expected such as 0.9 for nine tenths of the capacity"
            if self.measure == "density" and level > MOST_DENSITY:
                yield key, f"has {key} = {level:g} on people/m², expected at most {MOST_DENSITY:g}; 5 are dangerous"
            yield from self._misfits_of_clear(level)

    def _misfits_of_state(self) -> Iterator[Misfit]:
        has, whole = f"and measure = '{self.measure}'", "lost" if self.measure == "lost" else "doubted"
        for key in ("above", "below", "clear"):
            if getattr(self, key) is not None:
                yield key, f"has {key} {has}, which knows no more or less; take it out"
        if self.zone is not None:
            yield "zone", f"has a zone {has}, but only a whole camera can be {whole}; take it out"
        if self.for_s == 0:
            of = "camera" if self.measure == "lost" else "count"
            yield "for_s", f"has measure = '{self.measure}' and no for_s, expected how long the {of} has to be {whole}"

    def _misfits_of_certainty(self) -> Iterator[Misfit]:
        if self.certain and self.measure not in ("count", "share"):
            yield "certain", f"has certain and measure = '{self.measure}', which has no interval; take it out"
        elif self.certain and self.zone is not None:
            yield "certain", "has certain and a zone, but only a whole camera or group has an interval; take one out"

    @property
    def _threshold(self) -> float:
        return (self.below if self.above is None else self.above) or 0.0

    def _misfits_of_clear(self, level: float) -> Iterator[Misfit]:
        if self.clear is None:
            return
        if self.above is not None and self.clear > level:
            yield "clear", f"has clear = {self.clear:g} above its threshold {level:g}, expected at most that"
        elif self.above is None and self.clear < level:
            yield "clear", f"has clear = {self.clear:g} below its threshold {level:g}, expected at least that"
        elif self.measure != "change" and self.clear < 0:
            yield "clear", f"has clear = {self.clear:g}, at which no alert would ever clear; expected 0 or more"

    def _misfits_of_severity(self) -> Iterator[Misfit]:
        worse = self.worse_severity
        if (worse is None) != (self.worse_after_s is None):
            lacks = "worse_after_s" if self.worse_after_s is None else "worse_severity"
            yield lacks, "has one of worse_severity and worse_after_s, expected both or none"
        elif worse is not None and not Severity(worse).is_worse_than(Severity(self.severity)):
            yield "worse_severity", f"has worse_severity = '{worse}', which is no worse than {self.severity}"

    def _misfits_of_schedule(self) -> Iterator[Misfit]:
        if self.schedule == ():
            yield "schedule", "has an empty schedule, which never applies; take it out, or add days and times"
        for text in self.schedule or ():
            try:
                window(text)
            except ValueError as error:
                yield "schedule", f"has a schedule that {error}"
        if self.timezone is not None and self.schedule is None:
            yield "timezone", "has a timezone and no schedule, expected both; take it out"
        elif self.timezone is not None and not is_timezone(self.timezone):
            yield "timezone", "has a timezone that is not known, expected one such as Europe/Berlin or UTC"

    def rule(self) -> Rule:
        """Returns the rule as it is stepped."""
        windows = None if self.schedule is None else Schedule(tuple(map(window, self.schedule)), self.timezone)
        common: dict[str, Any] = {
            "for_s": self.for_s,
            "clear_for_s": self.clear_for_s,
            "cooldown_s": self.cooldown_s,
            "severity": Severity(self.severity),
            "worse": None if self.worse_severity is None else Severity(self.worse_severity),
            "worse_after_s": self.worse_after_s or 0.0,
            "schedule": windows,
        }
        if self.measure in STATES:
            return state_rule(self.name, Measure(self.measure), **common)
        is_above = self.above is not None
        return Rule(
            self.name,
            self._threshold,
            is_above=is_above,
            clear=self.clear,
            measure=Measure(self.measure),
            certain=self.certain,
            **common,
        )


class RetentionSettings(Settings):
    """How long the log keeps what it holds; the audit log is kept for ever."""

    samples_days: int | None = setting("Seconds", "How long they are kept; none is for ever.", None, unit="d", ge=1)
    minutes_days: int | None = setting("Minutes", "How long sums are kept; none is for ever.", None, unit="d", ge=1)
    hours_days: int | None = setting("Hours", "How long sums are kept; none is for ever.", None, unit="d", ge=1)
    alerts_days: int | None = setting("Alerts", "How long closed are kept; none is for ever.", None, unit="d", ge=1)
    clips_days: int | None = setting(
        "Clips", "How long snapshots and clips of alerts are kept; none is for ever.", None, unit="d", ge=1
    )


Rules = Annotated[tuple[RuleSettings, ...], LISTED]


class GroupSettings(Settings):
    """Cameras and zones whose people are added up."""

    name: Name = setting("Name", "How the group is called everywhere; no camera may be called so.")
    members: Texts = setting("Members", "Names of cameras, or camera/zone; their people are added up.")
    capacity: int | None = setting("Capacity", "How many people it holds; none has no line.", None, unit="people", gt=0)
    rules: Rules = setting("Rules", "When its count becomes an alert.", ())

    @field_validator("rules")
    @classmethod
    def _rules_differ(cls, rules: tuple[RuleSettings, ...]) -> tuple[RuleSettings, ...]:
        check_unique([rule.name for rule in rules])
        return rules

    @model_validator(mode="after")
    def _fits(self) -> Self:
        misfits = list(misfits_of_capacity(self.rules, {None: self.capacity}))
        for rule in self.rules:
            if rule.zone is not None:
                misfits.append(("rules", f"has rule '{rule.name}' with a zone, which only a camera has; take it out"))
            if rule.measure in STATES:
                of = f"has rule '{rule.name}' with measure = '{rule.measure}'"
                misfits.append(("rules", f"{of}, which only a camera can be"))
            if rule.measure == "density":
                misfits.append(("rules", f"has rule '{rule.name}' on people/m², which only a camera has"))
        if misfits:
            raise MisfitError(tuple(misfits))
        return self


def misfits_of_capacity(rules: Iterable[RuleSettings], capacities: Mapping[str | None, int | None]) -> Iterator[Misfit]:
    """Yields what rules on shares lack; `capacities` are those of the zones, and of the whole at None."""
    for rule in rules:
        if rule.measure == "share" and rule.zone in capacities and capacities[rule.zone] is None:
            where = "its capacity" if rule.zone is None else f"the capacity of zone '{rule.zone}'"
            yield "rules", f"has rule '{rule.name}' on a share, expected {where}; add it"


def member_of(text: str, zones: Mapping[str, Sequence[str]]) -> tuple[str, str | None] | None:
    """Returns the camera and the zone that a member of a group names; None where there is no such.

    Args:
        text: a camera's name, or camera/zone; both may hold a slash.
        zones: the names of the zones of every camera.
    """
    if text in zones:
        return text, None
    parts = text.split("/")
    splits = (("/".join(parts[:at]), "/".join(parts[at:])) for at in range(1, len(parts)))
    return next(((camera, zone) for camera, zone in splits if zone in zones.get(camera, ())), None)


def misfits_of_groups(groups: Sequence[GroupSettings], zones: Mapping[str, Sequence[str]]) -> Iterator[Misfit]:
    """Yields what is wrong with groups beside the cameras; `zones` are the names of every camera's zones."""
    cameras = {name.casefold() for name in zones}
    names = {group.name.casefold() for group in groups}
    for group in groups:
        if group.name.casefold() in cameras:
            yield "groups", f"has group '{group.name}' and a camera of that name; rename one"
        if not group.members:
            yield "groups", f"has group '{group.name}' without members, expected cameras or zones; add some"
        for words in _misfits_of_members(group, zones, names):
            yield "groups", f"has group '{group.name}' {words}"


def _misfits_of_members(
    group: GroupSettings, zones: Mapping[str, Sequence[str]], groups: Collection[str]
) -> Iterator[str]:
    known = [member_of(text, zones) for text in group.members]
    for text, member in zip(group.members, known, strict=True):
        if member is None and text.casefold() in groups:
            whose = "itself" if text.casefold() == group.name.casefold() else f"group '{text}'"
            yield f"with {whose} as a member, expected cameras and zones; take it out"
        elif member is None:
            yield f"with member '{text}', expected a camera or camera/zone that there is; correct it, or take it out"
    for text, member in zip(group.members, known, strict=True):
        is_in_another = member is not None and member[1] is not None and (member[0], None) in known
        if member is not None and (known.count(member) > 1 or is_in_another):
            yield f"in which '{text}' is counted twice; take one out"
            return


def is_timezone(name: str) -> bool:
    """Whether a time zone is called so."""
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # there is none, or it is a path
        return False
    return True
