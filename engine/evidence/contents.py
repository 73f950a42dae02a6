"""What goes into a bundle, while it is put together in a folder of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.alerts.listing import Alert
from engine.evidence.account import Account
from engine.evidence.report import Illustration


@dataclass(frozen=True, slots=True)
class Content:
    """One file that becomes a member."""

    name: str
    path: Path
    what: str
    """What it is, for people."""


@dataclass(frozen=True, slots=True)
class Contents:
    """All of them, and what is told of them."""

    folder: Path
    account: Account
    files: list[Content] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    """For the manifest."""
    illustrations: list[Illustration] = field(default_factory=list)
    """For the report."""
    remarks: list[str] = field(default_factory=list)
    """What people should know of it."""

    @property
    def alerts(self) -> Sequence[Alert]:
        """Those of the span."""
        return self.account.alerts

    def place(self, name: str) -> Path:
        """Returns where a member is to be written before it is added."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def add(self, name: str, what: str, content: str | bytes | None = None) -> None:
        """Adds a member; one without content was written to its place."""
        path = self.place(name)
        if content is not None:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        self.files.append(Content(name, path, what))
