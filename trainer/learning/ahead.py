"""Batches prepared ahead of the step that learns from them, by as many threads as a step waits for.

One thread draws some two hundred tiles a second, which is more than a processor learns. A card learns a thousand: there
several threads draw, for most of the work is OpenCV's and PyTorch's, which run beside one another. The batches are the
same whoever draws them, each being a function of the training's seed and its step.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count

import torch

from trainer.learning.parallel import share
from trainer.tiles.batch import Batch

Draw = Callable[[int], Batch]
"""Returns the batch of a step, counted from 0."""
MOST = 6
"""Threads; what Python itself does for each tile leaves more of them waiting."""


def threads_for(device: torch.device) -> int:
    """Returns how many threads draw for a training on a device."""
    if device.type != "cuda":
        return 1
    return max(1, min(MOST, ((os.cpu_count() or 1) - 1) // share()[1]))


@contextmanager
def prepared(draw: Draw, first: int, threads: int) -> Iterator[Iterator[Batch]]:
    """Yields the batches of all steps from the first on, in their order; as many as there are threads are in work.

    Args:
        draw: draws one, and may be called by several threads at once.
        first: step to begin with.
        threads: that draw.
    """
    pool, steps = ThreadPoolExecutor(threads), count(first)
    coming = deque(pool.submit(draw, next(steps)) for _ in range(threads))

    def batches() -> Iterator[Batch]:
        while True:
            batch = coming.popleft().result()
            coming.append(pool.submit(draw, next(steps)))
            yield batch

    try:
        yield batches()
    finally:
        pool.shutdown(cancel_futures=True)
