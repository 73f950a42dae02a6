"""The two graphs inside a model's one: counting alone, and counting with the density map and no `If` around it.

Both are cut in memory from a file that was checked already. A runtime that cannot run the `If` gets them instead, and
the claim that counting alone pays nothing for the branch is measured against the first.
"""

from collections.abc import Sequence

from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, ValueInfoProto, helper

from engine.errors import ModelError
from engine.inference.contract import HEADS, REMEDY, ModelFile


def counting_graph(file: ModelFile) -> bytes:
    """Returns an ONNX model of the backbone alone: tiles uint8 (N, 384, 512, 3) to count float32 (N,), and heads.

    Raises:
        ModelError: the count hangs on `with_density`, or there is not one `If` that makes the density.
    """
    model = ModelProto.FromString(file.content)
    _choice(model.graph, file)
    return _cut(model, model.graph.node, ["count", *_heads(file)], file)


def mapping_graph(file: ModelFile) -> bytes:
    """Returns an ONNX model without the `If`: tiles uint8 (N, 384, 512, 3) to count (N,), density (N, h, w), and heads.

    Raises:
        ModelError: as `counting_graph`.
    """
    model = ModelProto.FromString(file.content)
    choice = _choice(model.graph, file)
    then = next(attribute.g for attribute in choice.attribute if attribute.name == "then_branch")
    outer = [node for node in model.graph.node if node is not choice]
    out = helper.make_node("Identity", [then.output[0].name], ["density"])
    model.graph.initializer.extend(then.initializer)
    return _cut(model, [*outer, *then.node, out], ["count", "density", *_heads(file)], file)


def _heads(file: ModelFile) -> list[str]:
    """Returns the output that not all models have."""
    return [HEADS] if file.has_heads else []


def _choice(graph: GraphProto, file: ModelFile) -> NodeProto:
    made_by = [node for node in graph.node if "density" in node.output]
    if [node.op_type for node in made_by] != ["If"] or list(made_by[0].input) != ["with_density"]:
        raise ModelError(
            f"model {file.path} does not make its density in one 'If' on with_density, so it cannot be divided; "
            f"{REMEDY} again"
        )
    return made_by[0]


def _cut(model: ModelProto, nodes: Sequence[NodeProto], outputs: Sequence[str], file: ModelFile) -> bytes:
    """Keeps what `outputs` are made from."""
    needed = _needed(nodes, outputs)
    if "with_density" in needed:
        raise ModelError(f"model {file.path} needs with_density for its count, so it cannot be divided; {REMEDY} again")
    graph = helper.make_graph(
        [node for node in nodes if needed.intersection(node.output)],
        model.graph.name,
        [value for value in model.graph.input if value.name == "tiles"],
        [_with_batch(value) for value in model.graph.output if value.name in outputs],
        [tensor for tensor in model.graph.initializer if tensor.name in needed],
    )
    return helper.make_model(
        graph, opset_imports=model.opset_import, ir_version=model.ir_version, functions=model.functions
    ).SerializeToString()


def _with_batch(value: ValueInfoProto) -> ValueInfoProto:
    """Without the `If` there is always a map for every tile: the first dimension of every output is N."""
    value.type.tensor_type.shape.dim[0].dim_param = "N"
    return value


def _needed(nodes: Sequence[NodeProto], outputs: Sequence[str]) -> set[str]:
    makers = {name: node for node in nodes for name in node.output}
    needed: set[str] = set()
    waiting = list(outputs)
    while waiting:
        name = waiting.pop()
        if name and name not in needed:
            needed.add(name)
            if name in makers:
                waiting += _reads(makers[name])
    return needed


def _reads(node: NodeProto) -> list[str]:
    """Names that a node takes from around it, those of its inner graphs among them."""
    inner = [a.g for a in node.attribute if a.type == AttributeProto.GRAPH]
    return [*node.input, *(name for graph in inner for below in graph.node for name in _reads(below))]
