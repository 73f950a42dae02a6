"""What the pictures look like that a model learns from, in a dozen numbers and a table of them; pure.

The engine computes the very same numbers, and doubts a count on a picture that is far from all of these.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

START, STEP = 4, 8  # of so many rows and columns one is looked at
FLAT, STEEP = 1.5, 40  # mean change within a block that shows nothing, and change from pixel to pixel at an edge
LEAST_LEVEL = 0.3
RIDGE = 0.05
"""Added to the variances, so that no direction is taken for impossible."""
USUAL = 0.96
"""The share of held-out pictures that lie within the threshold."""


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """The middle and the spread of training pictures, and how far from it those like them lie."""

    centre: NDArray[np.float64] = field(repr=False)
    inverse: NDArray[np.float64] = field(repr=False)
    threshold: float = 1.0

    @property
    def text(self) -> str:
        """As it is written into a model's metadata."""
        facts = {
            "centre": self.centre.round(5).tolist(),
            "inverse": self.inverse.round(5).tolist(),
            "threshold": round(self.threshold, 4),
        }
        return json.dumps(facts, separators=(",", ":"))

    def distances(self, found: NDArray[np.float64]) -> NDArray[np.float64]:
        """Returns how far pictures (N, 12) are from the middle; above 1 they are unlike the training pictures."""
        off = found - self.centre
        return np.asarray(np.einsum("ni,ij,nj->n", off, self.inverse, off) / self.threshold)


def likeness_of(training: NDArray[np.float64], held_out: NDArray[np.float64]) -> Likeness:
    """Returns the table of training pictures (N, 12); held-out ones set the threshold."""
    spread = np.cov(training.T) + RIDGE * np.eye(training.shape[1])
    centre, inverse = np.median(training, axis=0), np.asarray(np.linalg.inv(spread), np.float64)
    table = Likeness(np.asarray(centre, np.float64), inverse)
    return Likeness(table.centre, table.inverse, float(np.quantile(table.distances(held_out), USUAL, method="weibull")))


def separation(like: Sequence[float], unlike: Sequence[float]) -> float:
    """Returns the AUC: how often a picture that is unlike is farther than one that is like."""
    ranks = np.argsort(np.argsort([*like, *unlike]))[len(like) :] + 1.0
    return float((ranks.sum() - len(unlike) * (len(unlike) + 1) / 2) / (len(like) * len(unlike)))


def features(tiles: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Returns what a picture looks like, (12,): brightness, contrast, detail, noise, flat and dark parts, colour.

    Args:
        tiles: of one picture, uint8 (N, 384, 512, 3) RGB.
    """
    rows = tiles[:, START::STEP, :, 1].astype(np.float32)
    columns = tiles[:, :, START::STEP, 1].astype(np.float32)
    small = tiles[:, START::STEP, START::STEP].astype(np.float32)
    green, colour = small[..., 1], small.max(-1) - small.min(-1)
    across, bent = np.abs(np.diff(rows, axis=2)), np.abs(np.diff(rows, 2, axis=2))
    down, far = np.abs(np.diff(columns, axis=1)), np.abs(np.diff(green, axis=2))
    blocks = across[:, :, : 8 * 63].reshape(len(tiles), 6, 8, 8, 63).mean((2, 4))
    detail = _level(across)
    return np.array(
        [
            green.mean() / 32,
            2 * np.log(green.std() + 2),
            2 * detail,
            4 * (_level(bent) - detail),
            2 * (_level(far) - detail),
            4 * (_level(down) - detail),
            6 * (across <= 1).mean(),
            6 * (green < 24).mean(),
            6 * (green > 235).mean(),
            2 * np.log(colour.mean() + 2),
            6 * (blocks < FLAT).mean(),
            20 * (across > STEEP).mean(),
        ],
        np.float64,
    )


def _level(differences: NDArray[np.float32]) -> float:
    return float(np.log(differences.mean() + LEAST_LEVEL))
