"""Models that compute next to nothing: one ends at once, one never, always or where it sees something."""

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper

from constant import NUMBER, TRUTH, write_model


def write_endless(path: Path, *, blank_ends: bool) -> Path:
    """Writes a model that keeps the contract; `blank_ends` lets it count black tiles, as it is given at its start."""
    return _write(path, 0.0 if blank_ends else -1.0)


def write_quick(path: Path) -> Path:
    """Writes a model that keeps the contract and sees nobody."""
    return _write(path, 255.0)


def _write(path: Path, brightest_that_ends: float) -> Path:
    value, node = helper.make_tensor_value_info, helper.make_node
    for_ever = helper.make_graph(
        [node("Identity", ["on"], ["still_on"]), node("Identity", ["x"], ["same"])],
        "for ever",
        [value("round", TensorProto.INT64, []), value("on", TRUTH, []), value("x", NUMBER, [1])],
        [value("still_on", TRUTH, []), value("same", NUMBER, [1])],
    )
    first = [
        node("Cast", ["tiles"], ["pixels"], to=NUMBER),
        node("ReduceMax", ["pixels"], ["brightest"], keepdims=0),
        node("Greater", ["brightest", "least"], ["starts"]),
        node("Loop", ["", "starts", "nothing"], ["people"], body=for_ever),
    ]
    constants = {"least": np.float32(brightest_that_ends), "nothing": np.zeros(1, np.float32)}
    return write_model(path, "endless", constants, first=first, cell="people")
