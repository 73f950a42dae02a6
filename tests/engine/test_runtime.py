from itertools import islice

import av
import numpy as np
import pytest

from engine.errors import ModelError
from engine.inference.contract import read_model_file
from engine.inference.model import Model
from engine.inference.onnxruntime_session import Bound, OnnxRuntimeSession, plain, run_order, session_options
from engine.inference.runtime import PACKAGES, PROVIDERS, check_packages, check_provider, installed, provider_order
from engine.inference.session import RunOptions, pieces
from engine.inference.variants import load_model
from engine.paths import DEMO_CLIP, LIGHT_MODEL
from engine.picture.tiling import TILE_HEIGHT, TILE_WIDTH

onnxruntime = pytest.importorskip("onnxruntime")
without_card = pytest.mark.skipif(
    "CUDAExecutionProvider" in onnxruntime.get_available_providers(), reason="this ONNX Runtime has CUDA"
)


@pytest.fixture(scope="module")
def file():
    return read_model_file(LIGHT_MODEL)


@pytest.fixture(scope="module")
def session(file):
    return onnxruntime.InferenceSession(file.content, session_options(RunOptions()), providers=[PROVIDERS["cpu"]])


def people(number, start=0):
    """Tiles of the demonstration clip, on which somebody is counted."""
    frames = islice(av.open(str(DEMO_CLIP)).decode(video=0), start, start + number)
    return np.stack([frame.to_ndarray(format="rgb24")[:TILE_HEIGHT, :TILE_WIDTH] for frame in frames])


@without_card
@pytest.mark.parametrize("provider", ["cuda", "tensorrt"])
def test_a_provider_that_is_not_installed_is_refused(provider):
    with pytest.raises(ModelError, match=f"provider '{provider}' is not in this ONNX Runtime"):
        load_model(provider=provider)
    with pytest.raises(ModelError, match=f"provider '{provider}' is not in this ONNX Runtime"):
        check_provider(provider)


@without_card
@pytest.mark.parametrize("provider", ["cuda", "tensorrt"])
def test_a_fallback_that_is_allowed_is_told(file, provider):
    model = Model(file, RunOptions(provider, strict=False))
    assert model.provider == "cpu"
    assert f"fell back to 'cpu', since '{provider}' does not start" in model.details


def test_a_provider_that_nobody_knows_is_refused_with_the_names_of_all():
    with pytest.raises(ModelError, match=r"is 'npu', expected auto, tensorrt, cuda, cpu, openvino or openvino-bf16"):
        check_provider("npu")


def test_tensorrt_is_tried_only_if_asked_for():
    assert "tensorrt" not in provider_order("auto")
    assert provider_order("auto")[-1] == "cpu"
    assert provider_order("cpu") == ["cpu"]


def test_the_provider_in_use_and_its_threads_are_told(file):
    model = Model(file, RunOptions("cpu", threads=1))
    assert model.provider == "cpu"
    assert model.details == f"{check_packages()} {onnxruntime.__version__}, 1 threads, fp32"


@pytest.mark.parametrize(
    ("tiles", "sizes", "batches"),
    [
        pytest.param(7, (4, 2, 1), [4, 2, 1], id="one of each"),
        pytest.param(9, (4, 2, 1), [4, 4, 1], id="the largest more than once"),
        pytest.param(3, (1,), [1, 1, 1], id="one by one"),
        pytest.param(4, (4, 2, 1), [4], id="one batch"),
        pytest.param(0, (4, 2, 1), [], id="nothing"),
    ],
)
def test_tiles_are_divided_into_batches_of_the_sizes_a_session_takes(tiles, sizes, batches):
    found = list(pieces(tiles, sizes))
    assert [piece.stop - piece.start for piece in found] == batches
    assert [i for piece in found for i in range(tiles)[piece]] == list(range(tiles))


@pytest.mark.parametrize("with_density", [False, True], ids=["count", "map"])
@pytest.mark.parametrize("number", [1, 2])
def test_io_binding_gives_the_same_numbers(session, file, number, with_density):
    tiles = people(number)
    bound = Bound(session, device="cpu", facts=file.facts)
    for counted, expected in zip(bound(tiles, with_density), plain(session)(tiles, with_density), strict=True):
        assert counted.shape == expected.shape
        assert (expected > 0).any() or not expected.size  # or there was nothing to compare
        np.testing.assert_allclose(counted, expected, rtol=1e-5, atol=1e-5)


def test_results_of_io_binding_stay_when_its_buffers_are_used_again(session, file):
    bound = Bound(session, device="cpu", facts=file.facts)
    count, density, *_ = bound(people(1), True)
    kept = count.copy(), density.copy()
    other, *_ = bound(people(1, start=9), True)
    assert other != count
    np.testing.assert_array_equal(count, kept[0])
    np.testing.assert_array_equal(density, kept[1])


def test_io_binding_obeys_the_order_to_end(session, file):
    order = run_order()
    bound = Bound(session, device="cpu", facts=file.facts, order=order)
    order.terminate = True
    with pytest.raises(Exception, match="terminate flag"):
        bound(people(1), True)
    order.terminate = False
    assert len(bound(people(1), True)[0]) == 1


def test_tiles_that_cannot_be_run_are_an_error_of_ours(file):
    started = OnnxRuntimeSession(file, RunOptions(provider="cpu", threads=1))
    with pytest.raises(ModelError, match="failed on 1 tiles"):
        started.run(np.zeros((1, 9, 9, 3), np.uint8), False)


def test_two_onnx_runtimes_at_once_are_refused(tmp_path, monkeypatch):
    """The second package is put on the path as pip would leave it: a folder of metadata."""
    present = check_packages()
    other = next(p for p in PACKAGES if p != present)
    info = tmp_path / f"{other.replace('-', '_')}-9.9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {other}\nVersion: 9.9\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert installed(other) == "9.9"
    with pytest.raises(ModelError, match=r"both installed .*pip uninstall"):
        check_packages()


@pytest.mark.parametrize(
    ("threads", "runs", "each"),
    [
        pytest.param(1, 1, 1, id="1"),
        pytest.param(2, 2, 1, id="2"),
        pytest.param(4, 4, 1, id="4"),
        pytest.param(16, 4, 13, id="16"),
    ],
)
def test_runs_side_by_side_share_the_threads(file, threads, runs, each):
    options = RunOptions("cpu", threads)
    assert OnnxRuntimeSession(file, options).runs_at_once == runs
    assert session_options(options, beside=runs - 1).intra_op_num_threads == each


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 7])
def test_tiles_side_by_side_count_as_each_alone(file, number):
    tiles = people(number)
    alone, beside = (Model(file, RunOptions("cpu", threads)) for threads in (1, 3))
    np.testing.assert_allclose(beside.count(tiles), alone.count(tiles), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(beside.count_and_map(tiles)[1], alone.count_and_map(tiles)[1], rtol=1e-3, atol=1e-5)
