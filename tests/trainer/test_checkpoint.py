"""A checkpoint comes back as it was written, and nothing else is taken for one."""

import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from trainer.checkpoint import FORMAT, Checkpoint, load_checkpoint, save_checkpoint
from trainer.config import load_config
from trainer.errors import TrainerError
from trainer.model import DeepCount


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
    torch.testing.assert_close(small.network()(tiles), network.eval()(tiles))


def test_the_old_file_stays_where_the_new_one_cannot_be_written(small: Checkpoint, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_checkpoint(small, path)
    (tmp_path / ".a.safetensors.part").mkdir()  # takes the place of the temporary file
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


def test_weights_of_another_architecture_are_refused(small: Checkpoint) -> None:
    wider = replace(small, config=replace(small.config, model=replace(small.config.model, width=0.0625)))
    with pytest.raises(TrainerError, match="checkpoint does not fit its own configuration") as caught:
        wider.network()
    assert "\n" not in str(caught.value)
