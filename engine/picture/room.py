"""Room for tiles that is used again: memory that is new costs as much as to fill it, for every frame."""

from collections import defaultdict
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from engine.picture.tiling import MOST_TILES, TILE_HEIGHT, TILE_WIDTH


class Room:
    """Arrays of tiles that nobody uses now; for any thread."""

    def __init__(self, most_tiles: int = MOST_TILES) -> None:
        """Keeps room for so many tiles at most."""
        self._most, self._tiles = most_tiles, 0
        self._free: defaultdict[int, list[NDArray[np.uint8]]] = defaultdict(list)
        self._lock = Lock()

    def take(self, tiles: int) -> NDArray[np.uint8]:
        """Returns an array uint8 (tiles, 384, 512, 3) with anything in it."""
        with self._lock:
            if self._free[tiles]:
                self._tiles -= tiles
                return self._free[tiles].pop()
        return np.empty((tiles, TILE_HEIGHT, TILE_WIDTH, 3), np.uint8)

    def give_back(self, array: NDArray[np.uint8]) -> None:
        """Takes an array of which nobody looks at any part again; who has none to spare need not give it back."""
        with self._lock:
            if self._tiles + len(array) <= self._most:
                self._tiles += len(array)
                self._free[len(array)].append(array)


TILES = Room()
"""What all cameras share."""
