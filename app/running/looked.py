"""What panels ask of whatever counts: an engine of the window's own, or a service that runs elsewhere."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from PyQt6.QtCore import pyqtBoundSignal

from engine.alerts.guard import Firing
from engine.alerts.listing import Alert
from engine.alerts.suspension import Suspension
from engine.history.series import Column
from engine.monitor.facts import CameraFacts, GroupFacts
from engine.monitor.recent import LastDay
from engine.monitor.screen import Picture, Wish


class LookedAt(Protocol):
    """Cameras that are watched; all belongs to the GUI thread, and nothing waits."""

    @property
    def is_overloaded(self) -> bool:
        """Whether the model cannot keep up."""
        ...

    def want(self, wishes: Mapping[str, Wish]) -> None:
        """Says which cameras are visible, and how each is shown."""
        ...

    def newest(self, name: str) -> Picture | None:
        """Takes out a camera's newest picture; None if there was none since the last call."""
        ...

    def facts(self) -> dict[str, CameraFacts]:
        """Returns how each camera is doing now."""
        ...

    def groups(self) -> tuple[GroupFacts, ...]:
        """Returns what is known of all groups now."""
        ...

    def people(self) -> dict[str, float | None]:
        """Returns what is counted now in each group; None while it is unknown."""
        ...

    def recent(self, name: str) -> LastDay | None:
        """Returns the last day of a camera or group; None where it is not watched."""
        ...

    def bounds(self, name: str, counts: Column) -> tuple[Column, Column] | None:
        """Returns between which numbers of people the truth lies for counts of a camera; None where nobody knows."""
        ...


class Alerted(Protocol):
    """Alerts, open and past, and what can be done about them; belongs to the GUI thread."""

    changed: pyqtBoundSignal
    all: tuple[Alert, ...]
    firing: tuple[Firing, ...]
    suspended: tuple[Suspension, ...]
    problem: str
    is_watched: bool
    who: str

    def alert(self, uid: str) -> Alert | None:
        """Returns one that is listed."""
        ...

    def proof(self, name: str | None) -> Path | None:
        """Returns where a snapshot or a clip lies; None where there is none."""
        ...

    def acknowledge(self, uids: Sequence[str], *, note: str, who: str) -> None:
        """Notes, soon, that somebody has taken care of alerts."""
        ...

    def settle(self, uids: Sequence[str], *, note: str, who: str) -> None:
        """Closes alerts, soon, also such that still stand."""
        ...

    def suspension(self, owner: str, rule: str) -> Suspension | None:
        """Returns how a rule is suspended now; None where it is not."""
        ...

    def suspend(self, owner: str, rule: str, until: int | None, *, note: str = "", who: str = "") -> None:
        """Lets a rule raise nothing before a moment, or for None lets it again."""
        ...
