"""What a training and an evaluation take as data: several sets at once, and sets in which nobody is."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from trainer.checkpoint import load_checkpoint
from trainer.cli import main

TINY = ("model.width=0.03125", "model.branches=[5]", "batch=4", "steps=2", "evaluate_every=2", "bf16=false")
Annotate = Callable[..., None]


def run(*words: str, run_folder: Path, changes: tuple[str, ...] = ()) -> int:
    settings = [word for change in (*TINY, *changes) for word in ("--set", change)]
    return main(["train", *words, "--run", str(run_folder), "--device", "cpu", *settings])


def test_a_set_in_which_nobody_is_trains_and_is_evaluated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "empty square"
    folder.mkdir()
    lines = ["name,x,y"]
    for number in range(1, 11):
        Image.new("RGB", (64, 48), (10 * number, 90, 90)).save(folder / f"{number}.png")
        lines.append(f"{number}.png,,")
    (folder / "heads.csv").write_text("\n".join(lines))
    assert run("--data", str(folder), run_folder=tmp_path / "run") == 0
    assert "empty square: 9 pictures, 0 people (0 moved to the border)" in capsys.readouterr().out
    assert main(["evaluate", str(tmp_path / "run" / "best.safetensors"), "--data", str(folder)]) == 0
    assert "empty square, held-out: 1 pictures, 0 people" in capsys.readouterr().out


def test_several_sets_are_trained_on_together_and_named(
    data: Path, tmp_path: Path, annotate: Annotate, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(1, 11):
        annotate(tmp_path / "part_A" / "train_data", number, np.ones((2, 2)))
    words = ["--data", str(data), "--data", str(tmp_path / "part_A")]
    changes = ("balanced=true", "ground_truth.kernel=adaptive")
    assert run(*words, run_folder=tmp_path / "run", changes=changes) == 0
    assert "ShanghaiTech part B + ShanghaiTech part A: 26 pictures" in capsys.readouterr().out
    checkpoint = load_checkpoint(tmp_path / "run" / "last.safetensors")
    assert checkpoint.facts["data"] == "ShanghaiTech part B + ShanghaiTech part A"
    assert checkpoint.config.balanced
    assert checkpoint.config.ground_truth.kernel == "adaptive"
    assert main(["evaluate", str(tmp_path / "run" / "best.safetensors"), *words]) == 0
    assert "held-out: 3 pictures" in capsys.readouterr().out


def test_pictures_without_head_points_are_not_trained_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("RGB", (64, 48)).save(tmp_path / "a.png")
    assert run("--data", str(tmp_path), run_folder=tmp_path / "run") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "holds pictures without head points: they can be counted, but not be learnt from or measured on" in line
    assert not (tmp_path / "run").exists()
