"""An address: where a camera, a database or a model lies, with the secrets that it may hold kept out of sight.

Nothing that prints, logs, compares or dumps an address shows its password: only `full` and `written_in` give it away,
and both say so.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self
from urllib.parse import quote, unquote

from pydantic import SecretStr

from engine.redaction import HIDDEN, host_of, is_address, is_login, readable, redacted_address

Kind = Literal["rtsp", "http", "rtmp", "srt", "udp", "rtp", "webcam", "path", "database"]
SCHEMES: dict[str, Kind] = {
    "rtsp": "rtsp",
    "rtsps": "rtsp",
    "http": "http",
    "https": "http",
    "rtmp": "rtmp",
    "rtmps": "rtmp",
    "srt": "srt",
    "udp": "udp",
    "rtp": "rtp",
}
LISTENING = frozenset({"udp", "rtp", "srt"})
"""Kinds that need a port, and may have no host: whatever comes there is taken."""
FORMS = (
    "rtsp://, rtsps://, http://, https://, rtmp://, rtmps://, srt://, udp:// or rtp:// and a host, webcam:0, or a path"
)

_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?:(?P<credentials>[^/?#]*)@)?(?P<rest>.*)", re.DOTALL)
_WEBCAM = re.compile(r"webcam:(?:\d{1,2}|(?![\d\s])[^:]{1,80})|/dev/video\d{1,2}")
_SLIP = re.compile(rf"(?i)({'|'.join(SCHEMES)}):(?!//)")
_CAMERA = re.compile(rf"(?i)({'|'.join(SCHEMES)}):")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """An address as it was written, and the folder that a relative path starts from."""

    _secret: SecretStr
    folder: Path = field(default=Path(), compare=False)

    @classmethod
    def of(cls, text: str, folder: Path = Path()) -> Self:
        """Returns the address that was written, unchecked; see `camera_address`."""
        return cls(SecretStr(text), folder)

    @property
    def kind(self) -> Kind:
        """What lies there; a path may be a file or a folder."""
        if self.scheme:
            return SCHEMES.get(self.scheme, "database")
        return "webcam" if _WEBCAM.fullmatch(self._secret.get_secret_value()) else "path"

    @property
    def scheme(self) -> str:
        """What stands before its '://', in small letters; empty where nothing does."""
        found = _URL.match(self._secret.get_secret_value())
        return found["scheme"].lower() if found else ""

    @property
    def shown(self) -> str:
        """For people: without user, password and other secrets."""
        return redacted_address(readable(self._secret.get_secret_value()))

    @property
    def host(self) -> str | None:
        """The host's name or number, where it has one and it is certain which part that is."""
        return host_of(self._secret.get_secret_value())

    @property
    def path(self) -> Path:
        """The file or folder, of an address of the kind 'path'."""
        return self.folder / self._secret.get_secret_value()

    @property
    def full(self) -> str:
        """For opening only: with all secrets, and with the folder of a relative path."""
        return str(self.path) if self.kind == "path" else self._secret.get_secret_value()

    @property
    def user(self) -> str | None:
        """The user's name that it holds, decoded."""
        user = self._credentials()[0]
        return None if user is None else unquote(user)

    @property
    def holds_secret(self) -> bool:
        """Whether it holds a password, or anything else that people may not see of it."""
        return self.without_secret().full != self.full

    def with_credentials(self, user: str, password: str) -> "Address":
        """Returns it with a user and a password in place of those that it has."""
        found = _URL.match(self._secret.get_secret_value())
        if found is None:
            return self
        login = f"{quote(user, safe='')}:{quote(password, safe='')}"
        return Address.of(f"{found['scheme']}://{login}@{found['rest']}", self.folder)

    def without_login(self) -> tuple["Address", str | None, str | None]:
        """Takes it apart: itself without user and password, the user, and the password for keeping elsewhere only."""
        found = _URL.match(self._secret.get_secret_value())
        if found is None or found["credentials"] is None:
            return self, None, None
        password = self._credentials()[1]
        bare = Address.of(f"{found['scheme']}://{found['rest']}", self.folder)
        return bare, self.user, None if password is None else unquote(password)

    def without_secret(self) -> "Address":
        """Returns it without its password, and without all else that people may not see; the user's name stays."""
        found = _URL.match(self._secret.get_secret_value())
        if found is None:
            return self
        user, scheme = self._credentials()[0], f"{found['scheme']}://"
        rest = redacted_address(f"{scheme}{found['rest']}").removeprefix(scheme).replace(HIDDEN, "")
        return Address.of(f"{scheme}{user + '@' if user else ''}{rest}", self.folder)

    def written_in(self, folder: Path) -> str:
        """For a configuration file in a folder: as it was written, with its secrets."""
        if self.kind == "path" and self.folder.resolve() != folder.resolve():
            return str(self.path.resolve())
        return self._secret.get_secret_value()

    def has_password(self) -> bool:
        """Whether a password stands before its host."""
        return self._credentials()[1] is not None

    def __str__(self) -> str:
        return self.shown

    def __repr__(self) -> str:
        return f"Address({self.shown!r})"

    def _credentials(self) -> tuple[str | None, str | None]:
        found = _URL.match(self._secret.get_secret_value())
        if found is None or found["credentials"] is None:
            return None, None
        user, colon, password = found["credentials"].partition(":")
        return user, password if colon else None


def camera_address(text: str, folder: Path = Path()) -> Address:
    """Checks a camera's address; raises ValueError, without a word of it, if no source has such a one."""
    _check_text(text)
    found = _URL.match(text)
    if found is None:
        return Address.of(text, folder)
    kind = SCHEMES.get(found["scheme"].lower())
    if kind is None:
        raise ValueError(f"begins with '{found['scheme']}://', expected {FORMS}")
    host = re.split(r"[/?#]", found["rest"])[0]
    port = re.fullmatch(r"(\[[0-9A-Fa-f:.%]+\]|[^\s:\[\]@]+)?(?::(\d{1,5}))?", host)
    at_sign = "@" in found["rest"].partition("?")[0]  # most likely of a password that is not encoded, cut in two
    lacks = port is None or not (port[2] if kind in LISTENING else port[1])
    if port is None or lacks or not 0 < int(port[2] or 1) < 65536 or at_sign:
        raise ValueError(
            "has no valid host and port after '://', expected such as camera.local or 10.0.0.7:554; "
            "in a user, password or path write /, ?, #, @ and spaces as %2F, %3F, %23, %40 and %20"
        )
    return Address.of(text, folder)


def is_webcam(text: str) -> bool:
    """Whether a text is the address of a webcam."""
    return _WEBCAM.fullmatch(text) is not None


def database_address(text: str, folder: Path = Path()) -> Address:
    """Checks a database's file or URL; raises ValueError, without a word of it, if it can be neither."""
    if camera := _CAMERA.match(text):
        raise ValueError(f"begins with '{camera[0]}' as a camera's address, expected a file or the URL of a database")
    _check_text(text)
    return Address.of(text, folder)


def file_path(text: str, folder: Path = Path()) -> Path:
    """Checks the path of a file or folder of this computer; raises ValueError, without a word of it, if it is none."""
    if not text or "\0" in text:
        raise ValueError("is empty or holds a zero byte, expected a path")
    if is_address(text) or "://" in text or _WEBCAM.fullmatch(text):
        raise ValueError(
            "is an address, expected a file of this computer; watch a camera with 'deepcount-engine watch', "
            "or write ./ before a path that looks like an address"
        )
    return folder / text


def _check_text(text: str) -> None:
    if not text.strip() or _CONTROL.search(text):
        raise ValueError("is empty or holds control characters, expected an address or a path")
    if slip := _SLIP.match(text):
        raise ValueError(f"begins with '{slip[0]}', expected '{slip[0]}//' and a host")
    if "://" in text and _URL.match(text) is None:
        raise ValueError(
            "holds '://' behind what is no scheme, expected such as rtsp://HOST/PATH, or a path without it"
        )
    if is_login(text) and _URL.match(text) is None:
        raise ValueError(
            "looks like a login and a host without a scheme, expected rtsp:// before it, or ./ before a path"
        )
    if text.startswith("webcam:") and not _WEBCAM.fullmatch(text):
        raise ValueError("names no webcam, expected a number from 0 to 99 or a name after 'webcam:', such as webcam:0")
