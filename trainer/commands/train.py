"""`deepcount-trainer train`: from annotated pictures to a checkpoint, in one process or in several under torchrun."""

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from trainer.checking.duplicates import apart
from trainer.checkpoints import load_checkpoint
from trainer.commands.options import add_data, add_device, device_of, opened
from trainer.config import load_config, preset_names
from trainer.datasets import SPLITS, Annotated, Combined, Dataset, balanced, load_all
from trainer.errors import TrainerError
from trainer.files import made_folder
from trainer.learning.averaging import TILES, repaired_mean
from trainer.learning.loop import train
from trainer.learning.memory import keep_freed_memory
from trainer.learning.parallel import is_first, joined
from trainer.learning.run import BEST, LAST, Run
from trainer.learning.trained_weights import all_trained_weights
from trainer.learning.training import Trainer
from trainer.tiles.crops import Sampler


def add_train(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `train`."""
    add = parser.add_argument
    add_data(parser)
    add("--run", type=Path, required=True, metavar="DIR", help="run folder: checkpoints and log; resumed if it has any")
    add_configuration(parser)
    add(
        "--weights", type=Path, metavar="FILE", help="of the frontend, as safetensors, or torchvision, to fetch its own"
    )
    about = "go on from a trained model: a checkpoint, or an ONNX file in fp32 or fp16; given again, from their mean"
    add("--start", type=Path, action="append", default=[], metavar="FILE", help=about)
    add("--minutes", type=_minutes, default=math.inf, metavar="N", help="stop after N minutes, evaluated and saved")
    add_device(parser)
    parser.set_defaults(run_command=_run, when_stopped="stopped; the same command goes on from here")


def add_configuration(parser: argparse.ArgumentParser) -> None:
    """Adds what a configuration is made of."""
    add = parser.add_argument
    add("--preset", metavar="NAME", help=f"{', '.join(preset_names())}, or a TOML file (default: the paper's values)")
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="change a value, such as optimiser.rate=3e-4")


def _minutes(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"{text} minutes, expected more than 0")
    return value


def _run(options: argparse.Namespace) -> int:
    keep_freed_memory()
    with joined(device_of(options)) as device:
        return _train(options, device)


def _train(options: argparse.Namespace, device: torch.device) -> int:
    training, held_out = (opened(options, split) for split in SPLITS[:2])
    trainer, several = _trainer(options, device)
    if trainer.facts.setdefault("data", training.name) != training.name:
        raise TrainerError(f"{options.run} holds a training on {trainer.facts['data']}; choose another --run")
    aside = load_all(held_out)
    data = learnt_from(training, aside, is_balanced=trainer.config.balanced)
    if several:
        _start_from_mean(trainer, several, data)
    run = Run(made_folder(options.run, "run folder"), data, aside, options.minutes)
    best = train(trainer, run)
    _say(f"best on {len(held_out)} held-out pictures: MAE {best.mae:.2f}, RMSE {best.rmse:.2f} at step {best.step}")
    _say(f"written: {options.run / BEST}")
    return 0


def learnt_from(training: Dataset, aside: Sequence[Annotated], *, is_balanced: bool) -> list[Annotated]:
    """Reads the pictures to learn from, without any that another set holds out, and says how many there are.

    Args:
        training: the pictures of all data sets.
        aside: those held out.
        is_balanced: pictures of smaller data sets come again until each set has as many as the largest.

    Raises:
        TrainerError: no picture is left.
    """
    parts = _parts(training, load_all(training), aside)
    data = [item for part in parts for item in part]
    if not data:
        raise TrainerError(f"{training.name} has no picture to learn from: other data sets hold them out; add others")
    people, moved = sum(len(item.points) for item in data), sum(item.moved for item in data)
    _say(f"{training.name}: {len(data)} pictures, {people} people ({moved} moved to the border)")
    return balanced(data, [len(part) for part in parts]) if is_balanced else data


def _parts(training: Dataset, data: Sequence[Annotated], aside: Sequence[Annotated]) -> list[Sequence[Annotated]]:
    """Divides pictures by their data sets, without those nearly the same as what another set holds out."""
    if not isinstance(training, Combined):
        return [data]
    parts, left, start = list[Sequence[Annotated]](), list[str](), 0
    for part in training.parts:
        own, start = data[start : start + len(part)], start + len(part)
        kept = apart(own, [item for item in aside if not item.name.startswith(f"{part.name}/")])
        left += [own[place].name for place in range(len(own)) if place not in kept]
        parts.append([own[place] for place in kept])
    if left:
        _say(f"left out, for they are nearly the same as held-out pictures of another set: {', '.join(left)}")
    return parts


def _trainer(options: argparse.Namespace, device: torch.device) -> tuple[Trainer, list[dict[str, Tensor]]]:
    """Returns a trainer at its start, or where the run folder left it, and of what weights it is to take the mean."""
    trainer = Trainer(load_config(options.preset, options.set), device)
    if (options.run / LAST).exists():
        trainer.resume(load_checkpoint(options.run / LAST))
        _say(f"resuming at step {trainer.steps_done}")
    elif options.start:
        weights, origin = all_trained_weights(options.start)
        missing = trainer.start_from(weights[0], origin)
        new = sorted({name.rpartition(".")[0] for name in missing})
        named = " and ".join(map(str, options.start))
        _say(f"starting from {named}{f'; {len(new)} layers start from nothing' if new else ''}")
        return trainer, weights if len(weights) > 1 else []
    elif options.weights:
        trainer.load_frontend(options.weights)
    return trainer, []


def _start_from_mean(trainer: Trainer, weights: Sequence[dict[str, Tensor]], data: Sequence[Annotated]) -> None:
    """Starts from the mean of weights; every process measures the same tiles, so all start alike."""
    config = trainer.config
    drawn = Sampler(data, config.seed, TILES, config.crops, ground_truth=config.ground_truth).batch(0)
    mean = repaired_mean(config.model, weights, drawn.tiles.to(trainer.device), bf16=config.bf16)
    trainer.start_from(mean, trainer.facts["weights"])


def _say(text: str) -> None:
    if is_first():
        print(text)
