from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest

from engine.errors import ModelError
from engine.inference import variants
from engine.inference.contract import ModelFile, read_model_file
from engine.inference.model import Model
from engine.inference.runtime import check_provider, installed
from engine.inference.session import RunOptions
from engine.inference.variants import load_model
from engine.paths import DEMO_CLIP, LIGHT_MODEL, SHIPPED
from engine.picture.frame import Frame

with_openvino = pytest.mark.skipif(not installed("openvino"), reason="OpenVINO is not installed: deepcount[openvino]")


@pytest.fixture(scope="module")
def file():
    return read_model_file(LIGHT_MODEL)


@pytest.fixture(scope="module")
def tiles():
    """Three of people."""
    _, frame = cv2.VideoCapture(str(DEMO_CLIP)).read()
    return Frame.of(0, 0.0, np.ascontiguousarray(frame[..., ::-1])).take_tiles()[:3]


@pytest.mark.skipif(bool(installed("openvino")), reason="OpenVINO is installed")
@pytest.mark.parametrize("provider", ["openvino", "openvino-bf16"])
def test_openvino_that_is_not_installed_is_named_with_the_command_to_install_it(file, provider):
    for start in (lambda: check_provider(provider), lambda: Model(file, RunOptions(provider))):
        with pytest.raises(ModelError, match=rf"'{provider}' needs OpenVINO, .*pip install 'deepcount\[openvino\]'"):
            start()


@with_openvino
def test_openvino_agrees_with_onnx_runtime(file, tiles, model):
    check_provider("openvino")
    other = Model(file, RunOptions("openvino"))
    assert other.provider == "openvino"
    assert "f32" in other.details
    counts, maps, _ = model.count_and_map(tiles)
    theirs, their_maps, _ = other.count_and_map(tiles)
    np.testing.assert_allclose(theirs, counts, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(other.count(tiles), counts, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(their_maps, maps, rtol=1e-3, atol=1e-5)


@with_openvino
def test_bfloat16_is_verified_and_counts_about_the_same(file, tiles, model):
    import openvino

    able = "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    other = Model(file, RunOptions("openvino-bf16", strict=False))
    assert other.provider == ("openvino-bf16" if able else "openvino")
    np.testing.assert_allclose(other.count(tiles), model.count(tiles), rtol=0.25, atol=0.5)


@with_openvino
def test_results_stay_when_the_session_runs_again(file, tiles):
    model = Model(file, RunOptions("openvino", threads=1))
    counts, maps, _ = model.count_and_map(tiles[:1])
    kept = counts.copy(), maps.copy()
    assert model.count_and_map(tiles[1:2])[0] != counts
    np.testing.assert_array_equal(counts, kept[0])
    np.testing.assert_array_equal(maps, kept[1])


@with_openvino
def test_a_graph_that_openvino_cannot_build_is_refused(file):
    proto = onnx.ModelProto.FromString(file.content)
    proto.graph.node[0].op_type = "NoSuchOperator"
    broken = ModelFile(file.path, proto.SerializeToString(), file.sha256, file.facts)
    with pytest.raises(ModelError, match="cannot be run by OpenVINO"):
        Model(broken, RunOptions("openvino"))


@pytest.fixture
def alone(file, tmp_path, monkeypatch):
    """The light model with no file of fewer bits beside it, under a name, and a cache that knows of no race."""
    main = tmp_path / "ours.onnx"
    main.write_bytes(file.content)
    monkeypatch.setitem(SHIPPED, "ours", main)
    monkeypatch.setattr(variants, "ENOUGH", 100.0)  # whatever runs beside the test
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Path("ours")


@with_openvino
def test_openvino_is_taken_where_it_is_faster_and_remembered(alone, monkeypatch):
    model = load_model(alone)
    assert model.provider == "openvino"
    assert "fp32 in OpenVINO" in model.remark
    monkeypatch.setattr(variants, "_race", None)
    assert load_model(alone).provider == "openvino"


@with_openvino
def test_openvino_is_not_taken_where_it_counts_otherwise_or_another_was_asked_for(alone, monkeypatch):
    assert load_model(alone, provider="cpu").provider == "cpu"
    monkeypatch.setattr(variants, "EQUAL", -1.0)
    assert load_model(alone).provider == "cpu"
