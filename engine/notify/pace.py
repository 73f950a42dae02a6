"""Which of the waiting notifications are told next, and when; pure: times and chance are arguments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

MINUTE_S = 60.0
STEPS_S = (1.0, 5.0, 15.0, 60.0, 300.0, 600.0)
"""Between two attempts, the longer the more have failed."""
JITTER = 0.2
LARGEST_BUNDLE = 500


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row of the outbox that is to be told."""

    id: int
    uid: str
    alert_uid: str
    kind: str
    payload: str
    created_at: datetime
    attempts: int
    bundle: str | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class Next:
    """What is to be done next."""

    rows: tuple[Waiting, ...] = ()
    """To be told in one message; none where it is not time yet."""
    wait_s: float = 0.0
    """Until it is."""


def next_of(
    waiting: Sequence[Waiting], sent_s: Sequence[float], now_s: float, *, most_per_minute: int, together: bool = False
) -> Next:
    """Returns what one sink is told next.

    What was tried before is tried again with the same rows. The last message that the limit lets through in a minute
    takes all that waits with it, so that nothing waits longer than that.

    Args:
        waiting: oldest first.
        sent_s: when the messages of the last minute were sent, oldest first.
        now_s: by the same clock.
        most_per_minute: messages.
        together: whether all that waits is told at once, as after quiet hours.
    """
    if not waiting:
        return Next()
    first = waiting[0]
    if first.bundle is not None:
        return Next(tuple(row for row in waiting if row.bundle == first.bundle))
    recent = [at_s for at_s in sent_s if at_s > now_s - MINUTE_S]
    if len(recent) >= most_per_minute:
        return Next(wait_s=recent[len(recent) - most_per_minute] + MINUTE_S - now_s)
    untried = [row for row in waiting if row.bundle is None]
    if together or len(recent) == most_per_minute - 1:
        return Next(tuple(untried[:LARGEST_BUNDLE]))
    return Next((first,))


def back_off_s(failures: int, chance: float) -> float:
    """Returns how long to wait after so many failures, at least one; `chance` is from 0 to 1."""
    step_s = STEPS_S[min(failures, len(STEPS_S)) - 1]
    return step_s * (1 + JITTER * (2 * chance - 1))
