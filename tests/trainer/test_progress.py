"""A log hears from a training, and from all else that takes long, about once a minute."""

import math
import re

import pytest
import torch

from trainer.config import load_config
from trainer.learning.log import Evaluation
from trainer.learning.progress import TrainingProgress
from trainer.learning.training import Trainer
from trainer.progress import Lines, bar, calls_with_bar, with_bar

CONFIG = load_config(None, ["model.width=0.03125", "batch=2", "steps=1000"])


class Clock:
    """Seconds that pass when they are told to."""

    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture(scope="module")
def trainer() -> Trainer:
    trainer = Trainer(CONFIG, torch.device("cpu"))
    trainer.loss, trainer.tile_mae = 0.5, 12.25
    return trainer


def walk(progress: TrainingProgress, trainer: Trainer, clock: Clock, *, steps: int, step_s: float) -> None:
    for _ in range(steps):
        clock.now_s += step_s
        trainer.steps_done += 1
        progress.stepped(trainer)


@pytest.mark.parametrize(
    ("steps", "step_s", "lines"),
    [(59, 1.0, 0), (60, 1.0, 1), (400, 1.0, 6), (4, 20.0, 1), (3, 90.0, 3)],
    ids=["less than a minute", "a minute", "some minutes", "slow steps", "steps of more than a minute"],
)
def test_a_log_has_a_line_a_minute(
    steps: int, step_s: float, lines: int, trainer: Trainer, capsys: pytest.CaptureFixture[str]
) -> None:
    clock, trainer.steps_done = Clock(), 0
    walk(TrainingProgress(CONFIG, 0, clock=clock), trainer, clock, steps=steps, step_s=step_s)
    assert len(capsys.readouterr().err.splitlines()) == lines


def test_the_line_says_step_rate_time_left_loss_and_error(trainer: Trainer, capsys: pytest.CaptureFixture[str]) -> None:
    clock, trainer.steps_done = Clock(), 100
    walk(TrainingProgress(CONFIG, 100, clock=clock), trainer, clock, steps=60, step_s=1.0)
    said = capsys.readouterr().err
    assert said == "step 160/1000, 2.0 pictures/s, 0:14:00 left, loss 0.5000, tile MAE 12.25\n"


def test_an_evaluation_has_its_own_line_and_the_next_comes_a_minute_later(
    trainer: Trainer, capsys: pytest.CaptureFixture[str]
) -> None:
    clock, trainer.steps_done = Clock(), 0
    progress = TrainingProgress(CONFIG, 0, clock=clock)
    walk(progress, trainer, clock, steps=50, step_s=1.0)
    clock.now_s += 300  # in which it is measured
    now = Evaluation(50, 0.5, mae=9.0, rmse=11.0, bias=0.0)
    progress.evaluated(trainer, now, now)
    walk(progress, trainer, clock, steps=59, step_s=1.0)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("loss 0.5000, tile MAE 12.25, MAE 9.00, RMSE 11.00, best 9.00 at 50")
    walk(progress, trainer, clock, steps=1, step_s=1.0)
    assert re.match(r"step 110/1000, 2\.0 pictures/s, ", capsys.readouterr().err)


def test_other_processes_and_bars_leave_a_log_alone(trainer: Trainer, capsys: pytest.CaptureFixture[str]) -> None:
    clock, trainer.steps_done = Clock(), 0
    walk(TrainingProgress(CONFIG, 0, quiet=True, clock=clock), trainer, clock, steps=400, step_s=1.0)
    assert list(with_bar(["a", "b"], "reading")) == ["a", "b"]
    with calls_with_bar(len, 2, "measuring") as measured:
        assert [measured("abc"), measured("")] == [3, 0]
    assert capsys.readouterr() == ("", "")


def test_a_limited_training_says_what_the_clock_leaves(trainer: Trainer, capsys: pytest.CaptureFixture[str]) -> None:
    clock, trainer.steps_done = Clock(), 100
    walk(TrainingProgress(CONFIG, 100, 280.0, clock=clock), trainer, clock, steps=60, step_s=1.0)
    assert "step 160/1000, 2.0 pictures/s, 0:02:00 left" in capsys.readouterr().err


def test_a_log_hears_of_work_that_takes_long(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = []
    for rank in ("0", "1"):
        monkeypatch.setenv("RANK", rank)
        clock = Clock()
        shown = bar(clock=clock)
        task = shown.add_task("counting", total=74, batch=1, note="", unit="pictures")
        lines = Lines(shown, clock=clock)
        for _ in range(74):
            clock.now_s += 1.5
            shown.advance(task)
            lines.advanced()
        said.append(capsys.readouterr().err.splitlines())
    assert said == [["counting: 74 pictures", "counting: 42 of 74 pictures, 0.7 pictures/s, 0:00:48 left"], []]


def test_what_happens_before_the_first_step_has_no_loss(capsys: pytest.CaptureFixture[str]) -> None:
    now = Evaluation(0, math.nan, mae=9.0, rmse=11.0, bias=0.0)
    TrainingProgress(CONFIG, 0, clock=Clock()).evaluated(Trainer(CONFIG, torch.device("cpu")), now, now)
    assert capsys.readouterr().err == "step 0/1000, - pictures/s, -, MAE 9.00, RMSE 11.00, best 9.00 at 0\n"
