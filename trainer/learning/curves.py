"""The curves of a training as a picture: the loss above, the errors on the held-out pictures below."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from trainer.files import written_whole
from trainer.learning.log import Evaluation

SIZE_INCHES = (8, 7)


def draw_curves(log: Sequence[Evaluation], path: Path) -> None:
    """Draws a log of at least one evaluation as a PNG file; needs no screen."""
    figure = Figure(SIZE_INCHES, layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    steps = [entry.step for entry in log]
    above.plot(steps, [entry.loss for entry in log], ".-", label="loss")
    _finish(above, "loss")
    below.plot(steps, [entry.mae for entry in log], ".-", label="MAE of the count")
    below.plot(steps, [entry.rmse for entry in log], ".-", label="RMSE of the count")
    for name in log[-1].maps:
        below.plot(steps, [entry.maps[name] for entry in log], linewidth=0.8, alpha=0.6, label=f"MAE of {name}")
    _finish(below, "people")
    below.set_xlabel("step")
    best = min(log, key=lambda entry: entry.mae)
    below.set_title(f"best MAE {best.mae:.2f} at step {best.step}", fontsize="medium")
    with written_whole(path, "curves") as partial:
        figure.savefig(partial, format="png")


def _finish(axes: Axes, quantity: str) -> None:
    axes.set_ylabel(quantity)
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")
