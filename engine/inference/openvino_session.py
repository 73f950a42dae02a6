"""OpenVINO behind the session protocol: an optional runtime for processors.

Its processor plug-in refuses the `If` of our graph (the rank of the density is not the same for it on both ways), so it
gets the two graphs inside it. Each is compiled for one tile, which is faster than a batch or an open batch size.
"""

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelError
from engine.inference.contract import HEADS, ModelFile
from engine.inference.graphs import counting_graph, mapping_graph
from engine.inference.runtime import OPENVINO, check_openvino
from engine.inference.session import NOT_SAID, Counted, RunOptions
from engine.picture.tiling import TILE_HEIGHT, TILE_WIDTH

DEVICE = "CPU"


class OpenVinoSession:
    """A model in OpenVINO, in float32 or bfloat16; what a file holds in int8 is computed in int8."""

    batch_sizes = (1,)
    runs_at_once = 1  # a request has one set of results

    def __init__(self, file: ModelFile, options: RunOptions) -> None:
        """Compiles both graphs for one tile.

        Raises:
            ModelError: OpenVINO is not installed or cannot run the file, or (strict) the processor has no bfloat16.
        """
        version = check_openvino(options.provider)
        self._name, self._has_heads = file.name, file.has_heads
        try:
            counting, mapping = (_compiled(graph, options) for graph in (counting_graph(file), mapping_graph(file)))
            used = counting.get_property("INFERENCE_PRECISION_HINT").to_string()
            threads = counting.get_property("INFERENCE_NUM_THREADS")
            self._counting, self._mapping = counting.create_infer_request(), mapping.create_infer_request()
            _, *cells = mapping.output("density").partial_shape  # how many tiles is not certain inside a choice
            height, width = (length.get_length() for length in cells)
        except RuntimeError as error:
            raise ModelError(f"model {file.path} cannot be run by OpenVINO: {error}") from error
        self._nothing = np.empty((0, height, width), np.float32)
        self.provider = next(name for name, precision in OPENVINO.items() if precision == used)
        if options.strict and self.provider != options.provider:
            raise ModelError(
                f"provider {options.provider!r} was asked for, but OpenVINO computes in {used} on this processor; "
                f"use {self.provider!r}"
            )
        self.details = f"openvino {version}, {used}, {threads} threads"

    def run(
        self, tiles: NDArray[np.uint8], with_density: bool, *, every_part: bool = False, alone: bool = False
    ) -> Counted:
        """Counts one tile uint8 (1, 384, 512, 3), and maps it if asked; raises ModelError if OpenVINO fails.

        `every_part` changes nothing: an input with a default is a constant here. Every run is alone.
        """
        del every_part, alone
        request = self._mapping if with_density else self._counting
        try:
            results = request.infer({"tiles": tiles}, share_inputs=True)
        except RuntimeError as error:
            raise ModelError(f"model {self._name} failed on {len(tiles)} tiles: {error}") from error
        density = results["density"] if with_density else self._nothing
        return Counted(results["count"], density, results[HEADS] if self._has_heads else NOT_SAID)

    def interrupt(self) -> None:
        """Does nothing: a tile that has begun is finished, and there is but one in a run."""

    def resume(self) -> None:
        """Does nothing."""


def _compiled(graph: bytes, options: RunOptions) -> Any:
    import openvino

    core = openvino.Core()
    model = core.read_model(graph)
    model.reshape({"tiles": [1, TILE_HEIGHT, TILE_WIDTH, 3]})
    settings = {
        "INFERENCE_PRECISION_HINT": OPENVINO[options.provider],
        "INFERENCE_NUM_THREADS": options.threads or os.cpu_count() or 1,
        "PERFORMANCE_HINT": "LATENCY",
    }
    return core.compile_model(model, DEVICE, settings)
