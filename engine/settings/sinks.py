"""What is configured of sinks: who is told of alerts, over which channel, and when rather not.

Secrets are never in the file: they lie in the system's keyring or in an environment variable. A webhook's whole URL may
be one.
"""

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import field_validator, model_validator

from engine.errors import ConfigError
from engine.redaction import readable, redacted_address
from engine.rules.schedule import Schedule, window
from engine.settings.fields import FileAddress, Name, User, setting
from engine.settings.passwords import SERVICE, account_of, stored_password
from engine.settings.rules import Texts, Windows, is_timezone
from engine.settings.table import Misfit, MisfitError, Settings

VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]*$"
KEYRING_USER = "sink"
"""Under it, and the sink's name for the host, a keyring has the secret of a sink."""
OWN: dict[str, tuple[str, ...]] = {
    "webhook": ("url", "url_env", "tls_ca", "password", "password_env"),
    "mqtt": ("host", "port", "security", "tls_ca", "user", "password", "password_env", "topic", "discovery"),
    "email": ("host", "port", "security", "tls_ca", "user", "password", "password_env", "sender", "to", "picture"),
    "program": ("program",),
}
"""What only some kinds have."""
TOPIC = "deepcount"


@dataclass(frozen=True, slots=True)
class SinkAccess:
    """What a sink is opened with and nobody is to see."""

    url: str = field(default="", repr=False)
    secret: str | None = field(default=None, repr=False)


class SinkSettings(Settings):
    """Somebody who is told of alerts."""

    name: Name = setting("Name", "How the sink is called everywhere.")
    kind: Literal["webhook", "mqtt", "email", "program"] = setting("Kind", "Over which channel it is told.")
    enabled: bool = setting("Enabled", "Whether it is told anything.", True)
    severity: Literal["info", "warning", "critical"] = setting(
        "Severity", "Alerts that are at least so bad are told.", "info"
    )
    only_cameras: Texts | None = setting(
        "Only cameras", "Cameras and groups whose alerts are told; without it all are.", None
    )
    quiet: Windows | None = setting(
        "Quiet hours", "Days and times such as 'daily 22:00-06:00' at which what is to be told waits.", None
    )
    timezone: str | None = setting(
        "Time zone", "Of the quiet hours, such as Europe/Berlin; without it the computer's.", None
    )
    most_per_minute: int = setting(
        "Rate limit", "What would be more is told together, with its number.", 10, unit="1/min", ge=1, le=600
    )
    timeout_s: float = setting("Time-out", "How long to wait for an answer.", 10.0, unit="s", gt=0, le=60)
    give_up_days: int = setting(
        "Time to give up", "What could not be told for so long is kept as failed.", 3, unit="d", ge=1, le=30
    )
    url: str | None = setting("URL", "Where a webhook lies: http:// or https://.", None)
    url_env: str | None = setting(
        "URL variable", "Environment variable that holds the URL, where it is a secret itself.", None, pattern=VARIABLE
    )
    host: str | None = setting("Host", "Name or number of the broker or the mail server.", None)
    port: int | None = setting("Port", "The usual one where it is not set.", None, ge=1, le=65535)
    security: Literal["none", "starttls", "tls"] | None = setting(
        "Encryption", "Where it is not set starttls for e-mail, and none for MQTT.", None
    )
    tls_ca: FileAddress | None = setting(
        "Certificate",
        "File (PEM) with the server's certificate or its authority's; without it the system's are taken.",
        None,
    )
    user: User | None = setting("User", "Whom the broker or the mail server knows.", None)
    password: Literal["keyring"] | None = setting(
        "Password", "Where the password lies, or the key that signs what a webhook gets; never it itself.", None
    )
    password_env: str | None = setting(
        "Password variable", "Environment variable that holds the password or key.", None, pattern=VARIABLE
    )
    topic: str | None = setting("Topic", "Under which all is published; deepcount where it is not set.", None)
    discovery: bool | None = setting(
        "Discovery", "Whether Home Assistant finds cameras and rules by itself; yes where it is not set.", None
    )
    sender: str | None = setting("From", "Address that e-mails come from.", None)
    to: Texts | None = setting("To", "Addresses that e-mails go to.", None)
    picture: bool | None = setting(
        "Picture", "Whether e-mails show the picture of the alert; yes where it is not set.", None
    )
    program: Texts | None = setting(
        "Program", "What is run, and its arguments, each a text of its own, read by no shell.", None
    )

    @field_validator("url")
    @classmethod
    def _url_is_open(cls, url: str | None) -> str | None:
        if url is not None:
            problem = problem_of_url(url)
            if problem:
                raise ValueError(problem)
            if redacted_address(url) != url:
                raise ValueError("holds what looks like a secret; put it into an environment variable for url_env")
        return url

    @field_validator("topic")
    @classmethod
    def _topic_is_one(cls, topic: str | None) -> str | None:
        if topic is not None and (not topic or any(sign in topic for sign in "+#") or readable(topic) != topic):
            raise ValueError("is no topic, expected such as deepcount or site/deepcount, without + and #")
        return topic and topic.strip("/")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if misfits := (*self._misfits_of_kind(), *self._misfits_of_access(), *self._misfits_of_quiet()):
            raise MisfitError(misfits)
        return self

    def _misfits_of_kind(self) -> Iterator[Misfit]:
        own = OWN[self.kind]
        for key in dict.fromkeys(key for keys in OWN.values() for key in keys if key not in own):
            if getattr(self, key) is not None:
                yield key, f"has {key}, which no sink of kind '{self.kind}' has; take it out"
        needed = {"mqtt": ("host",), "email": ("host", "sender", "to"), "program": ("program",)}
        for key in needed.get(self.kind, ()):
            if not getattr(self, key):
                yield key, f"has no {key}, expected one; {type(self).model_fields[key].description}"
        if self.kind == "webhook" and (self.url is None) == (self.url_env is None):
            has = "neither url nor url_env" if self.url is None else "url and also url_env"
            yield "url", f"has {has}, expected one of the two"
        if self.kind == "mqtt" and self.security == "starttls":
            yield "security", "has security = 'starttls', which MQTT does not know, expected none or tls"
        for text in (self.sender, *(self.to or ())) if self.kind == "email" else ():
            if text is not None and ("@" not in text or readable(text) != text or redacted_address(text) != text):
                yield (
                    "sender" if text is self.sender else "to",
                    "has no address, expected such as a@example.com",
                )

    def _misfits_of_access(self) -> Iterator[Misfit]:
        if self.password is not None and self.password_env is not None:
            yield "password_env", "has password and also password_env, expected one of the two"
        has_secret = self.password is not None or self.password_env is not None
        if self.kind == "webhook" and not has_secret:
            yield (
                "password",
                "has no key that signs what it gets, expected password = 'keyring' or password_env; add one of the two",
            )
        elif self.kind in ("mqtt", "email") and has_secret != (self.user is not None):
            lacks, has = ("user", "a password") if has_secret else ("password", "a user")
            yield (
                lacks,
                f"has {has} and no {lacks}, expected both (the secret in the keyring or a variable)",
            )
        if self.kind == "email" and self.user is not None and self.security == "none":
            yield "security", "has security = 'none' and a user, whose password anybody could read; take one out"

    def _misfits_of_quiet(self) -> Iterator[Misfit]:
        for text in self.quiet or ():
            try:
                window(text)
            except ValueError as error:
                yield "quiet", f"has quiet hours that {error}"
        if self.timezone is not None and self.quiet is None:
            yield "timezone", "has a timezone and no quiet hours, expected both; take it out"
        elif self.timezone is not None and not is_timezone(self.timezone):
            yield "timezone", "has a timezone that is not known, expected one such as Europe/Berlin or UTC"

    @property
    def quiet_hours(self) -> Schedule | None:
        """When it is not told anything; None is never."""
        return Schedule(tuple(map(window, self.quiet)), self.timezone) if self.quiet else None

    def access(self) -> SinkAccess:
        """Returns what it is opened with; may have to wait for the system's keyring.

        Raises:
            ConfigError: it is not where it is said to be.
        """
        url = self.url or ""
        if self.url_env is not None:
            url = self._variable(self.url_env, "url_env", "its URL")
            if problem := problem_of_url(url):
                raise ConfigError(f"sink '{self.name}': the environment variable that url_env names {problem}")
        if self.password_env is not None:
            return SinkAccess(url, self._variable(self.password_env, "password_env", "its password or key"))
        return SinkAccess(url, None if self.password is None else self._stored())

    def _variable(self, name: str, key: str, expected: str) -> str:
        value = os.environ.get(name)
        if not value:
            raise ConfigError(
                f"sink '{self.name}': the environment variable that {key} names is not set, expected {expected} in it; "
                "set it before the start"
            )
        return value

    def _stored(self) -> str:
        try:
            secret = stored_password(KEYRING_USER, self.name)
        except ConfigError as error:
            raise ConfigError(f"sink '{self.name}': {error}") from None
        if secret is None:
            raise ConfigError(
                f"sink '{self.name}': the system's keyring holds no password or key of it, expected one; "
                f"put it there with: keyring set {SERVICE} '{account_of(KEYRING_USER, self.name)}'"
            )
        return secret


def problem_of_url(url: str) -> str:
    """Returns what is wrong with the URL of a webhook, to follow its name; empty where nothing is."""
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        fits = False
    if not fits or not url.isprintable() or " " in url:
        return "is no address of a webhook, expected such as https://example.com/alerts"
    if "@" in parts.netloc:
        return "holds a user or password, expected none; a webhook knows who calls by the signature"
    return ""


def misfits_of_sinks(sinks: Sequence[SinkSettings], owners: Collection[str]) -> Iterator[Misfit]:
    """Yields what is wrong with sinks beside the cameras and groups, whose names are given."""
    for sink in sinks:
        for name in sink.only_cameras or ():
            if name not in owners:
                yield (
                    "sinks",
                    f"has sink '{sink.name}' for '{name}', expected a camera or group; correct it",
                )
