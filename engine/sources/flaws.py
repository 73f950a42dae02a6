"""What was wrong in a recording that was read to its end nevertheless, or up to where it breaks off."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

MOST_NOTED = 20  # jumps and holes that are kept; all are counted
MOST_TOLD = 3  # of each kind that are told to people one by one


@dataclass(frozen=True, slots=True)
class Jump:
    """A place where a recording's own time stamps do not go on."""

    at_s: float
    """Where it is, in the time of the recording, which goes on without it."""
    from_s: float
    """The own time stamp of the last frame before it."""
    to_s: float
    """The own time stamp of the first frame after it."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A part of a recording of which nothing is known."""

    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class Flaws:
    """All that was wrong; none of it in a recording that is whole."""

    undecoded: int = 0
    """Packets or pictures that could not be read or decoded; they have no count."""
    damaged: int = 0
    """Frames that were decoded with parts missing, and counted as they are."""
    jumps: int = 0
    holes: int = 0
    noted: tuple[Jump | Hole, ...] = ()
    """The first jumps and holes."""
    unread: tuple[str, ...] = ()
    """Names of the first pictures of a folder that could not be read."""
    breaks_off: str = ""
    """Why its end was not reached, in a sentence."""

    def plus(
        self, *, undecoded: int = 0, damaged: int = 0, flaw: Jump | Hole | None = None, unread: str = ""
    ) -> "Flaws":
        """Returns them with some more."""
        return Flaws(
            self.undecoded + undecoded,
            self.damaged + damaged,
            self.jumps + isinstance(flaw, Jump),
            self.holes + isinstance(flaw, Hole),
            (*self.noted, *([flaw] if flaw else []))[:MOST_NOTED],
            (*self.unread, *([unread] if unread else []))[:MOST_NOTED],
            self.breaks_off,
        )

    @property
    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON; times in seconds."""
        kinds = {"time_jumps": Jump, "holes": Hole}
        return {
            "whole": not (self.undecoded or self.damaged or self.holes or self.breaks_off),
            "undecoded": self.undecoded,
            "unread": list(self.unread),
            "damaged": self.damaged,
            **{name: [_rounded(one) for one in self.noted if isinstance(one, kind)] for name, kind in kinds.items()},
            "not_listed": self.jumps + self.holes - len(self.noted),
            "breaks_off": self.breaks_off or None,
        }

    @property
    def warnings(self) -> list[str]:
        """What people should know, a sentence each, without `breaks_off`."""
        return [*self._losses(), *self._jumps()]

    def _losses(self) -> list[str]:
        holes = [f"{one.from_s:.1f} to {one.to_s:.1f} s" for one in self.noted if isinstance(one, Hole)]
        parts = (
            f"{self.undecoded} could not be decoded" if self.undecoded else "",
            f"{self.damaged} came with parts missing, counted all the same" if self.damaged else "",
            f"not to be read: {_some(self.unread, self.undecoded)}" if self.unread else "",
            f"nothing is known of {_some(holes, self.holes)}" if holes else "",
        )
        found = "; ".join(filter(None, parts))
        return [f"pictures are damaged or lost: {found}"] if found else []

    def _jumps(self) -> list[str]:
        told = [one for one in self.noted if isinstance(one, Jump)][:MOST_TOLD]
        found = [
            f"at {one.at_s:.1f} s its own time jumps from {one.from_s:.1f} s to {one.to_s:.1f} s; "
            "the time shown goes on without the jump"
            for one in told
        ]
        return [*found, f"its own time jumps {self.jumps - len(told)} times more"] if self.jumps > len(told) else found


def _some(words: Sequence[str], total: int) -> str:
    more = total - min(total, MOST_TOLD)
    return ", ".join(words[:MOST_TOLD]) + (f" and {more} more" if more else "")


def _rounded(flaw: Jump | Hole) -> dict[str, float]:
    return {name: round(value, 3) for name, value in asdict(flaw).items()}
