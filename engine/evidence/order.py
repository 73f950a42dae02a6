"""What bundle is wanted, and how far its making is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import EngineError
from engine.evidence.watched import LogPlace
from engine.picture.view import PLAIN, View


class GivenUpError(EngineError):
    """What was being made is no longer wanted; nothing of it is left."""


@dataclass(frozen=True, slots=True)
class RecordingSubject:
    """A recording, and how it is counted."""

    path: Path
    """A video, or a folder of pictures."""
    model: Path | None = None
    provider: str = "auto"
    view: View = PLAIN
    """Its masks hide in every picture of the bundle."""


@dataclass(frozen=True, slots=True)
class Order:
    """One bundle."""

    subject: RecordingSubject | str
    """A recording, or the name of a camera or group in the log."""
    out: Path
    from_s: float | None = None
    """Of a recording in seconds from its beginning, else in seconds since 1970; None is from the beginning on."""
    to_s: float | None = None
    place: LogPlace | None = None
    """The log, which a recording may do without."""
    pictures: bool = True
    who: str | None = None
    """Who makes it, as the audit log will have it; None is the system account."""


@dataclass(frozen=True, slots=True)
class Step:
    """How far a part of the work is."""

    words: str
    done: float
    total: float | None = 1.0
    """None where nobody knows."""
    unit: str = ""
    """'frames', 'bytes', or '' for a share."""


@dataclass(frozen=True, slots=True)
class Made:
    """A bundle that lies in its place."""

    path: Path
    sha256: str
    """Of its manifest, by which it is known again."""
    members: int
    bytes: int
    remarks: tuple[str, ...] = field(default=())


class Work:
    """Tells how far it is, and ends where it is no longer wanted."""

    def __init__(
        self, progress: Callable[[Step], object] = lambda step: None, is_wanted: Callable[[], bool] = lambda: True
    ) -> None:
        self._progress, self.is_wanted = progress, is_wanted

    def tell(self, words: str, done: float, total: float | None = 1.0, unit: str = "") -> None:
        """Tells it; raises GivenUpError where nobody wants it any more."""
        self.check()
        self._progress(Step(words, done, total, unit))

    def check(self) -> None:
        """Raises GivenUpError where nobody wants it any more."""
        if not self.is_wanted():
            raise GivenUpError("the bundle was given up, as somebody asked for; nothing of it is left")
