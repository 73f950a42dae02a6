import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from engine.errors import LONGEST_SENTENCE, ModelError
from engine.inference.contract import LONGEST_FACT, read_model_file
from engine.inference.model import Model
from engine.inference.variants import load_model
from engine.paths import LIGHT_MODEL
from engine.picture.tiling import TILE_HEIGHT, TILE_WIDTH


@pytest.fixture
def changed(tmp_path):
    """Writes a copy of the shipped model with a change made to it."""

    def write(change):
        proto = onnx.load(LIGHT_MODEL)
        change(proto)
        path = tmp_path / "changed.onnx"
        path.write_bytes(proto.SerializeToString())
        return path

    return write


def set_fact(name, value):
    def change(proto):
        next(p for p in proto.metadata_props if p.key == f"deepcount.{name}").value = value

    return change


def drop_facts(proto):
    del proto.metadata_props[:]


def take_other_tiles(proto):
    set_fact("tile", "256x256")(proto)
    tiles = next(v for v in proto.graph.input if v.name == "tiles")
    tiles.type.tensor_type.shape.dim[1].dim_value = 256
    tiles.type.tensor_type.shape.dim[2].dim_value = 256


def take_float_tiles(proto):
    next(v for v in proto.graph.input if v.name == "tiles").type.tensor_type.elem_type = TensorProto.FLOAT


def take_tiles_of_no_kind(proto):
    next(v for v in proto.graph.input if v.name == "tiles").type.tensor_type.elem_type = 77


def point_outside(tensor):
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../etc/passwd")


def keep_weights_outside(proto):
    point_outside(next(t for t in proto.graph.initializer if len(t.raw_data) > 1000))


def keep_branch_weights_outside(proto):
    choice = next(n for n in proto.graph.node if n.op_type == "If")
    branch = next(a.g for a in choice.attribute if a.name == "then_branch")
    branch.initializer.append(onnx.numpy_helper.from_array(np.ones((48, 64), np.float32), "brush"))
    point_outside(branch.initializer[-1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(drop_facts, "is not one of ours: its metadata lacks contract", id="no metadata"),
        pytest.param(set_fact("contract", "99"), "has contract '99', this engine reads '1'", id="other contract"),
        pytest.param(
            take_other_tiles, "takes tiles of 256x256, this engine cuts tiles of 384x512", id="other tile size"
        ),
        pytest.param(take_float_tiles, "expected tiles uint8", id="other input type"),
        pytest.param(take_tiles_of_no_kind, r"'tiles': \('kind 77', .* expected tiles uint8", id="unknown input type"),
        pytest.param(keep_weights_outside, "in another file, which is not allowed", id="external data"),
        pytest.param(
            keep_branch_weights_outside, "in another file, which is not allowed", id="external data in a branch"
        ),
    ],
)
def test_a_model_that_breaks_the_contract_is_refused_before_it_is_run(changed, change, message):
    with pytest.raises(ModelError, match=message):
        read_model_file(changed(change))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(None, "does not exist", id="missing"),
        pytest.param(b"", "is no ONNX file", id="empty"),
        pytest.param(b"just text, no model at all\n" * 9, "is no ONNX file", id="text"),
    ],
)
def test_what_is_no_model_is_refused(tmp_path, content, message):
    path = tmp_path / "model.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=message):
        read_model_file(path)


def test_a_folder_is_no_model(tmp_path):
    with pytest.raises(ModelError, match="is a folder, expected an ONNX file or the name of one of ours"):
        read_model_file(tmp_path)


@pytest.mark.parametrize(
    "text", [b"deepcount.training_data", b"research use only", b"with_density"], ids=["key", "value", "name"]
)
def test_a_model_with_a_text_that_is_none_is_refused(tmp_path, text):
    path, content = tmp_path / "model.onnx", LIGHT_MODEL.read_bytes()
    assert text in content
    path.write_bytes(content.replace(text, text[:-1] + b"\xff"))
    with pytest.raises(ModelError, match="or a damaged one"):
        read_model_file(path)


def sparse(path, first, size):
    with path.open("wb") as file:
        file.write(first)
        file.truncate(size)
    return path


def test_a_file_of_any_size_is_refused_by_its_beginning(tmp_path):
    with pytest.raises(ModelError, match="is no ONNX file"):
        read_model_file(sparse(tmp_path / "model.onnx", b"", 40 * 2**30))


def test_no_more_of_a_file_is_read_than_a_model_can_be(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.inference.contract.LARGEST_BYTES", 2**20)
    with pytest.raises(ModelError, match="is larger than 1 MB"):
        read_model_file(sparse(tmp_path / "model.onnx", b"\x08", 40 * 2**30))


def test_what_a_file_says_of_itself_is_bounded_and_can_be_shown(changed):
    name = "li\x1b[31mght\n\u202e" + "x" * 5000
    file = read_model_file(changed(set_fact("name", name)))
    assert file.name.startswith("li\ufffd[31mght \ufffdxxx")
    assert file.name.isprintable()
    assert len(file.name) == LONGEST_FACT


def test_a_message_about_a_file_is_bounded(changed):
    def lengthen(proto):
        proto.graph.input[0].name = "x" * 100_000

    with pytest.raises(ModelError, match="takes") as caught:
        read_model_file(changed(lengthen))
    assert len(str(caught.value)) <= LONGEST_SENTENCE


def test_a_foreign_onnx_model_is_refused(tmp_path):
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "foreign", [value], [out])
    path = tmp_path / "foreign.onnx"
    path.write_bytes(helper.make_model(graph).SerializeToString())
    with pytest.raises(ModelError, match="is not one of ours"):
        load_model(path)


def test_a_graph_that_onnx_runtime_cannot_build_is_refused(changed):
    def break_node(proto):
        proto.graph.node[0].op_type = "NoSuchOperator"

    with pytest.raises(ModelError, match="cannot be run by ONNX Runtime"):
        load_model(changed(break_node), provider="cpu")


def test_count_is_the_same_with_and_without_a_map(model: Model):
    tiles = np.random.default_rng(3).integers(0, 256, (3, TILE_HEIGHT, TILE_WIDTH, 3), dtype=np.uint8)
    counts, density, _ = model.count_and_map(tiles)
    np.testing.assert_allclose(model.count(tiles), counts, rtol=1e-4, atol=1e-4)
    assert density.shape[0] == 3
    assert (density >= 0).all()
    assert (counts >= 0).all()


def test_tiles_are_counted_alike_alone_and_together(model: Model):
    tiles = np.random.default_rng(4).integers(0, 256, (3, TILE_HEIGHT, TILE_WIDTH, 3), dtype=np.uint8)
    alone = np.concatenate([model.count(tiles[i : i + 1]) for i in range(3)])
    np.testing.assert_allclose(model.count(tiles), alone, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(model.count(tiles[::-1]), alone[::-1], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    "tiles",
    [
        pytest.param(np.zeros((1, 100, 100, 3), np.uint8), id="other size"),
        pytest.param(np.zeros((1, TILE_HEIGHT, TILE_WIDTH, 3), np.float32), id="other type"),
        pytest.param(np.zeros((0, TILE_HEIGHT, TILE_WIDTH, 3), np.uint8), id="none at all"),
        pytest.param(np.zeros((TILE_HEIGHT, TILE_WIDTH, 3), np.uint8), id="a picture, not tiles"),
    ],
)
def test_what_are_no_tiles_is_refused(model: Model, tiles):
    with pytest.raises(ModelError, match="expected tiles uint8"):
        model.count(tiles)


def always(value, *, rank=1):
    """Changes a model so that it returns `value` for the count, in a tensor of this rank."""

    def change(proto):
        for node in proto.graph.node:
            node.output[:] = ["unused" if name == "count" else name for name in node.output]
        tensor = helper.make_tensor("value", TensorProto.FLOAT, [1] * rank, [value])
        proto.graph.node.append(helper.make_node("Constant", [], ["count"], value=tensor))
        shape = next(v for v in proto.graph.output if v.name == "count").type.tensor_type.shape
        shape.Clear()
        for _ in range(rank):
            shape.dim.add()

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(always(float("nan")), "not finite", id="not a number"),
        pytest.param(always(float("inf")), "not finite", id="infinite"),
        pytest.param(
            always(1.0, rank=2), r"returns count \(1, 1\), .* expected count \(1,\),", id="shape of the count"
        ),
        pytest.param(
            set_fact("density_stride", "16"), r"expected count \(1,\), density \(0, 24, 32\),", id="size of the map"
        ),
        pytest.param(set_fact("density_stride", "8.5"), "has density stride '8.5'", id="no stride"),
        pytest.param(set_fact("density_stride", "0"), "has density stride '0'", id="stride of nothing"),
        pytest.param(set_fact("density_stride", "9" * 5000), "has density stride '999", id="stride of 5,000 digits"),
    ],
)
def test_a_model_whose_results_break_its_own_facts_is_refused_at_once(changed, change, message):
    with pytest.raises(ModelError, match=message):
        load_model(changed(change), provider="cpu")
