"""The secrets that are known here, so that they can be looked for in what is about to be given away.

What redaction by structure cannot know, such as a password that somebody wrote into a message, is found by its value.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from urllib.parse import quote, unquote

from engine.errors import ConfigError
from engine.redaction import HIDDEN
from engine.settings.address import Address
from engine.settings.config import Config

LEAST_LENGTH = 4  # of a secret: what is shorter stands in any text
SECRET_NAME = re.compile(r"(?i)pass|pwd|secret|token|key|credential|auth")
"""In the name of an environment variable."""

_PARTS = re.compile(r"[/:@?&;=#]")


def known_secrets(config: Config, environment: Mapping[str, str]) -> frozenset[str]:
    """Returns all that must not be seen; asks the system's keyring, so whoever calls must be able to wait."""
    found = {value for name, value in environment.items() if SECRET_NAME.search(name)}
    for camera in config.cameras:
        for address in filter(None, (camera.address, camera.address_small)):
            found.update(_hidden(address))
        if camera.password_env is not None:
            found.add(environment.get(camera.password_env, ""))
        with suppress(ConfigError):  # then nobody has the password, and it can be nowhere
            found.update(_hidden(Address.of(camera.full_address)))
    for sink in config.sinks:
        with suppress(ConfigError):
            access = sink.access()
            found.update((access.secret or "", access.url if sink.url_env else ""))
    if config.database is not None:
        found.update(_hidden(config.database))
    return frozenset(secret for secret in found if len(secret) >= LEAST_LENGTH)


def without(text: str, secrets: frozenset[str]) -> str:
    """Returns a text without secrets, however they are written in addresses, JSON or Python."""
    spellings = {
        spelling
        for secret in secrets
        for spelling in (secret, quote(secret, safe=""), quote(secret), json.dumps(secret)[1:-1], repr(secret)[1:-1])
    }
    for spelling in sorted(spellings, key=len, reverse=True):  # one may be a part of another
        text = text.replace(spelling, HIDDEN)
    return text


def _hidden(address: Address) -> Iterator[str]:
    """Yields the parts of an address that are not shown of it, as written and decoded."""
    shown = set(_PARTS.split(address.shown))
    for part in _PARTS.split(address.full if address.kind != "path" else ""):
        if part not in shown:
            yield part
            yield unquote(part)
