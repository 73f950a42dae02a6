"""What a service lets whoever asks do, as it says of the token that it was sent; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SCOPES = ("read", "acknowledge", "admin")
"""Each has those before it."""
NEEDED = {"acknowledge": "acknowledge", "close": "admin", "suspend": "admin"}
"""By what is done."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What may be done."""

    token: str = ""
    """What the token is called; empty where none is needed."""
    scope: str = ""
    """Empty before the service said it."""

    def denied(self, deed: str) -> str:
        """Returns why one of those of `NEEDED` may not be done, in a sentence; empty where it may."""
        needed = NEEDED[deed]
        if self.scope in SCOPES[SCOPES.index(needed) :]:
            return ""
        if not self.scope:
            return "the service has not said yet what may be done there"
        return f"the token '{self.token}' has the scope {self.scope}, this needs one with the scope {needed}"


def grant_of(said: Mapping[str, Any]) -> Grant:
    """Returns what a service says that may be done."""
    return Grant(said["name"] or "", said["scope"])
