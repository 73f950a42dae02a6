"""`deepcount-trainer compare`: exported models side by side, on the same pictures and the same processor."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from trainer.commands.options import add_data, add_split, opened, parts_in
from trainer.datasets import Dataset
from trainer.errors import TrainerError
from trainer.evaluation.comparison import MILLION, Compared, change_of, costs_of, write_comparison
from trainer.evaluation.counters import TileCounter, onnx_counter
from trainer.evaluation.evaluate import Measured, measure
from trainer.evaluation.groups import by_data_set
from trainer.evaluation.plots import draw_comparison
from trainer.evaluation.scores import scores
from trainer.evaluation.sets import mean_normalised
from trainer.evaluation.speed import ROUNDS, ms_per_tile
from trainer.exporting.export import metadata_of
from trainer.files import made_folder
from trainer.learning.environment import environment
from trainer.progress import with_bar

TABLE, PLOT = "comparison.csv", "comparison.png"
WIDTH = 120  # characters, where the output is no terminal and that is enough
WIDEST = 1000
LONGEST_NAME, LEAST_WIDTH = 30, 7  # of a model on one line, of a data set
ABOUT = f"""\
Counts the same annotated pictures with several exported models, then lets them take turns on one tile,
{ROUNDS} times, and takes the median of each. Made for the question whether fp16 or int8 is worth it:

  deepcount-trainer compare light.onnx light.fp16.onnx light.int8.onnx --data part_A/train_data --data part_B/train_data

The table has for each model: the mean absolute error of the count on each data set and over all pictures;
that of each set over the people in one of its pictures, as the mean over sets (MAE/people); the root of the
mean squared error over all pictures; by how much the absolute one is above that of the first fp32 model whose
name begins alike (light for light.int8), or else of the first model named; the milliseconds in which the
processor counts a tile of 384x512, without its density map; the size of the file; and what counting a tile
costs, in million multiply-adds (each counted once) and parameters, as `describe` counts them.

A change of the error below the width of its 95 % interval, which `evaluate` tells, can be chance. Time and
error are measured on this machine's processor; on another one int8 may be faster, or slower than fp32.
Only a machine that does nothing else gives times that can be quoted.
"""


def add_compare(parser: argparse.ArgumentParser) -> None:
    """Adds the options of this command."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = ABOUT
    add = parser.add_argument
    add("models", type=Path, nargs="+", metavar="MODEL", help="exported model (.onnx)")
    add_data(parser)
    add_split(parser)
    cores = os.cpu_count() or 1
    add("--threads", type=int, default=cores, metavar="N", help="for the times (default: one per core, %(default)s)")
    add("--out", type=Path, metavar="DIR", help=f"write {TABLE} and {PLOT}: errors against times")
    parser.set_defaults(run_command=_compare, when_stopped="stopped; nothing was written")


def _compare(options: argparse.Namespace) -> int:
    if options.threads < 1:
        raise TrainerError(f"--threads is {options.threads}, expected at least 1")
    dataset = opened(options, options.split)
    counters = {path: onnx_counter(path) for path in options.models}
    folder = made_folder(options.out, "output folder") if options.out else None
    conditions = {
        "data": f"{dataset.name}, {options.split}",
        "pictures": str(len(dataset)),
        "threads": str(options.threads),
        "processor": str(environment(torch.device("cpu"))["processor"]),
    }
    rows = _compared(counters, dataset, options.threads, parts_in(options))
    console = show_table(rows)
    console.print(_said(conditions), highlight=False, markup=False, soft_wrap=True)
    if folder:
        write_comparison(rows, folder / TABLE, conditions)
        draw_comparison(rows, _said(conditions), folder / PLOT)
        print(f"written: {folder / TABLE}, {folder / PLOT}")
    return 0


def _compared(
    counters: Mapping[Path, TileCounter], dataset: Dataset, threads: int, parts: Mapping[str, str]
) -> list[Compared]:
    names = _names(list(counters))
    found = {
        path: [replace(picture, density=None) for picture in measure(counter, with_bar(dataset, names[path]))]
        for path, counter in counters.items()
    }
    times = ms_per_tile(list(counters), threads, with_bar(range(ROUNDS), "taking turns", "rounds"))
    return [
        _row(path, names[path], by_data_set(found[path], dataset.name, parts), time)
        for path, time in zip(counters, times, strict=True)
    ]


def _names(paths: Sequence[Path]) -> dict[Path, str]:
    """Returns what to call each file: its name, with its folders where two are called alike."""
    stems = [path.stem for path in paths]
    return {path: path.stem if stems.count(path.stem) == 1 else str(path.with_suffix("")) for path in paths}


def _row(path: Path, name: str, found: Mapping[str, list[Measured]], time: float) -> Compared:
    facts = metadata_of(path)
    by_set = {data_set: scores(pictures) for data_set, pictures in found.items()}
    together = scores([picture for pictures in found.values() for picture in pictures])
    return Compared(
        name=name,
        precision=facts.get("precision", "fp32"),
        megabytes=path.stat().st_size / MILLION,
        costs=costs_of(facts),
        maes={data_set: own.mae for data_set, own in by_set.items()},
        rmses={data_set: own.rmse for data_set, own in by_set.items()},
        mae=together.mae,
        rmse=together.rmse,
        normalised=mean_normalised(found),
        ms_per_tile=time,
    )


def show_table(rows: Sequence[Compared]) -> Console:
    """Prints the table, in a file or a pipe as wide as its figures are; returns where it was printed."""
    table, console = _table(rows), Console()
    if not console.is_terminal:
        least = Console(width=WIDEST).measure(table).minimum
        console = Console(width=max(WIDTH, least))
    console.print(table)
    return console


def _table(rows: Sequence[Compared]) -> Table:
    title = "MAE of the count in people on each data set; time of one tile, count only"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, collapse_padding=True)
    table.add_column("model", no_wrap=max(len(row.name) for row in rows) <= LONGEST_NAME, overflow="fold")
    table.add_column("precision", no_wrap=True)
    together = ["all", "MAE/\npeople"] if len(rows[0].maes) > 1 else []
    for name in rows[0].maes:
        table.add_column(escape(name), justify="right", overflow="fold", min_width=LEAST_WIDTH)
    for name in (
        *together,
        "RMSE",
        "change",
        "ms/tile",
        "MB",
        "M mult-\nadds",
        "M para-\nmeters",
    ):  # a screen may cut the last
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*_cells(row, rows))
    return table


def _cells(row: Compared, rows: Sequence[Compared]) -> list[str]:
    change = change_of(row, rows)
    costs = [f"{row.costs.multiply_adds / MILLION:,.0f}", f"{row.costs.parameters / MILLION:.2f}"] if row.costs else []
    maes = [f"{mae:.2f}" for mae in row.maes.values()]
    together = [f"{row.mae:.2f}", f"{row.normalised:.3f}"] if len(maes) > 1 else []
    return [
        escape(row.name),
        escape(row.precision),
        *maes,
        *together,
        f"{row.rmse:.2f}",
        "-" if change is None else f"{change:+.1%}",
        f"{row.ms_per_tile:.1f}",
        f"{row.megabytes:.1f}",
        *(costs or ["-", "-"]),
    ]


def _said(conditions: Mapping[str, str]) -> str:
    pictures = f"{conditions['data']}: {conditions['pictures']} pictures"
    threads = conditions["threads"]
    return f"{pictures}\n{threads} {'thread' if threads == '1' else 'threads'} of {conditions['processor']}"
