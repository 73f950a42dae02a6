"""CIFAR-10 is read as published, told by ResNets of any depth, and damaged batches are named."""

import csv
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from trainer.cli import main
from trainer.config import load_config
from trainer.datasets.cifar import TEST, TRAINING, UNPACKED, read_test, read_training
from trainer.errors import TrainerError
from trainer.learning.classification import batch_of, read_told
from trainer.learning.training import Trainer
from trainer.networks.outputs import CLASSES

EACH = 20
SMALL = ["model.width=0.03125", "batch=16", "steps=4", "evaluate_every=2", "precision=fp32", "optimiser.drops=[3]"]
CHANGES = [word for change in SMALL for word in ("--set", change)]


def write_batch(path: Path, seed: int) -> None:
    """Writes a batch as published, whose classes are told by their brightness."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(EACH) % 10)
    data = rng.integers(0, 25, (EACH, 3072)) + 25 * labels[:, None]
    table = {b"batch_label": path.name.encode(), b"labels": labels.tolist(), b"data": data.astype(np.uint8)}
    path.write_bytes(pickle.dumps(table, protocol=2))


@pytest.fixture
def cifar(tmp_path: Path) -> Path:
    folder = tmp_path / "cifar"
    (folder / UNPACKED).mkdir(parents=True)
    for seed, name in enumerate((*TRAINING, TEST)):
        write_batch(folder / UNPACKED / name, seed)
    return folder


def test_batches_are_read_as_published_and_divided_nine_to_one(cifar: Path) -> None:
    learning, validation = read_training(cifar)
    assert (len(learning), len(validation), len(read_test(cifar / UNPACKED))) == (90, 10, EACH)
    first = pickle.loads((cifar / UNPACKED / TRAINING[0]).read_bytes(), encoding="bytes")
    red, green, blue = first[b"data"][0].reshape(3, 32, 32)
    assert np.array_equal(learning.pixels[0], np.stack((red, green, blue), 2))
    assert learning.labels[0] == first[b"labels"][0]
    assert validation.labels[0] == first[b"labels"][9]


def damaged(path: Path, how: str) -> None:
    table = pickle.loads(path.read_bytes(), encoding="bytes")
    if how == "missing":
        path.unlink()
    elif how == "cut off":
        path.write_bytes(path.read_bytes()[:500])
    elif how == "other labels":
        path.write_bytes(pickle.dumps(table | {b"labels": [10] * EACH}, protocol=2))
    elif how == "fewer labels":
        path.write_bytes(pickle.dumps(table | {b"labels": [1]}, protocol=2))
    else:
        path.write_bytes(b"cos\nsystem\n(S'true'\ntR.")


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("missing", "CIFAR-10 is not in .*: data_batch_3 is missing; put the Python batches there (cifar-10-python"),
        ("cut off", "data_batch_3 is damaged: "),
        ("other labels", "data_batch_3 is damaged: its labels are 10 to 10, expected 0 to 9"),
        ("fewer labels", "data_batch_3 is damaged: its data is uint8 (20, 3072) for 1 labels, expected"),
        ("a command", "data_batch_3 is damaged: it names os.system, which no CIFAR-10 batch does"),
    ],
    ids=lambda text: text if len(text) < 20 else "",
)
def test_a_batch_that_cannot_be_used_is_named(how: str, message: str, cifar: Path) -> None:
    damaged(cifar / UNPACKED / "data_batch_3", how)
    with pytest.raises(TrainerError) as caught:
        read_training(cifar)
    for part in message.split(".*"):
        assert part in str(caught.value)


def test_every_picture_comes_once_before_any_again(cifar: Path) -> None:
    learning, _ = read_training(cifar)
    config = load_config("cifar-10", ["batch=30", "crops.mirror=true"])
    batches = [batch_of(learning, config, step) for step in range(3)]
    assert len({name for batch in batches for name in batch.names}) == 90
    again = batch_of(learning, config, 1)
    assert torch.equal(again.tiles, batches[1].tiles)
    assert batches[0].labels is not None
    place = int(batches[0].names[0].removeprefix("picture "))
    assert batches[0].labels[0] == learning.labels[place]


def test_a_network_learns_to_tell_classes(cifar: Path) -> None:
    learning, _ = read_training(cifar)
    config = load_config("cifar-10", [*SMALL, "batch=32", "optimiser.name=adamw", "optimiser.rate=0.01"])
    trainer = Trainer(config, torch.device("cpu"))
    losses = [trainer.step(batch_of(learning, config, step)) for step in range(10)]
    assert losses[-1] < 0.9 * losses[0]
    assert 0 <= trainer.tile_mae <= 1
    assert trainer.averaged()(torch.zeros(2, 32, 32, 3, dtype=torch.uint8)).logits[CLASSES].shape == (2, 10)


def test_a_study_compares_depths_and_resumes(cifar: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = tmp_path / "depths.toml"
    variants = [
        f'[[variants]]\nname = "depth {depth}"\nset = ["model.depth={depth}"]\npublished = {{count = 33.9}}\n'
        for depth in (18, 50)
    ]
    study.write_text('task = "classification"\npreset = "cifar-10"\nsplit = "test"\n' + "".join(variants), "utf-8")
    folder = tmp_path / "runs"
    command = ["study", str(study), "--data", str(cifar), "--run", str(folder), "--device", "cpu", "--threads", "1"]
    assert main([*command, *CHANGES]) == 0
    said = capsys.readouterr().out
    assert "CIFAR-10: 90 pictures to learn from, 10 for validation, 20 for the test" in said
    assert "error, %" in said
    with (folder / "study.csv").open(encoding="utf-8") as file:
        rows = {row["what"]: row for row in csv.DictReader(file) if row["of"] == "mean"}
    result = json.loads((folder / "depth-50" / "told.json").read_text("utf-8"))
    assert float(rows["depth 50"]["mae"]) == pytest.approx(100 * result["error"], abs=1e-3)
    assert [entry.step for entry in read_told(folder / "depth-18" / "log.csv")] == [2, 4]
    (folder / "depth-18" / "told.json").unlink()
    assert main([*command, *CHANGES, "--set", "steps=5"]) == 0
    assert "resuming at step 4" in capsys.readouterr().out
    assert [entry.step for entry in read_told(folder / "depth-18" / "log.csv")] == [2, 4, 5]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("model.classes=5", "model tells 5 classes, CIFAR-10 has 10; --preset cifar-10 is made for it"),
        ("model.tile=[64, 64]", "model.tile is [64, 64], CIFAR-10's pictures are [32, 32]"),
        ("model.depth=20", "depth is 20, expected one of 18, 34, 50, 101, 152"),
    ],
)
def test_a_network_for_something_else_is_refused(
    change: str, message: str, cifar: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--data", str(cifar), "--run", str(tmp_path / "run"), "--set", change]
    assert main(["classify", *given]) == 2
    assert message in " ".join(capsys.readouterr().err.split())
