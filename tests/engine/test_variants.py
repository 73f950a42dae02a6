from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from engine.errors import ModelError
from engine.inference import variants
from engine.inference.contract import KEY, read_model_file
from engine.inference.variants import load_model, main_file
from engine.paths import LIGHT_MODEL, SHIPPED

TILES, CELLS = ("N", 384, 512, 3), (48, 64)


def constant(name, values):
    return helper.make_node("Constant", [], [name], value=numpy_helper.from_array(np.array(values, np.int64)))


def maps(name, number):
    """An If's way: empty maps, one for each of `number` tiles."""
    shape = [constant(f"{name}_cells", CELLS), helper.make_node("Concat", [number, f"{name}_cells"], [name], axis=0)]
    nodes = [*shape, helper.make_node("ConstantOfShape", [name], [f"{name}_maps"])]
    out = helper.make_tensor_value_info(f"{name}_maps", TensorProto.FLOAT, [None, *CELLS])
    return helper.make_graph(nodes, name, [], [out])


def next_to_nothing(precision: str) -> onnx.ModelProto:
    """A model that keeps the contract and takes next to no time: it counts the mean of a tile's pixels."""
    nodes = [
        helper.make_node("Cast", ["tiles"], ["pixels"], to=TensorProto.FLOAT),
        constant("axes", [1, 2, 3]),
        helper.make_node("ReduceMean", ["pixels", "axes"], ["count"], keepdims=0),
        helper.make_node("Shape", ["tiles"], ["number"], start=0, end=1),
        constant("none", [0]),
        helper.make_node(
            "If", ["with_density"], ["density"], then_branch=maps("some", "number"), else_branch=maps("no", "none")
        ),
    ]
    graph = helper.make_graph(
        nodes,
        "next_to_nothing",
        [
            helper.make_tensor_value_info("tiles", TensorProto.UINT8, TILES),
            helper.make_tensor_value_info("with_density", TensorProto.BOOL, []),
        ],
        [
            helper.make_tensor_value_info("count", TensorProto.FLOAT, ["N"]),
            helper.make_tensor_value_info("density", TensorProto.FLOAT, [None, *CELLS]),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    facts = read_model_file(LIGHT_MODEL).facts | {"precision": precision}
    helper.set_model_props(model, {KEY + name: value for name, value in facts.items()})
    return model


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """Ships the light model under another name in a folder of its own; returns what adds a variant beside it."""
    main = tmp_path / "ours.onnx"
    main.write_bytes(LIGHT_MODEL.read_bytes())
    monkeypatch.setitem(SHIPPED, "ours", main)

    def add(precision: str) -> Path:
        path = tmp_path / f"ours.{precision}.onnx"
        path.write_bytes(next_to_nothing(precision).SerializeToString())
        return path

    return add


def test_a_file_is_run_as_it_is_though_a_faster_one_lies_beside_it(shipped):
    shipped("int8")
    model = load_model(SHIPPED["ours"], provider="cpu")
    assert model.file.path == SHIPPED["ours"]
    assert model.remark == ""


def test_of_a_named_model_the_fastest_file_is_run_and_said_so(shipped):
    faster = shipped("int8")
    model = load_model(Path("ours"), provider="cpu")
    assert model.file.path == faster
    assert model.details.endswith(model.remark)
    assert model.remark.startswith("the fastest here (fp32 ")
    assert ", int8 " in model.remark
    assert model.count(np.full((2, 384, 512, 3), 7, np.uint8)) == pytest.approx([7, 7])


def test_fewer_bits_that_gain_nothing_are_not_taken(shipped, monkeypatch):
    same = shipped("int8")
    proto = onnx.load(LIGHT_MODEL)
    next(fact for fact in proto.metadata_props if fact.key == f"{KEY}precision").value = "int8"
    same.write_bytes(proto.SerializeToString())
    monkeypatch.setattr(variants, "ENOUGH", 0.2)  # two equal models on a busy machine may well differ by a tenth
    assert load_model(Path("ours"), provider="cpu").file.path == SHIPPED["ours"]


def test_float16_is_left_to_graphics_cards(shipped):
    shipped("fp16")
    model = load_model(Path("ours"), provider="cpu")
    assert model.file.path == SHIPPED["ours"]


def test_float16_alone_is_run_where_there_is_nothing_else(shipped):
    SHIPPED["ours"].write_bytes(next_to_nothing("fp16").SerializeToString())
    assert load_model(Path("ours"), provider="cpu").file.precision == "fp16"


def test_a_processor_gets_the_light_model():
    assert load_model(provider="cpu").file.name == "light"


def test_a_file_that_is_called_like_a_model_is_taken_before_it(shipped, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("ours").write_bytes(next_to_nothing("fp32").SerializeToString())
    assert main_file(Path("ours")) == Path("ours")
    assert load_model(Path("ours"), provider="cpu").file.path == Path("ours")


def test_an_unknown_name_is_refused_as_a_file_that_does_not_exist():
    with pytest.raises(ModelError, match="model medium does not exist, expected an ONNX file or the name"):
        load_model(Path("medium"))
