"""A study as a picture: the errors of all its trainings beside each other, and how they fell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from trainer.evaluation.spread import COUNT, Row
from trainer.files import written_whole
from trainer.palette import DPI, GROUND, INK, PALE, PANEL, POINT, TOO_FEW

Curve = tuple[Sequence[int], Sequence[float]]
"""Steps, and what is compared on the held-out pictures at each."""
MOST_NAMED = 12
"""Curves that a legend still helps to tell apart."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a picture of a study says."""

    title: str
    publisher: str
    """Who reports the figures beside."""
    measure: str
    """What is compared."""


def draw_study(rows: Sequence[Row], curves: Mapping[str, Sequence[Curve]], shown: Shown, path: Path) -> None:
    """Draws a study of at least one training as a PNG file; needs no screen.

    Args:
        rows: of its table.
        curves: by the name of their row.
        shown: what it is of.
        path: of the file.
    """
    height = 2.4 + 0.34 * len(rows)
    figure = Figure((11.5, max(4.2, height)), dpi=DPI, facecolor=GROUND, layout="constrained")
    left, right = figure.subplots(1, 2)
    _draw_errors(left, rows, shown)
    for number, (name, alike) in enumerate(curves.items()):
        for first, (steps, errors) in enumerate(alike):
            label = None if first else name
            right.plot(steps, errors, ".-", color=f"C{number % 10}", linewidth=1.1, label=label)
    _finish(right, "step", f"{shown.measure} on held-out pictures")
    right.set_ylim(bottom=0)
    if len(curves) <= MOST_NAMED:
        right.legend(facecolor=GROUND, edgecolor="none", labelcolor=INK, fontsize="small")
    figure.suptitle(shown.title, color=INK, fontsize=11, parse_math=False)
    with written_whole(path, "picture") as partial:
        figure.savefig(partial, format="png", facecolor=GROUND)


def _draw_errors(axes: Axes, rows: Sequence[Row], shown: Shown) -> None:
    first = next((place for place, row in enumerate(rows) if COUNT in row.published), None)
    for place, row in enumerate(rows):
        found = row.mae()
        axes.barh(place, found.mean, height=0.6, color=PANEL, edgecolor=PALE, linewidth=0.8)
        if found.deviation is not None:
            axes.errorbar(found.mean, place, xerr=found.deviation, color=PALE, capsize=4)
        errors = [outcome.mae[COUNT] for outcome in row.outcomes]
        axes.scatter(errors, [place] * len(errors), s=26, color=POINT, zorder=3, label="each" if place == 0 else None)
        if COUNT in row.published:
            label = shown.publisher if place == first else None
            axes.scatter(row.published[COUNT], place, s=160, marker="|", color=TOO_FEW, zorder=4, label=label)
    axes.set_yticks(range(len(rows)), [row.name for row in rows], parse_math=False)
    axes.invert_yaxis()
    axes.set_xlim(left=0)
    axes.legend(
        facecolor=GROUND,
        edgecolor="none",
        labelcolor=INK,
        fontsize="small",
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=2,
    )
    _finish(axes, shown.measure, "")


def _finish(axes: Axes, x: str, y: str) -> None:
    axes.set_facecolor(GROUND)
    axes.set_xlabel(x, color=INK)
    axes.set_ylabel(y, color=INK)
    axes.tick_params(colors=PALE, labelcolor=INK, labelsize="small")
    axes.grid(alpha=0.15)
    for spine in axes.spines.values():
        spine.set_color(PALE)
