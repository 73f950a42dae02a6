"""One graph in which the density map is optional.

ONNX Runtime computes whatever a graph holds, asked for or not. So the nodes which only the density map needs are moved
into the branch of an `If` on the input `with_density`; a frame that is only counted does not pay for them.
"""

from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, helper

ASKED = "density_if_asked"
COUNTED = "density_counted"


def separate(model: ModelProto) -> ModelProto:
    """Moves every node that only `density` needs into an `If` on a new boolean input `with_density`.

    Without it `density` comes out empty, (0, h, w). Where the count is made from the density, as CSRNet's is, nothing
    but the density itself is left to move.
    """
    graph = model.graph
    counting = ancestors(graph, "count")
    if "density" in counting:
        _part_from_count(graph)
        counting = ancestors(graph, "count")
    kept = [node for node in graph.node if set(node.output) & counting]
    moved = [node for node in graph.node if not set(node.output) & counting]
    used = {name for node in kept for name in node.input}
    inner = [tensor for tensor in graph.initializer if tensor.name not in used]
    outer = [tensor for tensor in graph.initializer if tensor.name in used]
    density = next(output for output in graph.output if output.name == "density")
    height, width = (dimension.dim_value for dimension in density.type.tensor_type.shape.dim[1:])
    for node in moved:
        _rename_output(node, "density", ASKED)
    choice = density_choice(helper.make_graph(moved, "density", [], [_map_info(height, width)], inner), height, width)
    asked = helper.make_tensor_value_info("with_density", TensorProto.BOOL, [])
    shape = density.type.tensor_type.shape.dim[0]
    shape.Clear()
    shape.dim_param = "maps"
    new = helper.make_graph([*kept, choice], graph.name, [*graph.input, asked], graph.output, outer)
    separated = helper.make_model(new, opset_imports=model.opset_import, ir_version=model.ir_version)
    separated.producer_name = "deepcount-trainer"
    return separated


def density_choice(then: GraphProto, height: int, width: int) -> NodeProto:
    """Returns the `If` on `with_density`: what makes `ASKED`, height x width cells a tile, or else an empty map."""
    nothing = helper.make_tensor("nothing", TensorProto.FLOAT, [0, height, width], [])
    empty = helper.make_node("Constant", [], [ASKED], value=nothing)
    otherwise = helper.make_graph([empty], "no_density", [], [_map_info(height, width)])
    return helper.make_node("If", ["with_density"], ["density"], "choice", then_branch=then, else_branch=otherwise)


def _map_info(height: int, width: int) -> ValueInfoProto:
    return helper.make_tensor_value_info(ASKED, TensorProto.FLOAT, [None, height, width])


def ancestors(graph: GraphProto, output: str) -> set[str]:
    """Returns the names of all values that an output is made from, and its own."""
    makers = {name: node for node in graph.node for name in node.output}
    needed: set[str] = set()
    waiting = [output]
    while waiting:
        name = waiting.pop()
        if name and name not in needed:
            needed.add(name)
            waiting += makers[name].input if name in makers else []
    return needed


def _part_from_count(graph: GraphProto) -> None:
    """Gives the density that is also counted from a name of its own, so that what is asked for is a copy of it."""
    for node in graph.node:
        _rename_output(node, "density", COUNTED)
        node.input[:] = [COUNTED if name == "density" else name for name in node.input]
    graph.node.append(helper.make_node("Identity", [COUNTED], ["density"]))


def _rename_output(node: NodeProto, old: str, new: str) -> None:
    for index, name in enumerate(node.output):
        if name == old:
            node.output[index] = new
