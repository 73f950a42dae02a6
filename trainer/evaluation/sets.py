"""Errors on several data sets: of each apart, and the mean of what they are relative to the people that are there.

An error in people says little of several sets: dense ones would outweigh all others. That of a set is divided by how
many people its pictures have on average; the mean over sets is what models are chosen by.
"""

from collections.abc import Mapping, Sequence
from statistics import fmean

from trainer.evaluation.evaluate import Measured
from trainer.evaluation.scores import intervals, scores

Groups = Mapping[str, Sequence[Measured]]
"""Pictures by their data sets."""
NAME_WIDTH = 26  # characters


def normalised(found: Sequence[Measured], output: str = "count") -> float:
    """Returns the MAE of an output over the mean number of people in a picture; of nobody at all, over one person."""
    people = fmean(picture.truth for picture in found)
    return scores(found, output).mae / (people or 1.0)


def mean_normalised(groups: Groups, output: str = "count") -> float:
    """Returns the mean of the normalised errors of at least one data set, each as heavy as any other."""
    return fmean(normalised(found, output) for found in groups.values())


def set_table(groups: Groups) -> str:
    """Returns a line for the count on each data set, and one with the mean over them, as text in columns."""
    figures = f"{'pictures':>9}{'people':>9}{'MAE':>9}{'95 %':>16}{'RMSE':>9}{'bias':>9}{'MAE/people':>12}"
    head = f"{name_column('data set')}{figures}"
    lines = [head, *(_line(name, found) for name, found in groups.items())]
    width = len(head) - 12
    return "\n".join([*lines, f"{f'mean over {len(groups)} sets':<{width}}{mean_normalised(groups):12.3f}"])


def name_column(name: str) -> str:
    """Returns a name as the first column of a table has it, shortened where it is too long."""
    shown = name if len(name) < NAME_WIDTH else f"{name[: NAME_WIDTH - 2]}…"
    return f"{shown:<{NAME_WIDTH}}"


def _line(name: str, found: Sequence[Measured]) -> str:
    now, people = scores(found), fmean(picture.truth for picture in found)
    low, high = intervals(found).mae
    range_ = f"{low:.2f} - {high:.2f}"
    return (
        f"{name_column(name)}{now.pictures:9}{people:9.1f}{now.mae:9.2f}{range_:>16}{now.rmse:9.2f}{now.bias:+9.2f}"
        f"{normalised(found):12.3f}"
    )
