"""The contact sheet of a data set: some of its pictures with their head points, and with the density over them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from typing import Any

import cv2
import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from trainer.datasets import Annotated
from trainer.files import written_whole
from trainer.palette import CAPTION, DPI, GLOW, GROUND, INK, OUTLINE, PALE, PANEL, POINT, TOO_MANY
from trainer.tiles.density import GroundTruthConfig, adaptive_sigmas, density_map

CARDS_IN_A_ROW = 2
LINE_LENGTH = 190
"""Characters of a warning in one line."""
HEAD_INCHES, LINE_INCHES, ROW_INCHES = 1.15, 0.24, 3.2
THUMBNAIL = (360, 480)  # pixels, height and width that a picture is fitted into
GAP = 6  # pixels between a picture and its density
DIMMED = 0.5
LONELY_SIGMA_PX = 18.0
"""Of heads in a picture of three or fewer, in its own pixels; training takes the configured sigma."""
NARROWEST_PX, WIDEST = 1.6, 0.035
"""Sigma on the sheet: pixels, and part of the shorter side."""
HOTTEST = 20.0
"""Times the density of a lonely head, above which the brightest colour begins at the earliest."""


@dataclass(frozen=True, slots=True)
class Card:
    """One picture on a sheet."""

    annotated: Annotated
    note: str
    """A word on it, such as its split."""
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a contact sheet shows."""

    title: str
    facts: str
    """One line below the title."""
    people: Sequence[int]
    """People in every picture of the set."""
    cards: Sequence[Card]
    """The pictures that are shown."""
    warnings: Sequence[str] = ()
    """Sentences on what looks wrong."""


def draw_sheet(sheet: Sheet, path: Path) -> None:
    """Draws a contact sheet of at least one picture as a PNG file; needs no screen."""
    rows = -(-len(sheet.cards) // CARDS_IN_A_ROW)
    lines = [line for text in sheet.warnings for line in wrap(f"!  {text}", LINE_LENGTH, subsequent_indent="    ")]
    warned = LINE_INCHES * len(lines)
    figure = Figure((17, 1.9 + warned + 3.45 * rows), dpi=DPI, facecolor=GROUND)
    heights = [HEAD_INCHES, warned, *([ROW_INCHES] * rows)]
    grid = GridSpec(rows + 2, 2 * CARDS_IN_A_ROW, figure, height_ratios=heights)
    top = 1 - 0.3 / figure.get_figheight()
    grid.update(left=0.018, right=0.982, top=top, bottom=0.012, wspace=0.05, hspace=0.14)
    _head(figure.add_subplot(grid[0, :3]), sheet)
    _histogram(figure.add_subplot(grid[0, 3]), sheet.people)
    _warn(figure.add_subplot(grid[1, :]), lines)
    for place, card in enumerate(sheet.cards):
        row, column = divmod(place, CARDS_IN_A_ROW)
        _card(figure.add_subplot(grid[row + 2, 2 * column : 2 * column + 2]), card)
    with written_whole(path, "contact sheet") as partial:
        figure.savefig(partial, format="png", facecolor=GROUND)


def chosen(people: Sequence[int], count: int) -> list[int]:
    """Returns the places of at most `count` pictures, from the emptiest to the fullest in even steps of rank."""
    ranked = np.argsort(np.asarray(people), kind="stable")
    places = np.linspace(0, len(ranked) - 1, min(count, len(ranked))).round().astype(int)
    return [int(index) for index in ranked[places]]


def overlaid(picture: NDArray[np.uint8], points: NDArray[np.float32], scale: float) -> NDArray[np.uint8]:
    """Lays the density of head points over a dimmed picture; both in its pixels, `scale` times the original's size.

    The Gaussians are the geometry-adaptive ones, as wide as heads are apart: a crowd shows as one, a single person as a
    spot. The glow is as strong for the loneliest head as for a crowd, the colour goes by the density's logarithm.
    """
    height, width = picture.shape[:2]
    dimmed = DIMMED * np.repeat(picture.mean(axis=2, keepdims=True), 3, axis=2)
    if len(points) == 0:
        return dimmed.astype(np.uint8)
    ground_truth = GroundTruthConfig("adaptive", sigma=LONELY_SIGMA_PX * scale, cap=WIDEST)
    sigmas = np.maximum(adaptive_sigmas(points, height=height, width=width, config=ground_truth), NARROWEST_PX)
    density = density_map(points, height=height, width=width, cell=1, sigma=sigmas)
    alone = 1 / (2 * np.pi * float(sigmas.max()) ** 2)
    strength = 0.9 * (1 - np.exp(-1.5 * density / alone))[:, :, None]
    heat = np.log1p(density / alone) / np.log1p(max(float(density.max()) / alone, HOTTEST))
    glow = 255 * colormaps[GLOW](0.3 + 0.7 * heat)[:, :, :3]
    return np.asarray(dimmed * (1 - strength) + glow * strength).clip(0, 255).astype(np.uint8)


def _card(axes: Axes, card: Card) -> None:
    """Draws a picture with its points and, to its right, the same with its density."""
    annotated = card.annotated
    height, width = annotated.picture.shape[:2]
    scale = min(THUMBNAIL[0] / height, THUMBNAIL[1] / width)
    wide, high = max(1, round(width * scale)), max(1, round(height * scale))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(annotated.picture, (wide, high), interpolation=way), np.uint8)
    points = annotated.points * np.array([wide / width, high / height], np.float32)
    left, top = THUMBNAIL[1] - wide, (THUMBNAIL[0] - high) / 2
    for x, pixels in ((left, small), (THUMBNAIL[1] + GAP, overlaid(small, points, scale))):
        axes.imshow(pixels, interpolation="lanczos", extent=(x, x + wide, top + high, top))
    dot = float(np.clip(90 / np.sqrt(len(points) + 1), 1.6, 16))
    x, y = points[:, 0] + left, points[:, 1] + top
    axes.scatter(x, y, s=dot, c=POINT, edgecolors=OUTLINE, linewidths=0.3 * dot**0.3)
    axes.set_xlim(0, 2 * THUMBNAIL[1] + GAP)
    axes.set_ylim(THUMBNAIL[0], 0)
    axes.set(facecolor=PANEL, xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    moved = f", {annotated.moved} from outside" if annotated.moved else ""
    people = f"{len(points):,} {'person' if len(points) == 1 else 'people'}{moved}"
    axes.set_title(f"{annotated.name}   {people}", loc="left", color=INK, fontweight="bold", **CAPTION)
    colour = TOO_MANY if card.is_warning else PALE
    axes.set_title(f"{width} × {height}   {card.note}", loc="right", color=colour, **CAPTION)


def _head(axes: Axes, sheet: Sheet) -> None:
    axes.axis("off")
    look: dict[str, Any] = {"va": "top", "transform": axes.transAxes, "parse_math": False}
    axes.text(0, 0.92, sheet.title, color=INK, fontsize=26, fontweight="bold", **look)
    axes.text(0, 0.34, sheet.facts, color=PALE, fontsize=12.5, **look)


def _warn(axes: Axes, lines: Sequence[str]) -> None:
    axes.axis("off")
    look: dict[str, Any] = {"va": "top", "transform": axes.transAxes, "parse_math": False}
    axes.text(0, 1, "\n".join(lines), color=TOO_MANY, fontsize=11.5, linespacing=1.35, **look)


def _histogram(axes: Axes, people: Sequence[int]) -> None:
    axes.set_facecolor(GROUND)
    axes.hist(people, bins=40, color=POINT, alpha=0.9)
    axes.set_yticks([])
    axes.set_title("pictures by people in them", color=PALE, fontsize=9.5, loc="left", pad=3)
    axes.tick_params(axis="x", colors=PALE, labelsize=8.5, length=0, pad=2)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    for name, spine in axes.spines.items():
        spine.set_visible(name == "bottom")
        spine.set_color(PALE)
