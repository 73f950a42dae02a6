"""How wrong a model is over a set of pictures: MAE and RMSE (equations 8 and 9), NAE and GAME, with their uncertainty.

Intervals are percentiles of the bootstrap: the same figure over sets of as many pictures, drawn with replacement from a
seeded generator. They say how much the choice of pictures matters; they do not cover that a model was chosen on them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.evaluation.evaluate import TRUTH, Measured

RESAMPLES = 2000
SEED = 1
LIMITS = (2.5, 97.5)  # percentiles
LEAST_ERROR = 1e-3
"""People: relative to less than this nothing is said to rise."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Errors in people over a set of pictures."""

    pictures: int
    mae: float
    rmse: float
    bias: float
    nae: float
    """Mean of |error| / annotated people, over the pictures that have any (Wang et al., "NWPU-Crowd"); nan if none."""
    empty: int
    """Pictures without people, which the NAE leaves out."""


@dataclass(frozen=True, slots=True)
class Intervals:
    """Where MAE and RMSE lie with 95 % confidence."""

    mae: tuple[float, float]
    rmse: tuple[float, float]


def scores(found: Sequence[Measured], output: str = "count") -> Scores:
    """Returns the errors of one output over at least one picture."""
    errors, truths = _errors(found, output), np.array([p.truth for p in found])
    mae, rmse = float(np.abs(errors).mean()), float(np.sqrt(np.square(errors).mean()))
    crowded = truths > 0
    nae = float((np.abs(errors[crowded]) / truths[crowded]).mean()) if crowded.any() else float("nan")
    return Scores(len(found), mae, rmse, float(errors.mean()), nae, int((~crowded).sum()))


def intervals(found: Sequence[Measured], output: str = "count") -> Intervals:
    """Returns the bootstrap intervals of one output; the same pictures give the same ones."""
    errors = _errors(found, output)
    drawn = errors[np.random.default_rng(SEED).integers(len(errors), size=(RESAMPLES, len(errors)))]
    return Intervals(_limits(np.abs(drawn).mean(1)), _limits(np.sqrt(np.square(drawn).mean(1))))


def paired_gain(before: Sequence[Measured], after: Sequence[Measured]) -> tuple[float, float]:
    """Returns the bootstrap interval of by how much the MAE is lower after than before, on the same pictures.

    Both are drawn together, so that what makes a picture hard for both does not count.
    """
    gains = np.abs(_errors(before, "count")) - np.abs(_errors(after, "count"))
    drawn = gains[np.random.default_rng(SEED).integers(len(gains), size=(RESAMPLES, len(gains)))]
    return _limits(drawn.mean(1))


@dataclass(frozen=True, slots=True)
class Rise:
    """By how much errors rose, relative to what they were."""

    mae: float
    """Of the MAE over pictures."""
    low: float
    """From where that of the MAE over tiles lies with 95 % confidence, by the bootstrap over tiles."""
    high: float


def paired_rise(before: Sequence[Measured], after: Sequence[Measured], outputs: tuple[str, str]) -> Rise:
    """Returns by how much an output errs more than another on the same pictures, compared tile by tile.

    Args:
        before: found by one model.
        after: found by another on the same pictures.
        outputs: the one's and the other's.
    """
    ours, theirs = (scores(found, output).mae for found, output in zip((before, after), outputs, strict=True))
    old, new = _paired_errors(before, after, outputs)
    places = np.random.default_rng(SEED).integers(len(old), size=(RESAMPLES, len(old)))
    low, high = _limits((new - old)[places].mean(1) / np.maximum(old[places].mean(1), LEAST_ERROR))
    return Rise((theirs - ours) / max(ours, LEAST_ERROR), low, high)


def _paired_errors(
    before: Sequence[Measured], after: Sequence[Measured], outputs: tuple[str, str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Returns the errors of both on each tile; of a picture that they divided differently, on all of it."""
    errors: tuple[list[NDArray[np.float32]], list[NDArray[np.float32]]] = ([], [])
    for pair in zip(before, after, strict=True):
        of_tiles = [p.tiles[output] - p.tiles[TRUTH] for p, output in zip(pair, outputs, strict=True)]
        is_alike = len(of_tiles[0]) == len(of_tiles[1])
        for kept, own in zip(errors, of_tiles, strict=True):
            kept.append(np.abs(own if is_alike else own.sum(keepdims=True)))
    old, new = (np.concatenate(own).astype(np.float64) for own in errors)
    return old, new


def mean_game(found: Sequence[Measured]) -> tuple[float, ...]:
    """Returns GAME(0) to GAME(3) over all pictures, empty where the model has no map."""
    levels = np.array([picture.game for picture in found])
    return tuple(float(value) for value in levels.mean(0))


def score_table(found: Sequence[Measured]) -> str:
    """Returns one line per output, as text in columns, and one with GAME."""
    lines = [f"{'output':<9}{'MAE':>9}{'95 %':>16}{'RMSE':>9}{'95 %':>16}{'bias':>9}{'NAE':>8}"]
    for output in found[0].counts:
        now, range_ = scores(found, output), intervals(found, output)
        mae, rmse = (f"{low:.2f} - {high:.2f}" for low, high in (range_.mae, range_.rmse))
        lines.append(f"{output:<9}{now.mae:9.2f}{mae:>16}{now.rmse:9.2f}{rmse:>16}{now.bias:+9.2f}{now.nae:8.3f}")
    if levels := mean_game(found):
        lines.append("GAME 0 to 3: " + ", ".join(f"{value:.2f}" for value in levels))
    if empty := scores(found).empty:
        lines.append(f"NAE without {empty} of {len(found)} pictures, in which nobody is")
    return "\n".join(lines)


def _errors(found: Sequence[Measured], output: str) -> NDArray[np.float64]:
    return np.array([p.counts[output] - p.truth for p in found], np.float64)


def _limits(values: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.percentile(values, LIMITS)
    return float(low), float(high)
