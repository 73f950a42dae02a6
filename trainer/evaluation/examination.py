"""All that is asked of a model's behaviour at once, for the command `examine` and for the model card."""

from collections.abc import Sequence
from dataclasses import dataclass

from trainer.datasets import Annotated
from trainer.evaluation.behaviour import (
    CROWDED,
    SCALES,
    MapFigures,
    changes_by_scale,
    counts_of_empty,
    empty_tiles,
    map_figures,
)
from trainer.evaluation.counters import TileCounter
from trainer.evaluation.evaluate import Measured
from trainer.progress import calls_with_bar, with_bar

LISTED = 5
NOBODY = 2.0
"""An empty tile that counts fewer people passes."""


@dataclass(frozen=True, slots=True)
class Examination:
    """How a model behaves."""

    maps: MapFigures
    changes: dict[float, float]
    """Median relative change of a picture's count by the factor that it was resized by."""
    empty: list[tuple[float, float, str]]
    """Count, map's sum and name of each tile that shows nobody, the largest count first."""

    @property
    def passed(self) -> int:
        """How many empty tiles count fewer than two people."""
        return sum(count < NOBODY for count, _, _ in self.empty)


def examined(counter: TileCounter, pictures: Sequence[Annotated], found: Sequence[Measured]) -> Examination:
    """Examines a model, showing bars; it takes about eight times as long as counting the pictures.

    Args:
        counter: the model.
        pictures: on which it is examined.
        found: what it counted on them, with its maps.
    """
    with calls_with_bar(counter, len(SCALES) * len(pictures), "resized pictures") as counted:
        changes = changes_by_scale(TileCounter(counted, counter.division), pictures, found)
    empty = counts_of_empty(counter, with_bar(empty_tiles(pictures), "empty tiles", "tiles"))
    return Examination(map_figures(pictures, found), changes, empty)


def examination_text(examination: Examination) -> str:
    """Returns what was found, as lines of text."""
    maps, empty = examination.maps, examination.empty
    lines = [
        f"density maps of {maps.pictures} pictures with more than {CROWDED} people:",
        f"  differ from the count by {maps.difference:.1%} (median)",
        f"  have {maps.near:.1%} of their mass within two cells of a head point",
        "counts of resized pictures change by (median):",
        *(f"  {scale:4.2f} times the size: {change:.1%}" for scale, change in examination.changes.items()),
        f"empty tiles: {examination.passed} of {len(empty)} count below {NOBODY:g}; the largest:",
        *(f"  {count:6.2f} people, map {mass:6.2f}: {name}" for count, mass, name in empty[:LISTED]),
    ]
    return "\n".join(lines)
