"""Who may ask for what: on this computer everybody, elsewhere whoever has a token that is good for it.

What no route says otherwise is read with the scope `read` and done with `admin`; so a route that is new is not open.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookies import CookieError, SimpleCookie

from engine.service.allowance import Allowance, Pace
from engine.service.listening import SAFE, Refusal
from engine.service.tokens import Scope, Token, TokenFile

OPEN = frozenset({"/", "/health", "/ready", "/api/session", "/api/session/end"})
"""Paths that anybody may ask for; without a token they tell nothing of what is watched."""
ACKNOWLEDGING = re.compile(r"/api/alerts/[^/]+/acknowledge")
COOKIE = "deepcount"
REQUESTS = Pace(at_once=400, a_second=100)
"""Of one token, or of one address without."""
MISTAKES = Pace(at_once=20, a_second=0.2)
"""Wrong tokens from one address."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who makes a request."""

    token: Token | None = None
    """None on this computer, and for what anybody may ask."""
    is_local: bool = False
    """Whether it comes from this computer, where no token is needed."""

    @property
    def is_known(self) -> bool:
        """Whether it may be told what is watched."""
        return self.is_local or self.token is not None

    def signed(self, who: str) -> str:
        """Returns who is said to have done something: whoever they say they are, by the token that they have."""
        if self.token is None:
            return who
        return f"{who} (token {self.token.name})" if who else f"token {self.token.name}"


@dataclass(slots=True)
class Access:
    """What keeps out whoever may not ask; of one thread."""

    tokens: TokenFile | None = None
    """None where this computer alone can ask."""
    is_secure: bool = False
    """Whether clients speak TLS, to the service or to a proxy before it."""
    _requests: Allowance = field(default_factory=lambda: Allowance(REQUESTS))
    _mistakes: Allowance = field(default_factory=lambda: Allowance(MISTAKES))

    def judge(
        self, method: str, path: str, headers: Iterable[tuple[bytes, bytes]], address: str, now_s: float
    ) -> Asker | Refusal:
        """Returns who asks, or why there is no answer.

        Args:
            method: of the request, as is all that follows.
            path: without what was asked after it.
            headers: with names in small letters.
            address: where it comes from.
            now_s: on the monotonic clock.
        """
        if self.tokens is None:
            return self._paced(Asker(is_local=True), address, now_s)
        secret, needed = secret_of(headers), needed_scope(method, path)
        token = self.tokens.find(secret, datetime.now(UTC)) if secret else None
        if token is None and needed is None:
            return self._paced(Asker(), address, now_s)
        if token is None:
            return self.mistaken(address, now_s) if secret else NO_TOKEN
        if needed is not None and token.scope < needed:
            return Refusal(
                403, f"the token '{token.name}' has the scope {token.scope.word}, expected one that has {needed.word}"
            )
        return self._paced(Asker(token), f"token {token.name}", now_s)

    def holds(self, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        """Says whether the token that a request came with still opens anything; where none is needed it does."""
        return self.tokens is None or self.tokens.find(secret_of(headers), datetime.now(UTC)) is not None

    def mistaken(self, address: str, now_s: float) -> Refusal:
        """Notes that a wrong token came from an address; returns what is answered."""
        wait_s = self._mistakes.take(address, now_s)
        return too_many(wait_s) if wait_s else WRONG_TOKEN

    def _paced(self, asker: Asker, who: str, now_s: float) -> Asker | Refusal:
        wait_s = self._requests.take(who, now_s)
        return too_many(wait_s) if wait_s else asker


NO_TOKEN = Refusal(401, "no token was sent, expected one in the header 'Authorization: Bearer TOKEN'")
WRONG_TOKEN = Refusal(
    401, "the token is unknown, expired or revoked; have another made with 'deepcount-engine token make'"
)


def too_many(wait_s: float) -> Refusal:
    """Returns what is answered to whoever asks too often."""
    return Refusal(429, "too many requests came, expected fewer; come back later", max(1, round(wait_s + 0.5)))


def needed_scope(method: str, path: str) -> Scope | None:
    """Returns what a token has to be good for; None where none is needed."""
    if path in OPEN:
        return None
    if method in SAFE:
        return Scope.READ
    return Scope.ACKNOWLEDGE if ACKNOWLEDGING.fullmatch(path) else Scope.ADMIN


def secret_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Returns the token that a request brings, in its header or the cookie of the page; empty without one."""
    known = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
    scheme, _, secret = known.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return secret.strip()
    try:
        found = SimpleCookie(known.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""
