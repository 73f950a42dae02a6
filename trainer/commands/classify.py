"""`deepcount-trainer classify`: trains a network to tell CIFAR-10's classes, measured on its test pictures."""

import argparse
import json
from pathlib import Path
from time import monotonic

from trainer.checkpoints import load_checkpoint
from trainer.commands.options import add_device, device_of
from trainer.commands.train import add_configuration, add_minutes
from trainer.config import load_config
from trainer.datasets.cifar import read_test, read_training
from trainer.files import made_folder, written_whole
from trainer.learning.classification import ClassRun, check_classifies, classify, told
from trainer.learning.run import BEST
from trainer.learning.start import Start, started

TOLD = "told.json"
"""What the best weights told of the test pictures."""


def add_classify(parser: argparse.ArgumentParser) -> None:
    """Adds the options of this command."""
    add = parser.add_argument
    add("--data", type=Path, required=True, metavar="DIR", help="folder of CIFAR-10's Python batches, as published")
    add("--run", type=Path, required=True, metavar="DIR", help="run folder: checkpoints and log; resumed if it has any")
    add_configuration(parser)
    add("--weights", type=Path, metavar="FILE", help="of ImageNet, as safetensors, or torchvision; else from scratch")
    add_minutes(parser, "be done in N minutes, evaluated and cooled")
    add_device(parser)
    parser.set_defaults(run_command=_classify, when_stopped="stopped; the same command goes on from here")


def _classify(options: argparse.Namespace) -> int:
    began_s = monotonic()
    config = load_config(options.preset or "cifar-10", options.set)
    check_classifies(config)
    (data, held_out), test = read_training(options.data), read_test(options.data)
    print(f"CIFAR-10: {len(data)} pictures to learn from, {len(held_out)} for validation, {len(test)} for the test")
    begun = started(config, device_of(options), Start(options.run, (), options.weights))
    if begun.said:
        print(begun.said)
    folder = made_folder(options.run, "run folder")
    log = classify(begun.trainer, ClassRun(folder, data, held_out, options.minutes, began_s))
    best = min(log, key=lambda entry: entry.error)
    network = load_checkpoint(folder / BEST).network().to(begun.trainer.device)
    loss, error = told(network, test)
    with written_whole(folder / TOLD, "result") as partial:
        partial.write_text(json.dumps({"pictures": len(test), "loss": loss, "error": error, "step": best.step}) + "\n")
    print(f"best on {len(held_out)} validation pictures: {1 - best.error:.2%} right at step {best.step}")
    print(f"on {len(test)} test pictures: {1 - error:.2%} right, loss {loss:.4f}")
    print(f"written: {folder / BEST}")
    return 0
