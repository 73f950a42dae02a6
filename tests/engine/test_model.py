import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from engine.contract import read_model_file
from engine.errors import ModelError
from engine.model import Model, load_model
from engine.paths import DEFAULT_MODEL
from engine.runtime import PACKAGES, check_packages
from engine.tiling import TILE_HEIGHT, TILE_WIDTH


@pytest.fixture
def changed(tmp_path):
    """Writes a copy of the shipped model with a change made to it."""

    def write(change):
        proto = onnx.load(DEFAULT_MODEL)
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


def point_outside(tensor):
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../etc/passwd")


def keep_weights_outside(proto):
    point_outside(next(t for t in proto.graph.initializer if len(t.raw_data) > 1000))


def keep_branch_weights_outside(proto):
    choice = next(n for n in proto.graph.node if n.op_type == "If")
    branch = next(a.g for a in choice.attribute if a.name == "then_branch")
    point_outside(next(t for t in branch.initializer if len(t.raw_data) > 1000))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(drop_facts, "is not one of ours: its metadata lacks contract", id="no metadata"),
        pytest.param(set_fact("contract", "99"), "has contract '99', this engine reads '1'", id="other contract"),
        pytest.param(
            take_other_tiles, "takes tiles of 256x256, this engine cuts tiles of 384x512", id="other tile size"
        ),
        pytest.param(take_float_tiles, "expected tiles uint8", id="other input type"),
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
    counts, density = model.count_and_map(tiles)
    np.testing.assert_allclose(model.count(tiles), counts, rtol=1e-4, atol=1e-4)
    assert density.shape[0] == 3
    assert (density >= 0).all()
    assert (counts >= 0).all()


def test_a_provider_that_is_not_installed_is_refused():
    onnxruntime = pytest.importorskip("onnxruntime")
    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this ONNX Runtime has CUDA")
    with pytest.raises(ModelError, match="not in this ONNX Runtime"):
        load_model(provider="cuda")


def test_two_onnx_runtimes_at_once_are_refused(tmp_path, monkeypatch):
    """The second package is put on the path as pip would leave it: a folder of metadata."""
    present = check_packages()
    other = next(p for p in PACKAGES if p != present)
    info = tmp_path / f"{other.replace('-', '_')}-9.9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {other}\nVersion: 9.9\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModelError, match=r"both installed .*pip uninstall"):
        check_packages()
