"""What was found in data sets, for the terminal: a table, doubles, what looks wrong, and what is not used."""

from collections.abc import Sequence
from itertools import product
from statistics import median

from rich.console import Console
from rich.table import Table

from trainer.checking.prepare import NAMED_FILES, Aside, Checked, Findings, Unreadable
from trainer.datasets import HELD_OUT, LEFT_OUT, TEST, TRAIN

LISTED_PAIRS = 25
WIDTH = 120
"""Characters of a line where there is no terminal."""


def print_findings(findings: Findings) -> None:
    """Prints the table of sets and splits, pictures that are in them twice, and what looks wrong or is not used."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    console.print(_table(findings))
    if findings.pairs:
        console.print(*_pair_table(findings), sep="\n", highlight=False)
    for aside in findings.asides:
        _print_aside(console, aside)
    for item in findings.unreadable:
        _print(console, item.why, "red")


def _print_aside(console: Console, aside: Aside) -> None:
    for remark in aside.remarks:
        _print(console, f"{aside.dataset}, {remark}")
    for suspicion in aside.suspicions:
        _print(console, f"{aside.dataset}, warning: {suspicion.text}", "yellow")
    for why in dict.fromkeys(item.why for item in aside.unused):
        what = [item.what for item in aside.unused if item.why == why]
        more = f" and {len(what) - NAMED_FILES:,} more" if len(what) > NAMED_FILES else ""
        _print(console, f"{aside.dataset}, not used, {why}: {', '.join(what[:NAMED_FILES])}{more}", "yellow")


def _print(console: Console, text: str, style: str | None = None) -> None:
    console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


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
