"""Two models in one graph: a small one counts every tile, a large one those that the small one finds crowded.

Each is asked where it is the better one, and the large one's price is paid where people stand close. Between two
numbers of people the count moves from one to the other in a straight line, so that nothing jumps when a scene fills.
A batch without a crowded tile does not run the large model at all; with one it runs on the whole batch.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

from trainer.contract import CROWD, FIRST, INPUTS, OUTPUTS, facts_of
from trainer.errors import TrainerError
from trainer.evaluation.counters import Counted, TileCounter, onnx_counter
from trainer.exporting.heads import without_heads
from trainer.exporting.separation import ASKED, density_choice

SMALL, LARGE, PASSED = "small.", "large.", "passed."
"""Before the names of the small model's values, the large one's outputs, and what the latter's map is made from."""
SHARE, CROWDED = "crowd_share", "is_crowded"


@dataclass(frozen=True, slots=True)
class Cascade:
    """A small model in front of a large one."""

    small: ModelProto = field(repr=False)
    """An exported one."""
    people: tuple[float, float]
    """Where the small one finds more than the first number of people in a tile, the large one is asked too; from the
    second, larger number on it counts alone."""


def cascaded(cascade: Cascade, large: ModelProto) -> ModelProto:
    """Returns one graph of both, with the inputs and outputs of either and one more input that may be left out.

    It is `crowd`, float32 (2,), with the two numbers of people as its default. What either says of heads is left out.

    Args:
        cascade: the small model, and when the large one takes over.
        large: from `separate`.

    Raises:
        TrainerError: the two have maps of different sizes, or were written for different versions of ONNX.
    """
    small, large = without_heads(cascade.small), without_heads(large)
    _check(small, large)
    first = _renamed(small.graph, lambda name: name if name in INPUTS else SMALL + name)
    second = _renamed(large.graph, lambda name: LARGE + name if name in OUTPUTS else name)
    first_nodes, first_map = _parted(first)
    second_nodes, second_map = _parted(second)
    made = {name for node in second_nodes for name in node.output}
    known = {info.name: info for info in onnx.shape_inference.infer_shapes(large).graph.value_info}
    passed = [known[name] for name in dict.fromkeys(_reads(second_map.node)) if name in made]
    second_map = _renamed(second_map, lambda name: PASSED + name if name in {info.name for info in passed} else name)
    nodes = [
        *first_nodes,
        *_weighed(),
        _counted(second, second_nodes, passed),
        _mapped(large, first_map, second_map),
    ]
    graph = helper.make_graph(
        nodes,
        large.graph.name,
        [*large.graph.input, helper.make_tensor_value_info(CROWD, TensorProto.FLOAT, [2])],
        list(large.graph.output),
        [*first.initializer, numpy_helper.from_array(np.array(cascade.people, np.float32), CROWD)],
    )
    return helper.make_model(
        graph,
        opset_imports=_versions(small, large),
        ir_version=large.ir_version,
        producer_name=large.producer_name,
    )


def said_cascade(cascade: Cascade) -> dict[str, str]:
    """Returns the facts of a graph of two models that tell of the small one."""
    start, end = cascade.people
    facts = facts_of(cascade.small)
    own = {FIRST + name: facts[name] for name in ("name", "architecture", "width", "model", "count") if name in facts}
    return own | {CROWD: f"{start:g} to {end:g} people in a tile"}


def read_small(path: Path) -> ModelProto:
    """Reads the small model of a cascade.

    Raises:
        TrainerError: the file is none of ours, or a cascade itself.
    """
    onnx_counter(path)  # which refuses what keeps another contract
    model = onnx.load(path, load_external_data=False)
    if CROWD in facts_of(model):
        raise TrainerError(f"model {path} is two in one already; give the small one alone")
    return model


def taking_over(small: TileCounter, large: TileCounter, people: tuple[float, float], density: str) -> TileCounter:
    """Counts as the graph of both does.

    Args:
        small: an exported model.
        large: a network.
        people: of `Cascade`.
        density: name of the network's map that stands beside that of the small model.
    """
    start, end = people

    def run(tiles: NDArray[np.uint8]) -> Counted:
        found = small(tiles).people
        count, mapped = found["count"].copy(), found["density"].copy()
        share = np.clip((count - start) / (end - start), 0, 1)
        crowded = share > 0
        if crowded.any():
            theirs = large(tiles[crowded]).people
            count[crowded] += share[crowded] * (theirs["count"] - count[crowded])
            mapped[crowded] += share[crowded] * (theirs[density] - mapped[crowded])
        return Counted({"count": count, density: mapped})

    return TileCounter(run)


def _check(small: ModelProto, large: ModelProto) -> None:
    ours, theirs = _map_size(small), _map_size(large)
    if ours != theirs:
        raise TrainerError(
            f"the small model has maps of {ours} cells, the large one of {theirs}: there is no mean of them"
        )


def _map_size(model: ModelProto) -> list[int]:
    """Returns height and width of a tile's map, in cells."""
    return [dimension.dim_value for dimension in model.graph.output[1].type.tensor_type.shape.dim[1:]]


def _versions(small: ModelProto, large: ModelProto) -> list[onnx.OperatorSetIdProto]:
    """Returns the operator sets of both; raises TrainerError if they disagree."""
    found = {item.domain: item for item in large.opset_import}
    for item in small.opset_import:
        if found.setdefault(item.domain, item).version != item.version:
            raise TrainerError(
                f"the small model was exported for version {item.version} of ONNX's operators, the large one for "
                f"{found[item.domain].version}; export the small one again"
            )
    return list(found.values())


def _parted(graph: GraphProto) -> tuple[list[NodeProto], GraphProto]:
    """Returns what counts, and what makes the map of it."""
    choice = next(node for node in graph.node if node.op_type == "If" and node.input[0] == INPUTS[1])
    then = next(attribute.g for attribute in choice.attribute if attribute.name == "then_branch")
    return [node for node in graph.node if node is not choice], then


def _weighed() -> Iterator[NodeProto]:
    """Yields what decides how much the large model's count weighs in each tile, and whether it is needed at all."""
    for place, name in enumerate(("crowd_from", "crowd_to")):
        yield helper.make_node("Constant", [], [f"{name}.place"], value_int=place)
        yield helper.make_node("Gather", [CROWD, f"{name}.place"], [name])
    yield helper.make_node("Sub", [SMALL + "count", "crowd_from"], ["crowd.beyond"])
    yield helper.make_node("Sub", ["crowd_to", "crowd_from"], ["crowd.span"])
    yield helper.make_node("Div", ["crowd.beyond", "crowd.span"], ["crowd.part"])
    yield helper.make_node("Constant", [], ["crowd.none"], value_float=0.0)
    yield helper.make_node("Constant", [], ["crowd.all"], value_float=1.0)
    yield helper.make_node("Clip", ["crowd.part", "crowd.none", "crowd.all"], [SHARE])
    yield helper.make_node("ReduceMax", [SHARE], ["crowd.largest"], keepdims=0)
    yield helper.make_node("Greater", ["crowd.largest", "crowd.none"], [CROWDED])


def _counted(large: GraphProto, nodes: Sequence[NodeProto], passed: Sequence[ValueInfoProto]) -> NodeProto:
    """Returns the choice that makes the count, and hands on what the large model's map is made from."""
    used = set(_reads(nodes))
    weights = [tensor for tensor in large.initializer if tensor.name in used]
    count = helper.make_tensor_value_info("count.then", TensorProto.FLOAT, [None])
    then = helper.make_graph(
        [*nodes, *_blended(SMALL + "count", LARGE + "count", SHARE, "count.then")],
        "crowded",
        [],
        [count, *passed],
        weights,
    )
    nothing = [_nothing(info) for info in passed]
    count = helper.make_tensor_value_info("count.else", TensorProto.FLOAT, [None])
    same = helper.make_node("Identity", [SMALL + "count"], ["count.else"])
    filled = [node for nodes, _ in nothing for node in nodes]
    otherwise = helper.make_graph([same, *filled], "sparse", [], [count, *(info for _, info in nothing)])
    outputs = ["count", *(PASSED + info.name for info in passed)]
    return helper.make_node("If", [CROWDED], outputs, "counting", then_branch=then, else_branch=otherwise)


def _mapped(large: ModelProto, first: GraphProto, second: GraphProto) -> NodeProto:
    """Returns the choice that makes the density, with the choice between the two models' maps inside."""
    before, after, asked = first.output[0].name, second.output[0].name, f"crowded_{ASKED}"
    size = _map_size(large)

    def info(name: str) -> ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, *size])

    axes = helper.make_node("Constant", [], ["share.axes"], value_ints=[1, 2])
    wide = helper.make_node("Unsqueeze", [SHARE, "share.axes"], ["share.wide"])
    blend = _blended(before, after, "share.wide", asked)
    used = set(_reads(second.node))
    weights = [*second.initializer, *(tensor for tensor in large.graph.initializer if tensor.name in used)]
    crowded = helper.make_graph([*second.node, axes, wide, *blend], "crowded", [], [info(asked)], weights)
    same = helper.make_node("Identity", [before], ["sparse.map"])
    sparse = helper.make_graph([same], "sparse", [], [info("sparse.map")])
    choice = helper.make_node("If", [CROWDED], [ASKED], "mapping", then_branch=crowded, else_branch=sparse)
    then = helper.make_graph([*first.node, choice], "density", [], [info(ASKED)], first.initializer)
    return density_choice(then, *size)


def _blended(before: str, after: str, share: str, out: str) -> list[NodeProto]:
    return [
        helper.make_node("Sub", [after, before], [f"{out}.apart"]),
        helper.make_node("Mul", [f"{out}.apart", share], [f"{out}.moved"]),
        helper.make_node("Add", [before, f"{out}.moved"], [out]),
    ]


def _nothing(info: ValueInfoProto) -> tuple[list[NodeProto], ValueInfoProto]:
    """Returns nodes that make a tensor like another, of no tiles, and what it is.

    A constant would do, but OpenVINO takes an empty one for a single number.
    """
    kind = info.type.tensor_type
    shape = [0, *(dimension.dim_value for dimension in kind.shape.dim[1:])]
    name = f"no.{info.name}"
    filling = helper.make_tensor("filling", kind.elem_type, [1], [0])
    nodes = [
        helper.make_node("Constant", [], [f"{name}.shape"], value_ints=shape),
        helper.make_node("ConstantOfShape", [f"{name}.shape"], [name], value=filling),
    ]
    return nodes, helper.make_tensor_value_info(name, kind.elem_type, [None, *shape[1:]])


def _reads(nodes: Iterable[NodeProto]) -> Iterator[str]:
    """Yields all names that nodes read, those that graphs inside of them read too."""
    for node in nodes:
        yield from node.input
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from _reads(attribute.g.node)


def _renamed(graph: GraphProto, rename: Callable[[str], str]) -> GraphProto:
    """Returns a copy of a graph, with other names for its values, those of the graphs inside of it too."""
    copy = GraphProto()
    copy.CopyFrom(graph)
    _rename(copy, rename)
    return copy


def _rename(graph: GraphProto, rename: Callable[[str], str]) -> None:
    del graph.value_info[:]
    for tensor in graph.initializer:
        tensor.name = rename(tensor.name)
    for value in (*graph.input, *graph.output):
        value.name = rename(value.name)
    for node in graph.node:
        node.input[:] = [rename(name) if name else "" for name in node.input]
        node.output[:] = [rename(name) if name else "" for name in node.output]
        for attribute in node.attribute:
            if attribute.HasField("g"):
                _rename(attribute.g, rename)
