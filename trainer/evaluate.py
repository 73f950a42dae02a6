"""Measures a model on annotated pictures: MAE and RMSE as in section 4.1 of the paper, for the count and each map."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trainer.counters import TileCounter
from trainer.dataset import Annotated
from trainer.files import written_whole
from trainer.tiling import cut


@dataclass(frozen=True, slots=True)
class Picture:
    """What was found on one picture."""

    name: str
    truth: int
    counts: dict[str, float]


@dataclass(frozen=True, slots=True)
class Scores:
    """Errors in people over a set of pictures."""

    pictures: int
    mae: float
    rmse: float
    bias: float


def measure(counter: TileCounter, pictures: Iterable[Annotated]) -> Iterator[Picture]:
    """Counts each picture by division and combination (section 3.6)."""
    for annotated in pictures:
        per_tile = counter(cut(annotated.picture))
        counts = {output: float(np.sum(values)) for output, values in per_tile.items()}
        yield Picture(annotated.name, len(annotated.points), counts)


def scores(found: Sequence[Picture], output: str = "count") -> Scores:
    """Returns the errors of one output (equations 8 and 9) over at least one picture."""
    errors = np.array([p.counts[output] - p.truth for p in found])
    mae, rmse = float(np.abs(errors).mean()), float(np.sqrt(np.square(errors).mean()))
    return Scores(len(found), mae, rmse, float(errors.mean()))


def score_table(found: Sequence[Picture]) -> str:
    """Returns one line per output with MAE, RMSE and bias, as text in columns."""
    lines = [f"{'output':<10}{'MAE':>9}{'RMSE':>9}{'bias':>9}"]
    for output in found[0].counts:
        now = scores(found, output)
        lines.append(f"{output:<10}{now.mae:9.2f}{now.rmse:9.2f}{now.bias:+9.2f}")
    return "\n".join(lines)


def write_csv(found: Sequence[Picture], path: Path) -> None:
    """Writes a line per picture: its name, the annotated people, and what each output counted."""
    outputs = list(found[0].counts)
    with written_whole(path, "table") as partial, partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["picture", "annotated", *outputs])
        for picture in found:
            writer.writerow([picture.name, picture.truth, *(f"{picture.counts[o]:.3f}" for o in outputs)])
