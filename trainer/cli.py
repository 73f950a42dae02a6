"""The command line `deepcount-trainer`: train, evaluate, export."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from trainer.card import Subject, write_card
from trainer.checkpoint import load_checkpoint
from trainer.config import load_config, preset_names
from trainer.counters import EXPORTED, load_counter, onnx_counter, torch_counter
from trainer.dataset import SPLITS, ShanghaiTech, load_all
from trainer.errors import TrainerError
from trainer.evaluate import measure, score_table, scores, write_csv
from trainer.export import LARGEST_DIFFERENCE, export, file_hash
from trainer.files import made_folder
from trainer.loop import BEST, LAST, Run, Trainer, train
from trainer.progress import with_bar
from trainer.tiling import sample_tiles

PROGRAM = "deepcount-trainer"
EXAMPLES = """examples:
  deepcount-trainer train --preset light-b --data part_B/train_data --weights mobilenet_v2.safetensors --run runs/b
  deepcount-trainer evaluate runs/b/best.safetensors --data part_B/train_data
  deepcount-trainer export runs/b/best.safetensors --data part_B/train_data --out assets/models/light.onnx
"""
UNSTATED_LICENCE = "research use only: ShanghaiTech states no licence"
COMPARED_TILES = 50


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
    _add_train(commands.add_parser("train", help="train a model; the same command resumes a run that was stopped"))
    _add_evaluate(
        commands.add_parser("evaluate", help="measure a checkpoint or an exported model on annotated pictures")
    )
    _add_export(commands.add_parser("export", help="turn a checkpoint into an ONNX file with its model card"))
    return parser


def _add_train(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    _add_data(parser)
    add("--run", type=Path, required=True, metavar="DIR", help="run folder: checkpoints and log; resumed if it has any")
    add("--preset", metavar="NAME", help=f"{', '.join(preset_names())}, or a TOML file (default: the paper's values)")
    add("--weights", type=Path, metavar="FILE", help="pretrained frontend as safetensors (default: none)")
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="change a value, such as optimiser.rate=3e-4")
    _add_device(parser)
    parser.set_defaults(run_command=_train, when_stopped="stopped; the same command goes on from here")


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("model", type=Path, metavar="MODEL", help="checkpoint (.safetensors) or exported model (.onnx)")
    _add_data(parser)
    add("--split", choices=SPLITS, default="held-out", help="held-out is every tenth picture (default: %(default)s)")
    add("--csv", type=Path, metavar="FILE", help="write what was counted on each picture")
    _add_device(parser)
    parser.set_defaults(run_command=_evaluate, when_stopped="stopped; nothing was written")


def _add_export(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("checkpoint", type=Path, metavar="CHECKPOINT", help="trained model (.safetensors)")
    _add_data(parser)
    add("--out", type=Path, required=True, metavar="FILE.onnx", help="the model; its card is written beside it as .md")
    add("--branch", type=int, default=1, metavar="N", help="whose density map: 1 (48x64 cells, default) to 5 (3x4)")
    add("--name", help="what users call the model (default: the file's name)")
    add("--licence", default=UNSTATED_LICENCE, metavar="TEXT", help="of the weights (default: %(default)s)")
    add("--tiles", type=int, default=COMPARED_TILES, help="held-out tiles to compare on (default: %(default)s)")
    parser.set_defaults(run_command=_export, when_stopped="stopped; no half-written file is left")


def _add_data(parser: argparse.ArgumentParser) -> None:
    about = "ShanghaiTech folder with images/ and ground-truth/"
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help=about)


def _add_device(parser: argparse.ArgumentParser) -> None:
    best = "cuda" if torch.cuda.is_available() else "cpu"
    parser.add_argument("--device", default=best, help="cpu or cuda (default: %(default)s)")


def _device(name: str) -> torch.device:
    try:
        return torch.zeros((), device=name).device
    except (RuntimeError, AssertionError):  # of an unknown name, and of one that this build or machine lacks
        raise TrainerError(f"device {name!r} cannot be used here; --device cpu always can") from None


def _train(options: argparse.Namespace) -> int:
    config = load_config(options.preset, options.set)
    training, held_out = (ShanghaiTech(options.data, split) for split in SPLITS[:2])
    trainer = Trainer(config, _device(options.device))
    if (options.run / LAST).exists():
        trainer.resume(load_checkpoint(options.run / LAST))
        print(f"resuming at step {trainer.steps_done}")
    elif options.weights:
        trainer.load_frontend(options.weights)
    if trainer.facts.setdefault("data", training.name) != training.name:
        raise TrainerError(f"{options.run} holds a training on {trainer.facts['data']}; choose another --run")
    data = load_all(training)
    people, moved = sum(len(a.points) for a in data), sum(a.moved for a in data)
    print(f"{training.name}: {len(data)} pictures, {people} people ({moved} moved to the border)")
    best = train(trainer, Run(made_folder(options.run, "run folder"), data, load_all(held_out)))
    print(f"best on {len(held_out)} held-out pictures: MAE {best.mae:.2f}, RMSE {best.rmse:.2f} at step {best.step}")
    print(f"written: {options.run / BEST}")
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    dataset = ShanghaiTech(options.data, options.split)
    counter = load_counter(options.model, _device(options.device))
    found = list(measure(counter, with_bar(dataset, "evaluating")))
    if options.csv:
        write_csv(found, options.csv)
    print(f"{dataset.name}, {options.split}: {len(found)} pictures, {sum(p.truth for p in found)} people")
    print(score_table(found))
    return 0


def _export(options: argparse.Namespace) -> int:
    if options.out.suffix != EXPORTED:
        raise TrainerError(f"output {options.out} has the ending {options.out.suffix!r}, expected {EXPORTED}")
    checkpoint, held_out = load_checkpoint(options.checkpoint), ShanghaiTech(options.data, "held-out")
    tiles = sample_tiles(load_all(held_out), options.tiles)
    made_folder(options.out.parent, "output folder")
    before = list(measure(torch_counter(checkpoint.network()), with_bar(held_out, "measuring the checkpoint")))
    facts = {
        "name": options.name or options.out.stem,
        "licence": options.licence,
        "checkpoint_hash": file_hash(options.checkpoint),
        "validation_data": f"{held_out.name}, {len(held_out)} held-out pictures",
        "validation_mae": f"{scores(before).mae:.3f}",
        "validation_rmse": f"{scores(before).rmse:.3f}",
    }
    parity = export(checkpoint, options.out, tiles, branch=options.branch, facts=facts)
    print(
        f"largest difference of a count over {parity.tiles} tiles: {parity.count:.5%} (limit {LARGEST_DIFFERENCE:.1%})"
    )
    after = list(measure(onnx_counter(options.out), with_bar(held_out, "measuring the export")))
    print(score_table(after))
    card = write_card(Subject(options.out, checkpoint, options.checkpoint.name, options.data), parity, before, after)
    print(f"written: {options.out} and {card}")
    return 0
