"""How long exported models take for a tile on this machine's processor.

They take turns, so that what slows the machine down for a while slows them all down; of each, the median counts.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

from trainer.contract import CROWD, OUTPUTS
from trainer.evaluation.counters import processor_session
from trainer.geometry import TILE_HEIGHT, TILE_WIDTH

WARM_UP = 3
ROUNDS = 25
EVERY_TILE = np.array([-2, -1], np.float32)
"""People in a tile, for `crowd`: every tile is crowded."""


def ms_per_tile(models: Sequence[Path], threads: int, rounds: Iterable[object]) -> list[float]:
    """Returns the milliseconds in which each model counts one tile of 384x512, without its density map.

    Of two models in one both count: it is the time of a crowded tile.

    Args:
        models: exported files.
        threads: of ONNX Runtime.
        rounds: at least one; in each, every model counts one tile.
    """
    runs = [_counting(path, threads) for path in models]
    for run in runs:
        for _ in range(WARM_UP):
            run()
    times = [[_seconds(run) for run in runs] for _ in rounds]
    return [1000 * median(of_model) for of_model in zip(*times, strict=True)]


def _counting(path: Path, threads: int) -> Callable[[], object]:
    session = processor_session(path.read_bytes(), threads)
    tile = np.random.default_rng(1).integers(0, 256, (1, TILE_HEIGHT, TILE_WIDTH, 3), np.uint8)
    given = {"tiles": tile, "with_density": np.array(False)}
    if any(value.name == CROWD for value in session.get_overridable_initializers()):
        given[CROWD] = EVERY_TILE
    return lambda: session.run(OUTPUTS[:1], given)


def _seconds(run: Callable[[], object]) -> float:
    start = perf_counter()
    run()
    return perf_counter() - start
