"""Numbers of fewer bits: half a network's weights in PyTorch, or quantise its graph on real tiles.

float16 is made from the network, so that every cast stands where the network has it. int8 is made from the graph: one
scale for each output channel of a weight (symmetric), one scale and zero for each activation (uint8) by its range over
real tiles, written as pairs of QuantizeLinear and DequantizeLinear that ONNX Runtime merges with what they surround.
"""

import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from copy import deepcopy
from io import StringIO
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from scipy.optimize import minimize

from trainer.contract import OUTPUTS
from trainer.evaluation.counters import processor_session
from trainer.exporting.separation import ancestors
from trainer.networks.network import CountingNetwork
from trainer.progress import with_bar

PRECISIONS = ("fp32", "fp16", "int8")
QUANTISED = ("Conv", "Add", "Concat", "Clip", "LeakyRelu", "Relu", "MaxPool")
"""What ONNX Runtime computes in int8; transposed convolutions it does not."""
DEEP = ".down.0."
"""Part of the name of the weights from whose layer on all is in float, 6 % of the work. What is computed there grows
with the crowd up to the count itself, which in steps of a 255th of the fullest tile would be off by people, and be cut
off in a fuller tile."""
IN_FLOAT = (".dw.", ".project.")
"""Likewise of single layers that stay in float, beside the first convolution and what only the map needs. Chosen by
measurement on the light model (MAE 18.9 in float32, 40 pictures): counts differ by 2.1 people a picture (standard
deviation) with these in float, by 5.4 with MobileNet's projections in int8; ranges by percentile cut off what only
dense crowds reach, 17."""
HEADS = ("count.bias", "density.bias")
"""How the names of the last biases end."""
TILES = "tiles"
BATCH = 4
FEW_PEOPLE = 10.0
"""In a tile, down to which the error that is minded grows as the root of their number."""


def halved(network: CountingNetwork) -> CountingNetwork:
    """Turns the weights into float16, in place, save those parts that ask to stay as they are."""
    network.half()
    for part in network.exact():
        part.float()
    return network


def quantised(model: ModelProto, tiles: NDArray[np.uint8]) -> ModelProto:
    """Returns a graph with int8 weights and uint8 activations, whose inputs and outputs are those of `model`.

    Args:
        model: a graph in float32 with the input `tiles`.
        tiles: uint8 (n, 384, 512, 3), from real pictures, for the ranges of the activations.
    """
    logging.getLogger().addFilter(_without_advice)
    try:
        with tempfile.TemporaryDirectory() as folder, redirect_stdout(StringIO()):  # it prints what it does
            path = Path(folder) / "quantised.onnx"
            quantize_static(
                deepcopy(model),  # it moves the weights of what it is given into a file of its own
                path,
                _Tiles(tiles),
                quant_format=QuantFormat.QDQ,
                op_types_to_quantize=list(QUANTISED),
                per_channel=True,
                reduce_range=True,  # to 7 bits: older processors add two products in 16 bits
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                nodes_to_exclude=[node.name for node in _in_float(model)],
                calibrate_method=CalibrationMethod.MinMax,  # percentiles cut off what only the densest crowds reach
            )
            found = onnx.load(path)
    finally:
        logging.getLogger().removeFilter(_without_advice)
    return _corrected(found, model, tiles)


class _Tiles(CalibrationDataReader):  # type: ignore[misc]
    """Hands out one tile after another: ONNX Runtime wants all batches to be alike."""

    def __init__(self, tiles: NDArray[np.uint8]) -> None:
        self._tiles = with_bar(tiles, "finding the ranges of the activations", TILES)

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        """Returns the next tile, None after the last."""
        tile = next(self._tiles, None)
        return None if tile is None else {"tiles": tile[None]}


def _in_float(model: ModelProto) -> Iterator[NodeProto]:
    counting = ancestors(model.graph, "count")
    first = next(node for node in model.graph.node if node.op_type == "Conv")
    deep: set[str] = set()
    for node in model.graph.node:  # each after those it needs
        if deep & set(node.input) or any(DEEP in name for name in node.input):
            deep |= set(node.output)
        named = any(part in name for name in node.input for part in IN_FLOAT)
        if node is first or named or deep & set(node.output) or not set(node.output) & counting:
            yield node


def _corrected(model: ModelProto, original: ModelProto, tiles: NDArray[np.uint8]) -> ModelProto:
    """Scales and moves the last layers so that count and density of all kinds of tiles are what they were in float32.

    Rounding does two things: where nobody is, cells get small random values, and what of them is above zero adds up;
    where many are, some are lost. The one asks for a move down, the other for a scale above one, so that a move alone,
    fitted to crowded tiles, leaves empty ones with people too many.
    """
    wanted = _run(original, OUTPUTS, tiles)
    for output in OUTPUTS:
        heads = _heads(model, output)
        if not heads:  # a network that has learnt nothing: biases of zero are left out; or its cells are classified
            continue
        now = _run(model, [node.output[0] for node in heads], tiles)
        scale, move = _fit(list(now.values()), wanted[output].sum(1, dtype=np.float64))
        weights, biases = ({node.input[place] for node in heads} for place in (1, 2))
        for tensor in model.graph.initializer:
            if tensor.name in weights | biases:
                values = numpy_helper.to_array(tensor) * np.float32(scale)
                values += np.float32(move if tensor.name in biases else 0.0)
                tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    return model


def _fit(heads: Sequence[NDArray[np.float32]], wanted: NDArray[np.float64]) -> tuple[float, float]:
    """Returns by what to multiply the values of all heads, and what to add, for people as near as can be to `wanted`.

    Args:
        heads: each (n, cells), whose values above zero are people.
        wanted: people in each tile, (n,), of the mean of the heads.
    """
    cells = max(1.0, sum(np.count_nonzero(head > 0) for head in heads) / len(wanted))
    weights = 1 / np.sqrt(np.maximum(wanted, FEW_PEOPLE))

    def error(change: NDArray[np.float64]) -> float:
        scale, move = change[0], change[1] / cells
        people = sum(np.maximum(scale * head + move, 0).sum(1, dtype=np.float64) for head in heads) / len(heads)
        return float((weights * np.abs(people - wanted)).mean())

    begin = np.array([[1.0, 0.0], [1.02, 0.0], [1.0, -2.0]])
    found = minimize(error, begin[0], method="Nelder-Mead", options={"initial_simplex": begin, "xatol": 1e-4}).x
    return float(found[0]), float(found[1] / cells)


def _heads(model: ModelProto, output: str) -> list[NodeProto]:
    """Returns the last layers that an output is the mean of."""
    needed = ancestors(model.graph, output)
    single = {tensor.name for tensor in model.graph.initializer if list(tensor.dims) == [1]}
    return [
        node
        for node in model.graph.node
        if node.output[0] in needed and any(name.endswith(HEADS) for name in node.input) and node.input[2] in single
    ]


def _run(model: ModelProto, values: Sequence[str], tiles: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
    """Returns some values inside a graph, each (n, cells or 1)."""
    opened = ModelProto()
    opened.CopyFrom(model)
    known = {output.name for output in opened.graph.output}
    opened.graph.output.extend(onnx.ValueInfoProto(name=value) for value in values if value not in known)
    session = processor_session(opened.SerializeToString())
    batches = with_bar(list(_batches(tiles)), "correcting what rounding shifts", "batches")
    parts = [session.run(list(values), {"tiles": batch}) for batch in batches]
    found = (np.concatenate([part[place] for part in parts]) for place in range(len(values)))
    return {value: each.reshape(len(tiles), -1) for value, each in zip(values, found, strict=True)}


def _batches(tiles: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    return (tiles[start : start + BATCH] for start in range(0, len(tiles), BATCH))


def _without_advice(record: logging.LogRecord) -> bool:
    return "pre-processing before quantization" not in record.getMessage()
