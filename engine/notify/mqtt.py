"""MQTT: every message as an event that the broker has to acknowledge, and how all stands as retained states.

A client that failed is thrown away with what it still holds, since the outbox tells it anew: else a message could go
out later, and out of order. For the same reason a client does not reconnect by itself: another has to say anew that it
is online, and how all stands.
"""

import ssl
from datetime import UTC, datetime
from secrets import token_hex
from threading import Event, Lock
from typing import Any

from paho.mqtt.client import Client, MQTTMessageInfo
from paho.mqtt.enums import CallbackAPIVersion

from engine.errors import NotifyError
from engine.notify.message import Message
from engine.notify.sink import Standing
from engine.notify.topics import OFFLINE, ONLINE, discovery_of, event_topic, states_of, status_topic
from engine.notify.trust import trusted
from engine.settings.sinks import TOPIC, SinkAccess, SinkSettings

PORT, TLS_PORT = 1883, 8883
KEEP_ALIVE_S = 20
AT_LEAST_ONCE = 1
GOODBYE_S = 0.5


class Mqtt:
    """Publishes to one broker, over a connection that stays."""

    shows = True

    def __init__(self, settings: SinkSettings, access: SinkAccess) -> None:
        self._settings, self._password = settings, access.secret
        self._prefix = settings.topic or TOPIC
        self._lock = Lock()
        self._client: Client | None = None
        self._answered, self._refusal = Event(), ""
        self._shown: dict[str, str] = {}

    def deliver(self, message: Message) -> str:
        """Publishes a message as an event, and waits until the broker has it."""
        topic = event_topic(self._prefix)
        self._wait_for(self._publish(topic, message.body(datetime.now(UTC)).decode(), retain=False))
        return f"was told under {topic}, and acknowledged it"

    def show(self, standing: Standing) -> None:
        """Publishes what changed of the states, retained; what is no more is taken away."""
        self._connected()
        states = states_of(standing, self._prefix)
        if self._settings.discovery is not False:
            states = discovery_of(standing, self._prefix) | states
        changed = {topic: text for topic, text in states.items() if self._shown.get(topic) != text}
        changed |= dict.fromkeys(self._shown.keys() - states.keys(), "")
        published = [self._publish(topic, text, retain=True) for topic, text in changed.items()]
        for info in published:
            self._wait_for(info)
        self._shown = states

    def close(self) -> None:
        """Says goodbye, and disconnects."""
        with self._lock:
            client, self._client = self._client, None
        if client is None:
            return
        if client.is_connected():
            goodbye = client.publish(status_topic(self._prefix), OFFLINE, AT_LEAST_ONCE, retain=True)
            _published(goodbye, GOODBYE_S)
        client.disconnect()
        client.loop_stop()

    def _publish(self, topic: str, text: str, *, retain: bool) -> MQTTMessageInfo:
        return self._connected().publish(topic, text, AT_LEAST_ONCE, retain=retain)

    def _wait_for(self, info: MQTTMessageInfo) -> None:
        if not _published(info, self._settings.timeout_s):
            self.close()
            raise self._failed(f"did not acknowledge within {self._settings.timeout_s:g} s; is it running?")

    def _connected(self) -> Client:
        with self._lock:
            client = self._client
        if client is not None and client.is_connected():
            return client
        self.close()
        client = self._made()
        place = self._settings.host or "", self._settings.port or (TLS_PORT if self._is_encrypted else PORT)
        try:
            client.connect(*place, keepalive=KEEP_ALIVE_S)
        except ssl.SSLCertVerificationError:
            raise self._failed("proves nothing by its certificate; give it with tls_ca") from None
        except TimeoutError:
            raise self._silent() from None
        except (OSError, ValueError) as error:
            reason = (getattr(error, "strerror", None) or "it broke off the connection").lower()
            raise self._failed(f"cannot be reached: {reason}; look at its host and port") from None
        client.loop_start()
        with self._lock:
            self._client = client
        if not self._answered.wait(self._settings.timeout_s):
            self.close()
            raise self._silent()
        if self._refusal:
            self.close()
            raise self._failed(f"refuses the connection ({self._refusal.lower()}); correct user and password")
        self._wait_for(client.publish(status_topic(self._prefix), ONLINE, AT_LEAST_ONCE, retain=True))
        return client

    def _made(self) -> Client:
        identity = f"deepcount-{token_hex(6)}"
        client = Client(CallbackAPIVersion.VERSION2, client_id=identity, reconnect_on_failure=False)
        client.connect_timeout = self._settings.timeout_s
        if self._settings.user is not None:
            client.username_pw_set(self._settings.user, self._password)
        if self._is_encrypted:
            client.tls_set_context(trusted(self._settings))
        client.will_set(status_topic(self._prefix), OFFLINE, AT_LEAST_ONCE, retain=True)
        self._answered, self._refusal, self._shown = Event(), "", {}
        answered = self._answered

        def on_connect(_client: Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
            self._refusal = str(reason) if reason.is_failure else ""
            answered.set()

        client.on_connect = on_connect
        return client

    @property
    def _is_encrypted(self) -> bool:
        return self._settings.security == "tls"

    def _silent(self) -> NotifyError:
        return self._failed(f"does not answer within {self._settings.timeout_s:g} s; is it running?")

    def _failed(self, words: str) -> NotifyError:
        return NotifyError(f"sink '{self._settings.name}': the broker {words}")


def _published(info: MQTTMessageInfo, timeout_s: float) -> bool:
    try:
        info.wait_for_publish(timeout_s)
    except (ValueError, RuntimeError):  # the queue is full, or the connection is gone
        return False
    return info.is_published()
