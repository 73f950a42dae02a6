"""Which pictures are held out, as it was asked for: every Nth, those that a file lists, or those that fit a pattern."""

from collections.abc import Collection
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from trainer.errors import TrainerError
from trainer.files import reason


@dataclass(frozen=True, slots=True)
class HoldOut:
    """One answer to what is held out; several of them hold out what any does."""

    given: str
    """As it was asked for."""
    every: int = 0
    """Every so manieth picture; 0 goes by names."""
    names: tuple[str, ...] = ()
    """Names or patterns."""

    @classmethod
    def of(cls, text: str) -> "HoldOut":
        """Takes a number, a file with one name a line, or a pattern; raises TrainerError if it is none of them."""
        if text.isdecimal():
            if int(text) < 2:
                raise TrainerError(f"hold-out {text} is too few, expected 2 (every second picture) or more")
            return cls(text, every=int(text))
        try:
            if not Path(text).is_file():
                return cls(text, names=(text,))
            lines = Path(text).read_text("utf-8-sig").splitlines()
        except (OSError, ValueError) as error:
            raise TrainerError(f"hold-out {text} cannot be read as one name a line: {reason(error)}") from error
        names = tuple(line.strip().replace("\\", "/") for line in lines if line.strip())
        if not names:
            raise TrainerError(f"hold-out {text} is empty, expected one name a line")
        return cls(text, names=names)

    def holds(self, rank: int, names: Collection[str]) -> bool:
        """Whether a picture is held out: by its rank, counted from 1, or by one of the names that it goes by."""
        if self.every:
            return rank % self.every == 0
        return any(_fits(name, names) for name in self.names)

    def unmatched(self, pictures: Collection[Collection[str]]) -> list[str]:
        """Returns those names or patterns that fit no picture; each picture is given by the names that it goes by."""
        return [name for name in self.names if not any(_fits(name, names) for names in pictures)]


def check_matched(holdouts: Collection[HoldOut], pictures: Collection[Collection[str]]) -> None:
    """Raises TrainerError where a name or pattern fits no picture, lest a slip of the pen put one into training."""
    for hold_out in holdouts:
        missed = hold_out.unmatched(pictures)
        if not missed:
            continue
        example = next((min(names, key=len) for names in pictures), "none")
        if hold_out.given in missed:
            raise TrainerError(
                f"hold-out {hold_out.given!r} is no number, no file, and fits none of {len(pictures)} pictures, which "
                f"are called like {example!r}; patterns know * and ?"
            )
        raise TrainerError(
            f"hold-out {hold_out.given} fits no picture with {len(missed)} of its names, the first {missed[0]!r}; "
            f"pictures are called like {example!r}"
        )


def _fits(name: str, names: Collection[str]) -> bool:
    return name in names or any(fnmatchcase(known, name) for known in names)
