"""How much a model computes for one tile, read from its graph."""

import math
from collections.abc import Iterator, Mapping, Sequence

import onnx
from onnx import GraphProto, ModelProto, NodeProto

from engine.inference.contract import ModelFile
from engine.inference.graphs import counting_graph

Shape = Sequence[int]


def multiply_adds(file: ModelFile) -> int:
    """Returns the multiply-adds of counting one tile, those of convolutions and matrix products.

    Raises:
        ModelError: the model cannot be divided, see `counting_graph`.
    """
    model = ModelProto.FromString(counting_graph(file))
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    graph = onnx.shape_inference.infer_shapes(model).graph
    shapes = dict(_shapes(graph))
    return sum(_of_node(node, shapes) for node in graph.node)


def _shapes(graph: GraphProto) -> Iterator[tuple[str, Shape]]:
    for tensor in graph.initializer:
        yield tensor.name, tuple(tensor.dims)
    for value in (*graph.input, *graph.value_info, *graph.output):
        dims = value.type.tensor_type.shape.dim
        yield value.name, tuple(dim.dim_value if dim.HasField("dim_value") else 1 for dim in dims)


def _of_node(node: NodeProto, shapes: Mapping[str, Shape]) -> int:
    if node.op_type == "Conv":  # each number that comes out sums up one kernel over its group's channels
        return math.prod(shapes[node.output[0]]) * math.prod(shapes[node.input[1]][1:])
    if node.op_type == "ConvTranspose":  # each number that goes in is spread over one kernel
        return math.prod(shapes[node.input[0]]) * math.prod(shapes[node.input[1]][1:])
    if node.op_type in ("MatMul", "Gemm"):
        return math.prod(shapes[node.output[0]]) * shapes[node.input[0]][-1]
    return 0
