"""How many requests somebody may make: so many at once, and so many a second from then on; pure."""

from collections import OrderedDict
from dataclasses import dataclass

MOST_KNOWN = 2048
"""Who is remembered; those who asked least lately are forgotten first."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What somebody may do."""

    at_once: float
    a_second: float


@dataclass(slots=True)
class _Account:
    left: float
    seen_s: float


class Allowance:
    """What everybody has left; of one thread."""

    def __init__(self, pace: Pace) -> None:
        """Takes what each may do."""
        self._pace = pace
        self._accounts: OrderedDict[str, _Account] = OrderedDict()

    def take(self, who: str, now_s: float) -> float:
        """Takes one of what somebody has; returns for how many seconds there is none, 0 where there was one."""
        account = self._account(who, now_s)
        if account.left < 1.0:
            return (1.0 - account.left) / self._pace.a_second
        account.left -= 1.0
        return 0.0

    def wait_s(self, who: str, now_s: float) -> float:
        """Returns for how many seconds somebody has none, and takes nothing."""
        left = self._account(who, now_s).left
        return 0.0 if left >= 1.0 else (1.0 - left) / self._pace.a_second

    def _account(self, who: str, now_s: float) -> _Account:
        account = self._accounts.get(who)
        if account is None:
            account = self._accounts[who] = _Account(self._pace.at_once, now_s)
            if len(self._accounts) > MOST_KNOWN:
                self._accounts.popitem(last=False)
        self._accounts.move_to_end(who)
        grown = max(0.0, now_s - account.seen_s) * self._pace.a_second
        account.left, account.seen_s = min(self._pace.at_once, account.left + grown), now_s
        return account
