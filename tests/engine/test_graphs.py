import numpy as np
import onnx
import pytest

from engine.errors import ModelError
from engine.inference.contract import ModelFile, read_model_file
from engine.inference.graphs import counting_graph, mapping_graph
from engine.inference.separability import count_only_cost
from engine.paths import LIGHT_MODEL
from engine.picture.tiling import TILE_HEIGHT, TILE_WIDTH

onnxruntime = pytest.importorskip("onnxruntime")


@pytest.fixture(scope="module")
def file():
    return read_model_file(LIGHT_MODEL)


@pytest.fixture(scope="module")
def tiles():
    return np.random.default_rng(6).integers(0, 256, (2, TILE_HEIGHT, TILE_WIDTH, 3), dtype=np.uint8)


def run(graph, given):
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, given), strict=True))


def test_both_graphs_give_the_numbers_of_the_whole_model(file, tiles):
    whole = run(file.content, {"tiles": tiles, "with_density": np.array(True)})
    counting, mapping = run(counting_graph(file), {"tiles": tiles}), run(mapping_graph(file), {"tiles": tiles})
    assert counting.keys() == whole.keys() - {"density"}
    np.testing.assert_allclose(counting["count"], whole["count"], rtol=1e-4, atol=1e-4)
    assert mapping.keys() == whole.keys()
    for name, expected in whole.items():
        np.testing.assert_allclose(mapping[name], expected, rtol=1e-4, atol=1e-4)


def test_both_graphs_are_sound_and_have_no_choice_in_them(file):
    for graph in (counting_graph(file), mapping_graph(file)):
        proto = onnx.ModelProto.FromString(graph)
        onnx.checker.check_model(proto, full_check=True)
        assert [value.name for value in proto.graph.input] == ["tiles"]
        assert not [node for node in proto.graph.node if node.op_type == "If"]


def test_the_counting_graph_holds_nothing_that_draws_the_map_alone(file, tmp_path):
    proto = onnx.ModelProto.FromString(file.content)
    choice = next(node for node in proto.graph.node if node.op_type == "If")
    drawn = next(part.g for part in choice.attribute if part.name == "then_branch")
    proto.graph.initializer.append(onnx.numpy_helper.from_array(np.ones((48, 64), np.float32), "brush"))
    drawn.node[-1].CopyFrom(onnx.helper.make_node("Mul", [drawn.node[-1].input[0], "brush"], drawn.node[-1].output))
    (tmp_path / "light.onnx").write_bytes(proto.SerializeToString())
    own = read_model_file(tmp_path / "light.onnx")
    counting, mapping = (
        {tensor.name for tensor in onnx.ModelProto.FromString(graph).graph.initializer}
        for graph in (counting_graph(own), mapping_graph(own))
    )
    assert counting
    assert "brush" in mapping - counting


def without_choice(proto):
    """The density from an `Identity`, made of another value."""
    choice = next(node for node in proto.graph.node if node.op_type == "If")
    proto.graph.node.remove(choice)
    proto.graph.node.append(onnx.helper.make_node("Identity", [proto.graph.node[0].output[0]], ["density"]))


def count_by_choice(proto):
    """The count from an operator which reads with_density."""
    for node in proto.graph.node:
        node.output[:] = ["people" if name == "count" else name for name in node.output]
    proto.graph.node.append(onnx.helper.make_node("Where", ["with_density", "people", "people"], ["count"]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(without_choice, "does not make its density in one 'If' on with_density", id="no If"),
        pytest.param(count_by_choice, "needs with_density for its count", id="count depends on the choice"),
    ],
)
def test_a_model_that_cannot_be_divided_is_refused(file, change, message):
    proto = onnx.ModelProto.FromString(file.content)
    change(proto)
    other = ModelFile(file.path, proto.SerializeToString(), file.sha256, file.facts)
    with pytest.raises(ModelError, match=message):
        counting_graph(other)


def test_the_cost_of_counting_alone_is_a_ratio_of_times(file):
    assert 0 < count_only_cost(file, rounds=2) < float("inf")
