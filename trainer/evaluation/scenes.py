"""Sheets of pictures with what was found on them: head points, density, annotated and counted people."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from math import ceil
from pathlib import Path
from textwrap import shorten
from typing import Any

import cv2
import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from trainer.datasets import Annotated
from trainer.evaluation.evaluate import Measured
from trainer.files import written_whole
from trainer.palette import GLOW, GROUND, INK, PALE, POINT, TOO_FEW, TOO_MANY

FAINTEST = 0.55
"""Exponent of the density's opacity: below 1, so that single heads show beside a dense crowd."""
COLUMNS = 3
THUMBNAIL = (300, 400)  # pixels, height and width that a picture is fitted into
DIMMED = 0.45
LEAST_GLOW = 0.02
"""People per cell of 8x8 pixels at which the glow is strongest, where a map is almost empty."""
DPI = 100
WIDTH, HEAD, HEADING, ROW, CAPTION, MARGIN = 16.0, 0.72, 0.5, 2.5, 0.46, 0.14  # inches
"""Of a sheet: its width, and the heights of its title, of a group's title, and of a scene with its caption."""
LONGEST_NAME, LONGEST_TITLE = 36, 60  # characters; the latter end where the legend begins
LARGEST_JPEG = 400_000  # bytes
QUALITIES = range(90, 30, -6)


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture and what was found on it."""

    annotated: Annotated
    found: Measured


@dataclass(frozen=True, slots=True)
class Group:
    """Scenes that belong together, at least one."""

    title: str
    scenes: Sequence[Scene]

    @property
    def rows(self) -> int:
        """How many rows it takes on a sheet."""
        return ceil(len(self.scenes) / COLUMNS)


def draw_sheet(groups: Sequence[Group], title: str, path: Path) -> None:
    """Draws groups of pictures with their density and numbers, 1,600 pixels wide; needs no screen.

    Args:
        groups: from top to bottom.
        title: which model, on which pictures; what does not fit beside the legend is left out.
        path: of a PNG file or, if it ends in .jpg, of a JPEG file of at most 400 kB.
    """
    high = HEAD + sum(HEADING + ROW * group.rows for group in groups) + MARGIN
    figure = Figure((WIDTH, high), dpi=DPI, facecolor=GROUND)
    left, right = MARGIN / WIDTH, 1 - MARGIN / WIDTH
    shown = shorten(title, LONGEST_TITLE, placeholder=" …")
    figure.text(left, 1 - 0.2 / high, shown, parse_math=False, color=INK, fontsize=19, fontweight="bold", va="top")
    said = "left: head points; right: the model's density"
    figure.text(right, 1 - 0.28 / high, said, color=PALE, fontsize=12, va="top", ha="right")
    top = HEAD
    for group in groups:
        figure.text(left, 1 - (top + 0.1) / high, group.title, parse_math=False, color=POINT, fontsize=15, va="top")
        top += HEADING
        _draw_group(figure, group, top)
        top += ROW * group.rows
    _save(figure, path)


def _draw_group(figure: Figure, group: Group, top: float) -> None:
    high, part = figure.get_figheight(), (WIDTH - MARGIN) / COLUMNS
    for place, scene in enumerate(group.scenes):
        row, column = divmod(place, COLUMNS)
        wide = part / 2 - MARGIN / 2
        tall = ROW - CAPTION - MARGIN
        bottom = high - top - row * ROW - CAPTION - tall
        starts = (MARGIN + column * part + side * (wide + MARGIN / 4) for side in range(2))
        boxes = [(start / WIDTH, bottom / high, wide / WIDTH, tall / high) for start in starts]
        _draw_scene([figure.add_axes(box) for box in boxes], scene)


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
    _caption(sides, found)


def _caption(sides: Sequence[Axes], found: Measured) -> None:
    error = found.counts["count"] - found.truth
    colour = TOO_MANY if error > 0 else TOO_FEW
    mapped = "" if found.density is None else f"map {float(found.density.sum(dtype=np.float64)):,.0f}"
    name = found.name if len(found.name) <= LONGEST_NAME else "…" + found.name[1 - LONGEST_NAME :]
    for axes, upper, lower, ink in (
        (sides[0], name, f"{found.truth:,} annotated", INK),
        (sides[1], mapped, f"{found.counts['count']:,.0f} counted, {error:+,.0f}", colour),
    ):
        _write_above(axes, upper, 19, color=PALE, fontsize=10)
        _write_above(axes, lower, 4, color=ink, fontsize=11.5, fontweight="bold")


def _write_above(axes: Axes, text: str, points: float, **look: Any) -> None:
    look["parse_math"] = False
    axes.annotate(text, (0, 1), xycoords="axes fraction", xytext=(0, points), textcoords="offset points", **look)


def _save(figure: Figure, path: Path) -> None:
    drawn = BytesIO()
    figure.savefig(drawn, format="png", facecolor=GROUND)
    with written_whole(path, "sheet of pictures") as partial:
        partial.write_bytes(_as_jpeg(drawn.getvalue()) if path.suffix == ".jpg" else drawn.getvalue())


def _as_jpeg(png: bytes) -> bytes:
    """Packs a picture in the best quality that is small enough; in the worst one if none is."""
    pixels, packed = np.asarray(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)), b""
    for quality in QUALITIES:
        packed = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
        if len(packed) <= LARGEST_JPEG:
            break
    return packed


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
