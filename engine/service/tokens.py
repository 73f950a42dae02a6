"""Tokens: who may ask a service for what. Of each only a hash is kept, in a file beside the configuration.

A token is drawn from 256 bits of chance, so that a plain hash of it tells nobody anything. What a revoked one was
called stays in the file, so that nobody else gets its name.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from enum import IntEnum
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe
from threading import Lock

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from engine.errors import ConfigError
from engine.files import claim, written_whole
from engine.settings.fields import LONGEST_NAME

MARK = "dc_"
"""By which a token is known as one, wherever it is found."""
SECRET_BYTES = 32
MODE, SHARED = 0o600, 0o640
Stamp = tuple[int, int, int] | None

logger = logging.getLogger(__name__)


class Scope(IntEnum):
    """What a token is good for; each scope has those before it."""

    READ = 1
    ACKNOWLEDGE = 2
    ADMIN = 3

    @property
    def word(self) -> str:
        """As people write it."""
        return self.name.lower()


class Token(BaseModel):
    """A token as it is kept: nobody can use what is in here."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    digest: str = Field(pattern=r"[0-9a-f]{64}")
    scope: Scope
    made: datetime
    expires: datetime | None = None
    revoked: datetime | None = None

    @field_validator("made", "expires", "revoked")
    @classmethod
    def _is_aware(cls, moment: datetime | None) -> datetime | None:
        return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment

    def is_good(self, now: datetime) -> bool:
        """Whether it opens anything at a moment."""
        return self.revoked is None and (self.expires is None or now < self.expires)

    def state(self, now: datetime) -> str:
        """Says how it stands in a word."""
        return "revoked" if self.revoked else "good" if self.is_good(now) else "expired"


class _Kept(BaseModel):
    """What the file holds."""

    model_config = ConfigDict(extra="forbid")
    tokens: list[Token] = []


class TokenFile:
    """The tokens of a service, read again when their file changes; any thread may ask."""

    def __init__(self, path: Path) -> None:
        """Reads it; one that is not there holds none.

        Raises:
            ConfigError: it cannot be read.
        """
        self.path, self._lock = path, Lock()
        self._stamp = _stamp(path)
        self._known = {token.digest: token for token in read_tokens(path)}

    @property
    def is_empty(self) -> bool:
        """Whether no token opens anything now."""
        now = datetime.now(UTC)
        return not any(token.is_good(now) for token in self._known.values())

    def find(self, secret: str, now: datetime) -> Token | None:
        """Returns the token that a secret is; None where it is none, or is expired or revoked."""
        self._follow()
        token = self._known.get(digest_of(secret))
        return token if token is not None and token.is_good(now) else None

    def _follow(self) -> None:
        """Reads the file again where it changed; one that cannot be read opens nothing."""
        with self._lock:
            stamp = _stamp(self.path)
            if stamp == self._stamp:
                return
            self._stamp = stamp
            try:
                self._known = {token.digest: token for token in read_tokens(self.path)}
            except ConfigError as error:
                self._known = {}
                logger.error("no token opens anything any more: %s", error)


def digest_of(secret: str) -> str:
    """Returns what is kept of a token."""
    return sha256(secret.encode("utf-8", "replace")).hexdigest()


def read_tokens(path: Path) -> list[Token]:
    """Returns the tokens of a file, in the order in which they were made; none where it is not there.

    Raises:
        ConfigError: it cannot be read, or is no file of tokens.
    """
    try:
        return _Kept.model_validate_json(path.read_bytes()).tokens
    except FileNotFoundError:
        return []
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigError(f"{path} cannot be read: {reason}; give it to the account that serves") from None
    except (ValidationError, ValueError):
        raise ConfigError(
            f"{path} holds no tokens, expected what 'deepcount-engine token make' writes; move it away, and make some"
        ) from None


def make_token(path: Path, name: str, scope: Scope, expires: datetime | None) -> str:
    """Adds a token to a file; returns it, who alone knows it from then on.

    Raises:
        ConfigError: there is or was one of that name, or the file cannot be read.
        OutputError: it cannot be written.
    """
    secret = f"{MARK}{token_urlsafe(SECRET_BYTES)}"
    now = datetime.now(UTC).replace(microsecond=0)
    with _changing(path):
        tokens = read_tokens(path)
        if any(token.name == name for token in tokens):
            raise ConfigError(
                f"there is or was a token '{name}', expected a new name; see 'deepcount-engine token list'"
            )
        made = Token(name=name, digest=digest_of(secret), scope=scope, made=now, expires=expires)
        _write(path, [*tokens, made])
    return secret


def revoke_token(path: Path, name: str) -> Token:
    """Takes a token back for good; it opens nothing from the next request on.

    Raises:
        ConfigError: there is none of that name that could be used, or the file cannot be read.
        OutputError: it cannot be written.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    with _changing(path):
        tokens = read_tokens(path)
        found = next((token for token in tokens if token.name == name and token.revoked is None), None)
        if found is None:
            known = ", ".join(token.name for token in tokens if token.revoked is None) or "none"
            raise ConfigError(f"there is no token '{name}' to be revoked, expected one of: {known}")
        gone = found.model_copy(update={"revoked": now})
        _write(path, [gone if token is found else token for token in tokens])
    return gone


@contextmanager
def _changing(path: Path) -> Iterator[None]:
    """Lets nobody else change the tokens while the block runs."""
    try:
        place = claim(path.parent)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigError(f"{path} cannot be written: {reason}; give another with --tokens") from None
    if place is None:
        raise ConfigError(f"{path} is being changed by another program; try again")
    try:
        yield
    finally:
        os.close(place)


def _write(path: Path, tokens: list[Token]) -> None:
    text = _Kept(tokens=tokens).model_dump_json(indent=2)
    with written_whole(path) as partial:
        partial.chmod(MODE)
        with suppress(OSError, AttributeError):  # as on Windows, or where this account may not give files away
            _resemble(partial, path)
        partial.write_text(f"{text}\n", "utf-8")


def _resemble(partial: Path, path: Path) -> None:
    """Lets those read a file who read the one in whose place it comes, or the configuration beside it."""
    like = next((each for each in (path, path.with_suffix(".toml")) if each.exists()), None)
    if like is not None:
        found = like.stat()
        os.chown(partial, found.st_uid, found.st_gid)
        partial.chmod(found.st_mode & SHARED)


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
