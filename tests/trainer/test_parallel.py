"""Several processes train the same network as one does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from trainer.checkpoints import Checkpoint, load_checkpoint
from trainer.cli import main
from trainer.errors import TrainerError
from trainer.learning.log import read_log
from trainer.learning.run import BEST, BEST_FOUND, CONFIG, CURVES, ENVIRONMENT, LAST, LOG
from trainer.tiles.crops import Sampler
from trainer.tiles.plan import CropConfig

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 120
CHANGES = (
    "model.width=0.03125",
    "model.branches=[4, 5]",
    "optimiser.rate=0.01",
    "optimiser.clip=1.0",
    "ema=0.9",
    "precision=fp32",
    "batch=4",
    "steps=4",
    "evaluate_every=2",
)


def words(data: Path, run: Path, *changes: str) -> list[str]:
    settings = [word for change in (*CHANGES, *changes) for word in ("--set", change)]
    return ["train", "--data", str(data), "--run", str(run), "--device", "cpu", *settings]


def in_two_processes(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    start = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "-m", "--", "trainer"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [*start, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=TIMEOUT_S
    )


def apart(ours: Checkpoint, theirs: Checkpoint) -> float:
    """Returns the largest difference of any weight, relative to the largest weight of its layer."""
    assert ours.weights.keys() == theirs.weights.keys()
    pairs = [(value, theirs.weights[name]) for name, value in ours.weights.items()]
    return max(float((a - b).abs().max() / a.abs().max().clamp(min=1e-3)) for a, b in pairs)


@pytest.fixture(scope="module")
def runs(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, subprocess.CompletedProcess[str]]:
    alone, together = (tmp_path_factory.mktemp("runs") for _ in range(2))
    assert main(words(data, alone)) == 0
    stray = data / "images" / "cover.jpg"
    stray.touch()
    done = in_two_processes(words(data, together))
    stray.unlink()
    return alone, together, done


def test_two_processes_learn_what_one_does(runs: tuple[Path, Path, subprocess.CompletedProcess[str]]) -> None:
    alone, together, done = runs
    assert done.returncode == 0, done.stderr
    for name in (LAST, BEST):
        ours, theirs = load_checkpoint(alone / name), load_checkpoint(together / name)
        assert (ours.step, ours.config) == (theirs.step, theirs.config)
        assert apart(ours, theirs) < 1e-4
    for one, two in zip(read_log(alone / LOG), read_log(together / LOG), strict=True):
        assert (one.step, pytest.approx(one.mae, abs=0.01)) == (two.step, two.mae)
        assert pytest.approx(one.loss, rel=1e-3) == two.loss


def test_training_moved_the_weights_far_more_than_rounding(
    runs: tuple[Path, Path, subprocess.CompletedProcess[str]],
) -> None:
    last = load_checkpoint(runs[0] / LAST)
    own = {name.removeprefix("network."): value for name, value in last.state.items() if name.startswith("network.")}
    moved = max(float((own[name] - value).abs().max()) for name, value in last.weights.items())
    assert moved > 1e-3


def test_only_the_first_process_writes_and_speaks(
    runs: tuple[Path, Path, subprocess.CompletedProcess[str]],
) -> None:
    _, together, done = runs
    files = [path.name for path in together.iterdir() if not path.name.startswith("events")]
    assert sorted(files) == sorted([BEST, BEST_FOUND, CONFIG, CURVES, ENVIRONMENT, LAST, LOG])
    assert len(list(together.glob("events*"))) == 1
    assert '"processes": 2' in (together / ENVIRONMENT).read_text("utf-8")
    assert done.stdout.count("best on 2 held-out pictures") == 1
    assert done.stderr.count("not used, such as images/cover.jpg") == 1
    assert [line.split(",")[0] for line in done.stderr.splitlines() if "RMSE" in line] == ["step 2/4", "step 4/4"]


def test_a_batch_that_cannot_be_shared_is_refused() -> None:
    with pytest.raises(TrainerError, match="batch is 3, 2 processes need a multiple of 2; change batch"):
        Sampler([], 1, 3, CropConfig(), share=(0, 2))


def test_what_two_processes_left_one_can_go_on_with(
    runs: tuple[Path, Path, subprocess.CompletedProcess[str]], data: Path
) -> None:
    together = runs[1]
    assert main(words(data, together, "steps=5")) == 0
    assert load_checkpoint(together / LAST).step == 5
    assert torch.isfinite(next(iter(load_checkpoint(together / LAST).weights.values()))).all()
