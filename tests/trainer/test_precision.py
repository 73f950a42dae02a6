"""Exports with fewer bits count almost as the network does, or are not written."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from onnx import GraphProto, TensorProto

from engine.inference.variants import load_model
from trainer.checkpoints import Checkpoint
from trainer.cli import main
from trainer.commands.export import calibration_tiles
from trainer.datasets import Choice, load_all, open_dataset
from trainer.errors import TrainerError
from trainer.evaluation.counters import onnx_counter, processor_session, session_counter
from trainer.evaluation.tiling import cut, people_per_tile, sample_tiles
from trainer.exporting.export import export, metadata_of
from trainer.exporting.graph import Wanted, graph_of
from trainer.exporting.precision import HEADS, _fit
from trainer.exporting.trial import Trial
from trainer.learning.trained_weights import checkpoint_of
from trainer.networks.csrnet import CSRNetConfig
from trainer.networks.families import built
from trainer.networks.outputs import COUNT

SAID = {"name": "Tiny", "licence": "none", "checkpoint_hash": "0"}


@pytest.fixture(scope="module")
def tiles(data: Path) -> NDArray[np.uint8]:
    return sample_tiles(load_all(open_dataset(data)), 9)


@pytest.fixture(scope="module", params=["fp16", "int8"])
def smaller(request: pytest.FixtureRequest, data: Path, best: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("models") / f"{request.param}.onnx"
    words = [str(best), "--data", str(data), "--out", str(path), "--tiles", "2", "--precision", request.param]
    assert main(["export", *words, "--worsen", "50"]) == 0
    return path


def test_int8_is_calibrated_on_the_fullest_tile_of_all(data: Path) -> None:
    pictures = open_dataset(data, Choice("train"))
    fullest = max(load_all(pictures), key=lambda annotated: people_per_tile(annotated).max())
    people = people_per_tile(fullest)
    assert people.sum() == len(fullest.points)
    tiles = calibration_tiles(pictures)
    assert tiles.shape[1:] == (384, 512, 3)
    np.testing.assert_array_equal(tiles[-1], cut(fullest.picture)[people.argmax()])


def test_int8_is_calibrated_on_empty_tiles_too(data: Path) -> None:
    pictures = open_dataset(data, Choice("train"))
    emptiest = min(load_all(pictures), key=lambda annotated: people_per_tile(annotated).max())
    tile = cut(emptiest.picture)[people_per_tile(emptiest).argmin()]
    np.testing.assert_array_equal(calibration_tiles(pictures)[0], tile)


def test_the_last_layers_are_fitted_to_empty_and_to_crowded_tiles() -> None:
    rng = np.random.default_rng(1)
    exact = np.concatenate([np.zeros((20, 300)), rng.uniform(0.1, 1.0, (20, 300))])
    rounded = (exact * 0.95 + 0.01).astype(np.float32)  # some people everywhere, and some lost in crowds
    scale, move = _fit([rounded], exact.sum(1))
    assert scale == pytest.approx(1 / 0.95, rel=0.005)
    people = np.maximum(scale * rounded + move, 0).sum(1)
    np.testing.assert_allclose(people, exact.sum(1), rtol=0.005, atol=0.5)


def test_a_model_in_fp32_can_be_exported_once_more(lived: Path, data: Path, tmp_path: Path) -> None:
    first, again = tmp_path / "tiny.onnx", tmp_path / "tiny.fp16.onnx"
    words = ["--data", str(data), "--tiles", "2", "--no-behaviour", "--name", "Tiny"]
    assert main(["export", str(lived), *words, "--count", "3", "--out", str(first)]) == 0
    assert main(["export", str(first), *words, "--precision", "fp16", "--worsen", "50", "--out", str(again)]) == 0
    before, after = metadata_of(first), metadata_of(again)
    kept = ("training_data", "training_steps", "licence", "checkpoint_hash", "count", "width", "name")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    with pytest.raises(TrainerError, match=r"tiny.fp16.onnx is fp16, expected fp32; take the file beside it"):
        checkpoint_of(again)


def types_in(graph: GraphProto) -> set[int]:
    inner = [attribute.g for node in graph.node for attribute in node.attribute if attribute.HasField("g")]
    return {tensor.data_type for tensor in graph.initializer}.union(*(types_in(part) for part in inner))


def test_it_counts_almost_as_in_float32(smaller: Path, exported: Path, tiles: NDArray[np.uint8]) -> None:
    ours, theirs = onnx_counter(exported)(tiles).people, onnx_counter(smaller)(tiles).people
    spread = float(np.ptp(ours["count"]))
    assert spread > 1  # or there was nothing to compare
    allowed = 0.01 if smaller.stem == "fp16" else 0.25  # a network made lively at random is hard to quantise
    assert np.abs(ours["count"] - theirs["count"]).mean() < allowed * spread


def test_the_engine_counts_with_it(smaller: Path, tiles: NDArray[np.uint8]) -> None:
    model = load_model(smaller, provider="cpu")
    count, density, _ = model.count_and_map(tiles[:2])
    theirs = onnx_counter(smaller)(tiles[:2])
    np.testing.assert_allclose(count, theirs.people["count"], rtol=1e-3)
    np.testing.assert_allclose(model.count(tiles[:2]), count, rtol=1e-3)
    assert density.shape == (2, 48, 64)
    assert {count.dtype, density.dtype} == {np.dtype(np.float32)}


def test_it_says_its_precision_and_its_own_figures(smaller: Path, exported: Path) -> None:
    facts = metadata_of(smaller)
    assert facts["precision"] == smaller.stem
    assert facts["preprocessing"].startswith("inside the graph: RGB / 255, minus 0.485 0.456 0.406")
    assert metadata_of(exported)["precision"] == "fp32"
    assert f"In {smaller.stem} the MAE is {facts['validation_mae']}" in smaller.with_suffix(".md").read_text("utf-8")


def test_it_holds_numbers_of_that_kind(smaller: Path, exported: Path) -> None:
    kinds = types_in(onnx.load(smaller).graph)
    assert (TensorProto.FLOAT16 if smaller.stem == "fp16" else TensorProto.INT8) in kinds
    assert types_in(onnx.load(exported).graph).isdisjoint({TensorProto.FLOAT16, TensorProto.INT8})


def test_head_and_normalisation_stay_in_float32(smaller: Path) -> None:
    for tensor in onnx.load(smaller).graph.initializer:
        if any(part in tensor.name for part in (".count.", "pixels")):
            assert tensor.data_type == TensorProto.FLOAT


def test_int8_leaves_the_first_and_the_last_layers_alone(checkpoint: Checkpoint, tiles: NDArray) -> None:
    graph = graph_of(checkpoint, Wanted(precision="int8", calibration=tiles[:1])).graph
    makers = {name: node.op_type for node in graph.node for name in node.output}
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    kept = [node.input[1] for node in convolutions if makers.get(node.input[1]) != "DequantizeLinear"]
    assert [name.removeprefix("network.backbone.") for name in kept] == [
        "frontend.features.0.weight",
        *(f"{name}.weight" for level in range(4) for name in (f"down.{level}", f"smooth.{level + 1}")),
        "vector.weight",
    ]
    assert len(convolutions) > 15


def test_int8_neither_cuts_off_nor_rounds_a_count(
    exported: Path, checkpoint: Checkpoint, tiles: NDArray[np.uint8]
) -> None:
    emptiest = onnx_counter(exported)(tiles).people["count"].argmin()
    wanted = Wanted(precision="int8", calibration=tiles[emptiest][None], counted=(COUNT, "branch 3"))
    session = onnxruntime.InferenceSession(graph_of(checkpoint, wanted).SerializeToString())
    counts = session.run(["count"], {"tiles": tiles, "with_density": np.array(False)})[0]
    assert counts.max() > 1.1 * counts[emptiest]
    steps = np.diff(np.sort(counts)) / counts[emptiest] * 255  # of a count in 8 bits, as far as it was calibrated
    assert np.abs(steps - steps.round()).max() > 0.01


@pytest.mark.parametrize("counted", [(COUNT,), ("branch 3",), (COUNT, "branch 3")], ids=str)
def test_int8_counts_half_of_the_tiles_too_full_and_half_too_empty(
    counted: tuple[str, ...], checkpoint: Checkpoint, tiles: NDArray[np.uint8]
) -> None:
    last = [name for name in checkpoint.weights if name.endswith(HEADS)]
    biases = {name: torch.full((1,), 1e-3 * place) for place, name in enumerate(last, 1)}  # those of zero are left out
    trained = replace(checkpoint, weights=checkpoint.weights | biases)
    exact, rounded = (
        session_counter(processor_session(graph_of(trained, wanted).SerializeToString()))(tiles).people
        for wanted in (Wanted(counted=counted), Wanted(precision="int8", calibration=tiles, counted=counted))
    )
    for output, people in exact.items():
        shifts = rounded[output] - people
        assert abs(np.median(shifts)) < 0.1 * np.abs(shifts).max()


def test_a_file_that_counts_worse_than_stated_is_not_written(
    data: Path, tmp_path: Path, checkpoint: Checkpoint, tiles: NDArray
) -> None:
    noise = np.random.default_rng(1).integers(0, 2, (1, 384, 512, 3), np.uint8)  # ranges that fit no real picture
    trial = Trial(tiles[:1], open_dataset(data, Choice("held-out")), 0.0)
    with pytest.raises(
        TrainerError, match=r"exported model has a MAE of .* count in int8, the checkpoint .*nothing was"
    ):
        export(checkpoint, tmp_path / "a.onnx", Wanted(precision="int8", calibration=noise), trial, SAID)
    assert list(tmp_path.iterdir()) == []


def test_precision_is_one_of_three(tiles: NDArray) -> None:
    with pytest.raises(ValueError, match="precision is 'fp8', expected one of fp32, fp16, int8"):
        Wanted(precision="fp8")
    with pytest.raises(ValueError, match="int8 needs tiles"):
        Wanted(precision="int8")


@pytest.mark.parametrize("counted", [(), (COUNT, COUNT)], ids=str)
def test_a_count_is_read_from_at_least_one_output_and_from_each_once(counted: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="expected at least one output, and each once"):
        Wanted(counted=counted)


def test_a_csrnet_is_exported_with_its_maps_sum_as_count(
    checkpoint: Checkpoint, data: Path, tiles: NDArray, tmp_path: Path
) -> None:
    model = CSRNetConfig(width=1 / 32)
    weights = built(model).state_dict()
    csrnet = replace(checkpoint, config=replace(checkpoint.config, model=model), weights=weights)
    trial = Trial(tiles[:2], open_dataset(data, Choice("held-out")))
    export(csrnet, tmp_path / "a.onnx", Wanted(), trial, SAID)
    session = onnxruntime.InferenceSession((tmp_path / "a.onnx").read_bytes(), providers=["CPUExecutionProvider"])
    count, density = session.run(None, {"tiles": tiles[:2], "with_density": np.array(True)})
    assert density.shape == (2, 48, 64)
    assert count.shape == (2,)
    (nothing,) = session.run(["density"], {"tiles": tiles[:2], "with_density": np.array(False)})
    assert nothing.shape == (0, 48, 64)
    assert metadata_of(tmp_path / "a.onnx")["architecture"] == "csrnet-vgg16"
    assert load_model(tmp_path / "a.onnx", provider="cpu").count(tiles[:2]) == pytest.approx(count, rel=1e-3)
