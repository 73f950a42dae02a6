"""The kinds of sinks, and a try of each."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from engine.errors import EngineError
from engine.notify.mail import Mail
from engine.notify.message import Message, trial_notice
from engine.notify.mqtt import Mqtt
from engine.notify.program import Program
from engine.notify.sink import Sink
from engine.notify.webhook import Webhook
from engine.settings.sinks import SinkAccess, SinkSettings

KINDS: dict[str, Callable[[SinkSettings, SinkAccess], Sink]] = {
    "webhook": Webhook,
    "mqtt": Mqtt,
    "email": Mail,
    "program": Program,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a try came to."""

    sentence: str
    is_good: bool


def opened_sink(settings: SinkSettings, access: SinkAccess) -> Sink:
    """Returns a sink that has connected to nothing yet."""
    return KINDS[settings.kind](settings, access)


def tried_sink(settings: SinkSettings, access: SinkAccess | None = None) -> Outcome:
    """Sends a test to a sink, also to one that is not enabled, and says in one sentence what happened.

    `access` is what it is opened with; None looks it up where the settings say that it is. It may take three times as
    long as the sink's time-out, so it is not for the thread of a window.
    """
    try:
        sink = opened_sink(settings, access or settings.access())
        try:
            said = sink.deliver(Message(uuid4().hex, (trial_notice(settings.name),)))
        finally:
            sink.close()
    except EngineError as error:
        return Outcome(str(error), is_good=False)
    return Outcome(f"sink '{settings.name}' {said}", is_good=True)
