"""`deepcount-trainer train`: from annotated pictures to a checkpoint, in one process or in several under torchrun."""

import argparse
import math
from pathlib import Path

import torch

from trainer.checkpoint import load_checkpoint
from trainer.config import load_config, preset_names
from trainer.datasets import SPLITS, Combined, balanced, load_all
from trainer.errors import TrainerError
from trainer.files import made_folder
from trainer.loop import train
from trainer.options import add_data, add_device, device_of, opened
from trainer.parallel import is_first, joined
from trainer.run import BEST, LAST, Run
from trainer.training import Trainer


def add_train(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `train`."""
    add = parser.add_argument
    add_data(parser)
    add("--run", type=Path, required=True, metavar="DIR", help="run folder: checkpoints and log; resumed if it has any")
    add_configuration(parser)
    add(
        "--weights", type=Path, metavar="FILE", help="of the frontend, as safetensors, or torchvision, to fetch its own"
    )
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
    with joined(device_of(options)) as device:
        return _train(options, device)


def _train(options: argparse.Namespace, device: torch.device) -> int:
    training, held_out = (opened(options, split) for split in SPLITS[:2])
    trainer = _trainer(options, device)
    if trainer.facts.setdefault("data", training.name) != training.name:
        raise TrainerError(f"{options.run} holds a training on {trainer.facts['data']}; choose another --run")
    data = load_all(training)
    people, moved = sum(len(a.points) for a in data), sum(a.moved for a in data)
    _say(f"{training.name}: {len(data)} pictures, {people} people ({moved} moved to the border)")
    if trainer.config.balanced and isinstance(training, Combined):
        data = balanced(data, training.sizes)
    run = Run(made_folder(options.run, "run folder"), data, load_all(held_out), options.minutes)
    best = train(trainer, run)
    _say(f"best on {len(held_out)} held-out pictures: MAE {best.mae:.2f}, RMSE {best.rmse:.2f} at step {best.step}")
    _say(f"written: {options.run / BEST}")
    return 0


def _trainer(options: argparse.Namespace, device: torch.device) -> Trainer:
    """Returns a trainer at its start, or where the run folder left it."""
    trainer = Trainer(load_config(options.preset, options.set), device)
    if (options.run / LAST).exists():
        trainer.resume(load_checkpoint(options.run / LAST))
        _say(f"resuming at step {trainer.steps_done}")
    elif options.weights:
        trainer.load_frontend(options.weights)
    return trainer


def _say(text: str) -> None:
    if is_first():
        print(text)
