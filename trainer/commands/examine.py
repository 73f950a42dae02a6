"""`deepcount-trainer examine`: how a model behaves on nothing, at other sizes, and with its map against its count."""

import argparse
from pathlib import Path

from trainer.commands.options import add_data, add_device, device_of, opened
from trainer.datasets import SPLITS, load_all
from trainer.evaluation.behaviour import changes_by_scale, counts_of_empty, empty_tiles, map_figures
from trainer.evaluation.counters import load_counter
from trainer.evaluation.evaluate import measure
from trainer.learning.progress import with_bar

LISTED = 5


def add_examine(parser: argparse.ArgumentParser) -> None:
    """Adds the options of this command."""
    parser.add_argument("model", type=Path, metavar="MODEL", help="checkpoint (.safetensors) or exported model (.onnx)")
    add_data(parser)
    parser.add_argument("--split", choices=SPLITS, default="held-out", help="default: %(default)s")
    add_device(parser)
    parser.set_defaults(run_command=_examine, when_stopped="stopped")


def _examine(options: argparse.Namespace) -> int:
    pictures = load_all(opened(options, options.split))
    counter = load_counter(options.model, device_of(options))
    found = list(measure(counter, with_bar(pictures, "counting")))
    maps = map_figures(pictures, found)
    print(f"density maps of {maps.pictures} pictures with more than 10 people:")
    print(f"  differ from the count by {maps.difference:.1%} (median)")
    print(f"  have {maps.near:.1%} of their mass within two cells of a head point")
    print("counts of resized pictures change by (median):")
    for scale, change in changes_by_scale(counter, pictures, found).items():
        print(f"  {scale:4.2f} times the size: {change:.1%}")
    counts = counts_of_empty(counter, with_bar(empty_tiles(pictures), "empty tiles"))
    below = sum(count < 2 for count, _, _ in counts)
    print(f"empty tiles: {below} of {len(counts)} count below 2; the largest:")
    for count, mass, name in counts[:LISTED]:
        print(f"  {count:6.2f} people, map {mass:6.2f}: {name}")
    return 0
