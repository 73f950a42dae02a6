"""A training may go on from a checkpoint or from a file that was exported from one."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import GraphProto, ModelProto, TensorProto, numpy_helper

from trainer.checkpoints import load_checkpoint, save_checkpoint
from trainer.cli import main
from trainer.config import load_config
from trainer.datasets import load_all, open_dataset
from trainer.errors import TrainerError
from trainer.evaluation.counters import load_counter
from trainer.evaluation.tiling import sample_tiles
from trainer.exporting.origin import recipe
from trainer.exporting.packing import packed
from trainer.learning.run import LAST
from trainer.learning.trained_weights import all_trained_weights, trained_weights
from trainer.learning.training import Trainer

CPU = torch.device("cpu")
STILL = ("model.width=0.03125", "optimiser.rate=1e-30", "batch=2", "steps=1", "precision=fp32")
COUNT = "backbone.count.weight"
Damage = Callable[[ModelProto], None]


@pytest.fixture(scope="module")
def onnx_file(data: Path, lived: Path) -> Path:
    path = lived.with_suffix(".onnx")
    assert main(["export", str(lived), "--data", str(data), "--out", str(path), "--tiles", "2"]) == 0
    return path


def train(data: Path, run: Path, *words: str, changes: tuple[str, ...] = STILL) -> int:
    settings = [word for change in changes for word in ("--set", change)]
    return main(["train", "--data", str(data), "--run", str(run), "--device", "cpu", *settings, *words])


@pytest.mark.parametrize("kind", ["onnx_file", "lived"])
def test_a_training_goes_on_counting_as_the_model_it_starts_from(
    kind: str, request: pytest.FixtureRequest, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    origin: Path = request.getfixturevalue(kind)
    assert train(data, tmp_path, "--start", str(origin)) == 0
    said = capsys.readouterr().out
    assert f"starting from {origin}" in said
    assert ("layers start from nothing" in said) == (kind == "onnx_file")  # an exported file holds one branch of five
    tiles = sample_tiles(load_all(open_dataset(data)), 6)
    before = load_counter(origin, CPU)(tiles).people["count"]
    assert np.ptp(before) > 1  # or there was nothing to compare
    after = load_counter(tmp_path / LAST, CPU)(tiles).people["count"]
    np.testing.assert_allclose(after, before, rtol=1e-3)
    assert load_checkpoint(tmp_path / LAST).facts["weights"] == f"{origin.name}, trained on ShanghaiTech part B"


def test_a_training_may_start_from_the_mean_of_two_models(data: Path, lived: Path, tmp_path: Path) -> None:
    one, other = load_checkpoint(lived), tmp_path / "other.safetensors"
    save_checkpoint(replace(one, weights=one.weights | {COUNT: 3 * one.weights[COUNT]}), other)
    assert train(data, tmp_path / "run", "--start", str(lived), "--start", str(other)) == 0
    started = load_checkpoint(tmp_path / "run" / LAST)
    assert started.facts["weights"] == f"{lived.name} + other.safetensors, trained on ShanghaiTech part B"
    factor = dict.fromkeys(one.weights, 1.0) | {COUNT: 2.0}
    for name in one.weights.keys() - {COUNT.replace("weight", "bias")}:  # which makes up for the activation's bend
        torch.testing.assert_close(started.weights[name], factor[name] * one.weights[name], rtol=1e-3, atol=1e-6)
    text = recipe(started, {"training_data": "ShanghaiTech part B", "name": "mean"}, None)
    assert f"--start {lived.name}" in text
    assert "--start other.safetensors" in text


def test_a_mean_has_the_branches_that_all_have(lived: Path, tmp_path: Path) -> None:
    one, other = load_checkpoint(lived), tmp_path / "other.safetensors"
    model = replace(one.config.model, branches=(1, 3, 4, 5))
    weights = {name: value for name, value in one.weights.items() if not name.startswith("branches.2.")}
    save_checkpoint(replace(one, config=replace(one.config, model=model), weights=weights), other)
    for paths in ([lived, other], [other, lived]):
        read, _ = all_trained_weights(paths)
        assert [trained.weights.keys() for trained in read] == [weights.keys()] * 2


def test_models_with_different_layers_have_no_mean(lived: Path, onnx_file: Path) -> None:
    with pytest.raises(TrainerError, match=r"lived\.onnx has other layers than .*lived\.safetensors: there is no mean"):
        all_trained_weights([lived, onnx_file])


def test_every_weight_of_an_exported_file_is_that_of_its_checkpoint(onnx_file: Path, lived: Path) -> None:
    trained = trained_weights(onnx_file)
    weights, data = trained.weights, trained.data
    own = load_checkpoint(lived).network().state_dict()
    assert data == "ShanghaiTech part B"
    kept = {name for name in own if not name.startswith("branches.") or name.startswith("branches.1.")}
    assert kept <= weights.keys()
    assert [name for name in kept if not torch.equal(weights[name], own[name])] == []


def test_a_file_of_fewer_bits_gives_back_what_it_holds(data: Path, lived: Path, tmp_path: Path) -> None:
    """In fp16, packed, and counted from a branch: what is not there starts from nothing, a count head from zero."""
    path = tmp_path / "half.onnx"
    words = ["--precision", "fp16", "--count", "3", "--worsen", "50", "--tiles", "2", "--no-behaviour"]
    wide = load_checkpoint(lived)
    assert main(["export", str(lived), "--data", str(data), "--out", str(path), *words]) == 0
    packed(model := onnx.load(path), least=1000)
    assert any(weight.name.endswith(".int8") for weight in weights_of(model.graph))
    path.write_bytes(model.SerializeToString())
    weights = trained_weights(path).weights
    assert COUNT not in weights
    own = wide.network().state_dict()
    assert {"backbone.vector.weight", "branches.1.density.bias", "branches.3.start.weight"} <= weights.keys()
    for name in weights.keys() & own.keys():
        value = weights[name]
        assert value.dtype == torch.float32
        torch.testing.assert_close(value, own[name], rtol=2e-3, atol=0.6 / 127 * float(own[name].abs().max()))
    trainer = Trainer(load_config(None, list(STILL)), CPU)
    missing = trainer.start_from(weights, "half.onnx")
    assert {name.partition(".")[0] for name in missing} == {"backbone", "branches"}
    started = trainer.network.state_dict()
    assert not started[COUNT].any()
    assert started["branches.5.start.weight"].any()


def test_a_run_that_was_started_so_resumes_where_it_was(
    onnx_file: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(data, tmp_path, "--start", str(onnx_file)) == 0
    assert train(data, tmp_path, "--start", str(onnx_file), changes=(*STILL, "steps=2")) == 0
    assert "resuming at step 1" in capsys.readouterr().out


def weights_of(graph: GraphProto) -> list[TensorProto]:
    inner = [w for node in graph.node for a in node.attribute if a.HasField("g") for w in weights_of(a.g)]
    return [w for w in graph.initializer if w.name.startswith("network.")] + inner


def say_precision(precision: str) -> Damage:
    def change(model: ModelProto) -> None:
        (entry,) = (p for p in model.metadata_props if p.key == "deepcount.precision")
        entry.value = precision

    return change


def keep_outside(model: ModelProto) -> None:
    weight = weights_of(model.graph)[0]
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="/etc/passwd")


def double(model: ModelProto) -> None:
    weight = weights_of(model.graph)[0]
    twice = numpy_helper.from_array(numpy_helper.to_array(weight).astype(np.float64), weight.name)
    weight.CopyFrom(twice)


def pack_without_scale(model: ModelProto) -> None:
    weight = weights_of(model.graph)[0]
    numbers = numpy_helper.to_array(weight).astype(np.int8)
    weight.CopyFrom(numpy_helper.from_array(numbers, f"{weight.name}.int8"))


def pack_with_another_scale(model: ModelProto) -> None:
    pack_without_scale(model)
    weight = weights_of(model.graph)[0]
    scale = np.ones(1 + weight.dims[-1], np.float32)
    model.graph.initializer.append(numpy_helper.from_array(scale, weight.name.replace(".int8", ".scale")))


def cut_short(model: ModelProto) -> None:
    weight = weights_of(model.graph)[0]
    weight.raw_data = weight.raw_data[:-4]


def rename_all(model: ModelProto) -> None:
    for weight in weights_of(model.graph):
        weight.name = f"w.{weight.name}"


REFUSED: dict[str, tuple[Damage, str]] = {
    "int8": (say_precision("int8"), "is int8, expected fp32 or fp16; take the file beside it, or a checkpoint"),
    "too many bits": (double, r"has 'network\..*' as DOUBLE, expected FLOAT or FLOAT16"),
    "packed without scale": (pack_without_scale, r"is damaged: 'network\..*\.int8' has no scale"),
    "packed otherwise": (pack_with_another_scale, r"is damaged: 'network\..*\.scale' is \(.*\), which does not fit"),
    "external data": (keep_outside, r"keeps 'network\..*' in another file, which is not allowed"),
    "cut short": (cut_short, "is damaged: 'network"),
    "a stranger": (rename_all, "holds no weights that this trainer knows"),
}


@pytest.mark.parametrize(("change", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_an_onnx_file_that_cannot_be_learnt_from_is_refused(
    change: Damage, message: str, onnx_file: Path, tmp_path: Path
) -> None:
    model = onnx.load(onnx_file)
    change(model)
    path = tmp_path / "changed.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(TrainerError, match=message):
        trained_weights(path)


FILES: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "missing ONNX": ("a.onnx", lambda path: None, "a.onnx does not exist, expected a checkpoint or an ONNX file"),
    "missing checkpoint": ("a.safetensors", lambda path: None, "a.safetensors does not exist"),
    "a folder": ("a.onnx", lambda path: path.mkdir(), "cannot be read: Is a directory"),
    "a text": ("a.onnx", lambda path: path.write_text("weights?\n"), "is no ONNX file, or a damaged one"),
    "an empty file": ("a.onnx", lambda path: path.touch(), "holds no weights that this trainer knows"),
    "a pickle": ("a.pt", lambda path: torch.save({"w": torch.ones(1)}, path), "is no safetensors file"),
}


@pytest.mark.parametrize(("name", "write", "message"), FILES.values(), ids=FILES.keys())
def test_a_file_that_is_no_model_is_refused_before_anything_is_made(
    name: str,
    write: Callable[[Path], object],
    message: str,
    data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(tmp_path / name)
    assert train(data, tmp_path / "run", "--start", str(tmp_path / name)) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (["model.width=0.0625"], r"this network expects \(.*\); is it as wide\?"),
        (["model.frontend=mobilenet_v2", "model.width=0.03125"], r"it lacks 'backbone.frontend.stem.weight'"),
        (["model.family=csrnet", "model.width=0.03125"], r"of another architecture or depth: it lacks 'pretrained\."),
    ],
    ids=["twice as wide", "another frontend", "another family"],
)
def test_weights_of_another_network_are_refused(changes: list[str], message: str, onnx_file: Path) -> None:
    weights = trained_weights(onnx_file).weights
    trainer = Trainer(load_config(None, changes), CPU)
    before = {name: value.clone() for name, value in trainer.network.state_dict().items()}
    with pytest.raises(TrainerError, match=message):
        trainer.start_from(weights, "lived.onnx")
    assert [name for name, value in trainer.network.state_dict().items() if not torch.equal(value, before[name])] == []
