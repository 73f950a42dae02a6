"""`deepcount-trainer describe`: prints what a network consists of."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from trainer.checkpoints import load_checkpoint
from trainer.commands.options import size_in_pixels
from trainer.config import model_from, overridden
from trainer.errors import TrainerError
from trainer.evaluation.counters import CHECKPOINT
from trainer.geometry import TILE
from trainer.networks.deepcount import BEHIND
from trainer.networks.describe import BACKEND, FRONTEND, Layer, layers_of, operations_of, parts_of, total
from trainer.networks.families import FAMILIES
from trainer.networks.model import ModelConfig

MILLION, BILLION = 1e6, 1e9
WIDTH = 100  # characters, where the output is no terminal


def add_describe(parser: argparse.ArgumentParser) -> None:
    """Adds the options of this command."""
    add = parser.add_argument
    add("model", metavar="MODEL", help=f"{' or '.join(FAMILIES)}, or a checkpoint ({CHECKPOINT})")
    about = "input, or several of which the first is shown layer by layer (default: 384x512)"
    add("--size", type=size_in_pixels, nargs="+", default=[TILE], metavar="HxW", help=about)
    add("--width", metavar="FACTOR", help="of the channels (default: 1)")
    add("--frontend", choices=BEHIND, help="default: vgg16")
    add("--branches", type=_branches, metavar="N,N", help="of DeepCount's five, or none (default: 1,2,3,4,5)")
    about = "another of the family's keys, as in a preset's table [model], such as more_layers=2"
    add("--set", action="append", default=[], metavar="KEY=VALUE", help=about)
    add("--json", action="store_true", help="print JSON in place of the table")
    parser.set_defaults(run_command=_describe, when_stopped="stopped")


def _describe(options: argparse.Namespace) -> int:
    config = _config(options)
    layers = [layers_of(config, size) for size in options.size]
    if options.json:
        records = [_record(config, *each) for each in zip(options.size, layers, strict=True)]
        print(json.dumps(records if len(records) > 1 else records[0], indent=2))
        return 0
    console = Console() if Console().is_terminal else Console(width=WIDTH)
    console.print(_table(config, options.size[0], layers[0]))
    for line in _conclusions(layers[0]):
        console.print(line, highlight=False)
    for size, own in zip(options.size, layers, strict=True):
        console.print(_billions(config, size, own), highlight=False)
    return 0


def _config(options: argparse.Namespace) -> ModelConfig:
    if options.model in FAMILIES:
        config = FAMILIES[options.model].config()
    elif options.model.endswith(CHECKPOINT):
        config = load_checkpoint(Path(options.model)).config.model
    else:
        known = f"{', '.join(FAMILIES)} or a checkpoint that ends in {CHECKPOINT}"
        raise TrainerError(f"model {options.model!r} is not known, expected {known}")
    table = json.loads(json.dumps(asdict(config)))
    given = {name: getattr(options, name) for name in ("frontend", "branches")}
    changes = [f"{name}={json.dumps(value)}" for name, value in given.items() if value is not None]
    changes += [] if options.width is None else [f"width={options.width}"]
    return model_from(overridden(table, [*changes, *options.set]))


def _branches(text: str) -> tuple[int, ...]:
    words = [] if text == "none" else text.split(",")
    if not all(word.isdecimal() for word in words):
        raise argparse.ArgumentTypeError(f"{text!r} is no list of branches, such as 1,3, and not none")
    return tuple(int(word) for word in words)


def _table(config: ModelConfig, size: tuple[int, int], layers: Sequence[Layer]) -> Table:
    title = f"{config.family}, {config.frontend_name}, width {config.width:g}, one input of {size[0]}x{size[1]}"
    table = Table(title=title, title_justify="left")
    for name in ("part", "layer", "output"):
        table.add_column(name, no_wrap=True)
    for name in ("parameters", "M mult-adds"):
        table.add_column(name, justify="right", no_wrap=True)
    for part, members in parts_of(layers).items():
        for place, layer in enumerate(members):
            figures = f"{layer.parameters:,}", _millions(layer.multiply_adds)
            table.add_row(part if place == 0 else "", layer.kind, layer.output, *figures)
        of_part = total(members)
        figures = f"{of_part.parameters:,}", _millions(of_part.multiply_adds)
        table.add_row("", f"total of {part}", "", *figures, style="bold", end_section=True)
    everything = total(layers)
    table.add_row("in all", "", "", f"{everything.parameters:,}", _millions(everything.multiply_adds), style="bold")
    return table


def _conclusions(layers: Sequence[Layer]) -> list[str]:
    parts = parts_of(layers)
    counting = total([*parts[FRONTEND], *parts[BACKEND]])
    lines = [f"to count: {_costs(counting.parameters, counting.multiply_adds)}"]
    for part, members in parts.items():
        if part not in (FRONTEND, BACKEND):
            more = total(members)
            work = counting.multiply_adds + more.multiply_adds
            lines.append(f"with the map of {part}: {_costs(counting.parameters + more.parameters, work)}")
    return lines


def _costs(parameters: int, multiply_adds: int) -> str:
    return f"{parameters / MILLION:.2f} million parameters, {multiply_adds / MILLION:,.0f} million multiply-adds"


def _billions(config: ModelConfig, size: tuple[int, int], layers: Sequence[Layer]) -> str:
    """Says what an input costs in our way of counting, and in that of SKT's table, which others quote."""
    everything, theirs = total(layers), operations_of(config, size)
    return (
        f"at {size[0]}x{size[1]}: {everything.multiply_adds / BILLION:,.2f} G multiply-adds; "
        f"{theirs / BILLION:,.2f} G with biases, activations and poolings"
    )


def _millions(value: int) -> str:
    """Says millions as the paper's Table 3 does: whole ones, and smaller figures as far as they say something."""
    millions = value / MILLION
    return f"{millions:,.0f}" if millions >= 1 else f"{millions:.1g}"


def _record(config: ModelConfig, size: tuple[int, int], layers: Sequence[Layer]) -> dict[str, object]:
    mean, deviation = config.pixels
    return {
        "model": asdict(config),
        "size": list(size),
        "preprocessing": {"colours": "RGB, 0 to 1", "mean": mean, "deviation": deviation},
        "layers": [asdict(layer) for layer in layers],
        "parts": {part: asdict(total(members)) for part, members in parts_of(layers).items()},
        "total": asdict(total(layers)),
        "operations": operations_of(config, size),
    }
