"""A checkpoint comes back as it was written, and nothing else is taken for one."""

import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from trainer.checkpoints import FORMAT, Checkpoint, load_checkpoint, save_checkpoint
from trainer.config import load_config
from trainer.errors import TrainerError
from trainer.networks.csrnet import CSRNetConfig
from trainer.networks.deepcount import DeepCount


@pytest.fixture
def small() -> Checkpoint:
    config = load_config(None, ["model.width=0.03125", "model.branches=[5]", "seed=7"])
    weights = DeepCount(config.model).state_dict()
    return Checkpoint(config, 12, weights, {"data": "drawn"}, {"optimiser.0.step": torch.tensor(3.0)})


def test_a_checkpoint_comes_back_whole(small: Checkpoint, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_checkpoint(small, path)
    again = load_checkpoint(path)
    assert (again.config, again.step, again.facts) == (small.config, small.step, small.facts)
    for ours, theirs in ((small.weights, again.weights), (small.state, again.state)):
        assert ours.keys() == theirs.keys()
        assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert list(tmp_path.iterdir()) == [path]


def test_a_checkpoint_builds_the_network_it_was_taken_from(small: Checkpoint) -> None:
    network = DeepCount(small.config.model)
    network.load_state_dict(small.weights)
    tiles = torch.randint(0, 255, (1, 384, 512, 3), dtype=torch.uint8)
    exact = replace(small, config=replace(small.config, precision="fp32"))
    ours, theirs = exact.network()(tiles), network.eval()(tiles)
    torch.testing.assert_close((ours.count, ours.maps), (theirs.count, theirs.maps))


def test_weights_learnt_in_bfloat16_are_used_as_rounded_as_they_were(small: Checkpoint) -> None:
    network = replace(small, config=replace(small.config, precision="bf16")).network()
    assert isinstance(network, DeepCount)
    own = network.state_dict()
    for name, value in small.weights.items():
        rounded = value if name.startswith("backbone.count") else value.bfloat16().float()  # that head stays exact
        assert torch.equal(own[name], rounded), name
    assert not torch.equal(own["backbone.vector.weight"], small.weights["backbone.vector.weight"])
    in_float16 = replace(small, config=replace(small.config, precision="fp16")).network().state_dict()
    assert torch.equal(in_float16["backbone.vector.weight"], small.weights["backbone.vector.weight"])


def test_the_old_file_stays_where_the_new_one_cannot_be_written(
    small: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.safetensors"
    save_checkpoint(small, path)
    monkeypatch.setattr("trainer.files.token_hex", lambda _: "0badcafe")
    (tmp_path / ".a.0badcafe.part.safetensors").mkdir()  # takes the place of the temporary file
    with pytest.raises(TrainerError, match=r"checkpoint .*a.safetensors cannot be written"):
        save_checkpoint(replace(small, step=13), path)
    assert load_checkpoint(path).step == 12


def write_half(small: Checkpoint, path: Path) -> None:
    save_checkpoint(small, path)
    path.write_bytes(path.read_bytes()[:5000])


def write_pickle(small: Checkpoint, path: Path) -> None:
    torch.save(small.weights, path)


def write_old_pickle(small: Checkpoint, path: Path) -> None:
    path.write_bytes(pickle.dumps({"step": small.step}))


def write_foreign(small: Checkpoint, path: Path) -> None:
    save_file({"layer": torch.ones(3)}, path)


def write_without_step(small: Checkpoint, path: Path) -> None:
    save_file({"layer": torch.ones(3)}, path, {"format": FORMAT, "config": small.config.to_json(), "facts": "{}"})


def write_later_version(small: Checkpoint, path: Path) -> None:
    config = json.dumps({"depth": 7})
    save_file({"layer": torch.ones(3)}, path, {"format": FORMAT, "config": config, "step": "1", "facts": "{}"})


def write_nothing(small: Checkpoint, path: Path) -> None:
    path.write_bytes(b"")


class Trap:
    """Runs a command when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return Path.touch, (self.mark,)


@pytest.mark.parametrize("name", ["a.safetensors", "a.pt"])
@pytest.mark.parametrize("way", ["pickle", "PyTorch"])
def test_code_in_a_pickle_is_refused_and_does_not_run(name: str, way: str, tmp_path: Path) -> None:
    mark, path = tmp_path / "it ran", tmp_path / name
    if way == "pickle":
        path.write_bytes(pickle.dumps(Trap(mark)))
    else:
        torch.save({"weights": Trap(mark)}, path)
    with pytest.raises(TrainerError, match="is no safetensors file"):
        load_checkpoint(path)
    assert not mark.exists()
    with path.open("rb") as file:  # the trap itself works
        torch.load(file, weights_only=False) if way == "PyTorch" else pickle.load(file)
    assert mark.exists()


@pytest.mark.parametrize("kept", [0, 1, 8, 100, 5000, -1], ids=lambda kept: f"{kept} bytes")
def test_a_file_that_was_cut_off_anywhere_is_refused(small: Checkpoint, tmp_path: Path, kept: int) -> None:
    path = tmp_path / "a.safetensors"
    save_checkpoint(small, path)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(TrainerError, match=r"a.safetensors is no safetensors file, or not a whole one"):
        load_checkpoint(path)


OTHERS = {
    "frontend": {"frontend": "mobilenet_v2"},
    "width": {"width": 0.0625},
    "branches": {"branches": (1, 5)},
    "no branches": {"branches": ()},
}


@pytest.mark.parametrize("change", [*OTHERS.values(), None], ids=[*OTHERS.keys(), "family"])
def test_weights_of_another_architecture_are_refused(small: Checkpoint, change: dict[str, object] | None) -> None:
    model = CSRNetConfig(width=1 / 32) if change is None else replace(small.config.model, **change)
    other = replace(small, config=replace(small.config, model=model))
    with pytest.raises(TrainerError, match="checkpoint does not fit its own configuration") as caught:
        other.network()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (write_half, "is no safetensors file, or not a whole one"),
        (write_pickle, "is no safetensors file"),
        (write_old_pickle, "is no safetensors file"),
        (write_nothing, "is no safetensors file"),
        (write_foreign, f"is no checkpoint of this trainer: its format is unknown, expected {FORMAT}"),
        (write_without_step, "has metadata that cannot be used: 'step'"),
        (write_later_version, "has metadata that cannot be used: configuration has no 'depth'"),
    ],
    ids=["half-written", "PyTorch's pickle", "pickle", "empty", "foreign", "without step", "of a later version"],
)
def test_other_files_are_refused(
    small: Checkpoint, tmp_path: Path, write: Callable[[Checkpoint, Path], None], message: str
) -> None:
    path = tmp_path / "a.safetensors"
    write(small, path)
    with pytest.raises(TrainerError, match=message):
        load_checkpoint(path)
