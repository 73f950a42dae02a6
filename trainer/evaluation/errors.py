"""Between which numbers of people the truth lies where a model counts so many, from pictures that it never saw; pure.

Around each of some counts, the pictures with counts most like it say by which factor the truth differs, and quantiles
of these factors become the ends of the interval: as much is left out below as above. With (n + 1) p as the position of
a quantile among n pictures it holds for a further picture as often as is said, whatever the errors are like.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.evaluation.evaluate import Measured

CERTAINTY = 0.9
LEAST_PICTURES = 20
"""With fewer there is no interval of 90 % that is found on either side by itself."""
ROWS = 12
NEAR, NEAR_SHARE = 40, 0.3
"""So many pictures at least say what errors are like around a count, and this share of all."""
SLACK = 10.0
"""People that are added to counts before they are compared: of few people one more is no large error."""
FOLDS, SEED = 10, 1

Column = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Errors:
    """The ends of the interval at some counts, which rise."""

    counted: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    pictures: int

    @property
    def text(self) -> str:
        """As it is written into a model's metadata."""
        facts = {
            "certainty": CERTAINTY,
            "counted": [round(each, 2) for each in self.counted],
            "low": [round(each, 2) for each in self.low],
            "high": [round(each, 2) for each in self.high],
            "pictures": self.pictures,
        }
        return json.dumps(facts, separators=(",", ":"))

    def bounds(self, counted: Column) -> tuple[Column, Column]:
        """Returns the lower and the upper ends for many counts; beyond the last row they grow with the count."""
        last = max(self.counted[-1], 1e-9)
        within, beyond = np.minimum(counted, last), np.maximum(counted / last, 1.0)
        low, high = (np.interp(within, self.counted, row) * beyond for row in (self.low, self.high))
        return np.minimum(low, counted), np.maximum(high, counted)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often the truth lay within intervals that were made without the picture."""

    name: str
    pictures: int
    share: float
    width: float
    """Of the intervals on average, in people."""


def errors_of(found: Sequence[Measured]) -> Errors | None:
    """Returns the table of a model; None where there are too few pictures."""
    return _table(*_pairs(found)) if len(found) >= LEAST_PICTURES else None


def _pairs(found: Sequence[Measured]) -> tuple[Column, Column]:
    counted = np.array([picture.counts["count"] for picture in found], np.float64)
    return counted, np.array([picture.truth for picture in found], np.float64)


def _table(counted: Column, truth: Column) -> Errors:
    size, factor = np.log(counted + SLACK), np.log((truth + SLACK) / (counted + SLACK))
    number = min(len(counted), max(NEAR, round(NEAR_SHARE * len(counted))))
    rows = []
    for at in np.unique(np.append(0.0, np.quantile(counted, np.linspace(0, 1, ROWS - 1)).round(2))):
        near = factor[np.argsort(np.abs(size - np.log(at + SLACK)), kind="stable")[:number]]
        sides = (1 - CERTAINTY) / 2, (1 + CERTAINTY) / 2
        low, high = (np.exp(np.quantile(near, side, method="weibull")) * (at + SLACK) - SLACK for side in sides)
        rows.append((float(at), float(np.clip(low, 0.0, at)), float(max(high, at))))
    places, lows, highs = zip(*rows, strict=True)
    return Errors(places, lows, highs, len(counted))


def crossed_coverage(groups: dict[str, list[Measured]]) -> list[Coverage]:
    """Returns how often the truth lies within, each picture judged by a table of nine tenths without it.

    Args:
        groups: pictures by their data sets; a tenth of each is left out at a time.

    Returns:
        of each set, then of all.
    """
    generator = np.random.default_rng(SEED)
    fold = [generator.permutation(len(group)) % FOLDS for group in groups.values()]
    names = np.repeat(list(groups), [len(group) for group in groups.values()])
    return _judged([picture for group in groups.values() for picture in group], np.concatenate(fold), names)


def left_out_coverage(groups: dict[str, list[Measured]]) -> list[Coverage]:
    """Returns how often the truth lies within for each data set, by a table of the others alone."""
    found = [picture for group in groups.values() for picture in group]
    names = np.repeat(list(groups), [len(group) for group in groups.values()])
    order = {name: place for place, name in enumerate(groups)}
    return _judged(found, np.array([order[name] for name in names]), names)[:-1]


def _judged(found: Sequence[Measured], fold: NDArray[np.int64], names: NDArray[np.str_]) -> list[Coverage]:
    counted, truth = _pairs(found)
    low, high = np.zeros_like(counted), np.full_like(counted, np.inf)
    for number in np.unique(fold):
        out = fold == number
        if (~out).sum() >= LEAST_PICTURES:
            low[out], high[out] = _table(counted[~out], truth[~out]).bounds(counted[out])
    inside = (truth >= low) & (truth <= high)
    parts = [(str(name), names == name) for name in dict.fromkeys(names)] + [("all", np.ones(len(names), bool))]
    return [
        Coverage(name, int(part.sum()), float(inside[part].mean()), float((high - low)[part].mean()))
        for name, part in parts
    ]


def binomial_range(pictures: int) -> tuple[float, float]:
    """Returns between which shares a coverage of 90 % lies on so many pictures, in 95 of 100 draws."""
    drawn = np.random.default_rng(SEED).binomial(pictures, CERTAINTY, 20_000) / pictures
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(low), float(high)


def coverage_text(crossed: Sequence[Coverage], left_out: Sequence[Coverage]) -> str:
    """Returns a table for people."""
    alone = {each.name: each for each in left_out}
    lines = [f"{'set':<32}{'pictures':>9}{'coverage':>10}{'expected':>16}{'width':>9}{'set left out':>14}"]
    for each in crossed:
        low, high = binomial_range(each.pictures)
        without = f"{alone[each.name].share:.1%}" if each.name in alone and len(alone) > 1 else "-"
        expected = f"{low:.0%} to {high:.0%}"
        lines.append(
            f"{each.name[:31]:<32}{each.pictures:>9}{each.share:>10.1%}{expected:>16}{each.width:>9.1f}{without:>14}"
        )
    return "\n".join(lines)
