"""The command line `deepcount-trainer`: prepare, describe, train, bench, evaluate, examine, export, compare."""

import argparse
import sys
from collections.abc import Sequence

from trainer.commands.bench import add_bench
from trainer.commands.compare import add_compare
from trainer.commands.describe import add_describe
from trainer.commands.evaluate import add_evaluate
from trainer.commands.examine import add_examine
from trainer.commands.export import add_export
from trainer.commands.prepare import add_prepare
from trainer.commands.train import add_train
from trainer.errors import TrainerError

PROGRAM = "deepcount-trainer"
EXAMPLES = """examples:
  deepcount-trainer train --preset light-b --data part_B/train_data --weights mobilenet_v2.safetensors --run runs/b
  torchrun --nproc-per-node 2 -m -- trainer train --preset paper --data part_A/train_data --run runs/a
  deepcount-trainer bench --preset quarter-b
  deepcount-trainer describe deepcount --size 384x512
  deepcount-trainer evaluate runs/b/best.safetensors --data part_B/train_data
  deepcount-trainer export runs/b/best.safetensors --data part_B/train_data --out assets/models/light.onnx
  deepcount-trainer compare light.onnx light.fp16.onnx light.int8.onnx --data part_B/train_data
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit status: 0, 2 for input that cannot be used, 130 after an interrupt."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run_command(options)
    except TrainerError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"{PROGRAM}: {options.when_stopped}", file=sys.stderr)
        return 130
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Train crowd-counting models, measure them, and export them for the engine.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add_prepare(commands.add_parser("prepare", help="check data sets, and draw a contact sheet of each"))
    add_describe(commands.add_parser("describe", help="list a network's layers with parameters and multiply-adds"))
    add_train(commands.add_parser("train", help="train a model; the same command resumes a run that was stopped"))
    add_bench(commands.add_parser("bench", help="measure how fast this machine trains"))
    add_evaluate(
        commands.add_parser("evaluate", help="measure a checkpoint or an exported model on annotated pictures")
    )
    add_examine(commands.add_parser("examine", help="see how a model behaves on nothing, and at other picture sizes"))
    add_export(commands.add_parser("export", help="turn a checkpoint into an ONNX file with its model card"))
    add_compare(commands.add_parser("compare", help="put exported models side by side: size, error, time"))
    return parser
