"""Who may look: Basic and Digest authentication as servers check them (RFC 2617, MD5)."""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from typing import Literal

REALM = "scripted camera"


@dataclass(frozen=True, slots=True)
class Login:
    """A name and a password, and how they are to be shown."""

    user: str
    password: str = field(repr=False)
    scheme: Literal["digest", "basic"]

    def challenge(self, nonce: str) -> str:
        """The value of WWW-Authenticate."""
        if self.scheme == "basic":
            return f'Basic realm="{REALM}"'
        return f'Digest realm="{REALM}", nonce="{nonce}", algorithm="MD5"'

    def accepts(self, method: str, authorization: str, nonce: str) -> bool:
        """Whether the value of Authorization answers the challenge."""
        scheme, _, rest = authorization.partition(" ")
        if scheme.lower() != self.scheme:
            return False
        if self.scheme == "basic":
            return hmac.compare_digest(rest.encode(), base64.b64encode(f"{self.user}:{self.password}".encode()))
        given = {name: value.strip('"') for name, value in re.findall(r'(\w+)=("[^"]*"|[^\s,]+)', rest)}
        ours = _md5(f"{self.user}:{REALM}:{self.password}")
        theirs = _md5(f"{method}:{given.get('uri')}")
        wanted = _md5(f"{ours}:{nonce}:{theirs}")
        return given.get("nonce") == nonce and hmac.compare_digest(given.get("response", ""), wanted)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
