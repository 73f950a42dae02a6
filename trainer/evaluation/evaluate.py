"""Counts annotated pictures by division and combination (section 3.6), and keeps what was found on each."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import gcd
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trainer.datasets import Annotated
from trainer.errors import TrainerError
from trainer.evaluation.counters import TileCounter
from trainer.evaluation.grids import counted_as_seen
from trainer.evaluation.tiling import joined, people_per_tile
from trainer.files import reason, written_whole

GAME_LEVELS = (0, 1, 2, 3)
TRUTH = "annotated"


@dataclass(frozen=True, slots=True)
class Measured:
    """What was found on one picture."""

    name: str
    truth: int
    counts: dict[str, float]
    game: tuple[float, ...] = ()
    """Errors of the finest map on grids of 1, 2, 4 and 8 by as many regions; empty where there is no map."""
    density: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)
    """The finest map of the whole picture, people per cell."""
    tiles: dict[str, NDArray[np.float32]] = field(default_factory=dict, compare=False, repr=False)
    """What each output counted on each tile, (rows * columns,), and under `TRUTH` how many were annotated there."""


def measure(counter: TileCounter, pictures: Iterable[Annotated]) -> Iterator[Measured]:
    """Counts each picture, in the grid that the engine would choose for it."""
    for annotated in pictures:
        height, width = annotated.picture.shape[:2]
        division, found = counted_as_seen(counter, annotated.picture)
        counts = {output: float(np.sum(values, dtype=np.float64)) for output, values in found.people.items()}
        truth = len(annotated.points)
        tiles = {TRUTH: people_per_tile(annotated, division).astype(np.float32)} | found.people
        if found.density is None:
            yield Measured(annotated.name, truth, counts, tiles=tiles)
        else:
            density = joined(found.density, division.grid(height, width))
            where = (annotated.points / np.array([width, height], np.float32)).astype(np.float32)
            yield Measured(annotated.name, truth, counts, game(density, where), density, tiles)


def game(density: NDArray[np.float32], where: NDArray[np.float32]) -> tuple[float, ...]:
    """Returns the grid average mean absolute errors GAME(0) to GAME(3) of one picture.

    At level L the picture is divided into 2^L by 2^L regions, whose absolute errors are added up; level 0 is the error
    of the map's sum. Source: Guerrero-Gomez-Olmo et al., "Extremely Overlapping Vehicle Counting", IbPRIA 2015.

    Args:
        density: (h, w), people per cell; where a region's border runs through a cell, its people are divided evenly.
        where: (n, 2), x and y of the head points from 0 to 1.
    """
    parts = 2 ** max(GAME_LEVELS)
    down, along = (parts // gcd(length, parts) for length in density.shape)
    fine = np.repeat(np.repeat(density.astype(np.float64) / (down * along), down, axis=0), along, axis=1)
    found = fine.reshape(parts, fine.shape[0] // parts, parts, fine.shape[1] // parts).sum((1, 3))
    x, y = np.minimum((where * parts).astype(int), parts - 1).T
    truth = np.zeros((parts, parts))
    np.add.at(truth, (y, x), 1)
    return tuple(float(np.abs(_pooled(found - truth, 2**level)).sum()) for level in GAME_LEVELS)


def write_csv(found: Sequence[Measured], path: Path) -> None:
    """Writes a line per picture: its name, the annotated people, what each output counted, and its GAME."""
    outputs, levels = list(found[0].counts), [f"game {level}" for level in GAME_LEVELS if found[0].game]
    with written_whole(path, "table") as partial, partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["picture", "annotated", *outputs, *levels])
        for picture in found:
            values = [*(picture.counts[output] for output in outputs), *picture.game]
            writer.writerow([picture.name, picture.truth, *(f"{value:.3f}" for value in values)])


def read_counts(path: Path) -> list[Measured]:
    """Reads the pictures and counts of such a table; raises TrainerError naming the file if it is none."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return [_counts(row) for row in csv.DictReader(file)]
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise TrainerError(f"table {path} cannot be read: {reason(error)}; move it away") from error


def _counts(row: dict[str, str]) -> Measured:
    others = (name for name in row if name not in ("picture", "annotated", "count") and not name.startswith("game "))
    counts = {"count": float(row["count"])} | {name: float(row[name]) for name in others}
    return Measured(row["picture"], int(row["annotated"]), counts)


def _pooled(errors: NDArray[np.float64], parts: int) -> NDArray[np.float64]:
    edge = len(errors) // parts
    return np.asarray(errors.reshape(parts, edge, parts, edge).sum((1, 3)))
