"""What people may see of an address: its scheme, host and port, and of the rest only what cannot be a secret.

Judged by structure, since no list knows every name that a maker gives to a password. Of a path is shown what stands
before the first `key=value`; of a query the values of names that are known to be harmless; of RTMP the application but
not the stream's key; of SRT no parameter at all. Where an `@` leaves open which part is the host (`a:b/c@d`), or the
host is none, only the scheme is left.

In longer text an address may hold spaces. What follows it is shown again after a login that was hidden, but not after a
hidden value, of which nobody can tell where it ends. To redact twice changes nothing more.
"""

import re
import unicodedata
from typing import NamedTuple
from urllib.parse import unquote

HIDDEN = "***"
HARMLESS = frozenset((
    "audio", "brightness", "camera", "chan", "channel", "channelid", "codec", "compression", "date", "delay",
    "duration", "enablesrtp", "end_time", "format", "fps", "framerate", "height", "interval", "layout", "mode",
    "profile", "proto", "quality", "rate", "res", "resolution", "rotation", "size", "sslmode", "start_time", "stream",
    "streamtype", "subtype", "timeout", "track", "transport", "transportmode", "unicast", "video", "videocodec",
    "width",
))  # fmt: skip
"""Names in queries whose values may be seen."""

_KNOWN = r"(?:rtsp\w?|https?|rtmp\w{0,2}|srt|udp|rtp|ftps?|(?:postgres(?:ql)?|mysql|mariadb)(?:\+\w+)?)"
"""Schemes that are an address's even where their slashes are missing: a path folds two into one."""
_START = re.compile(
    rf"""(?ix) (?: [a-z][a-z0-9+._-]{{1,30}}:// | {_KNOWN}:[\\/]{{1,2}}(?![\\/]) | {_KNOWN}:(?=[^\s\\/].*@) )
    (?! ['",;)]* (?:\s|$) )"""
)
_NEXT = re.compile(rf"(?ix) (?<=[\s'\"(<\[]) {_START.pattern.removeprefix('(?ix)')}")
_LOGIN = re.compile(r"(?![A-Za-z]:[\\/]|\.{0,2}[\\/](?![\\/]))[^@]*:[^@]*@")
_LOGIN_WORD = re.compile(r"(?<![^\s'\"(<\[=,])(?![A-Za-z]:[\\/]|\.{0,2}[\\/](?![\\/]))[^\s'\":@]*:\S*@(?=\S)")
_SURE_HOST = re.compile(r"(?:[^/?#@]*@)?(?:(?:\d{1,3}\.){3}\d{1,3}|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?![^/?#\s'\",;)])")
_HOST = re.compile(r"(?P<name>[\w.-]*|\[[\w:.%]*\])(?::\d{0,5})?")
_END = re.compile(r"[\s<>]|['\"](?![^\s.,:;!?)\]}])")
_CLOSING = ".,:;!?)]}"
_PLAIN_VALUE = re.compile(r"[\w.:,+-]{0,40}")
_PAIR = re.compile(r"(?P<name>[\w%.-]{1,64})=(?P<value>'[^']*'|\"[^\"]*\"|[^&;\s]+)")
_QUERY = re.compile(r"(?<=\?)[^\s'\"]*=[^\s'\"]*")
_WORDS = (
    r"user(?:name)?|usr|login|pass(?:word|wd|phrase)?|pwd|psw|pw|token|(?:api)?key|auth(?:orization)?|secret|sig(?:nature)?"
    r"|jwt|session|credentials?"
)
_SECRET_NAME = re.compile(rf"(?:[a-z]{{1,12}}[_-])?(?:{_WORDS})(?:[_-]?(?:id|key|token|name))?|x-amz-[a-z-]+")
_SHORT_NAMES = ("p", "u", "sid", "code")
"""Of secrets in queries; elsewhere they mean much else."""


class _Parts(NamedTuple):
    """What stands behind the scheme."""

    login: str | None
    host: str
    """With its port."""
    tail: str
    """Path, query and fragment."""


def redacted(text: str) -> str:
    """Returns a text without the secrets of the addresses in it; one that holds no address stays as it is.

    `cannot open rtsp://user:pw@host/x` becomes `cannot open rtsp://***@host/x`, and `http://host/x?user=me&fps=5`
    `http://host/x?user=***&fps=5`.
    """
    return "\n".join(_redacted_line(line) for line in text.split("\n"))


def redacted_address(text: str) -> str:
    """Returns an address without its secrets, where all of the text is known to be one: spaces are part of it."""
    start = _START.match(text)
    if start:
        return start[0] + _seen(start[0], text[start.end() :])
    return _seen("", text) if is_login(text) else redacted(text)


def is_address(text: str) -> bool:
    """Whether a text begins as an address does, rather than a path, though its slashes may be missing."""
    return _START.match(text) is not None or is_login(text)


def is_login(text: str) -> bool:
    """Whether a text looks like `user:password@host` without a scheme."""
    return _LOGIN.match(text) is not None


def host_of(text: str) -> str | None:
    """Returns the host of an address without its port; None where it has none, or it cannot be told."""
    start = _START.match(text)
    parts = _parts(text[start.end() :]) if start else None
    named = _HOST.fullmatch(parts.host) if parts else None
    return (named["name"].strip("[]") or None) if named else None


def readable(text: str) -> str:
    """Returns a text that a terminal, a log and a database can take: no control characters, no halves of characters."""
    return text if text.isprintable() else "".join(map(_readable, text))


def _readable(character: str) -> str:
    if character in "\t\n\r":
        return " "
    return "\ufffd" if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") else character


def _redacted_line(line: str) -> str:
    start = _START.search(line)
    if start is None:
        return _without_logins(line)
    following = _NEXT.search(line, start.end())
    end = following.start() if following else len(line)
    before, address = _without_logins(line[: start.start()]), _embedded(start[0], line[start.end() : end])
    return f"{before}{start[0]}{address}{_redacted_line(line[end:])}"


def _embedded(scheme: str, rest: str) -> str:
    """Redacts an address at the beginning of a text."""
    sure = _SURE_HOST.match(rest)
    end = _END.search(rest, sure.end() if sure else rest.rfind("@") + 1)
    address = (rest[: end.start()] if end else rest).rstrip(_CLOSING)
    seen = _seen(scheme, address)
    if seen not in (address, f"{HIDDEN}@{address.rpartition('@')[2]}"):
        return seen
    return seen + _without_logins(rest[len(address) :])


def _seen(scheme: str, rest: str) -> str:
    parts = _parts(rest)
    if parts is None:
        return HIDDEN
    login = "" if parts.login is None else f"{HIDDEN}@" if parts.login else "@"
    return f"{login}{parts.host}{_seen_tail(scheme.lower(), parts.tail)}"


def _parts(rest: str) -> _Parts | None:
    """Divides what follows the scheme; None where it is not certain what the host is."""
    end = next((place for place, character in enumerate(rest) if character in "/?#"), len(rest))
    if "@" in rest[end:] and not _SURE_HOST.match(rest):
        return None
    login, at, host = rest[:end].rpartition("@")
    return _Parts(login if at else None, host, rest[end:]) if _HOST.fullmatch(host) else None


def _seen_tail(scheme: str, tail: str) -> str:
    if scheme.startswith("srt:"):
        return tail and tail[:1] + HIDDEN
    before, sign, _ = tail.partition("#")
    path, mark, query = before.partition("?")
    steps = path.split("/")
    shown = steps[:2] if scheme.startswith("rtmp") else steps
    shown = shown[: next((place for place, step in enumerate(shown) if "=" in unquote(step)), len(shown))]
    if len(shown) < len(steps):
        return "/".join([*shown, HIDDEN])  # and no query: what was hidden may go on into it
    return path + mark + _seen_query(query) + (sign and sign + HIDDEN)


def _seen_query(query: str) -> str:
    return "".join(part if part in "&;" else _seen_item(part) for part in re.split("([&;])", query))


def _seen_item(item: str) -> str:
    name, equals, value = item.partition("=")
    plain = unquote(name).lower()
    if not item or (plain in HARMLESS and _PLAIN_VALUE.fullmatch(value)):
        return item
    known = plain in HARMLESS or plain in _SHORT_NAMES or _SECRET_NAME.fullmatch(plain)
    return f"{name}={HIDDEN}" if equals and known else HIDDEN  # an unknown name may be a piece of a password


def _without_logins(text: str) -> str:
    """Hides what looks like a secret where no scheme tells that an address begins."""
    text = _QUERY.sub(lambda found: _seen_query(found[0]), _LOGIN_WORD.sub(f"{HIDDEN}@", text))
    return _PAIR.sub(_seen_pair, text)


def _seen_pair(found: re.Match[str]) -> str:
    return f"{found['name']}={HIDDEN}" if _SECRET_NAME.fullmatch(unquote(found["name"]).lower()) else found[0]
