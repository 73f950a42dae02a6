"""What is looked back at as files: a table, the curves, every second, a picture; written in threads of their own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QAction, QImage
from PyQt6.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from app.actions import placed
from app.icons import icon
from app.panels.curve_export import write_picture, write_table
from app.panels.history_export import write_sums
from app.running.errands import Errands, Outcome
from app.running.lookback import SumRow
from app.running.seconds_export import INSTALL, SecondsExport, has_parquet
from engine.history.periods import Period
from engine.history.series import Series

WORK = "saving"
CSV, PARQUET, PNG = "CSV (*.csv)", "Parquet (*.parquet)", "PNG (*.png)"


@dataclass(frozen=True, slots=True)
class Shown:
    """What can be saved now."""

    database: str = field(repr=False)
    span: Period
    owners: Sequence[str]
    """Cameras and groups that the log knows."""
    rows: Sequence[SumRow]
    curves: dict[str, Series]
    now_s: float
    name: str
    """Of a file, without its ending."""


class HistorySaving(QObject):
    """A button with a menu, and what it does."""

    def __init__(self, owner: QWidget, shown: Callable[[], Shown | None], picture: Callable[[], QImage]) -> None:
        """`shown` says what is to be saved, `picture` draws it; `owner` has the dialogs."""
        super().__init__(owner)
        self._owner, self._shown, self._picture = owner, shown, picture
        self._errands, self.seconds = Errands("saving the history"), SecondsExport()
        self.button, menu = QToolButton(), QMenu(owner)
        self.note, self.is_problem = "", False
        """What became of the last file."""
        self.entries: dict[str, QAction] = {}
        parquet = self.tr("Every second (Parquet)…")
        lacking = self.tr("Every second (Parquet): first {command}").format(command=INSTALL)
        for name, words, run in (
            ("table", self.tr("Hours or days as listed (CSV)…"), partial(self._ask, CSV, self.save_table)),
            ("curves", self.tr("Curves as drawn (CSV)…"), partial(self._ask, CSV, self.save_curves)),
            ("seconds", self.tr("Every second (CSV)…"), partial(self._ask, CSV, self.save_seconds)),
            ("parquet", parquet if has_parquet() else lacking, self._ask_parquet),
            ("picture", self.tr("Picture (PNG)…"), partial(self._ask, PNG, self.save_picture)),
            ("stop", self.tr("Stop the export"), self.seconds.stop),
        ):
            action = menu.addAction(words)
            assert action is not None
            action.triggered.connect(lambda _, run=run: run())
            self.entries[name] = action
        menu.aboutToShow.connect(self._prepare)
        self.button.setIcon(icon("export"))
        self.button.setMenu(menu)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.button.setToolTip(self.tr("Save what is seen as a table or a picture"))
        self.action = placed(owner, self.button)
        self.action.setText(self.tr("Save"))

    def save_table(self, path: Path) -> None:
        """Writes the hours or days as CSV."""
        if (shown := self._shown()) is not None:
            self._errands.ask(WORK, partial(write_sums, path, shown.rows, shown.now_s))

    def save_curves(self, path: Path) -> None:
        """Writes the curves as they are drawn as CSV."""
        if (shown := self._shown()) is not None and shown.curves:
            self._errands.ask(WORK, partial(write_table, path, shown.curves))

    def save_seconds(self, path: Path) -> None:
        """Writes every second of the span, as CSV or Parquet."""
        if (shown := self._shown()) is not None:
            self.seconds.ask(shown.database, shown.owners, shown.span, path)

    def save_picture(self, path: Path) -> None:
        """Writes what is drawn as PNG."""
        self._errands.ask(WORK, partial(write_picture, path, self._picture()))

    def pull(self) -> str:
        """Takes what was written; returns what is being written, or ''."""
        for outcome in (*self._errands.outcomes(), *self.seconds.outcomes()):
            self._take(outcome)
        if self.seconds.is_busy:
            return self.tr("writing every second, {share} %").format(share=round(100 * self.seconds.share))
        return self.tr("writing…") if self._errands.is_busy(WORK) else ""

    def finish(self) -> None:
        """Ends what is being written, and waits for it."""
        self.seconds.close()
        self._errands.close()

    def _take(self, outcome: Outcome) -> None:
        self.is_problem = bool(outcome.problem)
        self.note = outcome.problem or self.tr("Saved as {}").format(outcome.result)

    def _prepare(self) -> None:
        shown, busy = self._shown(), self.seconds.is_busy
        for name, action in self.entries.items():
            action.setEnabled(shown is not None and (bool(shown.curves) or name not in ("curves", "picture")))
        for name in ("seconds", "parquet"):
            self.entries[name].setEnabled(shown is not None and bool(shown.owners) and not busy)
        self.entries["stop"].setVisible(busy)
        self.entries["stop"].setEnabled(True)

    def _ask_parquet(self) -> None:
        if has_parquet():
            self._ask(PARQUET, self.save_seconds)
        else:
            self.is_problem = True
            self.note = self.tr("Parquet needs the Python package pyarrow, which is not installed: {command}").format(
                command=INSTALL
            )

    def _ask(self, kind: str, save: Callable[[Path], None]) -> None:
        shown, suffix = self._shown(), kind.partition("*")[2].rstrip(")")
        name = f"{shown.name if shown else 'history'}{suffix}"
        chosen, _ = QFileDialog.getSaveFileName(self._owner, self.tr("Save the history"), name, kind)
        if chosen:
            save(Path(chosen) if Path(chosen).suffix else Path(chosen + suffix))
