"""What a camera hands over: one decoded picture, and what the decoder says of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from engine.picture.shot import Shot
from engine.sources.packets import Tap
from engine.sources.thrift import Thrift


@dataclass(frozen=True, slots=True)
class Link:
    """How a connection is decoded."""

    codec: str
    """As FFmpeg calls it."""
    decoder: str = "software"
    """Or the hardware that decodes, such as 'cuda'."""
    remark: str = ""
    """Why it is not the hardware that was asked for, in a sentence; empty where it is."""
    security: str = ""
    """Who vouches for the camera, such as 'verified', or 'not verified'; empty where nothing is encrypted."""
    interval_s: float = 0.0
    """Between two pictures, where they are asked for one by one."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A decoded picture; its time is when it is taken."""

    shot: Shot
    damaged: bool = False
    """Whether the decoder marked it as corrupt."""
    is_key: bool = False
    """Whether it owes nothing to pictures before it."""
    is_same: bool = False
    """Whether the camera says that nothing has changed since the picture before, which this one is."""


class Connection(Protocol):
    """A camera, or a recording that stands for one, while it can be read."""

    @property
    def link(self) -> Link:
        """How it is decoded; certain from the first picture on."""
        ...

    def tap(self, tap: Tap) -> None:
        """Hands on packets as they come, before they are decoded; has to be called before `arrivals`."""
        ...

    def spare(self, thrift: Thrift) -> None:
        """Leaves out what need not be decoded; has to be called before `arrivals`."""
        ...

    def arrivals(self) -> Iterator[Arrival | None]:
        """Yields pictures as they come, None for each that could not be decoded; ends where nothing more can come.

        Raises:
            SourceError: the connection is lost.
        """
        ...

    def close(self) -> None:
        """Hangs up; may be called twice."""
        ...
