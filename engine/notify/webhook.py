"""A webhook: an HTTP POST of JSON, signed with a key that both sides know.

`X-DeepCount-Signature` is `sha256=` and the HMAC-SHA256 of the body, in which the time of sending is; `Idempotency-Key`
is the same for all attempts. Any answer from 200 to 299 is yes. The URL may be a secret, so no message quotes it.
"""

import hashlib
import hmac
import logging
import ssl
from datetime import UTC, datetime

import httpx

from engine import __version__
from engine.errors import NotifyError
from engine.notify.message import Message
from engine.notify.sink import Standing
from engine.notify.trust import trusted
from engine.settings.sinks import SinkAccess, SinkSettings

for _name in ("httpx", "httpcore"):  # both write whole URLs into the log, from INFO on
    logging.getLogger(_name).setLevel(logging.WARNING)


class Webhook:
    """Posts to a URL."""

    shows = False

    def __init__(self, settings: SinkSettings, access: SinkAccess) -> None:
        self._settings, self._url, self._key = settings, access.url, (access.secret or "").encode()

    def deliver(self, message: Message) -> str:
        """Posts a message; an answer's body is not read, since it may have no end."""
        body = message.body(datetime.now(UTC))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": f"DeepCount/{__version__}",
            "Idempotency-Key": message.key,
            "X-DeepCount-Attempt": str(message.attempt),
            "X-DeepCount-Signature": signature(self._key, body),
        }
        try:
            with (
                httpx.Client(verify=self._trust(), timeout=self._settings.timeout_s) as client,
                client.stream("POST", self._url, content=body, headers=headers) as answer,
            ):
                status, reason = answer.status_code, answer.reason_phrase
        except httpx.TimeoutException:
            raise self._failed(f"does not answer within {self._settings.timeout_s:g} s; is it running?") from None
        except httpx.ConnectError as error:
            raise self._failed(f"cannot be reached: {_why(error)}") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._failed(f"broke off ({type(error).__name__}); look at its own log") from None
        if not 200 <= status < 300:
            raise self._failed(f"answered {status} {reason}, expected 200; look at its own log".replace("  ", " "))
        return f"was told, and answered {status} {reason}".rstrip()

    def show(self, standing: Standing) -> None:
        """A webhook shows nothing."""

    def close(self) -> None:
        """Nothing stays open between two messages."""

    def _trust(self) -> ssl.SSLContext | bool:
        return trusted(self._settings) if self._url.startswith("https") else True

    def _failed(self, words: str) -> NotifyError:
        return NotifyError(f"sink '{self._settings.name}': the webhook {words}")


def signature(key: bytes, body: bytes) -> str:
    """Returns what proves that a body comes from who knows the key."""
    return f"sha256={hmac.new(key, body, hashlib.sha256).hexdigest()}"


def _why(error: httpx.ConnectError) -> str:
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return "its certificate proves nothing; give it with tls_ca"
    if "refused" in text:
        return "nothing listens there; is it running?"
    if "Name or service" in text or "resolution" in text or "getaddrinfo" in text:
        return "its host is unknown; correct the URL, or the network"
    return "the network between fails; look into it"
