"""What of a span is known, and which of its parts are not; pure.

A camera that is counted every ten seconds is known in between. What is longer without a count is a gap, and has a
reason where somebody noted one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.evidence.span import Span

LEAST_GAP_S = 5.0
SPACINGS = 3.0
"""Times the usual distance between two counts, from which on a hole is a gap."""
MOST_SPACING_S = 60.0
UNWATCHED = "not watched"

Blocks = NDArray[np.float64]
"""Stretches that are known, (N, 2): where each begins and ends, rising."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch without a count."""

    from_s: float
    to_s: float
    reason: str = UNWATCHED

    @property
    def length_s(self) -> float:
        """How long it is."""
        return self.to_s - self.from_s


def spacing(seconds: NDArray[np.int64]) -> float:
    """Returns the usual distance between two seconds with a count, 1 where every one has some."""
    return float(min(MOST_SPACING_S, np.median(np.diff(seconds)))) if len(seconds) > 1 else 1.0


def blocks_of(seconds: NDArray[np.int64], spacing_s: float = 1.0) -> Blocks:
    """Returns the stretches that seconds with a count make known."""
    if not len(seconds):
        return np.empty((0, 2))
    least_s = max(LEAST_GAP_S, SPACINGS * spacing_s) if spacing_s > 1 else 1.0
    breaks = np.flatnonzero(np.diff(seconds) > least_s)
    first = seconds[np.concatenate([[0], breaks + 1])]
    last = seconds[np.concatenate([breaks, [len(seconds) - 1]])]
    return np.stack([first, last + spacing_s], axis=1).astype(np.float64)


def joined(blocks: Blocks, hole_s: float = 0.0) -> Blocks:
    """Returns the stretches in order, those together between which there is no more than a hole."""
    found: list[list[float]] = []
    for from_s, to_s in blocks[np.argsort(blocks[:, 0])]:
        if found and from_s <= found[-1][1] + hole_s:
            found[-1][1] = max(found[-1][1], float(to_s))
        else:
            found.append([float(from_s), float(to_s)])
    return np.array(found).reshape(-1, 2)


def unknown_s(blocks: Blocks, from_s: float, to_s: float) -> float:
    """Returns how many seconds of a part of time are not known."""
    within = np.minimum(blocks[:, 1], to_s) - np.maximum(blocks[:, 0], from_s)
    return max(0.0, to_s - from_s - float(np.clip(within, 0, None).sum()))


def gaps_of(blocks: Blocks, span: Span, noted: Sequence[Gap], runs: Sequence[Gap] = ()) -> list[Gap]:
    """Returns the gaps of a span.

    Args:
        blocks: that are known, rising and apart.
        span: that is looked at.
        noted: stretches of which it was noted why nothing was counted.
        runs: stretches in which it was watched, each with what is said where nothing else is.
    """
    wide = joined(blocks, LEAST_GAP_S)
    edges = [span.from_s, *np.clip(wide, span.from_s, span.to_s).ravel(), span.to_s]
    holes = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > LEAST_GAP_S]
    return [Gap(float(a), float(b), _reason(a, b, noted) or _reason(a, b, runs) or UNWATCHED) for a, b in holes]


def _reason(from_s: float, to_s: float, noted: Sequence[Gap]) -> str:
    """Returns the reason that holds for the most of a stretch, and for a notable part of it."""
    shares: dict[str, float] = {}
    for gap in noted:
        share = min(to_s, gap.to_s) - max(from_s, gap.from_s)
        if share > 0:
            shares[gap.reason] = shares.get(gap.reason, 0.0) + share
    best = max(shares, key=lambda reason: shares[reason], default="")
    return best if best and shares[best] >= 0.2 * (to_s - from_s) else ""
