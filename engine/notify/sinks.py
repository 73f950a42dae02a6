"""The kinds of sinks, and a try of each.

What each kind speaks with is imported when the first of that kind is opened: most watch without any.
"""

from dataclasses import dataclass
from uuid import uuid4

from engine.errors import EngineError
from engine.notify.message import Message, trial_notice
from engine.notify.sink import Sink
from engine.settings.sinks import SinkAccess, SinkSettings


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a try came to."""

    sentence: str
    is_good: bool


def opened_sink(settings: SinkSettings, access: SinkAccess) -> Sink:
    """Returns a sink that has connected to nothing yet."""
    match settings.kind:
        case "webhook":
            from engine.notify.webhook import Webhook

            return Webhook(settings, access)
        case "mqtt":
            from engine.notify.mqtt import Mqtt

            return Mqtt(settings, access)
        case "email":
            from engine.notify.mail import Mail

            return Mail(settings, access)
        case "program":
            from engine.notify.program import Program

            return Program(settings, access)


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
