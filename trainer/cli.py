"""The command line `deepcount-trainer`: a command's own module, and PyTorch with it, is loaded when it is called."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from trainer.errors import TrainerError

PROGRAM = "deepcount-trainer"
COMMANDS = {
    "prepare": "check data sets, and draw a contact sheet of each",
    "describe": "list a network's layers with parameters and multiply-adds",
    "train": "train a model; the same command resumes a run that was stopped",
    "classify": "train a network to tell CIFAR-10's classes, and measure it",
    "teach": "store what a trained model finds in the tiles of a training, for students of it",
    "study": "train several models that one file describes, and put them into one table",
    "bench": "measure how fast this machine trains",
    "evaluate": "measure a checkpoint or an exported model on annotated pictures",
    "examine": "see how a model behaves on nothing, and at other picture sizes",
    "export": "turn a checkpoint into an ONNX file with its model card",
    "trust": "measure how far an exported model's counts are to be trusted, and write it into its file",
    "heads": "let exported models say how tall heads are, so that pictures are divided by it",
    "whole": "have exported models count whole people where people stand apart",
    "compare": "put exported models side by side: size, error, time",
    "doctor": "say what this machine trains with, and what is missing",
}
"""Each in `trainer.commands`, in a module of its name, whose function `add_NAME` adds its options."""
EXAMPLES = """examples:
  deepcount-trainer train --preset light-b --data part_B/train_data --weights mobilenet_v2.safetensors --run runs/b
  torchrun --nproc-per-node 2 -m -- trainer train --preset paper --data part_A/train_data --run runs/a
  deepcount-trainer bench --preset quarter-b
  deepcount-trainer describe deepcount --size 384x512
  deepcount-trainer evaluate runs/b/best.safetensors --data part_B/train_data
  deepcount-trainer export runs/b/best.safetensors --data part_B/train_data --out mine.onnx
  deepcount-trainer compare mine.onnx assets/models/light.onnx --data part_B/train_data
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit status: 0, 2 for input that cannot be used, 130 after an interrupt."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        options = _parser(words).parse_args(words)
    except ModuleNotFoundError as error:
        print(f"{PROGRAM}: {_missing(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"{PROGRAM}: stopped before it began", file=sys.stderr)
        return 130
    try:
        status: int = options.run_command(options)
    except TrainerError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"{PROGRAM}: {options.when_stopped}", file=sys.stderr)
        return 130
    return status


def _missing(error: ModuleNotFoundError) -> str:
    """Returns the remedy for a package that a command needs and that the window and the engine do without."""
    package = (error.name or "").partition(".")[0]
    if package == "trainer":
        raise error
    return (
        f"needs the Python package {package}, which is not installed; 'make setup' in the clone installs all, "
        "or pip install 'deepcount[cpu,train]' ('deepcount[gpu,train]' with an NVIDIA card)"
    )


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """Returns a parser of all commands, of which the one that is called has its options."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Train crowd-counting models, measure them, and export them for the engine.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    called = next((word for word in words if not word.startswith("-")), "")
    for name, about in COMMANDS.items():
        command = commands.add_parser(name, help=about)
        if name == called:
            getattr(import_module(f"trainer.commands.{name}"), f"add_{name}")(command)
    return parser
