"""The exported file counts as the network does, and says what it is."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray

from trainer.checkpoints import Checkpoint
from trainer.cli import main
from trainer.config import load_config
from trainer.contract import FACTS
from trainer.datasets import Choice, load_all, open_dataset
from trainer.errors import TrainerError
from trainer.evaluation.counters import load_counter, onnx_counter, torch_counter
from trainer.evaluation.evaluate import measure
from trainer.evaluation.scores import scores
from trainer.evaluation.tiling import sample_tiles
from trainer.exporting.export import export, file_hash, metadata_of
from trainer.exporting.graph import Wanted
from trainer.exporting.trial import LARGEST_DIFFERENCE, Trial, compare

SAID = {"name": "Tiny", "licence": "none", "checkpoint_hash": "0"}


@pytest.fixture(scope="module")
def tiles(data: Path) -> NDArray[np.uint8]:
    return sample_tiles(load_all(open_dataset(data)), 9)


@pytest.fixture(scope="module")
def trial(data: Path, tiles: NDArray[np.uint8]) -> Trial:
    return Trial(tiles[:1], open_dataset(data, Choice("held-out")))


@pytest.fixture(scope="module")
def session(exported: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(exported.read_bytes(), providers=["CPUExecutionProvider"])


def test_the_exported_file_counts_as_the_network_does(
    exported: Path, checkpoint: Checkpoint, tiles: NDArray[np.uint8]
) -> None:
    ours = torch_counter(checkpoint.network())
    for output in ("count", "branch 1"):
        assert np.ptp(ours(tiles).people[output]) > 1  # or there was nothing to compare
    parity = compare(onnx_counter(exported), ours, tiles, density="branch 1")
    assert parity.tiles == 9
    assert parity.count < LARGEST_DIFFERENCE
    assert parity.density < LARGEST_DIFFERENCE


def test_the_density_of_every_cell_is_that_of_the_branch(
    session: onnxruntime.InferenceSession, checkpoint: Checkpoint, tiles: NDArray[np.uint8]
) -> None:
    (density,) = session.run(["density"], {"tiles": tiles, "with_density": np.array(True)})
    with torch.inference_mode():
        maps = checkpoint.network()(torch.from_numpy(tiles)).maps
    np.testing.assert_allclose(density, maps["branch 1"].clamp(min=0).numpy(), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("count", [1, 3, 9])
def test_a_count_without_density_is_the_same_count(
    session: onnxruntime.InferenceSession, tiles: NDArray[np.uint8], count: int
) -> None:
    runs = [session.run(None, {"tiles": tiles[:count], "with_density": np.array(asked)}) for asked in (False, True)]
    np.testing.assert_array_equal(runs[0][0], runs[1][0])
    assert runs[0][0].shape == (count,)
    assert runs[0][1].shape == (0, 48, 64)
    assert runs[1][1].shape == (count, 48, 64)
    assert {output.dtype for run in runs for output in run} == {np.dtype(np.float32)}


def test_a_count_does_not_pay_for_the_branch(exported: Path) -> None:
    graph = onnx.load(exported).graph
    (choice,) = (node for node in graph.node if node.op_type == "If")
    inside = [node.op_type for attribute in choice.attribute for node in attribute.g.node]
    assert inside.count("ConvTranspose") == 5
    assert "ConvTranspose" not in [node.op_type for node in graph.node]


def test_counts_are_never_negative(session: onnxruntime.InferenceSession) -> None:
    extremes = np.stack([np.full((384, 512, 3), value, np.uint8) for value in (0, 128, 255)])
    count, density = session.run(None, {"tiles": extremes, "with_density": np.array(True)})
    assert count.min() >= 0
    assert density.min() >= 0


def test_the_file_carries_every_fact(exported: Path, best: Path, data: Path) -> None:
    facts = metadata_of(exported)
    assert set(FACTS) <= set(facts)
    assert all(facts.values())
    assert facts["name"] == "Tiny"
    assert facts["contract"] == "1"
    assert facts["architecture"] == "deepcount-vgg16"
    assert float(facts["width"]) == 1 / 32
    assert (facts["tile"], facts["density_stride"]) == ("384x512", "8")
    assert facts["training_data"] == "ShanghaiTech part B"
    assert facts["licence"] == "research use only: ShanghaiTech states no licence"
    assert facts["checkpoint_hash"] == file_hash(best)
    date.fromisoformat(facts["date"])
    measured = scores(list(measure(onnx_counter(exported), load_all(open_dataset(data, Choice("held-out"))))))
    assert float(facts["validation_mae"]) == pytest.approx(measured.mae, abs=0.01)
    assert float(facts["validation_rmse"]) == pytest.approx(measured.rmse, abs=0.01)


def test_an_exported_file_is_measured_as_its_checkpoint(exported: Path, best: Path, data: Path) -> None:
    pictures = load_all(open_dataset(data, Choice("held-out")))
    ours, theirs = (list(measure(load_counter(path, torch.device("cpu")), pictures)) for path in (best, exported))
    for a, b in zip(ours, theirs, strict=True):
        assert (a.name, a.truth) == (b.name, b.truth)
        assert a.counts["count"] == pytest.approx(b.counts["count"], rel=1e-4)
        assert a.counts["branch 1"] == pytest.approx(b.counts["density"], rel=1e-4)


def test_the_card_gives_recipe_hash_figures_and_licence(exported: Path, checkpoint: Checkpoint, tmp_path: Path) -> None:
    card = exported.with_suffix(".md").read_text("utf-8")
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(card.split("```toml\n")[1].split("```")[0], "utf-8")
    assert load_config(str(recipe)) == checkpoint.config
    assert file_hash(exported) in card
    assert "$ deepcount-trainer evaluate tiny.onnx --data part_B/train_data" in card
    assert "**states no licence**" in card
    assert "## Known weaknesses" in card
    assert str(exported.parent) not in card
    assert all(value in card for value in metadata_of(exported).values())


def test_the_file_does_not_tell_where_it_was_made(exported: Path) -> None:
    content = exported.read_bytes()
    assert str(Path(__file__).parents[2]).encode() not in content
    assert b"stack_trace" not in content


def test_another_network_is_found_out(exported: Path, checkpoint: Checkpoint, tiles: NDArray[np.uint8]) -> None:
    network = checkpoint.network()
    with torch.no_grad():
        network.backbone.count.bias += 0.5
        network.branches["1"].density.bias += 0.05
    parity = compare(onnx_counter(exported), torch_counter(network), tiles, density="branch 1")
    assert parity.count > LARGEST_DIFFERENCE
    assert parity.density > LARGEST_DIFFERENCE


def test_a_graph_that_does_not_count_as_its_network_is_not_left_behind(
    checkpoint: Checkpoint, trial: Trial, tmp_path: Path
) -> None:
    weights = {name: torch.full_like(value, torch.nan) for name, value in checkpoint.weights.items()}
    with pytest.raises(TrainerError, match="exported model differs from the network by up to nan%"):
        export(replace(checkpoint, weights=weights), tmp_path / "a.onnx", Wanted("branch 5"), trial, SAID)
    assert list(tmp_path.iterdir()) == []


def test_a_branch_that_was_not_trained_is_refused(checkpoint: Checkpoint, trial: Trial, tmp_path: Path) -> None:
    with pytest.raises(
        TrainerError,
        match="branch 6 was not trained; this checkpoint has branch 1, branch 2, branch 3, branch 4, branch 5",
    ):
        export(checkpoint, tmp_path / "a.onnx", Wanted("branch 6"), trial, SAID)


def test_a_fact_that_is_missing_is_named(checkpoint: Checkpoint, trial: Trial, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="facts lack licence, checkpoint_hash"):
        export(checkpoint, tmp_path / "a.onnx", Wanted("branch 5"), trial, {"name": "Tiny"})


@pytest.mark.parametrize(
    ("count", "outputs", "fact", "said"),
    [
        ("3", ["branch 3"], "branch 3", "The count is the sum of the map of branch 3; branch 1 gives the map"),
        (
            "backbone,3,5",
            ["count", "branch 3", "branch 5"],
            "the backbone and branch 3 and branch 5",
            "The count is the mean of what the backbone regresses and the sum of the map of branch 3 and the sum",
        ),
    ],
)
def test_the_count_can_be_read_from_branches(
    count: str, outputs: list[str], fact: str, said: str, checkpoint: Checkpoint, data: Path, best: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.onnx"
    words = [str(best), "--data", str(data), "--out", str(path), "--tiles", "2", "--count", count]
    assert main(["export", *words]) == 0
    tiles = sample_tiles(load_all(open_dataset(data)), 3)
    alone = torch_counter(checkpoint.network())(tiles).people
    expected = np.mean([alone[output] for output in outputs], axis=0)
    np.testing.assert_allclose(onnx_counter(path)(tiles).people["count"], expected, rtol=1e-3)
    assert metadata_of(path)["count"] == fact
    assert said in " ".join(path.with_suffix(".md").read_text("utf-8").split())


@pytest.mark.parametrize("count", ["6", "", "3,3", "backbone 3"])
def test_an_output_that_no_network_has_is_refused(count: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["export", "a.safetensors", "--data", ".", "--out", "a.onnx", "--count", count])
    assert f"{count!r}: expected backbone and branches from 1 to 5, each once" in capsys.readouterr().err
