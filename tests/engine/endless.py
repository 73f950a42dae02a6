"""Models that compute next to nothing: one ends at once, one never, always or where it sees something."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from engine.paths import LIGHT_MODEL

NUMBER, TRUTH = TensorProto.FLOAT, TensorProto.BOOL


def write_endless(path: Path, *, blank_ends: bool) -> Path:
    """Writes a model that keeps the contract; `blank_ends` lets it count black tiles, as it is given at its start."""
    return _write(path, 0.0 if blank_ends else -1.0)


def write_quick(path: Path) -> Path:
    """Writes a model that keeps the contract and sees nobody."""
    return _write(path, 255.0)


def _write(path: Path, brightest_that_ends: float) -> Path:
    value, node = helper.make_tensor_value_info, helper.make_node
    constants = {
        "least": np.float32(brightest_that_ends),
        "nothing": np.zeros(1, np.float32),
        "first": np.zeros(1, np.int64),
        "second": np.ones(1, np.int64),
        "cells": np.array([384 // 8, 512 // 8], np.int64),
    }
    for_ever = helper.make_graph(
        [node("Identity", ["on"], ["still_on"]), node("Identity", ["x"], ["same"])],
        "for ever",
        [value("round", TensorProto.INT64, []), value("on", TRUTH, []), value("x", NUMBER, [1])],
        [value("still_on", TRUTH, []), value("same", NUMBER, [1])],
    )
    nodes = [
        node("Cast", ["tiles"], ["pixels"], to=NUMBER),
        node("ReduceMax", ["pixels"], ["brightest"], keepdims=0),
        node("Greater", ["brightest", "least"], ["starts"]),
        node("Loop", ["", "starts", "nothing"], ["people"], body=for_ever),
        node("Shape", ["tiles"], ["shape"]),
        node("Slice", ["shape", "first", "second"], ["number"]),
        node("Expand", ["people", "number"], ["count"]),
        node("Cast", ["with_density"], ["asked"], to=TensorProto.INT64),
        node("Mul", ["number", "asked"], ["maps"]),
        node("Concat", ["maps", "cells"], ["map_shape"], axis=0),
        node("Expand", ["people", "map_shape"], ["density"]),
    ]
    graph = helper.make_graph(
        nodes,
        "endless",
        [value("tiles", TensorProto.UINT8, ["N", 384, 512, 3]), value("with_density", TRUTH, [])],
        [value("count", NUMBER, ["N"]), value("density", NUMBER, ["M", 48, 64])],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    facts = {fact.key: fact.value for fact in onnx.load(LIGHT_MODEL).metadata_props}
    helper.set_model_props(model, facts | {"deepcount.name": "endless", "deepcount.density_stride": "8"})
    path.write_bytes(model.SerializeToString())
    return path
