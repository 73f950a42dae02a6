"""A model that sees the same number of people in every tile, and costs next to nothing."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from engine.paths import LIGHT_MODEL

NUMBER, TRUTH = TensorProto.FLOAT, TensorProto.BOOL
CELLS = (384 // 8, 512 // 8)


def write_constant(path: Path, *, people: float) -> Path:
    """Writes a model that keeps the contract and spreads these people evenly over each tile; returns its path."""
    value, node = helper.make_tensor_value_info, helper.make_node
    constants = {
        "people": np.full(1, people, np.float32),
        "per_cell": np.full(1, people / (CELLS[0] * CELLS[1]), np.float32),
        "first": np.zeros(1, np.int64),
        "second": np.ones(1, np.int64),
        "cells": np.array(CELLS, np.int64),
    }
    nodes = [
        node("Shape", ["tiles"], ["shape"]),
        node("Slice", ["shape", "first", "second"], ["number"]),
        node("Expand", ["people", "number"], ["count"]),
        node("Cast", ["with_density"], ["asked"], to=TensorProto.INT64),
        node("Mul", ["number", "asked"], ["maps"]),
        node("Concat", ["maps", "cells"], ["map_shape"], axis=0),
        node("Expand", ["per_cell", "map_shape"], ["density"]),
    ]
    graph = helper.make_graph(
        nodes,
        "constant",
        [value("tiles", TensorProto.UINT8, ["N", 384, 512, 3]), value("with_density", TRUTH, [])],
        [value("count", NUMBER, ["N"]), value("density", NUMBER, ["M", *CELLS])],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    facts = {fact.key: fact.value for fact in onnx.load(LIGHT_MODEL).metadata_props}
    helper.set_model_props(model, facts | {"deepcount.name": path.stem, "deepcount.density_stride": "8"})
    path.write_bytes(model.SerializeToString())
    return path
