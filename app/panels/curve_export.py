"""A curve as a file: a table of one row a bucket, with units and distances from UTC in its titles; or a picture."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PyQt6.QtCore import QCoreApplication, QPointF, QSize
from PyQt6.QtGui import QColor, QImage, QPainter
from PyQt6.QtWidgets import QWidget

from app.panels.curve_look import Look
from app.panels.day_marks import local, offset_text
from app.theme import colours
from engine.files import unwritable, written_whole
from engine.history.series import Column, Series

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # with which a spreadsheet takes a text for a formula


def write_table(path: Path, curves: Mapping[str, Series]) -> Path:
    """Writes the curves, all of one grid, whole or not at all; unknown is an empty cell.

    Raises:
        OutputError: the file cannot be written.
    """
    grid = next(iter(curves.values())).grid
    columns = [_column(values) for series in curves.values() for values in series.columns]
    with written_whole(path) as partial, partial.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["begin (local time with its distance from UTC)", "length (s)"]
            + [f"{cell_text(name)}: {what}" for name in curves for what in COLUMNS]
        )
        for place, start_s in enumerate(grid.starts_s):
            when = local(float(start_s)).isoformat()
            writer.writerow([when, grid.step_s, *(column[place] for column in columns)])
    return path


COLUMNS = ("mean (people)", "least (people)", "most (people)", "readings")


def cell_text(name: str) -> str:
    """Returns a name as a spreadsheet takes it for a text."""
    return f"'{name}" if name.startswith(FORMULA) else name


def _column(values: Column) -> list[str]:
    if values.dtype.kind == "f":
        return ["" if np.isnan(value) else f"{value:.2f}" for value in values]
    return [str(value) for value in values]


def picture(plot: QWidget, looks: Mapping[str, Look], moment_s: float) -> QImage:
    """Returns what a curve shows, with the names of its lines and its units beneath."""
    metrics, ratio = plot.fontMetrics(), plot.devicePixelRatioF()
    row, width = round(1.5 * metrics.height()), plot.width()
    units = QCoreApplication.translate("curve", "people; time of day, {}").format(offset_text(moment_s))
    places, end = _flowed([metrics.horizontalAdvance(name) + 4 * row for name in looks], width)
    image = QImage(QSize(width, plot.height() + (end + 2) * row) * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor(colours().panel))
    painter = QPainter(image)
    painter.drawPixmap(0, 0, plot.grab())
    painter.setFont(plot.font())
    painter.setPen(QColor(colours().text))
    for (name, look), (left, line) in zip(looks.items(), places, strict=True):
        base = plot.height() + (line + 0.7) * row
        painter.drawPixmap(QPointF(left + row / 2, base - 0.55 * row), look.sample(plot))
        painter.drawText(QPointF(left + 2.5 * row, base), name)
    painter.drawText(QPointF(row / 2, plot.height() + (end + 1.7) * row), units)
    painter.end()
    return image


def write_picture(path: Path, image: QImage) -> Path:
    """Writes a picture as PNG, whole or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    with written_whole(path) as partial:
        if not image.save(str(partial), "PNG"):
            raise unwritable(path, OSError("the picture could not be written"))
    return path


def _flowed(widths: Sequence[int], room: int) -> tuple[list[tuple[int, int]], int]:
    """Returns where things of these widths stand, as (left, line), and the number of the last line."""
    places, left, line = [], 0, 0
    for width in widths:
        if left and left + width > room:
            left, line = 0, line + 1
        places.append((left, line))
        left += width
    return places, line
