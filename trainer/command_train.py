"""`deepcount-trainer train`: from annotated pictures to a checkpoint, in one process or in several under torchrun."""

import argparse
import math
from collections.abc import Sequence
from itertools import accumulate, pairwise
from pathlib import Path

import torch

from trainer.checkpoint import load_checkpoint
from trainer.config import load_config, preset_names
from trainer.datasets import SPLITS, Annotated, Combined, Dataset, balanced, load_all
from trainer.duplicates import apart
from trainer.errors import TrainerError
from trainer.files import made_folder
from trainer.loop import train
from trainer.options import add_data, add_device, device_of, opened
from trainer.parallel import is_first, joined
from trainer.run import BEST, LAST, Run
from trainer.start import trained_weights
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
    add("--start", type=Path, metavar="FILE", help="go on from a trained model: a checkpoint, or an fp32 ONNX file")
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
    aside = load_all(held_out)
    data = _learnt_from(training, aside, is_balanced=trainer.config.balanced)
    run = Run(made_folder(options.run, "run folder"), data, aside, options.minutes)
    best = train(trainer, run)
    _say(f"best on {len(held_out)} held-out pictures: MAE {best.mae:.2f}, RMSE {best.rmse:.2f} at step {best.step}")
    _say(f"written: {options.run / BEST}")
    return 0


def _learnt_from(training: Dataset, aside: Sequence[Annotated], *, is_balanced: bool) -> list[Annotated]:
    """Reads the pictures to learn from, without any that is (nearly) one of those held out, and says how many."""
    data = load_all(training)
    kept = apart(data, aside)
    people, moved = sum(len(data[k].points) for k in kept), sum(data[k].moved for k in kept)
    _say(f"{training.name}: {len(kept)} pictures, {people} people ({moved} moved to the border)")
    if left := sorted({item.name for item in data} - {data[k].name for k in kept}):
        _say(f"left out, for they are nearly the same as held-out pictures: {', '.join(left)}")
    if not is_balanced:
        return [data[k] for k in kept]
    ends = list(accumulate(training.sizes if isinstance(training, Combined) else [len(training)]))
    sizes = [sum(start <= k < end for k in kept) for start, end in pairwise([0, *ends])]
    return balanced([data[k] for k in kept], sizes)


def _trainer(options: argparse.Namespace, device: torch.device) -> Trainer:
    """Returns a trainer at its start, or where the run folder left it."""
    trainer = Trainer(load_config(options.preset, options.set), device)
    if (options.run / LAST).exists():
        trainer.resume(load_checkpoint(options.run / LAST))
        _say(f"resuming at step {trainer.steps_done}")
    elif options.start:
        weights, data = trained_weights(options.start)
        missing = trainer.start_from(weights, f"{options.start.name}, trained on {data}")
        new = sorted({name.rpartition(".")[0] for name in missing})
        _say(f"starting from {options.start}{f'; {len(new)} layers start from nothing' if new else ''}")
    elif options.weights:
        trainer.load_frontend(options.weights)
    return trainer


def _say(text: str) -> None:
    if is_first():
        print(text)
