"""What runs a model's graph: one protocol for every runtime, and what is asked of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

NOT_SAID = np.empty(0, np.float32)


class Counted(NamedTuple):
    """What a model found in N tiles."""

    people: NDArray[np.float32]
    """Per tile, (N,)."""
    density: NDArray[np.float32]
    """People per cell, (N, h, w), or (0, h, w) where no density map was asked for."""
    heads: NDArray[np.float32] = NOT_SAID
    """How tall heads are in pixels of each tile, (N,), anything where nobody is; empty of a model that says none."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a model shall be run."""

    provider: str = "auto"
    """'auto' takes the best of CUDA and the processor that works; else one of `runtime.PROVIDER_CHOICES`."""
    threads: int = 0
    """On the processor; 0 for one per core."""
    strict: bool = True
    """Whether a named provider that does not start is refused, instead of falling back to the next best."""


class BrokenOffError(Exception):
    """A model was told to leave its tiles half counted; nothing is wrong with it."""


class Session(Protocol):
    """Runs one model, owned by one thread."""

    @property
    def provider(self) -> str:
        """What the model in fact runs on, in the words of `runtime.PROVIDER_CHOICES`."""

    @property
    def details(self) -> str:
        """What a person may want to know of it: versions, threads, number format, a fallback."""

    @property
    def batch_sizes(self) -> Sequence[int]:
        """How many tiles it takes at once, largest first, 1 last."""

    @property
    def runs_at_once(self) -> int:
        """How many runs may go on side by side, in as many threads, and are faster so."""

    def run(
        self, tiles: NDArray[np.uint8], with_density: bool, *, every_part: bool = False, alone: bool = False
    ) -> Counted:
        """Counts tiles.

        Args:
            tiles: uint8 (N, 384, 512, 3), contiguous, N one of `batch_sizes`.
            with_density: whether to map them too.
            every_part: runs also what is asked for crowds only, as far as this runtime can be told to.
            alone: no other run goes on meanwhile, so that all threads are free for this one.

        Raises:
            ModelError: the runtime failed, or was interrupted.
        """

    def interrupt(self) -> None:
        """Breaks off the run that is in progress, as far as the runtime can, and all until `resume`; for any thread."""

    def resume(self) -> None:
        """Lets runs begin again."""


def pieces(tiles: int, batch_sizes: Sequence[int]) -> Iterator[slice]:
    """Divides a number of tiles into batches of the sizes that a session takes: 7 by (4, 2, 1) is 4, 2 and 1."""
    start = 0
    for size in batch_sizes:
        while tiles - start >= size:
            yield slice(start, start + size)
            start += size
