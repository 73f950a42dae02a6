"""Something that happened to an alert, for whoever is to be told of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from engine.alerts.record import AlertRecord
from engine.log.audit import Tip
from engine.rules.machine import Kind


@dataclass(frozen=True, slots=True)
class Dealing:
    """What somebody did with an alert."""

    who: str
    note: str
    at: datetime
    """UTC."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One alert, and what happened to it."""

    kind: Kind
    alert: AlertRecord
    """As it was then."""
    dealing: Dealing | None = None
    """None where no person did it."""


class Post(Protocol):
    """What takes occurrences down in the transaction in which their alerts are written."""

    def add(self, connection: Connection, occurrences: Sequence[Occurrence], tip: Tip) -> None:
        """Writes what is to be told of them; `tip` is the end of the audit log."""
        ...

    def wake(self) -> None:
        """Is called when that is committed."""
        ...
