"""In which other way a recording is to be counted: another model, another grid of tiles, another shape of pictures."""

from fractions import Fraction
from pathlib import Path

from PyQt6.QtCore import QRegularExpression
from PyQt6.QtGui import QRegularExpressionValidator
from PyQt6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.dialogs.words import FaultLabel, help_text
from engine.paths import SHIPPED
from engine.picture.tiling import MOST_TILES

SHAPE = r"[1-9]\d{0,2}:[1-9]\d{0,2}"
GRID = r"[1-9]\d?[x×][1-9]\d?"
MODELS = "Models (*.onnx);;All files (*)"


class CountAgain(QDialog):
    """When it is accepted, `model`, `grid` and `aspect` say how it is to be counted."""

    def __init__(self, used: str, parent: QWidget | None = None) -> None:
        """`used` is the model that counts it already."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Count again"))
        self.models, self.grid_line, self.aspect_line = QComboBox(), QLineEdit(), QLineEdit()
        self._fault = FaultLabel()
        self._build(used)

    @property
    def model(self) -> Path:
        """An ONNX file, or the name of a model that comes with the product."""
        return Path(str(self.models.currentData()))

    @property
    def grid(self) -> tuple[int, int] | None:
        """Rows and columns; None for what suits the picture."""
        rows, _, columns = self.grid_line.text().replace("×", "x").partition("x")
        return (int(rows), int(columns)) if rows and columns else None

    @property
    def aspect(self) -> Fraction | None:
        """Width over height; None for what the recording says."""
        text = self.aspect_line.text()
        return Fraction(text.replace(":", "/")) if text else None

    def accept(self) -> None:
        """Takes it, unless something in it cannot be."""
        grid = self.grid
        if not (self.grid_line.hasAcceptableInput() or not self.grid_line.text()):
            self._fault.say(self.tr("The grid is no rows×columns, expected such as 2×3."), self.grid_line)
        elif grid is not None and grid[0] * grid[1] > MOST_TILES:
            words = self.tr("The grid has {0} tiles, expected at most {1}.")
            self._fault.say(words.format(grid[0] * grid[1], MOST_TILES), self.grid_line)
        elif self.aspect_line.text() and not self.aspect_line.hasAcceptableInput():
            self._fault.say(self.tr("The shape is no width:height, expected such as 16:9."), self.aspect_line)
        else:
            super().accept()

    def _build(self, used: str) -> None:
        for name in SHIPPED:
            self.models.addItem(self.tr("{0} (counts it already)").format(name) if name == used else name, name)
        self.models.addItem(self.tr("Another file…"), "")
        self.models.activated.connect(self._choose)
        self.models.setAccessibleName(self.tr("Model"))
        for line, pattern, hint in (
            (self.grid_line, GRID, self.tr("as suits the picture, or such as 2×3")),
            (self.aspect_line, SHAPE, self.tr("as the recording says, or such as 16:9")),
        ):
            line.setValidator(QRegularExpressionValidator(QRegularExpression(pattern), line))
            line.setPlaceholderText(hint)
            line.setMinimumWidth(line.fontMetrics().horizontalAdvance(hint) * 5 // 4)
        form = QFormLayout()
        form.addRow(self.tr("&Model"), self.models)
        form.addRow(self.tr("&Grid of tiles"), self.grid_line)
        form.addRow(self.tr("&Shape of pictures"), self.aspect_line)
        self.grid_line.setAccessibleName(self.tr("Grid of tiles, rows×columns"))
        self.aspect_line.setAccessibleName(self.tr("Shape of pictures, width:height"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        count = buttons.button(QDialogButtonBox.StandardButton.Ok)
        assert count is not None
        count.setText(self.tr("Count"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(help_text(self.tr("It is counted in the background, and shown as a second curve.")))
        column.addLayout(form)
        column.addWidget(self._fault)
        column.addWidget(buttons)

    def _choose(self, place: int) -> None:
        """Asks for a file where none of the models that are there is wanted."""
        if self.models.itemData(place) != "":
            return
        chosen, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a model"), "", MODELS)
        if chosen:
            self.models.insertItem(place, Path(chosen).name, chosen)
        self.models.setCurrentIndex(place if chosen else 0)
