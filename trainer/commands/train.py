"""`deepcount-trainer train`: from annotated pictures to a checkpoint, in one process or in several under torchrun."""

import argparse
import math
from pathlib import Path
from shlex import quote
from time import monotonic

import torch

from trainer.arithmetic import said
from trainer.checking.learnable import Learnable, learnable
from trainer.commands.options import add_data, add_device, choice_words, device_of, opened, said_data
from trainer.config import TrainConfig, load_config, preset_names
from trainer.datasets import SPLITS, load_all
from trainer.errors import TrainerError
from trainer.files import made_folder
from trainer.learning.gain import Gain, gain_of
from trainer.learning.loop import train
from trainer.learning.memory import keep_freed_memory
from trainer.learning.parallel import is_first, joined
from trainer.learning.run import BEST, Run
from trainer.learning.start import Start, started
from trainer.learning.stored import stored_teacher
from trainer.learning.teacher import Teacher, load_teacher, needs_teacher, taught_features


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
    about = "a checkpoint, an exported file, or a folder that `teach` wrote, for terms that compare with a teacher"
    add("--teacher", type=Path, metavar="FILE", help=about)
    add_minutes(parser, "be done in N minutes, evaluated and cooled")
    add_device(parser)
    parser.set_defaults(run_command=_run, when_stopped="stopped; the same command goes on from here")


def add_configuration(parser: argparse.ArgumentParser) -> None:
    """Adds what a configuration is made of."""
    add = parser.add_argument
    add("--preset", metavar="NAME", help=f"{', '.join(preset_names())}, or a TOML file (default: the paper's values)")
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="change a value, such as optimiser.rate=3e-4")


def add_minutes(parser: argparse.ArgumentParser, about: str) -> None:
    """Adds `--minutes`."""
    parser.add_argument("--minutes", type=_minutes, default=math.inf, metavar="N", help=about)


def _minutes(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"{text} minutes, expected more than 0")
    return value


def _run(options: argparse.Namespace) -> int:
    options.began_s = monotonic()
    with joined(device_of(options)) as device:
        return _train(options, device)


def _train(options: argparse.Namespace, device: torch.device) -> int:
    training, held_out = (opened(options, split) for split in SPLITS[:2])
    start = Start(options.run, options.start, options.weights)
    config = load_config(options.preset, options.set)
    begun = started(config, device, start, teacher_for(options.teacher, config, device))
    if begun.said:
        _say(begun.said)
    _say(said(begun.trainer.config.precision, device))
    facts = begun.trainer.facts
    if facts.setdefault("data", training.name) != training.name:
        raise TrainerError(f"{options.run} holds a training on {facts['data']}; choose another --run")
    choice = " ".join(choice_words(options))
    if facts.setdefault("choice", choice) != choice:  # pictures that were learnt from would be held out
        given = facts["choice"] or "neither --label nor --hold-out"
        raise TrainerError(f"{options.run} holds a training with {given}; give the same, or choose another --run")
    aside = load_all(held_out)
    found = learnable(training, aside)
    _say(_described(found, training.name))
    data = found.balanced() if begun.trainer.config.balanced else found.pictures
    trainer = begun.with_mean(data)
    keep_freed_memory()  # not before: large batches, kept in pieces, took 8 GB to make a mean of `light`
    if trainer.teacher:
        trainer.teacher.check(trainer.config, data)
    folder = made_folder(options.run, "run folder")
    run = Run(folder, data, aside, options.minutes, options.began_s, measures_start=begun.goes_on)
    best = train(trainer, run)
    _say(f"best on {len(held_out)} held-out pictures: MAE {best.mae:.2f}, RMSE {best.rmse:.2f} at step {best.step}")
    _say(f"written: {options.run / BEST}")
    if gain := gain_of(folder):
        _say(f"{gain}\n{_next(options, gain)}")
    return 0


def teacher_for(path: Path | None, config: TrainConfig, device: torch.device) -> Teacher | None:
    """Opens the teacher of a training; raises TrainerError where it cannot be used, and as `check_named`."""
    check_named(path, config)
    if path is None:
        return None
    return (
        stored_teacher(path)
        if path.is_dir()
        else load_teacher(path, taught_features(config.objective).values(), device)
    )


def check_named(path: Path | None, config: TrainConfig) -> None:
    """Raises TrainerError where a teacher is needed and not given, given and not needed, or not there."""
    needed = needs_teacher(config.objective)
    if path is None:
        if needed:
            raise TrainerError("the objective compares with a teacher and none is given; name one with --teacher FILE")
    elif not needed:
        raise TrainerError(f"no term of the objective compares with a teacher; leave out --teacher {path}, or add one")
    elif not path.exists():
        raise TrainerError(f"teacher {path} does not exist; give a checkpoint, an exported file, or what `teach` wrote")


def _next(options: argparse.Namespace, gain: Gain) -> str:
    """Returns the commands that are likely to follow, filled in."""
    if not gain.is_any:
        return "next: more pictures, of other days and other crowds, help more than more minutes"
    best, exported = quote(str(options.run / BEST)), quote(f"{options.run.name}.onnx")
    data = said_data(options)
    return "\n".join(
        (
            "next:",
            f"  deepcount-trainer evaluate {best} {data}",
            f"  deepcount-trainer export {best} {data} --out {exported}",
            f"  deepcount-engine count VIDEO --model {exported}",
        )
    )


def _described(found: Learnable, name: str) -> str:
    people, moved = (sum(sizes) for sizes in zip(*((len(i.points), i.moved) for i in found.pictures), strict=True))
    sums = f"{name}: {len(found.pictures)} pictures, {people} people ({moved} moved to the border)"
    if not found.left_out:
        return sums
    named = ", ".join(found.left_out)
    return f"left out, for they are nearly the same as held-out pictures of another set: {named}\n{sums}"


def _say(text: str) -> None:
    if is_first():
        print(text)
