"""What is said of a camera on its tile; pure: settings, facts and ages in, words out. Unknown is "–", never 0."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from time import time

from PyQt6.QtCore import QCoreApplication

from app.panels import suspend_words
from app.panels.crowd_words import crowd_words
from app.panels.steady import Trend
from app.panels.trust_words import doubt_words, interval_words
from engine.alerts.guard import Firing
from engine.alerts.suspension import Suspension
from engine.capture.health import State
from engine.monitor.facts import CameraFacts
from engine.picture.condition import Condition
from engine.rules.rule import Severity
from engine.settings.config import CameraSettings

UNKNOWN = "–"
ALERT_SIGN, SUSPENDED_SIGN = "◆", "‖"
AGE_MATTERS_S = 2.0
HIGH_DROPPED_SHARE = 0.5  # of the wanted frames; under overload a tenth
OVERLOAD_DROPPED_SHARE = 0.1
translate = QCoreApplication.translate


class Tone(StrEnum):
    """How a word is coloured."""

    WORDS = "words"
    QUIET = "quiet"
    GOOD = "good"
    WAITING = "waiting"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a camera is doing, for people."""

    word: str
    symbol: str
    tone: Tone
    is_live: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """All that is known of a camera at one moment."""

    settings: CameraSettings
    facts: CameraFacts | None
    """None before the configuration that has it runs."""
    count: int | None = None
    """As it is shown."""
    trend: Trend | None = None
    zones: Mapping[str, int | None] = field(default_factory=dict)
    """People of each zone, as they are shown."""
    picture_age_s: float | None = None
    count_age_s: float | None = None
    is_overloaded: bool = False


@dataclass(frozen=True, slots=True)
class ZoneWords:
    """What is written at a zone."""

    name: str
    people: str
    is_over: bool
    """Whether there are more people than it holds."""


@dataclass(frozen=True, slots=True)
class TileWords:
    """What a tile says."""

    name: str
    standing: Standing
    count: str
    """With its unit; empty where the camera is only shown."""
    trend: Trend | None
    lost: str
    """How old the picture of a camera is that is not live; empty where it is."""
    reason: str
    """Why it is not live."""
    trouble: str
    """What is wrong with one that is."""
    figures: str
    """Latency and rates, for whoever wants to know."""
    zones: tuple[ZoneWords, ...]
    is_over: bool
    alert: str = ""
    """The worst alert that is open, with its symbol; empty without."""
    suspended: str = ""
    """Which of its rules raises nothing now, and until when; empty without."""
    recording: str = ""
    """How it is recorded; empty where it is not to be."""
    crowding: str = ""
    """People per square metre, in lines; empty where it is not calibrated."""
    certainty: str = ""
    """Between which numbers of people the truth lies; empty where nobody knows."""

    @property
    def spoken(self) -> str:
        """For a screen reader: 'gate, 23 people, rising, live'."""
        count = translate("Wall", "count not known") if self.count == UNKNOWN else self.count
        said = [self.name, count, _trend_word(self.trend), self.standing.word, self.reason, self.alert, self.suspended]
        return ", ".join(filter(None, said))

    @property
    def tip(self) -> str:
        """Everything, in lines."""
        count = f"{self.count}{', ' if self.trend else ''}{_trend_word(self.trend)}"
        first = f"{self.name}: {self.standing.word}"
        said = [self.lost, self.alert, self.suspended, self.reason, self.trouble, self.figures, self.recording]
        return "\n".join(filter(None, [first, count, self.certainty, self.crowding, *said]))


def words_of(seen: Seen) -> TileWords:
    """Returns what a tile says of a camera."""
    settings, facts, standing = seen.settings, seen.facts, standing_of(seen.settings, seen.facts)
    capacity = settings.capacity
    return TileWords(
        name=settings.name,
        standing=standing,
        count=count_words(seen.count, capacity) if settings.counted else "",
        trend=seen.trend if seen.count is not None else None,
        lost=_lost(standing, seen.picture_age_s),
        reason=facts.health.problem if facts and not standing.is_live else "",
        trouble=_trouble(seen) if standing.is_live else "",
        figures=_figures(seen) if standing.is_live else "",
        zones=tuple(
            ZoneWords(zone.name, of_capacity(seen.zones.get(zone.name), zone.capacity), _is_over(seen, zone))
            for zone in settings.zones
        ),
        is_over=capacity is not None and seen.count is not None and seen.count > capacity,
        alert=alert_words(facts.alerts) if facts else "",
        suspended=suspended_words(facts.suspended, time()) if facts else "",
        recording=facts.recording.words if facts and facts.recording else "",
        crowding=crowd_words(facts.newest.crowding) if facts else "",
        certainty=interval_words(facts.newest.interval) if facts else "",
    )


def alert_words(alerts: Sequence[Firing]) -> str:
    """Returns the worst of the alerts that are open, and how many others there are."""
    if not alerts:
        return ""
    ranks = list(Severity)
    worst = max(alerts, key=lambda alert: (ranks.index(alert.severity), alert.raised))
    others = f" +{len(alerts) - 1}" if len(alerts) > 1 else ""
    return f"{ALERT_SIGN} {translate('Wall', 'alert')}: {worst.placed.rule.name}{others}"


def suspended_words(suspended: Sequence[Suspension], now_s: float) -> str:
    """Returns which rule is suspended until when and by whom, the first to end, and how many others are."""
    if not suspended:
        return ""
    first = min(suspended, key=lambda each: each.until)
    others = f" +{len(suspended) - 1}" if len(suspended) > 1 else ""
    return f"{SUSPENDED_SIGN} {first.rule} {suspend_words.suspended_words(first, now_s)}{others}"


def standing_of(settings: CameraSettings, facts: CameraFacts | None) -> Standing:
    """Returns what a camera is doing."""
    if facts is None:  # the model is still being loaded, or the configuration is not in force
        return Standing(translate("Wall", "waiting"), "○", Tone.WAITING)
    state = facts.health.state
    if state is State.LIVE and not settings.counted:
        return Standing(translate("Wall", "shown only"), "◉", Tone.GOOD, is_live=True)
    return {
        State.LIVE: Standing(translate("Wall", "live"), "●", Tone.GOOD, is_live=True),
        State.CONNECTING: Standing(translate("Wall", "connecting"), "○", Tone.WAITING),
        State.STALLED: Standing(translate("Wall", "stalled"), "▲", Tone.WAITING),
        State.RECONNECTING: Standing(translate("Wall", "reconnecting"), "↻", Tone.WAITING),
        State.FAILED: Standing(translate("Wall", "failed"), "✕", Tone.BAD),
        State.ENDED: Standing(translate("Wall", "ended"), "■", Tone.QUIET),
    }[state]


def count_words(count: int | None, capacity: int | None = None) -> str:
    """Returns a count with its unit: '1 person', '23 people', '23 / 40 people', '–'."""
    if count is None:
        return UNKNOWN
    unit = translate("Wall", "person") if count == 1 and capacity is None else translate("Wall", "people")
    return f"{of_capacity(count, capacity)} {unit}"


def of_capacity(count: int | None, capacity: int | None) -> str:
    """Returns a count without its unit, and how many people there is room for if that is known."""
    shown = UNKNOWN if count is None else str(count)
    return shown if capacity is None else f"{shown} / {capacity}"


def age_words(age_s: float) -> str:
    """Returns an age as exactly as people need it: '3 s', '7 min', '3 h', '2 days'."""
    for length_s, unit, until in ((1, "s", 120), (60, "min", 120), (3600, "h", 48)):
        if age_s < until * length_s:
            return f"{age_s // length_s:.0f} {unit}"
    return f"{age_s // 86400:.0f} {translate('Wall', 'days')}"


def total_words(counts: Sequence[tuple[CameraSettings, int | None]]) -> str:
    """Returns the sum of several cameras' counts as they are shown, unknown while one of them is, and whose that is."""
    if not counts:
        return ""
    cameras = translate("Wall", "of %n camera(s)", "", len(counts))
    if "(s)" in cameras:  # no translation is loaded
        cameras = f"of {len(counts)} camera{'s' * (len(counts) != 1)}"
    unknown = [settings.name for settings, count in counts if count is None]
    if unknown:
        why = translate("Wall", "not known: {names}").format(names=", ".join(unknown))
        return f"{translate('Wall', 'Total')} {UNKNOWN} {cameras} ({why})"
    capacities = [settings.capacity for settings, _ in counts if settings.capacity is not None]
    capacity = sum(capacities) if len(capacities) == len(counts) else None
    people = count_words(sum(count for _, count in counts if count is not None), capacity)
    return f"{translate('Wall', 'Total')} {people} {cameras}"


def _trend_word(trend: Trend | None) -> str:
    if trend is None:
        return ""
    return {
        Trend.RISING: translate("Wall", "rising"),
        Trend.LEVEL: translate("Wall", "steady"),
        Trend.FALLING: translate("Wall", "falling"),
    }[trend]


def _is_over(seen: Seen, zone: object) -> bool:
    name, capacity = getattr(zone, "name", ""), getattr(zone, "capacity", None)
    people = seen.zones.get(name)
    return capacity is not None and people is not None and people > capacity


def _lost(standing: Standing, age_s: float | None) -> str:
    if standing.is_live or age_s is None:
        return ""
    return translate("Wall", "picture {age} old").format(age=age_words(age_s))


def _trouble(seen: Seen) -> str:
    """Says what is wrong with a camera that is live, the worst first."""
    facts, said = seen.facts, []
    if facts is None:
        return ""
    if facts.health.problem:
        said.append(facts.health.problem)
    if facts.health.condition is not Condition.CLEAR:
        said.append(_condition_words(facts.health.condition))
    elif facts.newest.doubt:
        said.append(doubt_words(facts.newest.doubt))
    if seen.picture_age_s is not None and seen.picture_age_s > AGE_MATTERS_S:
        said.append(translate("Wall", "picture {age} old").format(age=age_words(seen.picture_age_s)))
    if seen.settings.counted and seen.count_age_s is not None and seen.count_age_s > _usual_age_s(seen.settings):
        said.append(translate("Wall", "count {age} old").format(age=age_words(seen.count_age_s)))
    dropped = facts.load.dropped_share if seen.settings.counted and facts.load.is_whole else 0.0
    if dropped >= (OVERLOAD_DROPPED_SHARE if seen.is_overloaded else HIGH_DROPPED_SHARE):
        why = translate("Wall", "computer too slow: ") if seen.is_overloaded else ""
        said.append(
            why + translate("Wall", "only {share} of the pictures are counted").format(share=f"{1 - dropped:.0%}")
        )
    if facts.health.remark:
        said.append(facts.health.remark)
    return " · ".join(said)


def _usual_age_s(settings: CameraSettings) -> float:
    """Returns how old a count may become before that is worth a word, at the rate that is wanted."""
    return AGE_MATTERS_S + (1 / settings.max_fps if settings.max_fps else 0.0)


def _condition_words(condition: Condition) -> str:
    return {
        Condition.GREY: translate("Wall", "picture is grey"),
        Condition.FROZEN: translate("Wall", "picture is frozen"),
        Condition.TORN: translate("Wall", "picture is torn"),
        Condition.DARK: translate("Wall", "picture is dark"),
        Condition.COVERED: translate("Wall", "picture is covered"),
        Condition.BLURRED: translate("Wall", "picture is blurred"),
    }[condition]


def _figures(seen: Seen) -> str:
    facts = seen.facts
    if facts is None:
        return ""
    said = [translate("Wall", "{rate} pictures/s").format(rate=f"{facts.health.rate:.1f}")]
    if seen.settings.counted:
        said.append(translate("Wall", "{rate} counted/s").format(rate=f"{facts.load.counted_fps:.1f}"))
        if facts.load.latency_p50_s is not None:
            latency = f"{facts.load.latency_p50_s:.1f} s"
            said.append(translate("Wall", "counted {latency} later").format(latency=latency))
    return " · ".join(said)
