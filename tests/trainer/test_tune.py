"""A training that goes on from a model is compared with it, and keeps it where nothing is better."""

import re
from pathlib import Path

import pytest
import torch

from trainer.checkpoints import load_checkpoint
from trainer.cli import main
from trainer.datasets import Choice, load_all, open_dataset
from trainer.evaluation.counters import load_counter
from trainer.evaluation.evaluate import Measured, measure, read_counts, write_csv
from trainer.evaluation.scores import scores
from trainer.exporting.export import metadata_of
from trainer.learning.gain import gain_of
from trainer.learning.log import read_log
from trainer.learning.run import BEST, BEST_FOUND, LAST, LOG, STARTED_WITH

SHORT = ["--preset", "tune", "--set", "batch=2", "--set", "steps=2", "--set", "evaluate_every=1", "--device", "cpu"]


def tune(data: Path, run: Path, start: Path, *changes: str) -> int:
    more = [word for change in changes for word in ("--set", change)]
    return main(["train", "--data", str(data), "--run", str(run), "--start", str(start), *SHORT, *more])


@pytest.fixture(scope="module")
def counted_by_two(data: Path, lived: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small model as ONNX, whose count is the mean of backbone and branch 3."""
    path = tmp_path_factory.mktemp("two") / "two.onnx"
    words = ["--tiles", "2", "--count", "backbone,3", "--no-behaviour"]
    assert main(["export", str(lived), "--data", str(data), "--out", str(path), *words]) == 0
    return path


def test_network_and_count_are_those_of_the_start(
    data: Path, counted_by_two: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tune(data, tmp_path / "run", counted_by_two, "optimiser.rate=1e-30", "precision=fp32") == 0
    checkpoint = load_checkpoint(tmp_path / "run" / LAST)
    assert checkpoint.config.model.width == 0.03125
    assert checkpoint.config.model.branches == (1, 3)
    assert checkpoint.config.counted == ("count", "branch 3")
    assert [entry.step for entry in read_log(tmp_path / "run" / LOG)] == [0, 1, 2]
    held_out = load_all(open_dataset(data, Choice("held-out")))
    ours = scores(list(measure(load_counter(counted_by_two, torch.device("cpu")), held_out))).mae
    assert scores(read_counts(tmp_path / "run" / STARTED_WITH)).mae == pytest.approx(ours, rel=0.01)
    capsys.readouterr()
    out = tmp_path / "again.onnx"
    words = ["--data", str(data), "--out", str(out), "--no-behaviour"]
    assert main(["export", str(tmp_path / "run" / BEST), *words]) == 0
    facts = metadata_of(out)
    assert facts["start"] == "two.onnx, trained on ShanghaiTech part B"
    assert facts["start_licence"] == facts["licence"] == "research use only: ShanghaiTech states no licence"
    assert f"({facts['start_licence']}), whose frontend is" in out.with_suffix(".md").read_text("utf-8").replace(
        "\n  ", " "
    )
    assert scores(list(measure(load_counter(out, torch.device("cpu")), held_out))).mae == pytest.approx(ours, rel=0.01)


def test_a_training_that_gains_nothing_says_so_and_keeps_the_start(
    data: Path, best: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tune(data, tmp_path, best, "optimiser.rate=0.5", "optimiser.warm_up=0", "ema=0") == 0
    said = capsys.readouterr().out
    assert re.search(r"start (\S+), best \1: nothing gained on these 2 held-out pictures", said)
    assert "next: more pictures" in said
    assert load_checkpoint(tmp_path / BEST).step == 0
    weights, kept = load_checkpoint(best).weights, load_checkpoint(tmp_path / BEST).weights
    assert [name for name, value in weights.items() if not torch.equal(value, kept[name])] == []


def test_a_resumed_training_still_knows_its_start(
    data: Path, best: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tune(data, tmp_path, best, "optimiser.rate=1e-30") == 0
    capsys.readouterr()
    assert tune(data, tmp_path, best, "optimiser.rate=1e-30", "steps=3") == 0
    assert [entry.step for entry in read_log(tmp_path / LOG)] == [0, 1, 2, 3]
    assert "resuming at step 2" in (said := capsys.readouterr().out)
    assert "start " in said


def test_a_preset_that_goes_on_needs_something_to_go_on_from(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "--data", str(data), "--run", str(tmp_path / "run"), *SHORT]) == 2
    assert "goes on from a trained model, but none is named; give it with --start" in capsys.readouterr().err


def measured(errors: list[float]) -> list[Measured]:
    return [Measured(f"{place}", 100, {"count": 100 + error}) for place, error in enumerate(errors)]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            [10, 12, 9, 11, 10, 11],
            [4, 5, 4, 5, 4, 5],
            r"start 10.50, best 4.50: 6.00 people better on 6 held-out pictures \(95 % interval \+5",
        ),
        ([10], [4], r"start 10.00, best 4.00: 6.00 people better on 1 .* may be chance .*: hold out more"),
        ([10, 1, 9, 2], [1, 9, 2, 9], r"start 5.50, best 5.25: 0.25 people better .* may be chance .*: hold out more"),
        ([1, 1], [1, 1], r"start 1.00, best 1.00: nothing gained on these 2 held-out pictures"),
    ],
    ids=["sure", "a single picture", "chance", "nothing"],
)
def test_a_gain_is_called_what_it_is(before: list[float], after: list[float], said: str, tmp_path: Path) -> None:
    write_csv(measured(before), tmp_path / STARTED_WITH)
    write_csv(measured(after), tmp_path / BEST_FOUND)
    assert re.search(said, str(gain_of(tmp_path)))


def test_what_a_gain_leads_to_is_named_as_it_was_given(
    data: Path, best: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From a start that counts nobody, any step is better."""
    assert tune(data, tmp_path / "my run", best, "optimiser.rate=3e-3", "ema=0", "steps=6") == 0
    said = capsys.readouterr().out
    if "nothing gained" not in said:
        assert f"deepcount-trainer export '{tmp_path}/my run/{BEST}' --data {data} --out 'my run.onnx'" in said
        assert "deepcount-engine count VIDEO --model 'my run.onnx'" in said
