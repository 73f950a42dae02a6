"""Pictures counted as they are and in other ways: what that costs each data set, and how much counts change."""

from collections.abc import Mapping, Sequence
from statistics import median

from trainer.evaluation.evaluate import Measured
from trainer.evaluation.sets import Groups, mean_normalised, name_column, normalised

LEAST = 1.0
"""Person: of pictures that count less, a change says nothing."""


def median_change(before: Sequence[Measured], after: Sequence[Measured]) -> float:
    """Returns the median of |count after / count before - 1| over the pictures that are in both; nan of none."""
    counts = {picture.name: picture.counts["count"] for picture in before}
    changes = [
        abs(picture.counts["count"] / counts[picture.name] - 1)
        for picture in after
        if counts.get(picture.name, 0.0) >= LEAST
    ]
    return median(changes) if changes else float("nan")


def variant_table(title: str, found: Mapping[str, Groups], own: str) -> str:
    """Returns the MAE over people of each data set in each way, their mean, and how counts change, as text.

    Args:
        title: of the table.
        found: in each way, by data sets; a set may lack where none of its pictures can be counted so.
        own: the way that pictures are as they are.
    """
    wide = max(7, *map(len, found)) + 1
    lines = [_line(title, list(found), wide)]
    for name in found[own]:
        errors = [f"{normalised(groups[name]):.3f}" if name in groups else "-" for groups in found.values()]
        lines.append(_line(name, errors, wide))
    lines.append(_line("mean over sets", [f"{mean_normalised(groups):.3f}" for groups in found.values()], wide))
    whole = {way: [picture for part in groups.values() for picture in part] for way, groups in found.items()}
    changes = [f"{median_change(whole[own], pictures):.1%}" for pictures in whole.values()]
    return "\n".join([*lines, _line("median change", changes, wide)])


def _line(name: str, figures: Sequence[str], wide: int) -> str:
    return name_column(name) + "".join(f"{figure:>{wide}}" for figure in figures)
