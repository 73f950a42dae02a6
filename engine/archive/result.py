"""What came of the recordings of an archive."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from engine.recording.counts import flaws_facts, flaws_from
from engine.sources.flaws import Flaws


@dataclass(frozen=True, slots=True)
class Skipped:
    """A piece that could not be counted."""

    from_s: float
    to_s: float
    why: str


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one recording."""

    source: str
    file: str = ""
    """Its table, below the folder for results; empty where there is none."""
    frames: int = 0
    seconds: float = 0.0
    """Of the recording, up to its last frame."""
    mean: float | None = None
    """People; None where nothing was counted."""
    least: float | None = None
    most: float | None = None
    most_at_s: float | None = None
    doubtful_frames: int = 0
    """Of which the counts are not to be relied on."""
    remarks: tuple[str, ...] = ()
    flaws: Flaws = field(default_factory=Flaws)
    skipped: tuple[Skipped, ...] = ()
    error: str = ""
    """Why it could not be counted, or breaks off, in a sentence."""
    counted_before: bool = field(default=False, compare=False)

    @property
    def is_good(self) -> bool:
        """Whether all of it was counted that there is."""
        return not (self.error or self.skipped)

    @property
    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON and for `of`."""
        return {**asdict(self), "flaws": flaws_facts(self.flaws)}

    @property
    def said(self) -> dict[str, Any]:
        """What a summary has of it, for people's programs."""
        return {**asdict(self), "flaws": self.flaws.as_dict, "file": self.file or None, "error": self.error or None}

    @classmethod
    def of(cls, facts: dict[str, Any]) -> Self:
        """Returns what `as_dict` gave; raises KeyError or TypeError where it is none."""
        skipped = tuple(Skipped(**one) for one in facts["skipped"])
        remarks = tuple(facts["remarks"])
        return cls(**{**facts, "flaws": flaws_from(facts["flaws"]), "skipped": skipped, "remarks": remarks})


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an archive is."""

    recordings: int
    """That are through, well or not."""
    total: int
    frames: int
    """That were counted now."""
    share: float
    """Of all that was to be done now, by bytes; 0 to 1."""
    workers: int


def problems(results: Sequence[Result]) -> list[str]:
    """Returns what could not be counted, a sentence each."""
    found = []
    for result in results:
        if result.error:
            found.append(f"{result.source}: {result.error}")
        for piece in result.skipped:
            where = f"{piece.from_s:.0f} to {piece.to_s:.0f} s" if piece.to_s else "all of it"
            found.append(f"{result.source}: {where} is skipped: {piece.why}")
    return found
