"""What all sinks can do, and how the cameras stand that some of them show."""

from dataclasses import dataclass
from typing import Protocol

from engine.notify.message import Message


@dataclass(frozen=True, slots=True)
class OwnerStanding:
    """A camera or group at one moment."""

    name: str
    state: str
    """In a word: 'live' where it sends pictures."""
    people: float | None


@dataclass(frozen=True, slots=True)
class RuleStanding:
    """A rule at one moment."""

    owner: str
    rule: str
    said: str
    severity: str | None
    """Of its open alert; None where there is none."""
    since: int | None = None
    """Seconds since 1970 (UTC)."""
    peak: float | None = None
    acknowledged_by: str | None = None
    suspended_until: int | None = None
    """Seconds since 1970 (UTC); None where it is not suspended."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How all stands at one moment."""

    owners: tuple[OwnerStanding, ...] = ()
    rules: tuple[RuleStanding, ...] = ()


class Sink(Protocol):
    """One channel to somebody, used by one thread; nothing is opened before it is needed."""

    shows: bool
    """Whether it also shows how all stands, second by second."""

    def deliver(self, message: Message) -> str:
        """Tells somebody; returns what happened, in the words that follow the sink's name.

        Raises:
            NotifyError: it could not, or it is not known whether it could.
        """
        ...

    def show(self, standing: Standing) -> None:
        """Shows how all stands, where it can; raises NotifyError where it could not."""
        ...

    def close(self) -> None:
        """Ends what is open; any thread may call it, so that whoever waits for an answer need not wait on."""
        ...
