"""Who may look: Basic and Digest authentication as servers check them (RFC 2617 with MD5, RFC 7616 with SHA-256)."""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from typing import Literal

Scheme = Literal["digest", "basic", "sha-256"]

REALM = "scripted camera"


@dataclass(frozen=True, slots=True)
class Login:
    """A name and a password, and how they are to be shown."""

    user: str
    password: str = field(repr=False)
    scheme: Scheme

    def challenge(self, nonce: str) -> str:
        """The value of WWW-Authenticate."""
        if self.scheme == "basic":
            return f'Basic realm="{REALM}"'
        if self.scheme == "sha-256":
            return f'Digest realm="{REALM}", nonce="{nonce}", algorithm=SHA-256, qop="auth,auth-int", opaque="{nonce}"'
        return f'Digest realm="{REALM}", nonce="{nonce}", algorithm="MD5"'

    def accepts(self, method: str, authorization: str, nonce: str) -> bool:
        """Whether the value of Authorization answers the challenge."""
        scheme, _, rest = authorization.partition(" ")
        if scheme.lower() != ("basic" if self.scheme == "basic" else "digest"):
            return False
        if self.scheme == "basic":
            return hmac.compare_digest(rest.encode(), base64.b64encode(f"{self.user}:{self.password}".encode()))
        given = {name: value.strip('"') for name, value in re.findall(r'(\w+)=("[^"]*"|[^\s,]+)', rest)}
        name, between = "md5", nonce
        if self.scheme == "sha-256":
            name, between = "sha256", f"{nonce}:{given.get('nc')}:{given.get('cnonce')}:auth"
        ours = _hashed(name, f"{self.user}:{REALM}:{self.password}")
        theirs = _hashed(name, f"{method}:{given.get('uri')}")
        wanted = _hashed(name, f"{ours}:{between}:{theirs}")
        return given.get("nonce") == nonce and hmac.compare_digest(given.get("response", ""), wanted)


def _hashed(name: str, text: str) -> str:
    return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()
