"""Answers a web server's question who asks: Basic (RFC 7617) and Digest (RFC 7616 and 2617)."""

import base64
import hashlib
import re
import secrets
from collections.abc import Sequence

HASHES = {"md5": "md5", "sha-256": "sha256"}
"""By how servers call them; with '-sess' behind, the hash is of one session."""

_DIGEST = re.compile(r"(?i)\bdigest\s+(.*?)(?=,\s*(?:basic|digest|bearer|negotiate|ntlm)\b|$)")
_BASIC = re.compile(r"(?i)(?:^|,)\s*basic\b")
_FIELD = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))')


class Login:
    """A user and a password, which show nowhere, and what the server last asked."""

    def __init__(self, user: str, password: str) -> None:
        self._user, self._password = user, password
        self._digest: dict[str, str] | None = None
        self._basic = False
        self._count = 0

    def takes(self, challenges: Sequence[str]) -> bool:
        """Takes the headers WWW-Authenticate; returns whether they ask in a way that can be answered."""
        for text in challenges:
            for found in _DIGEST.finditer(text):
                fields = {name.lower(): quoted or bare for name, quoted, bare in _FIELD.findall(found[1])}
                if _hash_of(fields) and _quality(fields) is not None and "nonce" in fields:
                    self._digest, self._basic, self._count = fields, False, 0
                    return True
        self._digest, self._basic = None, any(_BASIC.search(text) for text in challenges)
        return self._basic

    @property
    def was_late(self) -> bool:
        """Whether the server asked again only because too much time had passed."""
        return self._digest is not None and self._digest.get("stale", "").lower() == "true"

    def answer(self, method: str, target: str) -> str | None:
        """Returns the header Authorization for a request; None where the server has not asked yet."""
        if self._basic:
            return "Basic " + base64.b64encode(f"{self._user}:{self._password}".encode()).decode()
        return self._digested(self._digest, method, target) if self._digest else None

    def _digested(self, fields: dict[str, str], method: str, target: str) -> str:
        self._count += 1
        nonce, realm, quality = fields["nonce"], fields.get("realm", ""), _quality(fields)
        count, own = f"{self._count:08x}", secrets.token_hex(8)
        who = self._hashed(f"{self._user}:{realm}:{self._password}")
        if fields.get("algorithm", "").lower().endswith("-sess"):
            who = self._hashed(f"{who}:{nonce}:{own}")
        what = self._hashed(f"{method}:{target}")
        between = f"{nonce}:{count}:{own}:{quality}" if quality else nonce
        parts = {
            "username": _quoted(self._user),
            "realm": _quoted(realm),
            "nonce": _quoted(nonce),
            "uri": _quoted(target),
            "response": _quoted(self._hashed(f"{who}:{between}:{what}")),
        }
        if "algorithm" in fields:
            parts["algorithm"] = fields["algorithm"]
        if "opaque" in fields:
            parts["opaque"] = _quoted(fields["opaque"])
        if quality:
            parts |= {"qop": quality, "nc": count, "cnonce": _quoted(own)}
        return "Digest " + ", ".join(f"{name}={value}" for name, value in parts.items())

    def _hashed(self, text: str) -> str:
        name = _hash_of(self._digest or {})
        return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()


def _hash_of(fields: dict[str, str]) -> str:
    """Returns the hash that is asked for; empty where it is not known."""
    return HASHES.get(fields.get("algorithm", "md5").lower().removesuffix("-sess"), "")


def _quality(fields: dict[str, str]) -> str | None:
    """Returns 'auth', or an empty text for servers that name no quality; None where theirs is not known."""
    if "qop" not in fields:
        return ""
    return "auth" if "auth" in re.split(r"[\s,]+", fields["qop"].lower()) else None


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
