"""Which pictures are held out, as it was asked for: every Nth, those that a file lists, or those that fit a pattern.

A file may be a table with the columns picture and part, in which pictures are called SET/PICTURE. It says what is held
out of the sets that it names and nothing of others, so that one table does for any choice of them; its parts are
measured apart.
"""

import csv
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from trainer.errors import TrainerError
from trainer.files import reason

HEADER = "picture,part"
COLUMNS = 2


@dataclass(frozen=True, slots=True)
class HoldOut:
    """One answer to what is held out; several of them hold out what any does."""

    given: str
    """As it was asked for."""
    every: int = 0
    """Every so manieth picture; 0 goes by names."""
    names: tuple[str, ...] = ()
    """Names or patterns."""
    parts: tuple[str, ...] = ()
    """Of a table: what each of the names is a part of."""

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
        lines = [line.strip() for line in lines if line.strip()]
        if lines[:1] == [HEADER]:
            return cls._of_table(text, lines[1:])
        if not lines:
            raise TrainerError(f"hold-out {text} is empty, expected one name a line")
        return cls(text, names=tuple(line.replace("\\", "/") for line in lines))

    @classmethod
    def _of_table(cls, text: str, lines: Iterable[str]) -> "HoldOut":
        rows = list(csv.reader(lines))
        wrong = next((row for row in rows if len(row) != COLUMNS or "/" not in row[0] or not row[1]), None)
        if wrong is not None or not rows:
            found = "nothing" if wrong is None else repr(",".join(wrong))
            raise TrainerError(f"hold-out {text} has {found} below {HEADER}, expected lines such as SET/PICTURE,PART")
        return cls(text, names=tuple(name for name, _ in rows), parts=tuple(part for _, part in rows))

    def concerns(self, data_set: str) -> bool:
        """Whether it says anything of the data set whose folder is called so."""
        return not self.parts or any(name.startswith(f"{data_set}/") for name in self.names)

    def holds(self, rank: int, names: Collection[str]) -> bool:
        """Whether a picture is held out: by its rank, counted from 1, or by one of the names that it goes by."""
        if self.every:
            return rank % self.every == 0
        if self.parts:
            return any(name in self.names for name in names)
        return any(_fits(name, names) for name in self.names)

    def unmatched(self, pictures: Collection[Collection[str]]) -> list[str]:
        """Returns those names or patterns that fit no picture; each picture is given by the names that it goes by."""
        if self.parts:
            known = {name for names in pictures for name in names}
            return [name for name in self.names if name not in known]
        return [name for name in self.names if not any(_fits(name, names) for names in pictures)]


def parts_of(holdouts: Iterable[HoldOut]) -> dict[str, str]:
    """Returns what tables say each picture, called SET/PICTURE, is a part of."""
    return {name: part for hold_out in holdouts if hold_out.parts for name, part in _rows(hold_out)}


def _rows(hold_out: HoldOut) -> Iterable[tuple[str, str]]:
    return zip(hold_out.names, hold_out.parts, strict=True)


def check_matched(holdouts: Collection[HoldOut], pictures: Collection[Collection[str]]) -> None:
    """Raises TrainerError where a name or pattern fits no picture, lest a slip of the pen put one into training.

    Of a table, names of other sets than those that are there are passed over.
    """
    sets = {name.partition("/")[0] for names in pictures for name in names if "/" in name}
    for hold_out in holdouts:
        missed = hold_out.unmatched(pictures)
        if hold_out.parts and len(missed) < len(hold_out.names):
            missed = [name for name in missed if name.partition("/")[0] in sets]
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
