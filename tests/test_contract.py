"""The ONNX file is the contract: what the trainer writes, the engine reads, and both count the same."""

import cv2
import numpy as np
import onnx
import pytest
from onnxruntime import InferenceSession

import engine.inference.contract
import engine.picture.tiling
import trainer.contract
from engine.counting.batch import Due, count_tiles
from engine.counting.counter import Counted as CountedTiles
from engine.counting.counter import Counter
from engine.errors import ModelError
from engine.inference.contract import read_model_file
from engine.inference.graphs import counting_graph, mapping_graph
from engine.inference.model import Model
from engine.inference.onnxruntime_session import Bound, OnnxRuntimeSession, plain
from engine.inference.runtime import installed
from engine.inference.session import RunOptions
from engine.inference.variants import load_model
from engine.paths import DEMO_CLIP, LIGHT_MODEL
from engine.picture.features import features as engine_features
from engine.picture.frame import Frame
from engine.picture.shot import Still
from engine.picture.view import View
from engine.recording.sighting import seen_in
from trainer.evaluation.counters import Counted, TileCounter, onnx_counter
from trainer.evaluation.grids import counted_as_seen
from trainer.evaluation.likeness import features as trainer_features
from trainer.evaluation.tiling import cut
from trainer.exporting.cascade import Cascade, cascaded


@pytest.fixture(scope="module")
def picture():
    """Of people, (600, 900, 3)."""
    _, frame = cv2.VideoCapture(str(DEMO_CLIP)).read()
    return np.ascontiguousarray(cv2.resize(frame[..., ::-1], (900, 600)))


def test_both_sides_mean_the_same_contract():
    assert trainer.contract.CONTRACT == engine.inference.contract.CONTRACT
    assert trainer.contract.KEY == engine.inference.contract.KEY
    assert set(trainer.contract.FACTS) == set(engine.inference.contract.REQUIRED)
    assert trainer.contract.TABLES == engine.inference.contract.TABLES
    assert trainer.contract.WHOLE == engine.inference.contract.WHOLE
    assert trainer.contract.CROWD == engine.inference.contract.CROWD


def test_both_sides_see_the_same_in_a_picture(picture):
    tiles = cut(picture)
    np.testing.assert_array_equal(trainer_features(tiles), engine_features(tiles))


@pytest.fixture(scope="module")
def cascade(tmp_path_factory):
    """The light model, with its int8 variant for tiles that it finds half a person in."""
    small, large = (onnx.load(path) for path in (LIGHT_MODEL, LIGHT_MODEL.with_suffix(".int8.onnx")))
    model = cascaded(Cascade(small, (0.5, 2.0)), large)
    onnx.helper.set_model_props(model, {p.key: p.value for p in large.metadata_props})
    path = tmp_path_factory.mktemp("cascade") / "cascade.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def test_the_engine_runs_two_models_in_one_file(cascade, picture):
    file = read_model_file(cascade)
    assert file.has_crowd
    assert file.network == "a small model, and for crowded tiles deepcount-mobilenet_v2, width 0.25"
    assert read_model_file(LIGHT_MODEL).network == "deepcount-mobilenet_v2, width 0.25"
    tiles = cut(picture)
    theirs, small, large = (
        onnx_counter(path)(tiles) for path in (cascade, LIGHT_MODEL, LIGHT_MODEL.with_suffix(".int8.onnx"))
    )
    assert np.ptp(small.people["count"] - large.people["count"]) > 1e-3  # or it could be either
    model = Model(file, RunOptions(provider="cpu"))
    count, density, _ = model.count_and_map(tiles)
    np.testing.assert_allclose(count, theirs.people["count"], rtol=1e-3)
    np.testing.assert_allclose(density, theirs.density, rtol=1e-3, atol=1e-4)
    np.testing.assert_array_equal(model.count(tiles), count)
    session = OnnxRuntimeSession(file, RunOptions(provider="cpu"))
    for asked in (False, True):
        parts = [session.run(tiles[k : k + 1], asked, every_part=True)[0] for k in range(len(tiles))]
        np.testing.assert_allclose(np.concatenate(parts), large.people["count"], rtol=1e-3)


def test_both_parts_of_a_file_can_be_divided_from_their_maps(cascade, picture):
    file, tiles = read_model_file(cascade), cut(picture)
    whole = onnx_counter(cascade)(tiles)
    (count,) = InferenceSession(counting_graph(file)).run(None, {"tiles": tiles})
    again, density = InferenceSession(mapping_graph(file)).run(None, {"tiles": tiles})
    np.testing.assert_allclose(count, whole.people["count"], rtol=1e-4)
    np.testing.assert_allclose(again, count, rtol=1e-4)
    np.testing.assert_allclose(density, whole.density, rtol=1e-3, atol=1e-5)


@pytest.mark.skipif(not installed("openvino"), reason="OpenVINO is not installed: deepcount[openvino]")
def test_openvino_runs_two_models_in_one_file(cascade, picture):
    file, tiles = read_model_file(cascade), cut(picture)
    ours, theirs = (Model(file, RunOptions(provider)).count_and_map(tiles) for provider in ("cpu", "openvino"))
    np.testing.assert_allclose(theirs[0], ours[0], rtol=1e-2, atol=1e-3)
    np.testing.assert_allclose(theirs[1], ours[1], rtol=2e-2, atol=5e-3)  # each rounds to int8 in its own way


def test_io_binding_can_say_that_every_tile_is_crowded(cascade, picture):
    file, tiles = read_model_file(cascade), cut(picture)[:2]
    session = InferenceSession(file.content)
    bound = Bound(session, device="cpu", facts=file.facts)
    for crowded in (False, True, False):
        for asked in (False, True):
            for found, expected in zip(
                bound(tiles, asked, crowded), plain(session)(tiles, asked, crowded), strict=True
            ):
                np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_a_crowd_that_must_be_said_is_refused(cascade, tmp_path):
    model = onnx.load(cascade)
    (default,) = (tensor for tensor in model.graph.initializer if tensor.name == "crowd")
    model.graph.initializer.remove(default)
    path = tmp_path / "asks.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match=r"takes .*'crowd'.*, expected tiles uint8 .* and with_density bool"):
        read_model_file(path)


@pytest.mark.parametrize(
    "size", [(384, 512), (576, 768), (1080, 1920), (1280, 720), (50, 3000), (200, 300), (960, 1280)]
)
def test_both_sides_divide_a_picture_alike(size):
    picture = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    np.testing.assert_array_equal(Frame.of(0, 0.0, picture).take_tiles(), cut(picture))


@pytest.mark.parametrize("enlarged_by", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("size", [(150, 200), (256, 688), (360, 480), (576, 768), (1080, 1920)], ids=str)
def test_both_sides_choose_the_same_grid(size, enlarged_by, tmp_path):
    own = [max(1, round(side / enlarged_by)) for side in size]
    noise = np.random.default_rng(3).integers(0, 256, (*own, 3), dtype=np.uint8)
    picture = cv2.resize(cv2.GaussianBlur(noise, (0, 0), 0.7), size[::-1], interpolation=cv2.INTER_LINEAR)
    cv2.imwrite(str(tmp_path / "a.png"), picture[:, :, ::-1])
    for people in (3.0, 30.0, 400.0):
        for tall in (None, 2.0, 6.0, 11.0, 24.0, 31.0, 70.0):

            def count(tiles, people=people, tall=tall):
                heads = None if tall is None else np.full(len(tiles), tall, np.float32)
                return Counted({"count": np.full(len(tiles), people / len(tiles), np.float32)}, heads=heads)

            def counting(frames, count=count):
                return [reading_of(frame, count(np.empty(frame.grid.tiles))) for frame in frames]

            theirs, _ = counted_as_seen(TileCounter(count), picture)
            ours = seen_in(tmp_path, View(), counting).layout(Still(picture)).grid
            assert theirs.shape == (ours.rows, ours.columns)


def reading_of(frame, found):
    """Returns what the engine makes of what was found in the tiles of a frame."""
    return Counter().reading(frame, CountedTiles(found.people["count"], heads=found.heads))


def test_both_sides_count_a_picture_alike(picture):
    theirs = onnx_counter(LIGHT_MODEL)(cut(picture)).people
    due = Due(Counter(), Frame.of(0, 0.0, picture), with_density=True)
    count_tiles(load_model(LIGHT_MODEL, provider="cpu"), [due])
    reading = due.reading()
    assert reading.count == pytest.approx(float(theirs["count"].sum()), rel=1e-3)
    assert float(reading.density.sum()) == pytest.approx(float(theirs["density"].sum()), rel=1e-3)
