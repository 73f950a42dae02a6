"""Plots of an evaluation: counted against annotated people, and the errors of several models against their times."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from trainer.evaluation.comparison import Compared
from trainer.evaluation.evaluate import Measured
from trainer.evaluation.scores import intervals, scores
from trainer.files import written_whole
from trainer.palette import DPI, GROUND, INK, PALE, POINT, TOO_FEW, TOO_MANY

PRECISIONS = {"fp32": POINT, "fp16": TOO_FEW, "int8": TOO_MANY}
"""Their colours; others are pale."""
LABEL = 0.09
"""How far apart labels are, in heights of the plot."""


def draw_scatter(found: Sequence[Measured], title: str, path: Path) -> None:
    """Draws counted against annotated people, with the line on which both are equal, as a PNG file."""
    truths = np.array([picture.truth for picture in found], np.float64)
    counts = np.array([picture.counts["count"] for picture in found])
    figure = Figure((7.6, 8.1), dpi=DPI, facecolor=GROUND, layout="constrained")
    axes = figure.add_subplot()
    limit = 1.06 * max(float(truths.max()), float(counts.max()), 1.0)
    axes.plot([0, limit], [0, limit], color=PALE, linewidth=1.2)
    for sign, colour, word in ((1, TOO_MANY, "too many"), (-1, TOO_FEW, "too few")):
        side = np.sign(counts - truths) == sign
        axes.vlines(truths[side], truths[side], counts[side], color=colour, alpha=0.35, linewidth=1)
        axes.scatter(truths[side], counts[side], s=34, color=colour, edgecolors=GROUND, linewidths=0.6, label=word)
    now, range_ = scores(found), intervals(found)
    mae, rmse = (f"{low:.1f} to {high:.1f}" for low, high in (range_.mae, range_.rmse))
    head = f"{title}\n\nMAE {now.mae:.1f} (95 %: {mae})    RMSE {now.rmse:.1f} (95 %: {rmse})    bias {now.bias:+.1f}"
    axes.set_title(head, parse_math=False, color=INK, fontsize=10.5, loc="left", pad=10)
    axes.set_xlim(0, limit)
    axes.set_ylim(0, limit)
    axes.set_aspect("equal")
    _finish(axes, "annotated people", "counted people")
    axes.legend(facecolor=GROUND, edgecolor="none", labelcolor=INK, loc="upper left")
    with written_whole(path, "scatter plot") as partial:
        figure.savefig(partial, format="png", facecolor=GROUND)


def draw_comparison(models: Sequence[Compared], title: str, path: Path) -> None:
    """Draws the MAE of models against their milliseconds per tile, as a PNG file; below and to the left is better."""
    figure = Figure((9.8, 6.2), dpi=DPI, facecolor=GROUND, layout="constrained")
    axes = figure.add_subplot()
    times, errors = [model.ms_per_tile for model in models], [model.mae for model in models]
    axes.set_xscale("log")
    axes.set_xlim(min(times) / 1.4, max(times) * 1.4)
    spread = max(max(errors) - min(errors), 0.1 * max(errors), 0.1)
    axes.set_ylim(max(0.0, min(errors) - 0.35 * spread), max(errors) + 0.35 * spread)
    axes.scatter(times, errors, s=70, color=[PRECISIONS.get(model.precision, PALE) for model in models], zorder=3)
    _label(axes, models)
    head = f"Error and time of exported models\n{title}\n"
    axes.set_title(head, parse_math=False, color=INK, fontsize=10.5, loc="left", pad=10)
    _finish(axes, "ms per tile of 384x512, count only", "MAE of the count, people")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_locator(NullLocator())
    with written_whole(path, "comparison plot") as partial:
        figure.savefig(partial, format="png", facecolor=GROUND)


def _label(axes: Axes, models: Sequence[Compared]) -> None:
    """Writes names and figures beside the plot, each with a line to its point; spread where they would overlap."""
    low, high = axes.get_ylim()
    last = -LABEL
    for model in sorted(models, key=lambda model: model.mae):
        last = max((model.mae - low) / (high - low), last + LABEL)
        axes.annotate(
            f"{model.name} ({model.precision})\n{model.mae:.1f} people, {model.ms_per_tile:.0f} ms",
            (model.ms_per_tile, model.mae),
            xytext=(1.03, last),
            textcoords="axes fraction",
            parse_math=False,
            color=INK,
            fontsize=10,
            va="center",
            arrowprops={"arrowstyle": "-", "color": PALE, "alpha": 0.5, "linewidth": 0.8},
        )


def _finish(axes: Axes, along: str, up: str) -> None:
    axes.set_facecolor(GROUND)
    axes.set_xlabel(along, color=INK, fontsize=11)
    axes.set_ylabel(up, color=INK, fontsize=11)
    axes.tick_params(colors=PALE, length=0)
    axes.grid(color=PALE, alpha=0.15)
    for name, spine in axes.spines.items():
        spine.set_visible(name in ("left", "bottom"))
        spine.set_color(PALE)
