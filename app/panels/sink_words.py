"""What is said of a sink in the list of those who are told; pure: settings, facts and the time in, words out."""

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from PyQt6.QtCore import QCoreApplication

from app.panels.alert_words import local_words, recent_words
from engine.notify.delivery import SinkFacts
from engine.settings.sinks import SinkSettings

KINDS = {"webhook": "Webhook", "mqtt": "MQTT", "email": "E-mail", "program": "Program"}
translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class SinkWords:
    """What is said of a sink."""

    state: str
    """In a few words, with a symbol."""
    tone: str
    """Name of a colour of the theme."""
    detail: str
    """All that is known, in sentences."""
    can_be_hurried: bool = False
    """Whether something waits, or was given up."""


def kind_word(kind: str) -> str:
    """Returns what people call a kind of sink."""
    return translate("Sinks", KINDS[kind])


def place_of(sink: SinkSettings) -> str:
    """Returns where a sink lies, without what may be a secret."""
    if sink.kind == "webhook":
        return f"${sink.url_env}" if sink.url_env else urlsplit(sink.url or "").hostname or ""
    if sink.kind == "program":
        return (sink.program or ("",))[0]
    if sink.kind == "email":
        first, *others = sink.to or ("",)
        return f"{first} +{len(others)}" if others else first
    return sink.host or ""


def sink_words(sink: SinkSettings, facts: SinkFacts | None, now_s: float) -> SinkWords:
    """Returns how a sink is doing; `facts` are None before its configuration runs."""
    if facts is None and sink.enabled:
        words = translate("Sinks", "Nothing is watched yet: alerts are told once the first camera is.")
        return SinkWords(translate("Sinks", "○ not at work yet"), "quiet", words)
    facts = facts or SinkFacts(sink.name, sink.kind, sink.enabled)
    detail = " ".join(filter(None, [_last(facts), _left(facts), _problem(facts.problem)]))
    state, tone = _state(sink, facts, now_s)
    return SinkWords(state, tone, detail, sink.enabled and bool(facts.waiting or facts.failed or facts.problem))


def _state(sink: SinkSettings, facts: SinkFacts, now_s: float) -> tuple[str, str]:
    if not sink.enabled:
        return translate("Sinks", "off"), "quiet"
    if facts.problem:
        words = translate("Sinks", "⚠ fails, {number} wait") if facts.waiting else translate("Sinks", "⚠ fails")
        return words.format(number=facts.waiting), "problem"
    if facts.failed:
        return translate("Sinks", "■ {number} given up").format(number=facts.failed), "warning"
    if facts.waiting:
        return translate("Sinks", "… {number} wait").format(number=facts.waiting), "warning"
    if facts.last_success is None:
        return translate("Sinks", "○ nothing to tell yet"), "quiet"
    return translate("Sinks", "● told {time}").format(time=recent_words(facts.last_success, now_s)), "good"


def _problem(words: str) -> str:
    return f"⚠ {words}{'' if words.endswith(('.', '?', '!')) else '.'}" if words else ""


def _last(facts: SinkFacts) -> str:
    if facts.failing_since is not None:
        words = translate("Sinks", "It has failed since {time}.")
        return words.format(time=_time(facts.failing_since))
    if facts.last_success is None:
        return "" if facts.problem else translate("Sinks", "It was told nothing yet.")
    return translate("Sinks", "It was told last at {time}.").format(time=_time(facts.last_success))


def _left(facts: SinkFacts) -> str:
    waiting = translate("Sinks", "{number} notifications wait, and are tried again by themselves.")
    failed = translate("Sinks", "{number} were given up; they are kept in the log.")
    said = [(facts.waiting, waiting), (facts.failed, failed)]
    return " ".join(words.format(number=number) for number, words in said if number)


def _time(moment: datetime) -> str:
    return local_words(moment.astimezone(UTC).timestamp())
