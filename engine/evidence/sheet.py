"""Pages of a report: A4, filled from above, with tables that go on on the next page; made by matplotlib as PDF."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine import __version__
from engine.evidence.drawing import Figure, FigureCanvasAgg, Line2D, PdfPages, Rectangle, rc_context
from engine.evidence.lettering import breadth, drawable, shortened, wrapped
from engine.files import written_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, HEIGHT = 595.28, 841.89
"""A4, in points."""
MARGIN, TOP, BOTTOM = 46.0, 46.0, 52.0
INK, MUTED, FAINT, ACCENT = "#1b1f24", "#5b6470", "#d9dee4", "#2563a8"
LINE = 1.32
"""Between two lines, in sizes of the font."""
EMBEDDED: dict[Any, Any] = {"pdf.fonttype": 42, "pdf.compression": 9}
"""Fonts as TrueType, so that any reader shows and finds the text."""
PAD = 3.4
Align = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one place of a table."""

    text: str
    colour: str = INK
    bold: bool = False
    mark: str = ""
    """Colour of a square before it."""
    bar: float | None = None
    """Share of the column's width, in place of a text."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    title: str
    share: float
    """Of the width, in relation to the others."""
    align: Align = "left"


class Sheet:
    """Pages that are being filled."""

    def __init__(self, footer: str) -> None:
        """Takes what stands at the foot of each page."""
        self._footer = footer
        self._figures: list[Figure] = []
        self._page: Axes
        self.y = 0.0
        """How far down the page is filled, in points."""
        self.turn()

    @property
    def room(self) -> float:
        """How much is left of the page, in points."""
        return HEIGHT - BOTTOM - self.y

    @property
    def width(self) -> float:
        """Between the margins, in points."""
        return WIDTH - 2 * MARGIN

    def turn(self) -> None:
        """Begins another page."""
        figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72), dpi=72)
        FigureCanvasAgg(figure)
        page = figure.add_axes((0, 0, 1, 1))
        page.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
        page.axis("off")
        self._figures.append(figure)
        self._page, self.y = page, TOP

    def need(self, height: float) -> None:
        """Turns the page where there is not so much room."""
        if self.room < height and self.y > TOP:
            self.turn()

    def space(self, height: float) -> None:
        """Leaves some room."""
        self.y += height

    def put(self, text: str, x: float, y: float, **look: Any) -> None:
        """Puts a line at a place, by its base line."""
        known: dict[str, Any] = {"size": 9, "color": INK, "va": "baseline", "parse_math": False}
        self._page.text(x, y, drawable(text), **(known | look))

    def paragraph(
        self, text: str, *, size: float = 9, colour: str = INK, bold: bool = False, width: float | None = None
    ) -> None:
        """Puts a text in as many lines as it needs."""
        for line in wrapped(text, size, width or self.width, bold=bold):
            self.need(LINE * size)
            self.y += LINE * size
            self.put(line, MARGIN, self.y - 0.3 * size, size=size, color=colour, weight="bold" if bold else "normal")

    def heading(self, text: str, *, keep: float = 60.0) -> None:
        """Puts a heading, on the page on which `keep` of what follows has room."""
        self.need(30 + keep)
        self.y += 27
        self.put(text, MARGIN, self.y - 6, size=12, weight="bold")
        self.rule()
        self.y += 5

    def rule(self, colour: str = FAINT) -> None:
        """Draws a line across."""
        self._page.add_line(Line2D([MARGIN, WIDTH - MARGIN], [self.y, self.y], color=colour, linewidth=0.8))

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """Fills a box, given by its upper left corner."""
        self._page.add_patch(Rectangle((x, y), width, height, color=colour, linewidth=0))

    def axes(self, height: float, *, left: float = 34.0, right: float = 4.0) -> "Axes":
        """Returns axes across the page, and moves on below them; `left` and `right` are for what stands outside."""
        axes = self.axes_at(MARGIN + left, self.y, self.width - left - right, height)
        self.y += height
        return axes

    def axes_at(self, x: float, y: float, width: float, height: float) -> "Axes":
        """Returns axes at a place, given by its upper left corner."""
        place = (x / WIDTH, 1 - (y + height) / HEIGHT, width / WIDTH, height / HEIGHT)
        return self._figures[-1].add_axes(place)

    def key(self, entries: Sequence[tuple[str, str, bool]], *, left: float = 34.0) -> None:
        """Puts what colours stand for, each with its words; those of lines as lines."""
        x, size, right = MARGIN + left, 7.5, WIDTH - MARGIN
        for colour, words, is_line in entries:
            wide = breadth(words, size) + (14 if colour else 0)
            if x + wide > right and x > MARGIN + left:
                x, self.y = MARGIN + left, self.y + 12
            if is_line:
                at = self.y - 2.8
                self._page.add_line(Line2D([x, x + 11], [at, at], color=colour, linewidth=1.1, linestyle=(0, (2, 1.2))))
            elif colour:
                self.box(x, self.y - 6, 9, 6, colour)
            self.put(shortened(words, size, right - x - 14), x + (14 if colour else 0), self.y, size=size, color=MUTED)
            x += wide + 14

    def tiles(self, tiles: Sequence[tuple[str, str, str]]) -> None:
        """Puts a row of figures: what it is, the figure, and more of it."""
        gap, height = 8.0, 58.0
        width = (self.width - gap * (len(tiles) - 1)) / len(tiles)
        self.need(height)
        for place, (what, figure, more) in enumerate(tiles):
            x = MARGIN + place * (width + gap)
            self.box(x, self.y, width, height, "#f3f5f8")
            self.put(shortened(what, 7.5, width - 16), x + 8, self.y + 14, size=7.5, color=MUTED)
            size = next((size for size in (19, 16, 13, 11) if breadth(figure, size, bold=True) < width - 16), 9)
            self.put(shortened(figure, size, width - 16, bold=True), x + 8, self.y + 35, size=size, weight="bold")
            self.put(shortened(more, 7.5, width - 14), x + 8, self.y + 49, size=7.5, color=MUTED)
        self.y += height

    def table(
        self, columns: Sequence[Column], rows: Sequence[Sequence[Cell | str]], *, size: float = 8, least: int = 2
    ) -> None:
        """Puts a table; its head is repeated on each page, and a row is never torn apart unless it fills one."""
        total = sum(column.share for column in columns)
        widths = [self.width * column.share / total for column in columns]
        self.need(LINE * size * (1 + least) + 4 * PAD)
        self._head(columns, widths, size)
        for row in rows:
            cells = [cell if isinstance(cell, Cell) else Cell(cell) for cell in row]
            lines = [_lines(cell, width, size) for cell, width in zip(cells, widths, strict=True)]
            height = LINE * size * max(map(len, lines)) + PAD * size / 8
            if self.room < height:
                self.turn()
                self._head(columns, widths, size)
            self._row(columns, widths, cells, lines, size)
            self.y += height
            self.rule("#eceff3")

    def pictures(self, pictures: Sequence[tuple[NDArray[np.uint8], str]], *, most: float = 300.0) -> None:
        """Puts pictures RGB (H, W, 3) with their captions: a single one large, several two in a row."""
        gap, across = 10.0, min(2, len(pictures))
        width = (self.width - gap * (across - 1)) / max(1, across)
        for start in range(0, len(pictures), across or 1):
            row = pictures[start : start + across]
            sizes = [_fitting(picture, width, most) for picture, _ in row]
            height = max(size[1] for size in sizes)
            self.need(height + 20)
            for place, ((picture, caption), size) in enumerate(zip(row, sizes, strict=True)):
                x = MARGIN + place * (width + gap)
                axes = self.axes_at(x, self.y, *size)
                axes.imshow(picture, aspect="auto", interpolation="antialiased")
                axes.axis("off")
                self.put(shortened(caption, 7.5, width), x, self.y + height + 10, size=7.5, color=MUTED)
            self.y += height + 20

    def save(self, path: Path, title: str) -> None:
        """Writes the pages, whole or not at all; raises OutputError."""
        facts = {"Title": title, "Creator": f"DeepCount {__version__}", "Producer": f"DeepCount {__version__}"}
        content = BytesIO()  # a disk that fills up has PdfPages end in another error than the disk's
        with rc_context(EMBEDDED), PdfPages(content, metadata=facts) as pages:
            for number, figure in enumerate(self._figures, start=1):
                foot, page = HEIGHT - 28, figure.axes[0]
                page.add_line(Line2D([MARGIN, WIDTH - MARGIN], [foot - 12, foot - 12], color=FAINT, linewidth=0.6))
                look: dict[str, Any] = {"size": 7.5, "color": MUTED, "parse_math": False}
                page.text(MARGIN, foot, drawable(shortened(self._footer, 7.5, 400)), **look)
                page.text(WIDTH - MARGIN, foot, f"page {number} of {len(self._figures)}", ha="right", **look)
                pages.savefig(figure)
        with written_whole(path) as partial:
            partial.write_bytes(content.getbuffer())

    def _head(self, columns: Sequence[Column], widths: Sequence[float], size: float) -> None:
        if not any(column.title for column in columns):
            return
        self.y += LINE * size + 2
        for column, x, width in zip(columns, _lefts(widths), widths, strict=True):
            self._line(column, column.title, x, width, size=size - 0.5, color=MUTED, weight="bold")
        self.y += PAD
        self.rule("#aab3bd")

    def _row(
        self,
        columns: Sequence[Column],
        widths: Sequence[float],
        cells: Sequence[Cell],
        lines: Sequence[Sequence[str]],
        size: float,
    ) -> None:
        top = self.y
        for column, x, width, cell, own in zip(columns, _lefts(widths), widths, cells, lines, strict=True):
            if cell.bar is not None:
                self.box(x, top + 0.45 * size, max(0.5, cell.bar * (width - PAD)), 0.85 * size, cell.colour)
            if cell.mark:
                self.box(x, top + 0.55 * size, 0.7 * size, 0.7 * size, cell.mark)
            inset = 1.3 * size if cell.mark else 0.0
            for place, line in enumerate(own):
                self.y = top + LINE * size * (place + 1) + 0.1 * size
                weight = "bold" if cell.bold else "normal"
                self._line(column, line, x + inset, width - inset, size=size, color=cell.colour, weight=weight)
        self.y = top

    def _line(self, column: Column, text: str, x: float, width: float, **look: Any) -> None:
        if column.align == "right":
            self.put(text, x + width - 2 * PAD, self.y, ha="right", **look)
        else:
            self.put(text, x, self.y, **look)


def _fitting(picture: NDArray[np.uint8], width: float, height: float) -> tuple[float, float]:
    """Returns width and height of a picture as large as fits."""
    share = min(width / picture.shape[1], height / picture.shape[0])
    return picture.shape[1] * share, picture.shape[0] * share


def _lefts(widths: Sequence[float]) -> Iterator[float]:
    left = MARGIN
    for width in widths:
        yield left
        left += width


def _lines(cell: Cell, width: float, size: float) -> list[str]:
    inset = 1.3 * size if cell.mark else 0.0
    return [
        line for part in cell.text.split("\n") for line in wrapped(part, size, width - inset - 2 * PAD, bold=cell.bold)
    ]
