"""A training can be stopped and resumed at any step with the same result."""

import json
import os
import re
import signal
from importlib.metadata import version
from pathlib import Path

import cv2
import pytest
import torch
from safetensors.torch import save_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from trainer.checkpoints import load_checkpoint, save_checkpoint
from trainer.config import TrainConfig, load_config
from trainer.datasets import Annotated, Choice, load_all, open_dataset
from trainer.errors import TrainerError
from trainer.learning.log import read_log
from trainer.learning.loop import train
from trainer.learning.optimiser import learning_rate
from trainer.learning.run import BEST, BEST_FOUND, CONFIG, CURVES, ENVIRONMENT, LAST, LOG, Run
from trainer.learning.training import Trainer
from trainer.tiles.crops import Sampler

TINY = ["model.width=0.03125", "batch=2", "steps=4", "evaluate_every=2", "optimiser.rate=1e-3"]
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def pictures(data: Path) -> list[Annotated]:
    return load_all(open_dataset(data, Choice("train")))


@pytest.fixture(scope="module")
def held_out(data: Path) -> list[Annotated]:
    return load_all(open_dataset(data, Choice("held-out")))


def advance(trainer: Trainer, pictures: list[Annotated], steps: int) -> None:
    config = trainer.config
    for step in range(trainer.steps_done, trainer.steps_done + steps):
        trainer.step(Sampler(pictures, config.seed, config.batch, config.crops).batch(step))


def assert_same(ours: Trainer, theirs: Trainer) -> None:
    a, b = ours.checkpoint(resumable=True), theirs.checkpoint(resumable=True)
    assert (a.step, a.config, a.facts) == (b.step, b.config, b.facts)
    assert a.weights.keys() == b.weights.keys()
    assert a.state.keys() == b.state.keys()
    assert [name for name in a.weights if not torch.equal(a.weights[name], b.weights[name])] == []
    assert [name for name in a.state if not torch.equal(a.state[name], b.state[name])] == []


def configured(*changes: str) -> TrainConfig:
    return load_config(None, [*TINY, *changes])


@pytest.mark.parametrize(
    "changes",
    [
        ["optimiser.name=sgd"],
        ["optimiser.name=adamw", "ema=0.9", "optimiser.schedule=cosine", "optimiser.warm_up=3"],
        ["optimiser.name=adamw", "precision=fp32", "optimiser.frozen=2", "objective.squared=[1]"],
        ["optimiser.name=adam", "optimiser.schedule=step", "optimiser.drops=[1, 3]", "optimiser.clip=0.1", "fp16=true"],
        ["model.family=csrnet", "crops.patches=nine", "crops.perspective=0.5", "crops.jpeg=0.5", "objective.maps=ssim"],
    ],
    ids=["sgd", "adamw, averaged, cosine", "adamw, fp32, frozen", "adam, steps, clipped, fp16", "csrnet, nine, ssim"],
)
def test_resuming_gives_the_same_weights_as_not_stopping(
    pictures: list[Annotated], tmp_path: Path, changes: list[str]
) -> None:
    config = configured(*changes)
    straight = Trainer(config, CPU)
    advance(straight, pictures, 4)
    stopped = Trainer(config, CPU)
    advance(stopped, pictures, 2)
    save_checkpoint(stopped.checkpoint(resumable=True), tmp_path / LAST)
    resumed = Trainer(config, CPU)
    resumed.resume(load_checkpoint(tmp_path / LAST))
    advance(resumed, pictures, 2)
    assert_same(straight, resumed)


class Interrupting(list[Annotated]):
    """Pictures of which one reading is the moment when somebody presses Ctrl-C."""

    reads_left = 5
    signal = signal.SIGINT

    def __getitem__(self, index: int) -> Annotated:  # type: ignore[override]
        self.reads_left -= 1
        if self.reads_left == 0:
            os.kill(os.getpid(), self.signal)
        return super().__getitem__(index)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_an_interrupted_run_goes_on_to_the_same_end(
    pictures: list[Annotated], held_out: list[Annotated], tmp_path: Path, number: signal.Signals
) -> None:
    config = configured("optimiser.name=adamw", "optimiser.schedule=cosine", "ema=0.9")
    folders = [tmp_path / "straight", tmp_path / "stopped"]
    for folder in folders:
        folder.mkdir()
    straight = Trainer(config, CPU)
    straight.facts["data"] = "drawn"
    best = train(straight, Run(folders[0], pictures, held_out))

    handlers = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    stopped = Trainer(config, CPU)
    stopped.facts["data"] = "drawn"
    interrupting = Interrupting(pictures)
    interrupting.signal = number
    with pytest.raises(KeyboardInterrupt):
        train(stopped, Run(folders[1], interrupting, held_out))
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == handlers
    saved = load_checkpoint(folders[1] / LAST)
    assert saved.step < config.steps
    assert saved.facts["data"] == "drawn"

    resumed = Trainer(config, CPU)
    resumed.resume(saved)
    assert train(resumed, Run(folders[1], pictures, held_out)) == best
    assert_same(straight, resumed)
    assert (folders[0] / LOG).read_text() == (folders[1] / LOG).read_text()
    assert load_checkpoint(folders[0] / LAST).facts == load_checkpoint(folders[1] / LAST).facts


def test_an_evaluation_that_was_interrupted_is_made_up_for(
    pictures: list[Annotated], held_out: list[Annotated], tmp_path: Path
) -> None:
    interrupting = Interrupting(held_out)
    interrupting.reads_left = 1
    config = configured("steps=2")
    with pytest.raises(KeyboardInterrupt):
        train(Trainer(config, CPU), Run(tmp_path, pictures, Watched(interrupting)))
    assert not (tmp_path / LOG).exists()
    resumed = Trainer(config, CPU)
    resumed.resume(load_checkpoint(tmp_path / LAST))
    assert resumed.steps_done == 2
    assert train(resumed, Run(tmp_path, pictures, held_out)).step == 2


class Watched(list[Annotated]):
    """Iterates through `__getitem__`, which a list does not."""

    def __init__(self, pictures: Interrupting) -> None:
        super().__init__(pictures)
        self._pictures = pictures

    def __iter__(self):  # type: ignore[no-untyped-def]
        return (self._pictures[index] for index in range(len(self._pictures)))


def test_the_run_folder_holds_log_curves_and_two_checkpoints(run_folder: Path) -> None:
    files = {path.name for path in run_folder.iterdir() if not path.name.startswith("events.out.tfevents")}
    assert files == {BEST, BEST_FOUND, LAST, LOG, CURVES, CONFIG, ENVIRONMENT}
    log = read_log(run_folder / LOG)
    assert [entry.step for entry in log] == [2, 4]
    assert set(log[0].maps) == {f"branch {k}" for k in range(1, 6)}
    best = min(log, key=lambda entry: entry.mae)
    checkpoint = load_checkpoint(run_folder / BEST)
    assert checkpoint.step == best.step
    assert float(checkpoint.facts["validation_mae"]) == best.mae
    assert checkpoint.facts["data"] == "ShanghaiTech part B"
    assert not checkpoint.state
    assert load_checkpoint(run_folder / LAST).step == 4
    assert cv2.imread(str(run_folder / CURVES)).shape[2] == 3


def test_every_evaluation_is_a_plain_line_where_there_is_no_terminal(
    pictures: list[Annotated], held_out: list[Annotated], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train(Trainer(configured(), CPU), Run(tmp_path, pictures, held_out))
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(",")[0] for line in lines] == ["step 2/4", "step 4/4"]
    for line in lines:
        for word in ("pictures/s", "left", "loss", "tile MAE", "RMSE"):
            assert word in line
        assert "\x1b" not in line


def test_a_finished_run_returns_its_best_at_once(run_folder: Path, held_out: list[Annotated]) -> None:
    saved = load_checkpoint(run_folder / LAST)
    trainer = Trainer(saved.config, CPU)
    trainer.resume(saved)
    before = (run_folder / LAST).stat().st_mtime_ns
    best = train(trainer, Run(run_folder, held_out, held_out))
    assert best.mae == min(entry.mae for entry in read_log(run_folder / LOG))
    assert (run_folder / LAST).stat().st_mtime_ns == before


def test_without_averaging_the_average_is_the_weights(pictures: list[Annotated]) -> None:
    trainer = Trainer(configured("ema=0"), CPU)
    advance(trainer, pictures, 1)
    own = trainer.network.state_dict()
    assert [name for name in own if not torch.equal(own[name], trainer.average[name])] == []


def test_the_average_lags_behind_the_weights(pictures: list[Annotated]) -> None:
    trainer = Trainer(configured("ema=0.9"), CPU)
    start = {name: value.clone() for name, value in trainer.average.items()}
    advance(trainer, pictures, 1)
    for name, value in trainer.network.state_dict().items():
        torch.testing.assert_close(trainer.average[name], start[name].lerp(value, 1 - 2 / 11))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], {0: 1.0, 500: 1.0, 999: 1.0}),
        (["optimiser.warm_up=10"], {0: 0.1, 4: 0.5, 9: 1.0, 10: 1.0}),
        (["optimiser.schedule=step", "optimiser.drops=[10, 20]"], {0: 1.0, 9: 1.0, 10: 0.1, 19: 0.1, 20: 0.01}),
        (["optimiser.schedule=step", "optimiser.drops=[5]", "optimiser.drop_factor=0.5"], {4: 1.0, 5: 0.5}),
        (["optimiser.schedule=cosine"], {0: 1.0, 500: 0.505, 1000: 0.01}),
        (["optimiser.schedule=cosine", "optimiser.warm_up=501"], {0: 1 / 501, 500: 0.505, 1000: 0.01}),
    ],
    ids=["constant", "warm-up", "two drops", "a drop by half", "cosine", "warm-up and cosine"],
)
def test_the_learning_rate_follows_its_schedule(changes: list[str], expected: dict[int, float]) -> None:
    config = load_config(None, ["optimiser.rate=1.0", "steps=1000", *changes])
    for step, rate in expected.items():
        assert learning_rate(step, config) == pytest.approx(rate, rel=1e-4)


def test_the_frontend_learns_at_its_own_rate(pictures: list[Annotated]) -> None:
    trainer = Trainer(configured("optimiser.frontend_factor=0.25"), CPU)
    advance(trainer, pictures, 1)
    assert [group["lr"] for group in trainer.optimiser.param_groups] == pytest.approx([0.25e-3, 1e-3])


def test_another_configuration_is_not_resumed(run_folder: Path) -> None:
    trainer = Trainer(configured("seed=2"), CPU)
    with pytest.raises(TrainerError, match="the run folder holds a training of another configuration"):
        trainer.resume(load_checkpoint(run_folder / LAST))


def test_a_checkpoint_for_use_is_not_resumed(run_folder: Path) -> None:
    best = load_checkpoint(run_folder / BEST)
    with pytest.raises(TrainerError, match="holds weights only and cannot be resumed"):
        Trainer(best.config, CPU).resume(best)


def test_a_longer_training_may_go_on_from_a_shorter_one(run_folder: Path) -> None:
    saved = load_checkpoint(run_folder / LAST)
    changes = ["model.width=0.03125", "optimiser.name=adamw", "optimiser.rate=0.003", "batch=2", "steps=9"]
    trainer = Trainer(load_config(None, changes), CPU)
    trainer.resume(saved)
    assert trainer.steps_done == 4


def test_a_loss_that_is_no_number_names_the_pictures(pictures: list[Annotated]) -> None:
    trainer = Trainer(configured(), CPU)
    with torch.no_grad():
        trainer.network.backbone.count.bias.fill_(torch.nan)
    with pytest.raises(TrainerError, match=r"loss is nan at step 0, with IMG_\d+, IMG_\d+; lower optimiser.rate"):
        advance(trainer, pictures, 1)


def test_pretrained_weights_are_taken_and_remembered(tmp_path: Path) -> None:
    donor = Trainer(configured("seed=5"), CPU).network.backbone.frontend.state_dict()
    save_file({name: value.half().contiguous() for name, value in donor.items()}, tmp_path / "vgg.safetensors")
    trainer = Trainer(configured(), CPU)
    trainer.load_frontend(tmp_path / "vgg.safetensors")
    for name, value in donor.items():
        assert torch.equal(trainer.average[f"backbone.frontend.{name}"], value.half().float())
    checkpoint = trainer.checkpoint(resumable=True)
    assert checkpoint.facts["weights"] == "vgg.safetensors"
    resumed = Trainer(configured(), CPU)
    resumed.resume(checkpoint)
    assert resumed.facts == trainer.facts


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({"features.0.weight": torch.ones(5, 3, 3, 3)}, r"'features.0.weight' is \(5, 3, 3, 3\), Vgg16 of this width"),
        (
            {"stem.weight": torch.ones(1)},
            r"lack 'features.0.weight' of Vgg16, the first layer that differs; are they of another network, or",
        ),
    ],
    ids=["another width", "another network"],
)
def test_weights_that_do_not_fit_are_refused(tmp_path: Path, tensors: dict[str, torch.Tensor], message: str) -> None:
    save_file(tensors, tmp_path / "w.safetensors")
    with pytest.raises(TrainerError, match=message):
        Trainer(configured(), CPU).load_frontend(tmp_path / "w.safetensors")


def test_the_run_folder_says_how_and_where_it_was_trained(run_folder: Path) -> None:
    saved = load_checkpoint(run_folder / LAST)
    assert load_config(str(run_folder / CONFIG)) == saved.config
    facts = json.loads((run_folder / ENVIRONMENT).read_text("utf-8"))
    assert facts["torch"] == version("torch")
    assert facts["threads"] == torch.get_num_threads()
    assert facts["processes"] == 1
    assert facts["device"] == "cpu"
    assert re.fullmatch(r"[0-9a-f]{40}(-dirty)?|unknown", facts["commit"])
    assert "unknown" not in {facts["torchvision"], facts["processor"]}


def test_tensorboard_reads_what_the_log_says(run_folder: Path) -> None:
    events = EventAccumulator(str(run_folder)).Reload()
    for tag, name in (("held out/MAE", "mae"), ("training/loss", "loss"), ("held out/bias", "bias")):
        logged = [(entry.step, getattr(entry, name)) for entry in read_log(run_folder / LOG)]
        assert [(e.step, pytest.approx(e.value, rel=1e-5)) for e in events.Scalars(tag)] == logged
    rates = [e.value for e in events.Scalars("training/rate")]
    assert rates == pytest.approx([0.003, 0.003])
    assert {"training/tile MAE", "training/pictures a second", "maps/MAE of branch 5"} <= set(events.Tags()["scalars"])


def test_patience_ends_a_training_that_gets_no_better(
    pictures: list[Annotated], held_out: list[Annotated], tmp_path: Path
) -> None:
    config = configured("steps=50", "evaluate_every=1", "patience=2", "optimiser.rate=1e-30")
    trainer = Trainer(config, CPU)
    assert train(trainer, Run(tmp_path, pictures, held_out)).step == 1
    assert [entry.step for entry in read_log(tmp_path / LOG)] == [1, 2, 3]
    resumed = Trainer(config, CPU)
    resumed.resume(load_checkpoint(tmp_path / LAST))
    train(resumed, Run(tmp_path, pictures, held_out))
    assert resumed.steps_done == 3


def test_a_training_for_some_minutes_ends_measured_and_can_go_on(
    pictures: list[Annotated], held_out: list[Annotated], tmp_path: Path
) -> None:
    config = configured()
    trainer = Trainer(config, CPU)
    assert train(trainer, Run(tmp_path, pictures, held_out, minutes=1e-9)).step == 1
    resumed = Trainer(config, CPU)
    resumed.resume(load_checkpoint(tmp_path / LAST))
    train(resumed, Run(tmp_path, pictures, held_out))
    assert [entry.step for entry in read_log(tmp_path / LOG)] == [1, 2, 4]


@pytest.mark.parametrize(
    ("name", "kind"), [("sgd", torch.optim.SGD), ("adam", torch.optim.Adam), ("adamw", torch.optim.AdamW)]
)
def test_the_optimiser_is_the_one_that_was_asked_for(name: str, kind: type) -> None:
    optimiser = Trainer(configured(f"optimiser.name={name}"), CPU).optimiser
    assert type(optimiser) is kind
    assert all(group["weight_decay"] == 1e-5 for group in optimiser.param_groups)
    assert all(group.get("momentum", 0.9) == 0.9 for group in optimiser.param_groups)


def test_momentum_betas_and_eps_are_those_that_were_asked_for() -> None:
    sgd = Trainer(configured("optimiser.name=sgd", "optimiser.momentum=0.95", "objective.decay=5e-4"), CPU).optimiser
    assert {(group["momentum"], group["weight_decay"]) for group in sgd.param_groups} == {(0.95, 5e-4)}
    given = ("optimiser.beta1=0.8", "optimiser.beta2=0.99", "optimiser.eps=1e-6")
    adam = Trainer(configured("optimiser.name=adam", *given), CPU).optimiser
    assert {(*group["betas"], group["eps"]) for group in adam.param_groups} == {(0.8, 0.99, 1e-6)}


@pytest.mark.parametrize("precision", ["precision=bf16", "precision=fp32", "precision=fp16"])
def test_clipped_gradients_move_the_weights_no_further(pictures: list[Annotated], precision: str) -> None:
    rate, clip = 0.5, 1e-2
    changes = (
        "optimiser.name=sgd",
        f"optimiser.rate={rate}",
        f"optimiser.clip={clip}",
        "objective.decay=0.0",
        precision,
    )
    trainer = Trainer(configured(*changes, "optimiser.frontend_factor=1.0"), CPU)
    before = [p.detach().clone() for p in trainer.network.parameters()]
    advance(trainer, pictures, 1)
    moves = [(p.detach() - b).square().sum() for p, b in zip(trainer.network.parameters(), before, strict=True)]
    assert torch.stack(moves).sum().sqrt().item() == pytest.approx(rate * clip, rel=1e-2)


@pytest.mark.parametrize("precision", ["precision=bf16", "precision=fp32", "precision=fp16"])
def test_a_few_steps_at_every_precision_lower_the_loss(pictures: list[Annotated], precision: str) -> None:
    trainer = Trainer(configured("optimiser.name=adamw", "optimiser.rate=3e-3", precision), CPU)
    batch = Sampler(pictures, 1, 2, trainer.config.crops).batch(0)
    losses = [trainer.step(batch) for _ in range(5)]
    assert losses[-1] < losses[0]
    assert all(value.dtype == torch.float32 for value in trainer.network.state_dict().values())


@pytest.mark.parametrize("people", [257.0, 301.0, 1023.0])
def test_the_count_is_not_rounded_in_half_precision(people: float) -> None:
    network = Trainer(configured(), CPU).network
    head = network.get_submodule("backbone.count")
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        torch.nn.init.zeros_(head.weight)
        torch.nn.init.constant_(head.bias, people)
        count = network(torch.zeros(1, 384, 512, 3, dtype=torch.uint8)).count
    assert count.dtype == torch.float32
    assert count.item() == people


def test_a_batch_whose_loss_is_no_number_leaves_the_checkpoint_alone(
    pictures: list[Annotated], held_out: list[Annotated], tmp_path: Path
) -> None:
    config = configured("steps=6")
    train(Trainer(config, CPU), Run(tmp_path, pictures, held_out, minutes=1e-9))
    before = (tmp_path / LAST).read_bytes()
    trainer = Trainer(config, CPU)
    trainer.resume(load_checkpoint(tmp_path / LAST))
    with torch.no_grad():
        next(trainer.network.parameters()).fill_(torch.inf)
    with pytest.raises(TrainerError, match=r"loss is nan at step 1, with IMG_\d+, IMG_\d+"):
        train(trainer, Run(tmp_path, pictures, held_out))
    assert (tmp_path / LAST).read_bytes() == before
