"""What a training has saved survives being killed and a full disk."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from trainer.checkpoints import load_checkpoint
from trainer.cli import main
from trainer.learning.run import BEST, LAST, LOG

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 120
CHANGES = (
    "model.width=0.03125",
    "optimiser.name=adamw",
    "optimiser.rate=0.003",
    "optimiser.schedule=cosine",
    "crops.jpeg=0.5",
    "ema=0.9",
    "batch=2",
    "steps=16",
    "evaluate_every=4",
)
FULL_DISK = """
import resource, sys
from pathlib import Path
from dataclasses import replace
from trainer.checkpoints import load_checkpoint, save_checkpoint
from trainer.errors import TrainerError

path = Path(sys.argv[1])
saved = load_checkpoint(path)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
try:
    save_checkpoint(replace(saved, step=99), path)
except TrainerError as error:
    print(error)
"""


def words(data: Path, run: Path) -> list[str]:
    settings = [word for change in CHANGES for word in ("--set", change)]
    return ["train", "--data", str(data), "--run", str(run), "--device", "cpu", *settings]


def started(*arguments: str) -> subprocess.Popen[str]:
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_killed_training_goes_on_to_the_weights_of_one_never_stopped(data: Path, tmp_path: Path) -> None:
    straight, killed = tmp_path / "straight", tmp_path / "killed"
    assert main(words(data, straight)) == 0
    with started("-m", "trainer", *words(data, killed)) as process:
        assert process.stderr is not None
        said = [process.stderr.readline() for _ in range(2)]  # this much is saved, later steps are not
        process.send_signal(signal.SIGKILL)
        assert process.wait(TIMEOUT_S) == -signal.SIGKILL
    assert [line.split(",")[0] for line in said] == ["step 4/16", "step 8/16"]
    assert load_checkpoint(killed / LAST).step < 16
    with started("-m", "trainer", *words(data, killed)) as process:
        out, _ = process.communicate(timeout=TIMEOUT_S)
        assert process.returncode == 0
    assert "resuming at step" in out
    ours, theirs = load_checkpoint(straight / LAST), load_checkpoint(killed / LAST)
    assert (ours.step, ours.facts) == (theirs.step, theirs.facts)
    for one, two in ((ours.weights, theirs.weights), (ours.state, theirs.state)):
        assert [name for name in one if not torch.equal(one[name], two[name])] == []
    assert (straight / LOG).read_text() == (killed / LOG).read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="sizes of files are limited by POSIX systems")
def test_a_full_disk_leaves_the_old_checkpoint(run_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / BEST
    path.write_bytes((run_folder / BEST).read_bytes())
    before = path.read_bytes()
    with started("-c", FULL_DISK, str(path)) as process:
        out, errors = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, errors) == (0, "")
    assert f"checkpoint {path} cannot be written: " in out
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
