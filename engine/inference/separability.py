"""The measurement behind one claim: a frame that is only counted does not pay for the density branch.

Both models run bare, in turns over the same tile, each in one thread whose own processor time is taken: what else the
machine does at that moment then hardly shows.
"""

import statistics
from collections.abc import Callable, Mapping
from time import thread_time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelError
from engine.inference.contract import ModelFile
from engine.inference.graphs import counting_graph
from engine.inference.onnxruntime_session import session_options
from engine.inference.runtime import PROVIDERS, check_packages
from engine.inference.session import RunOptions
from engine.picture.tiling import TILE_HEIGHT, TILE_WIDTH

ROUNDS = 80


def count_only_cost(file: ModelFile, *, rounds: int = ROUNDS) -> float:
    """Returns how many times as long the whole model counts a tile as its backbone alone would, on the processor.

    Args:
        file: from `read_model_file`.
        rounds: in each both run once, in an order that alternates; the result is the median of the rounds' ratios.

    Raises:
        ModelError: the model cannot be divided, or ONNX Runtime is not installed.
    """
    check_packages()
    tiles = np.random.default_rng(1).integers(0, 256, (1, TILE_HEIGHT, TILE_WIDTH, 3), dtype=np.uint8)
    options = RunOptions(provider="cpu", threads=1)
    whole = _bare(file.content, options, {"tiles": tiles, "with_density": np.array(False)})
    backbone = _bare(counting_graph(file), options, {"tiles": tiles})
    for run in (whole, backbone):
        run()
    ratios = []
    for number in range(rounds):
        if number % 2:
            below, above = _seconds(backbone), _seconds(whole)
        else:
            above, below = _seconds(whole), _seconds(backbone)
        ratios.append(above / below)
    return statistics.median(ratios)


def _bare(graph: bytes, options: RunOptions, given: Mapping[str, NDArray[Any]]) -> Callable[[], object]:
    import onnxruntime

    try:
        session = onnxruntime.InferenceSession(graph, session_options(options), providers=[PROVIDERS["cpu"]])
    except Exception as error:  # ONNX Runtime's errors share no base below Exception
        raise ModelError(f"the graph cannot be run by ONNX Runtime: {error}") from error
    return lambda: session.run(["count"], given)


def _seconds(run: Callable[[], object]) -> float:
    started = thread_time()
    run()
    return thread_time() - started
