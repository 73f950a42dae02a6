"""Checks data sets before a training spends hours on them: every file is read, counted and compared with the others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from trainer.checking.duplicates import Pair, fingerprint, same_pictures
from trainer.checking.sheet import Sheet, chosen, draw_sheet
from trainer.datasets import HELD_OUT, LEFT_OUT, TEST, TRAIN, PictureSet
from trainer.errors import TrainerError
from trainer.progress import with_bar

ON_A_SHEET = 8
LISTED_PAIRS = 25
NAMED_FILES = 10
WIDTH = 120
"""Characters of a line where there is no terminal."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One picture that can be used."""

    dataset: str
    split: str
    path: Path
    people: int
    moved: int
    fingerprint: NDArray[np.bool_] = field(compare=False, repr=False)

    @property
    def name(self) -> str:
        """Data set and picture."""
        return f"{self.dataset}, {self.path.stem}"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One picture that cannot be used."""

    dataset: str
    split: str
    path: Path
    why: str


class _Members:
    """The pictures of all splits of some data sets, each read when it is asked for."""

    def __init__(self, datasets: Sequence[PictureSet]) -> None:
        self._members = [(dataset, path, split) for dataset in datasets for path, split in dataset.members]

    def __len__(self) -> int:
        return len(self._members)

    def __getitem__(self, index: int) -> Checked | Unreadable:
        dataset, path, split = self._members[index]
        try:
            found = dataset.read(path)
        except TrainerError as error:
            return Unreadable(dataset.name, split, path, str(error))
        return Checked(dataset.name, split, path, len(found.points), found.moved, fingerprint(found.picture))


@dataclass(frozen=True, slots=True)
class Findings:
    """What is in some data sets."""

    checked: tuple[Checked, ...]
    unreadable: tuple[Unreadable, ...]
    pairs: tuple[Pair, ...]
    """Of `checked`."""


def check(datasets: Sequence[PictureSet]) -> Findings:
    """Reads every picture of every split, showing a bar."""
    found = list(with_bar(_Members(datasets), "checking"))
    checked = tuple(item for item in found if isinstance(item, Checked))
    unreadable = tuple(item for item in found if isinstance(item, Unreadable))
    return Findings(checked, unreadable, tuple(same_pictures([item.fingerprint for item in checked])))


def print_findings(findings: Findings) -> None:
    """Prints the table of sets and splits, the pictures that are in them twice, and the files that cannot be read."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    console.print(_table(findings))
    if findings.pairs:
        console.print(*_pair_table(findings), sep="\n", highlight=False)
    for item in findings.unreadable:
        console.print(item.why, style="red", markup=False, highlight=False, soft_wrap=True)


def draw_sheets(datasets: Sequence[PictureSet], findings: Findings, folder: Path) -> list[Path]:
    """Draws a contact sheet of each data set into a folder; returns their paths."""
    drawn: list[Path] = []
    for dataset in datasets:
        items = [item for item in findings.checked if item.dataset == dataset.name]
        if not items:
            continue
        people = [item.people for item in items]
        some = [items[place] for place in chosen(people, ON_A_SHEET)]
        pictures = [dataset.read(item.path) for item in some]
        sheet = Sheet(dataset.name, _facts(items), people, pictures, [item.split for item in some])
        drawn.append(folder / f"{_file_name(dataset.name)}.png")
        draw_sheet(sheet, drawn[-1])
    return drawn


def refuse_unreadable(findings: Findings) -> None:
    """Raises TrainerError naming the pictures that cannot be used, if there are any."""
    names = [item.path.name for item in findings.unreadable]
    if names:
        total = len(names) + len(findings.checked)
        more = f" and {len(names) - NAMED_FILES} more" if len(names) > NAMED_FILES else ""
        raise TrainerError(
            f"{len(names)} of {total} pictures cannot be used: {', '.join(names[:NAMED_FILES])}{more}; "
            "repair or remove them"
        )


def _table(findings: Findings) -> Table:
    """Returns a line for each split of each set, and one for all."""
    table = Table()
    table.add_column("set")
    table.add_column("split")
    for name in ("pictures", "people", "min", "median", "max", "outside", "unreadable"):
        table.add_column(name, justify="right")
    everything: tuple[Checked | Unreadable, ...] = (*findings.checked, *findings.unreadable)
    last = ""
    names = dict.fromkeys(item.dataset for item in everything)
    found = {(item.dataset, item.split) for item in everything}
    for dataset, split in (key for key in product(names, (TRAIN, HELD_OUT, TEST, LEFT_OUT)) if key in found):
        if last and dataset != last:
            table.add_section()
        checked = [item for item in findings.checked if (item.dataset, item.split) == (dataset, split)]
        unreadable = sum((item.dataset, item.split) == (dataset, split) for item in findings.unreadable)
        table.add_row("" if dataset == last else dataset, split, *_row(checked, unreadable))
        last = dataset
    table.add_section()
    table.add_row("all", "", *_row(findings.checked, len(findings.unreadable)), style="bold")
    return table


def _row(checked: Sequence[Checked], unreadable: int) -> list[str]:
    people = [item.people for item in checked]
    spread = [f"{f(people):,.0f}" for f in (min, median, max)] if people else ["-"] * 3
    outside = sum(item.moved for item in checked)
    return [f"{len(people) + unreadable:,}", f"{sum(people):,}", *spread, f"{outside:,}", f"{unreadable:,}"]


def _pair_table(findings: Findings) -> tuple[str, Table]:
    """Returns a heading and the pairs, those first that are in different splits."""
    pairs = [(findings.checked[pair.first], findings.checked[pair.second], pair.bits) for pair in findings.pairs]
    pairs.sort(key=lambda pair: pair[0].split == pair[1].split)
    splits = sum(first.split != second.split for first, second, _ in pairs)
    sets = sum(first.dataset != second.dataset for first, second, _ in pairs)
    title = f"Nearly the same picture, in pairs: {len(pairs):,}, {splits:,} across splits, {sets:,} across data sets"
    table = Table()
    for name in ("picture", "split", "and", "split"):
        table.add_column(name)
    table.add_column("bits of 256", justify="right")
    for first, second, bits in pairs[:LISTED_PAIRS]:
        style = None if first.split == second.split else "yellow"
        table.add_row(first.name, first.split, second.name, second.split, str(bits), style=style)
    if len(pairs) > LISTED_PAIRS:
        table.add_row(f"... and {len(pairs) - LISTED_PAIRS:,} more")
    return title, table


def _facts(items: Sequence[Checked]) -> str:
    people = [item.people for item in items]
    return "   ·   ".join(_said(people, sum(item.moved for item in items)))


def _said(people: Sequence[int], moved: int) -> Iterator[str]:
    yield f"{len(people):,} pictures"
    yield f"{sum(people):,} people"
    yield f"{min(people):,} to {max(people):,} in a picture, median {median(people):,.0f}"
    yield f"{moved:,} points outside, moved to the border"


def _file_name(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name.lower()).strip("-")
