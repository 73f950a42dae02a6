"""How unlike a picture is to those that a model learnt from: a small table in its file; pure.

Features are compared by their Mahalanobis distance: that from the middle of the training pictures, in the directions
and by the spread that these have. The file is untrusted: a table that is none is taken for none.
"""

import json
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.picture.features import FEATURES

LIKENESS = "likeness"
"""Name of the fact."""


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """What training pictures look like."""

    centre: NDArray[np.float64] = field(repr=False)
    inverse: NDArray[np.float64] = field(repr=False)
    """Of the covariance of their features, (12, 12)."""
    threshold: float
    """A distance that hardly any picture exceeds that is like them."""

    @classmethod
    def read(cls, text: str) -> "Likeness | None":
        """Returns the table that a fact holds; None where it holds none that can be used."""
        try:
            facts = json.loads(text)
            centre, inverse = (np.array(facts[name], np.float64) for name in ("centre", "inverse"))
            threshold = float(facts["threshold"])
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            return None
        shapes = centre.shape == (FEATURES,) and inverse.shape == (FEATURES, FEATURES)
        is_finite = shapes and bool(np.isfinite(centre).all() and np.isfinite(inverse).all())
        return cls(centre, inverse, threshold) if is_finite and 0 < threshold < float("inf") else None

    def distance(self, features: NDArray[np.float64]) -> float:
        """Returns how far a picture is from the training pictures; above 1 it is unlike them."""
        off = features - self.centre
        return float(off @ self.inverse @ off) / self.threshold
