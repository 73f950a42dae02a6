"""Counts over time beside the wall: live from memory, further back from the log, to be zoomed, dragged and saved.

It asks for what is new by itself while it is visible. The log is read and files are written in a thread of its own.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from time import time
from typing import Protocol

import pyqtgraph as pg
from PyQt6.QtCore import QTimer, pyqtBoundSignal
from PyQt6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PyQt6.QtWidgets import QFileDialog, QSplitter, QVBoxLayout, QWidget

from app.panels.curve_bar import CurveBar
from app.panels.curve_choice import CurveChoice, OfferedGroup
from app.panels.curve_drawing import Line
from app.panels.curve_export import picture, write_picture, write_table
from app.panels.curve_lines import Ask, CurveLines, Past, Watched, asked_past, read_past, title
from app.panels.curve_plot import CurvePlot
from app.panels.curve_view import CurveView, bounded
from app.panels.curve_words import bucket_words, moment_words, newest_words
from app.running.errands import Errands
from app.theme import changed
from engine.history.series import Grid
from engine.rules.series import Subject
from engine.settings.config import Config

PULL_MS = 125
SLOWEST_S = 5.0  # between two drawings of a curve that follows now
MOST_FAILURES = 8  # to read a log, before it is said: it may be in the making
AGAIN_S = 10.0  # before a log that could not be read is tried again
WIDE_EM = 36  # from which on the list of counts has a place beside the curve
PAST, TABLE, PICTURE = "reading the log", "saving the table", "saving the picture"


class Configured(Protocol):
    """Who knows the configuration."""

    changed: pyqtBoundSignal

    @property
    def config(self) -> Config:
        """As it is now."""
        ...


class CurveDock(QWidget):
    """The curve with its bar of controls and the list of counts."""

    def __init__(
        self,
        live: Watched,
        document: Configured,
        *,
        clock: Callable[[], float] = time,
        ask: Ask | None = None,
    ) -> None:
        """Shows what is watched; `ask` gives what was counted before, waiting for it, in place of the log."""
        super().__init__()
        self._live, self._document, self._clock, self._asked = live, document, clock, ask
        self.view = CurveView()
        self.lines = CurveLines(live)
        self.drawn: dict[Subject, Line] = {}
        self._errands, self._drawn_s, self._retry_s = Errands("curve"), float("-inf"), float("-inf")
        self.plot, self.choice, self.bar = CurvePlot(), CurveChoice(), CurveBar()
        self._is_wide, self._failures = False, 0
        self.choice.hide()
        self._timer = QTimer(self)
        self._timer.setInterval(PULL_MS)
        self._timer.timeout.connect(self.pull_numbers)
        self._build()
        self._connect()
        self._configure()

    def pull_numbers(self) -> None:
        """Takes what is new, and draws what changed."""
        now_s = self._clock()
        self._take_outcomes(now_s)
        grid = self.view.grid(now_s, self.plot.room)
        if self._is_due(grid, now_s):
            self._draw(grid, now_s)
        self._show_values(now_s)
        self._ask_past(grid, now_s)

    def show_view(self, view: CurveView) -> None:
        """Shows another stretch of time."""
        if view != self.view:
            self.view, self._drawn_s = view, float("-inf")
            self.plot.point_at(None)
            self.plot.show_bounds(view.bounds(self._clock()))
            self.bar.show_view(view)

    def lay_over(self, items: Sequence[pg.GraphicsObject]) -> None:
        """Lays items over the curve, such as thresholds; see `CurvePlot.lay_over`."""
        self.plot.lay_over(items)

    def save_table(self, path: Path) -> None:
        """Writes what is drawn as CSV."""
        curves = {title(subject): line.series for subject, line in self.drawn.items()}
        self._errands.ask(TABLE, lambda: write_table(path, curves))

    def save_picture(self, path: Path) -> None:
        """Writes what is drawn as PNG."""
        image = picture(self.plot, {title(subject): line.look for subject, line in self.drawn.items()}, self._clock())
        self._errands.ask(PICTURE, lambda: write_picture(path, image))

    def state(self) -> dict[str, object]:
        """What is to be found again at the next start: plain values for TOML."""
        chosen = [[subject.owner, subject.zone or ""] for subject in self.choice.ticked]
        return {"span_s": self.view.span_s, "chosen": chosen}

    def restore(self, state: dict[str, object]) -> None:
        """Takes what `state` returned at an earlier time, or a part of it, or nonsense from a file edited by hand."""
        span_s, chosen = state.get("span_s"), state.get("chosen")
        if isinstance(span_s, int | float):
            self.show_view(CurveView(bounded(float(span_s))))
        if isinstance(chosen, list):
            pairs = [entry for entry in chosen if isinstance(entry, list) and len(entry) == 2]
            self.choice.tick([Subject(str(camera), str(zone) or None) for camera, zone in pairs])

    def finish(self) -> None:
        """Ends what it reads and writes; called once at the end of the window."""
        self._timer.stop()
        self._errands.close(PAST)

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: N802
        """Goes on."""
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent | None) -> None:  # noqa: N802
        """Rests."""
        super().hideEvent(event)
        self._timer.stop()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Gives the list a place where there comes to be room, and takes it where there is none any more."""
        super().resizeEvent(event)
        self._drawn_s = float("-inf")
        is_wide = self.width() >= WIDE_EM * self.fontMetrics().height()
        if is_wide != self._is_wide:
            self._is_wide = is_wide
            self.bar.set_counts_shown(is_wide)

    def _build(self) -> None:
        body = QSplitter()
        body.addWidget(self.plot)
        body.addWidget(self.choice)
        body.setStretchFactor(0, 1)
        body.setChildrenCollapsible(False)
        em = self.fontMetrics().height()
        body.setSizes([40 * em, 18 * em])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(body, stretch=1)

    def _connect(self) -> None:
        self._document.changed.connect(self._configure)
        self.choice.changed.connect(self._choose)
        changed.connect(self._show_looks)
        self.plot.zoomed.connect(lambda factor, at_s: self.show_view(self.view.zoomed(factor, at_s, self._clock())))
        self.plot.moved.connect(lambda by_s: self.show_view(self.view.moved(by_s, self._clock())))
        self.plot.pointed.connect(lambda _: self._show_values(self._clock()))
        self.bar.live_wanted.connect(lambda: self.show_view(self.view.live()))
        self.bar.span_wanted.connect(lambda span_s: self.show_view(self.view.live(span_s)))
        self.bar.counts_wanted.connect(self.choice.setVisible)
        self.bar.table_wanted.connect(lambda: self._save("CSV (*.csv)", self.save_table))
        self.bar.picture_wanted.connect(lambda: self._save("PNG (*.png)", self.save_picture))

    def _configure(self) -> None:
        self.lines.take_past(None)
        self._retry_s = float("-inf")
        config = self._document.config
        cameras = [camera for camera in config.cameras if camera.counted]
        self.choice.offer([*cameras, *(OfferedGroup(group.name) for group in config.groups)])

    def _choose(self) -> None:
        self.lines.choose(self.choice.ticked, self._document.config)
        self._show_looks()

    def _show_looks(self) -> None:
        self.choice.show_looks(self.lines.looks)
        self._drawn_s = float("-inf")

    def _is_due(self, grid: Grid, now_s: float) -> bool:
        if self._drawn_s == float("-inf") or now_s < self._drawn_s:
            return True
        return self.view.is_live and now_s // 1 - self._drawn_s // 1 >= min(grid.step_s, SLOWEST_S)

    def _draw(self, grid: Grid, now_s: float) -> None:
        self.drawn = self.lines.lines(grid, now_s)
        self.plot.draw(list(self.drawn.values()), self.view.bounds(now_s))
        self._drawn_s = now_s

    def _show_values(self, now_s: float) -> None:
        at_s = self.plot.cursor_s
        if at_s is None:
            words = newest_words(self.lines.values(), self.lines.capacities)
        else:
            words = {subject: bucket_words(line, at_s) for subject, line in self.drawn.items()}
        self.choice.show_values(words)
        self.bar.show_moment(moment_words(list(self.drawn.values()), at_s, now_s))
        if at_s is not None:
            said = "; ".join(f"{title(subject)}: {text}" for subject, text in words.items())
            self.plot.setAccessibleDescription(f"{self.bar.text}: {said}")

    def _ask_past(self, grid: Grid, now_s: float) -> None:
        """Has the log read where memory does not reach, with as much again on both sides; says what is missing."""
        ask, lacking = self._source, self.lines.lacking(grid)
        if ask is not None and lacking and not self._errands.is_busy(PAST) and now_s >= self._retry_s:
            wide = Grid(grid.first_s - grid.number * grid.step_s, grid.step_s, 3 * grid.number)
            self._errands.ask(PAST, partial(ask, lacking, wide, now_s))
        is_lost = lacking and ask is None
        self.bar.show_state(
            self.tr("reading the log…") if self._errands.is_busy(PAST) else self.tr("no log is kept") if is_lost else ""
        )

    @property
    def _source(self) -> Callable[[Sequence[Subject], Grid, float], Past] | None:
        """What reads what memory does not reach; None where nothing is kept."""
        database = self._document.config.database
        if self._asked is not None:
            return partial(asked_past, self._asked)
        return None if database is None else partial(read_past, database.full)

    def _take_outcomes(self, now_s: float) -> None:
        for outcome in self._errands.outcomes():
            if isinstance(outcome.result, Past):
                self.lines.take_past(outcome.result)
                self._drawn_s = float("-inf")
            problem = outcome.problem
            if outcome.kind == PAST:
                self._failures = self._failures + 1 if problem else 0
                problem = problem if self._failures > MOST_FAILURES else ""
                self._retry_s = now_s + AGAIN_S if problem else float("-inf")
            saved = self.tr("Saved as {}").format(outcome.result) if isinstance(outcome.result, Path) else ""
            self.bar.show_note(problem or saved, is_problem=bool(problem))

    def _save(self, kind: str, save: Callable[[Path], None]) -> None:
        suffix = kind[-5:-1]
        chosen, _ = QFileDialog.getSaveFileName(self, self.tr("Save the curve"), f"counts{suffix}", kind)
        if chosen:
            save(Path(chosen) if Path(chosen).suffix else Path(chosen + suffix))
