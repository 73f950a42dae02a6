"""Pictures of an evaluation: counted against annotated people, and the pictures on which the model was most wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import cv2
import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from trainer.datasets import Annotated
from trainer.evaluation.evaluate import Picture
from trainer.evaluation.scores import intervals, scores
from trainer.files import written_whole
from trainer.palette import CAPTION, DPI, GLOW, GROUND, INK, PALE, POINT, TOO_FEW, TOO_MANY

SHOWN = 12
FAINTEST = 0.55
"""Exponent of the density's opacity: below 1, so that single heads show beside a dense crowd."""
COLUMNS = 3
THUMBNAIL = (300, 400)  # pixels, height and width that a picture is fitted into
DIMMED = 0.45
LEAST_GLOW = 0.02
"""People per cell of 8x8 pixels at which the glow is strongest, where a map is almost empty."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture and what was found on it."""

    annotated: Annotated
    found: Picture


def worst_of(found: Sequence[Picture], count: int = SHOWN) -> list[int]:
    """Returns the places of the pictures with the largest absolute errors of the count, the worst first."""
    errors = [-abs(picture.counts["count"] - picture.truth) for picture in found]
    return [int(place) for place in np.argsort(errors, kind="stable")[:count]]


def draw_worst(scenes: Sequence[Scene], title: str, path: Path) -> None:
    """Draws pictures with their density and numbers as a PNG file; needs no screen."""
    rows = ceil(len(scenes) / COLUMNS)
    figure = Figure((17, 1.0 + 2.6 * rows), dpi=DPI, facecolor=GROUND)
    high = figure.get_figheight()
    grid = figure.add_gridspec(rows, 2 * COLUMNS, left=0.012, right=0.988, wspace=0.02, hspace=0.16)
    grid.update(top=1 - 1.12 / high, bottom=0.1 / high)
    y = 1 - 0.2 / high
    figure.text(0.012, y, f"The {len(scenes)} worst pictures", color=INK, fontsize=24, fontweight="bold", va="top")
    figure.text(0.988, y, title, color=PALE, fontsize=12.5, va="top", ha="right")
    said = "left: head points; right: the model's density"
    figure.text(0.988, y - 0.28 / high, said, color=PALE, fontsize=11, va="top", ha="right")
    for place, scene in enumerate(scenes):
        row, column = divmod(place, COLUMNS)
        _draw_scene([figure.add_subplot(grid[row, 2 * column + side]) for side in range(2)], scene)
    with written_whole(path, "sheet of the worst pictures") as partial:
        figure.savefig(partial, format="png", facecolor=GROUND)


def draw_scatter(found: Sequence[Picture], title: str, path: Path) -> None:
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
    axes.set_title(head, color=INK, fontsize=10.5, loc="left", pad=10)
    _finish(axes, limit)
    with written_whole(path, "scatter plot") as partial:
        figure.savefig(partial, format="png", facecolor=GROUND)


def _finish(axes: Axes, limit: float) -> None:
    axes.set_xlim(0, limit)
    axes.set_ylim(0, limit)
    axes.set_aspect("equal")
    axes.set_facecolor(GROUND)
    axes.set_xlabel("annotated people", color=INK, fontsize=11)
    axes.set_ylabel("counted people", color=INK, fontsize=11)
    axes.tick_params(colors=PALE, length=0)
    axes.grid(color=PALE, alpha=0.15)
    for name, spine in axes.spines.items():
        spine.set_visible(name in ("left", "bottom"))
        spine.set_color(PALE)
    axes.legend(facecolor=GROUND, edgecolor="none", labelcolor=INK, loc="upper left")


def _draw_scene(sides: Sequence[Axes], scene: Scene) -> None:
    annotated, found = scene.annotated, scene.found
    height, width = annotated.picture.shape[:2]
    scale = min(THUMBNAIL[0] / height, THUMBNAIL[1] / width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(annotated.picture, size, interpolation=way), np.uint8)
    for axes, pixels in zip(sides, (small, _glowing(small, found.density)), strict=True):
        axes.imshow(pixels, interpolation="lanczos", extent=(0, size[0], size[1], 0))
        axes.set_anchor("NW")
        axes.axis("off")
    points = annotated.points * np.array([size[0] / width, size[1] / height], np.float32)
    dot = float(np.clip(40 / np.sqrt(len(points) + 1), 0.8, 10))
    sides[0].scatter(points[:, 0], points[:, 1], s=dot, c=POINT, linewidths=0)
    error = found.counts["count"] - found.truth
    sides[0].set_title(f"{found.name}   {found.truth:,} annotated", color=INK, loc="left", fontweight="bold", **CAPTION)
    colour = TOO_MANY if error > 0 else TOO_FEW
    said = f"{found.counts['count']:,.0f} counted, {error:+,.0f}"
    sides[1].set_title(said + _map_said(found), color=colour, loc="left", fontweight="bold", **CAPTION)


def _map_said(found: Picture) -> str:
    return "" if found.density is None else f"   map {float(found.density.sum(dtype=np.float64)):,.0f}"


def _glowing(picture: NDArray[np.uint8], density: NDArray[np.float32] | None) -> NDArray[np.uint8]:
    """Lays a map of any size over a dimmed grey picture."""
    grey = DIMMED * np.repeat(picture.mean(axis=2, keepdims=True), 3, axis=2)
    if density is None:
        return np.asarray(grey, np.uint8)
    height, width = picture.shape[:2]
    smooth = cv2.GaussianBlur(resized_map(density, height, width), (0, 0), max(1.0, width / density.shape[1] / 2))
    strongest = max(float(np.percentile(smooth, 99.8)), LEAST_GLOW * density.size / (height * width))
    strength = np.clip(smooth / strongest, 0, 1)[:, :, None] ** FAINTEST
    glow = 255 * colormaps[GLOW](0.25 + 0.75 * strength[:, :, 0])[:, :, :3]
    return np.asarray(grey * (1 - strength) + glow * strength).clip(0, 255).astype(np.uint8)


def resized_map(density: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    """Resizes a map (h, w) to (height, width) people per pixel; its sum stays the count."""
    resized = np.asarray(cv2.resize(density, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    people, now = float(density.sum(dtype=np.float64)), float(resized.sum(dtype=np.float64))
    return resized * np.float32(people / now) if now > 0 else np.full((height, width), people / (height * width), "f4")
