"""All that is known of one alert, beside the list."""

from collections.abc import Mapping
from pathlib import Path

from PyQt6.QtCore import QSize, Qt, QUrl
from PyQt6.QtGui import QDesktopServices, QImageReader, QPixmap
from PyQt6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.dialogs.words import WrappedLabel
from app.icons import icon
from app.panels.panel import scrolling
from app.theme import em

LEAST_EM, PICTURE_EM = 14.0, 20.0


class AlertDetails(QWidget):
    """A heading, facts, and buttons for what can be done."""

    def __init__(self, *buttons: QPushButton) -> None:
        super().__init__()
        self.heading, self._buttons = WrappedLabel(), QWidget()
        self.heading.setObjectName("title")
        self.picture, self.clip = QLabel(), QPushButton(icon("play"), self.tr("Play the clip"))
        self.picture.setAccessibleName(self.tr("Picture of the alert"))
        self.clip.setToolTip(self.tr("Open the clip with what this system plays videos with"))
        self.export = QPushButton(icon("export"), self.tr("Export evidence…"))
        self.footage = QPushButton(icon("recording"), self.tr("Show in footage"))
        self.unplayed = WrappedLabel()
        self.unplayed.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.unplayed.hide()
        self._snapshot: Path | None = None
        self._clip: Path | None = None
        self._facts, self._form = QWidget(), QFormLayout()
        inside = QVBoxLayout(self._facts)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.picture)
        inside.addWidget(self.clip, alignment=Qt.AlignmentFlag.AlignLeft)
        inside.addWidget(self.unplayed)
        inside.addWidget(self.footage, alignment=Qt.AlignmentFlag.AlignLeft)
        inside.addWidget(self.export, alignment=Qt.AlignmentFlag.AlignLeft)
        inside.addLayout(self._form)
        inside.addStretch(1)
        self.clip.clicked.connect(self._play)
        self.show_proofs(None, None)
        self._form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self._form.setContentsMargins(0, 0, em(self, 0.5), 0)
        self._values: dict[str, QLabel] = {}
        self._area: QScrollArea = scrolling(self._facts, self.tr("Details of the alert"))
        self._area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # nothing in it has the focus, and it has to be scrolled
        column = QVBoxLayout(self)
        column.setContentsMargins(em(self, 0.6), 0, 0, 0)
        column.addWidget(self.heading)
        column.addWidget(self._area, stretch=1)
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(0, 0, 0, 0)
        for button in buttons:
            row.addWidget(button, stretch=1)
        column.addWidget(self._buttons)
        self.setMinimumWidth(em(self, LEAST_EM))

    def show_facts(self, heading: str, facts: Mapping[str, str]) -> None:
        """Shows these."""
        self.heading.setText(heading)
        if list(facts) != list(self._values):
            while self._form.rowCount():
                self._form.removeRow(0)
            self._values = {name: self._row(name) for name in facts}
        for name, words in facts.items():
            if self._values[name].text() != words:
                self._values[name].setText(words)

    def show_proofs(self, snapshot: Path | None, clip: Path | None) -> None:
        """Shows the picture, and leads to the clip; None is not there."""
        if clip != self._clip:
            self.unplayed.hide()
        self._clip = clip
        self.clip.setVisible(clip is not None)
        if snapshot is None or snapshot != self._snapshot:
            self._snapshot = snapshot
            reader = QImageReader(str(snapshot))
            room = QSize(em(self, PICTURE_EM), em(self, PICTURE_EM)) * self.devicePixelRatioF()
            reader.setScaledSize(reader.size().scaled(room, Qt.AspectRatioMode.KeepAspectRatio))
            picture = QPixmap() if snapshot is None else QPixmap.fromImageReader(reader)
            picture.setDevicePixelRatio(self.devicePixelRatioF())
            self.picture.setPixmap(picture)
            self.picture.setVisible(not picture.isNull())

    def _play(self) -> None:
        if self._clip is not None and not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._clip))):
            self.unplayed.setText(self.tr("This system has no program that plays it. It is {}").format(self._clip))
            self.unplayed.show()

    def set_terse(self, terse: bool) -> None:
        """Leaves the facts alone, where there is little room."""
        self.heading.setHidden(terse)
        self._buttons.setHidden(terse)

    def value(self, name: str) -> str:
        """Returns what one of the facts says; '' where it is not shown."""
        return self._values[name].text() if name in self._values else ""

    def _row(self, name: str) -> QLabel:
        label, value = QLabel(name), WrappedLabel()
        label.setObjectName("fact")
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._form.addRow(label, value)
        return value
