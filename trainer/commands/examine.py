"""`deepcount-trainer examine`: how a model behaves on nothing, at other sizes, and with its map against its count."""

import argparse
from pathlib import Path

from trainer.commands.options import add_data, add_device, add_split, device_of, opened
from trainer.datasets import load_all
from trainer.evaluation.counters import load_counter
from trainer.evaluation.evaluate import measure
from trainer.evaluation.examination import examination_text, examined
from trainer.progress import with_bar


def add_examine(parser: argparse.ArgumentParser) -> None:
    """Adds the options of this command."""
    parser.add_argument("model", type=Path, metavar="MODEL", help="checkpoint (.safetensors) or exported model (.onnx)")
    add_data(parser)
    add_split(parser)
    add_device(parser)
    parser.set_defaults(run_command=_examine, when_stopped="stopped")


def _examine(options: argparse.Namespace) -> int:
    pictures = load_all(opened(options, options.split))
    counter = load_counter(options.model, device_of(options))
    found = list(measure(counter, with_bar(pictures, "counting")))
    print(examination_text(examined(counter, pictures, found)))
    return 0
