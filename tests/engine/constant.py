"""A model that sees the same number of people in every tile, and costs next to nothing."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import ArrayLike
from onnx import NodeProto, TensorProto, helper, numpy_helper

from engine.paths import LIGHT_MODEL

NUMBER, TRUTH = TensorProto.FLOAT, TensorProto.BOOL
CELLS = (384 // 8, 512 // 8)


def write_constant(path: Path, *, people: float) -> Path:
    """Writes a model that keeps the contract and spreads these people evenly over each tile; returns its path."""
    constants = {
        "people": np.full(1, people, np.float32),
        "per_cell": np.full(1, people / (CELLS[0] * CELLS[1]), np.float32),
    }
    return write_model(path, path.stem, constants)


def write_model(
    path: Path,
    name: str,
    constants: Mapping[str, ArrayLike],
    *,
    first: Sequence[NodeProto] = (),
    cell: str = "per_cell",
) -> Path:
    """Writes a model that keeps the contract: `people` of each tile, and `cell` of each cell; returns its path.

    Nodes that come `first` may make `people` of `tiles`, where that is none of the constants.
    """
    value, node = helper.make_tensor_value_info, helper.make_node
    places = {"first": np.zeros(1, np.int64), "second": np.ones(1, np.int64), "cells": np.array(CELLS, np.int64)}
    nodes = [
        *first,
        node("Shape", ["tiles"], ["shape"]),
        node("Slice", ["shape", "first", "second"], ["number"]),
        node("Expand", ["people", "number"], ["count"]),
        node("Cast", ["with_density"], ["asked"], to=TensorProto.INT64),
        node("Mul", ["number", "asked"], ["maps"]),
        node("Concat", ["maps", "cells"], ["map_shape"], axis=0),
        node("Expand", [cell, "map_shape"], ["density"]),
    ]
    graph = helper.make_graph(
        nodes,
        name,
        [value("tiles", TensorProto.UINT8, ["N", 384, 512, 3]), value("with_density", TRUTH, [])],
        [value("count", NUMBER, ["N"]), value("density", NUMBER, ["M", *CELLS])],
        [numpy_helper.from_array(np.asarray(array), key) for key, array in (dict(constants) | places).items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    facts = {fact.key: fact.value for fact in onnx.load(LIGHT_MODEL).metadata_props}
    helper.set_model_props(model, facts | {"deepcount.name": name, "deepcount.density_stride": "8"})
    path.write_bytes(model.SerializeToString())
    return path
