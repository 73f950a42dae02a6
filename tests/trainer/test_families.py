"""Every family can be described, trained, evaluated, exported and taken back, by the same means."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file

from trainer.checkpoints import load_checkpoint, save_checkpoint
from trainer.cli import main
from trainer.config import TrainConfig, load_config
from trainer.datasets import Annotated, Choice, load_all, open_dataset
from trainer.errors import TrainerError
from trainer.evaluation.counters import division_for, load_counter, processor_session, session_counter, torch_counter
from trainer.evaluation.evaluate import measure
from trainer.exporting.export import export
from trainer.exporting.graph import Wanted, graph_of
from trainer.exporting.origin import origin
from trainer.exporting.trial import LARGEST_DIFFERENCE, Trial
from trainer.learning.licences import ORIGIN
from trainer.learning.sampling import sampler_for
from trainer.learning.trained_weights import checkpoint_of, trained_weights
from trainer.learning.training import Trainer
from trainer.networks.blocks import Cells, people_of
from trainer.networks.describe import layers_of, operations_of, total
from trainer.networks.families import FAMILIES, built
from trainer.networks.pretrained import load_pretrained
from trainer.networks.resnet import Residual, ResNetConfig

CPU = torch.device("cpu")
SAID = {"name": "tiny", "licence": "none", "checkpoint_hash": "0"}
BINS = ["model.bins=[0, 1, 2, 4]", "model.open_bin=5.5"]
TINY = {
    "deepcount": ["model.width=0.03125", "model.branches=[1, 3]"],
    "csrnet": ["model.family=csrnet", "model.width=0.03125", "model.more_layers=1", "model.residual=true"],
    "bl": ["model.family=bl", "model.width=0.03125"],
    "deepcount by bins": ["model.width=0.03125", "model.branches=[1, 3]", 'counted=["count", "branch 1"]', *BINS],
    "csrnet by bins": ["model.family=csrnet", "model.width=0.03125", *BINS],
    "bl by bins": ["model.family=bl", "model.width=0.03125", *BINS],
    "resnet by bins": ["model.family=resnet", "model.width=0.0625", *BINS],
    "resnet": ["model.family=resnet", "model.width=0.0625"],
}


@pytest.fixture(params=TINY)
def config(request: pytest.FixtureRequest) -> TrainConfig:
    changes = ["batch=2", "precision=fp32", "optimiser.name=adamw", "optimiser.rate=3e-4", "objective.maps=mse"]
    return load_config(None, [*TINY[request.param], *changes])


@pytest.fixture(scope="module")
def pictures(data: Path) -> list[Annotated]:
    return load_all(open_dataset(data, Choice("train")))[:4]


@pytest.fixture
def tiles() -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (2, 384, 512, 3), np.uint8)


def test_each_family_is_tried_here() -> None:
    assert {load_config(None, words).model.family for words in TINY.values()} == set(FAMILIES)


def test_it_returns_what_it_promised(config: TrainConfig, tiles: NDArray[np.uint8]) -> None:
    model = config.model
    promised = FAMILIES[model.family].outputs(model)
    with torch.device("meta"):
        network = built(model)
        network.keep_features(promised.features)
        found = network(torch.zeros(2, 384, 512, 3, dtype=torch.uint8))
    assert (found.count is not None) == promised.has_count
    each = (found.maps, promised.maps), (found.logits, promised.logits), (found.features, promised.features)
    for kept, strides in each:
        assert {name: (tensor.shape[0], *tensor.shape[-2:]) for name, tensor in kept.items()} == {
            name: (2, 384 // stride, 512 // stride) for name, stride in strides.items()
        }
    assert list(promised.maps.values()) == sorted(promised.maps.values())


def test_all_its_parameters_are_described(config: TrainConfig) -> None:
    with torch.device("meta"):
        network = built(config.model)
    everything = total(layers_of(config.model))
    assert everything.parameters == sum(p.numel() for p in network.parameters())
    assert everything.multiply_adds < operations_of(config.model) < 1.2 * everything.multiply_adds


def test_a_size_that_it_cannot_take_is_refused(config: TrainConfig) -> None:
    with pytest.raises(TrainerError, match="size is 100x512"):
        layers_of(config.model, (100, 512))


def test_steps_of_a_training_lower_its_loss(config: TrainConfig, pictures: list[Annotated]) -> None:
    trainer = Trainer(_on_small_tiles(config), CPU)
    before = {name: value.clone() for name, value in trainer.network.named_parameters()}
    batch = sampler_for(trainer.config, pictures).batch(0)
    assert batch.tiles.shape[1:3] == trainer.config.model.tile
    losses = [trainer.step(batch) for _ in range(6)]
    assert losses[-1] < losses[0]
    assert all((value != before[name]).any() for name, value in trainer.network.named_parameters())


def test_a_checkpoint_gives_the_network_back(config: TrainConfig, tmp_path: Path, tiles: NDArray[np.uint8]) -> None:
    trainer = Trainer(config, CPU)
    save_checkpoint(trainer.checkpoint(resumable=False), tmp_path / "a.safetensors")
    assert load_checkpoint(tmp_path / "a.safetensors").config == trainer.config
    ours, theirs = trainer.counter()(tiles), load_counter(tmp_path / "a.safetensors", CPU)(tiles)
    for name, people in ours.people.items():
        np.testing.assert_allclose(people, theirs.people[name], rtol=1e-5)


def test_pictures_are_counted_in_every_way_that_it_takes_them(config: TrainConfig, pictures: list[Annotated]) -> None:
    network, sizes = built(config.model), set()
    for way in config.model.ways:
        division = division_for(config.model, way)
        (found,) = measure(torch_counter(network, division=division), pictures[:1])
        assert found.density is not None
        assert found.counts["count"] >= 0
        sizes.add(found.density.shape)
    stride = next(iter(config.model.outputs.maps.values()))
    whole = (96 // stride, 128 // stride)
    tile = tuple(length // stride for length in config.model.tile)
    assert sizes == ({tile, whole} if "whole" in config.model.ways else {tile})


@pytest.mark.parametrize("config", ["deepcount", "deepcount by bins", "csrnet by bins", "bl", "resnet"], indirect=True)
def test_it_is_exported_and_taken_back(
    config: TrainConfig, data: Path, tiles: NDArray[np.uint8], tmp_path: Path
) -> None:
    """Its biases are no zeros, for equal weights are exported once."""
    trainer = Trainer(config, CPU)
    generator = torch.Generator().manual_seed(1)
    for value in trainer.average.values():
        if value.is_floating_point():
            value.add_(0.01 * torch.rand(value.shape, generator=generator))
    checkpoint = trainer.checkpoint(resumable=False)
    outcome = export(
        checkpoint, tmp_path / "a.onnx", Wanted(), Trial(tiles, open_dataset(data, Choice("held-out"))), SAID
    )
    assert outcome.parity.count < LARGEST_DIFFERENCE
    back = trained_weights(tmp_path / "a.onnx")
    first = next(iter(config.model.outputs.maps))
    assert back.model == config.model.only(frozenset([first])).exported
    again = torch_counter(checkpoint_of(tmp_path / "a.onnx").network())(tiles).people
    ours = load_counter(tmp_path / "a.onnx", CPU)(tiles).people
    np.testing.assert_allclose(ours["count"], again["count"], rtol=1e-3)
    np.testing.assert_allclose(ours["density"], again[first], rtol=1e-3)


def test_weights_of_another_depth_are_refused_by_the_first_layer_that_differs() -> None:
    plain, deeper = (
        Trainer(load_config(None, ["model.family=csrnet", "model.width=0.03125", more]), CPU)
        for more in ("model.more_layers=0", "model.more_layers=1")
    )
    with pytest.raises(TrainerError, match=r"depth: it lacks 'backend.12.weight'"):
        deeper.start_from(plain.average, "a")
    with pytest.raises(TrainerError, match=r"'density.weight' as \(1, 4, 1, 1\)"):
        plain.start_from(deeper.average, "a")


@pytest.mark.parametrize(
    ("depth", "parameters"), [(18, 11.18), (34, 21.28), (50, 23.51), (101, 42.50), (152, 58.14)], ids=str
)
def test_a_resnet_has_as_many_parameters_as_torchvisions(depth: int, parameters: float) -> None:
    with torch.device("meta"):
        network = built(ResNetConfig(depth=depth, classes=10))
        found = network(torch.zeros(3, 32, 32, 3, dtype=torch.uint8))
    assert sum(p.numel() for p in network.frontend.parameters()) / 1e6 == pytest.approx(parameters, abs=0.006)
    assert found.logits["classes"].shape == (3, 10)
    assert (found.count, found.maps) == (None, {})


DEPTHS = [
    (18, 34, "have 'layer1.2.conv1.weight'"),
    (34, 18, "lack 'layer1.2.conv1.weight'"),
    (50, 34, "'layer1.0.conv1.weight' is"),
]


@pytest.mark.parametrize(("own", "given", "message"), DEPTHS, ids=str)
@pytest.mark.parametrize("ending", [".safetensors", ".pth"])
def test_weights_for_a_resnet_are_those_of_its_depth(
    own: int, given: int, message: str, ending: str, tmp_path: Path
) -> None:
    path = tmp_path / f"w{ending}"
    donor, fits, other = Residual(given, 1 / 16), Residual(given, 1 / 16), Residual(own, 1 / 16)
    weights = donor.state_dict() | {"fc.bias": torch.zeros(1000)}
    save_file(weights, path) if ending == ".safetensors" else torch.save(weights, path)
    load_pretrained(fits, path)
    torch.testing.assert_close(dict(fits.state_dict()), dict(donor.state_dict()))
    with pytest.raises(ValueError, match=message):
        load_pretrained(other, path)


def test_a_pickle_that_would_run_something_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "w.pth"
    torch.save({"conv1.weight": Path("x")}, path)
    with pytest.raises(ValueError, match=r"weights .*w.pth cannot be read as tensors of PyTorch"):
        load_pretrained(Residual(18, 1 / 16), path)
    torch.save([1], path)
    with pytest.raises(ValueError, match=r"weights .*w.pth are no tensors by name"):
        load_pretrained(Residual(18, 1 / 16), path)


def test_batch_norm_in_frozen_layers_stays_as_it_is(pictures: list[Annotated]) -> None:
    words = [*TINY["resnet"], "model.tile=[96, 128]", "batch=2", "precision=fp32", "optimiser.frozen=3"]
    trainer = Trainer(load_config(None, words), CPU)
    before = {name: value.clone() for name, value in trainer.network.state_dict().items()}
    trainer.step(sampler_for(trainer.config, pictures).batch(0))
    changed = {name for name, value in trainer.network.state_dict().items() if not torch.equal(value, before[name])}
    assert not any(name.startswith(("pretrained.bn1", "pretrained.conv1", "pretrained.layer1.0")) for name in changed)
    assert {"pretrained.layer1.1.bn1.running_mean", "pretrained.layer4.1.conv2.weight"} <= changed


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("depth=20", "depth is 20, expected one of 18, 34, 50, 101, 152"),
        ("cells=4", "cells is 4, expected one of 8, 16, 32"),
        ("classes=1", "classes is 1, expected at least 2, or 0"),
    ],
    ids=str,
)
def test_a_resnet_that_is_none_is_refused(change: str, message: str) -> None:
    with pytest.raises(TrainerError, match=message):
        load_config(None, ["model.family=resnet", f"model.{change}"])


@pytest.mark.parametrize("preset", ["bl", "blocks", "csrnet-a", "csrnet-b", "resnet"])
def test_a_recipe_of_another_system_learns(preset: str, pictures: list[Annotated]) -> None:
    config = _on_small_tiles(load_config(preset, ["model.width=0.0625", "batch=2", "precision=fp32", "ema=0"]))
    trainer = Trainer(config, CPU)
    before = {name: value.clone() for name, value in trainer.average.items()}
    assert np.isfinite(trainer.step(sampler_for(config, pictures).batch(0)))
    assert any((value != before[name]).any() for name, value in trainer.average.items())
    (found,) = measure(trainer.counter(), pictures[:1])
    assert found.counts["count"] >= 0


def test_csrnet_starts_as_its_authors_had_it_where_that_is_asked_for() -> None:
    network = built(load_config(None, ["model.family=csrnet", "model.initialisation=gaussian"]).model)
    for name, value in network.named_parameters():
        if not name.startswith("pretrained") and name.endswith("weight"):
            assert value.std().item() == pytest.approx(0.01, rel=0.3)


def test_a_student_is_as_light_as_the_table_of_skt_has_it() -> None:
    table = {  # millions of parameters, billions of operations at 576x864 and at 2032x2912
        ("csrnet", 1.0): (16.26, 205.88, 2447.91),
        ("csrnet", 0.25): (1.02, 13.09, 155.69),
        ("bl", 1.0): (21.50, 205.32, 2441.23),
        ("bl", 0.25): (1.35, 13.06, 155.30),
    }
    for (family, width), (parameters, *operations) in table.items():
        model = load_config(None, [f"model.family={family}", f"model.width={width}"]).model
        assert round(total(layers_of(model)).parameters / 1e6, 2) == parameters
        for size, published in zip([(576, 864), (2032, 2912)], operations, strict=True):
            assert operations_of(model, size) / 1e9 == pytest.approx(published, rel=1e-3)


@pytest.mark.parametrize("way", ["whole", "resized"])
def test_deepcount_takes_tiles_only(way: str) -> None:
    with pytest.raises(TrainerError, match=f"evaluation is '{way}', deepcount takes pictures as tiles"):
        load_config(None, [f"evaluation={way}"])
    with pytest.raises(TrainerError, match=f"deepcount takes pictures as tiles, not {way}"):
        division_for(load_config(None).model, way)


def _on_small_tiles(config: TrainConfig) -> TrainConfig:
    if config.model.ways == ("tiles",):
        return config
    return replace(config, model=replace(config.model, tile=(96, 128)))


def test_an_untrained_network_counts_frames_against_the_clock(capfd: pytest.CaptureFixture[str]) -> None:
    small = ["--set", "model.family=bl", "--set", "model.width=0.03125"]
    words = ["--steps", "1", "--device", "cpu", "--frames", "100x130"]
    for way, expected in (("tiles", "1 x 384x512 each"), ("whole", "1 x 96x128 each")):
        assert main(["bench", *small, "--set", f"evaluation={way}", *words]) == 0
        said = capfd.readouterr().out
        assert re.search(rf"counting: [\d.]+ frames of 100x130 a second, {expected}, [\d.]+ ms a part", said)
        assert "bl-vgg19 untrained" in said


def test_a_map_that_is_shown_and_counted_from_is_exported(tiles: NDArray[np.uint8]) -> None:
    trainer = Trainer(load_config(None, ["model.width=0.03125", "precision=fp32"]), CPU)
    graph = graph_of(trainer.checkpoint(resumable=False), Wanted("branch 5", counted=("branch 5",)))
    found = session_counter(processor_session(graph.SerializeToString()))(tiles)
    assert found.density is not None
    np.testing.assert_allclose(found.people["count"], found.density.sum((1, 2)), rtol=1e-4)


@pytest.mark.parametrize("start", ["none", "torchvision", "w.safetensors", "a.onnx, trained on B"], ids=str)
def test_a_card_tells_where_it_comes_from(config: TrainConfig, start: str) -> None:
    checkpoint = replace(Trainer(config, CPU).checkpoint(resumable=False), facts={ORIGIN: start})
    said = origin(checkpoint, {"licence": "none", "training_data": "B"})
    assert re.search(rf"{config.model.frontend_name}|VGG-1[69]|MobileNet", said)


def test_a_cell_holds_what_is_expected_of_its_bins() -> None:
    assert people_of([0, 1, 2, 4, 6], 0) == (0, 1, 2.5, 4.5, 6)
    cells = Cells([0, 1, 2, 4], 5.5)
    logits = torch.tensor([[0.0, 0, 0, 0], [-50, 50, -50, -50], [-50, -50, 50, 50]]).view(3, 4, 1, 1)
    density, same = cells(logits)
    assert density.flatten().tolist() == pytest.approx([(0 + 1 + 2.5 + 5.5) / 4, 1, 4])
    assert torch.equal(same, logits)


@pytest.mark.parametrize("name", [name for name in TINY if name.endswith("by bins")])
def test_a_classified_map_begins_nearly_empty(name: str, pictures: list[Annotated]) -> None:
    words = ["batch=2", "precision=fp32", "optimiser.name=adamw", "optimiser.rate=1e-3"]
    trainer = Trainer(_on_small_tiles(load_config(None, [*TINY[name], *words])), CPU)
    batch = sampler_for(trainer.config, pictures).batch(0)
    found = trainer.network(batch.tiles)
    density = next(iter(found.maps.values()))
    assert 0 < density.mean().item() < 0.5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("bins=[1, 2]", r"bins are \[1, 2\], expected the fewest people of each, rising from 0"),
        ("bins=[0]", r"bins are \[0\], expected"),
        ("open_bin=3", r"open_bin is 3.0, expected none, for there are no bins"),
        ("classified=[6]", r"classified is \[6\], expected branches from 1 to 5"),
    ],
    ids=["from one", "only one", "no bins", "no branch"],
)
def test_bins_that_are_none_are_refused(change: str, message: str) -> None:
    with pytest.raises(TrainerError, match=message):
        load_config(None, [f"model.{change}"])
    with pytest.raises(TrainerError, match=r"open_bin is 1.5, expected at least 2"):
        load_config(None, ["model.bins=[0, 1, 2]", "model.open_bin=1.5"])


def test_a_classified_map_can_start_from_a_network_that_regresses_it() -> None:
    plain, binned = (Trainer(load_config(None, [*TINY["deepcount"], *more]), CPU) for more in ([], BINS))
    missing = binned.start_from(plain.average, "a")
    assert missing == ["branches.1.density.weight", "branches.1.density.bias"]
    own = binned.network.state_dict()
    assert torch.equal(own["branches.1.start.weight"], plain.average["branches.1.start.weight"])
    assert torch.equal(own["branches.3.density.weight"], plain.average["branches.3.density.weight"])
    assert own["branches.1.density.weight"].shape[0] == 4
