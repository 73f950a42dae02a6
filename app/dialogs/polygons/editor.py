"""The editor as a dialog: the live picture with its polygons, their list at the side, a line of help beneath.

What it saves are the polygons alone, into the settings as they are at that moment, so that nothing else that was
changed meanwhile is lost.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QPalette
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QSplitter, QVBoxLayout, QWidget

from app import theme
from app.dialogs.polygons.board import Board, called
from app.dialogs.polygons.canvas import PolygonCanvas
from app.dialogs.polygons.crowd import Crowd
from app.dialogs.polygons.edits import problems, settings_with, shapes_of
from app.dialogs.polygons.sidebar import Sidebar
from app.dialogs.scrolled import scroll_down
from app.dialogs.sight.dialog import SightDialog, note_words
from app.icons import icon
from app.running.live import Live
from engine.monitor.screen import Wish
from engine.settings.config import CameraSettings

PICTURE_MS, NUMBERS_MS = 33, 125


class PolygonEditor(SightDialog):
    """Edits the polygons of one camera."""

    def __init__(
        self,
        live: Live,
        name: str,
        *,
        camera: Callable[[], CameraSettings | None],
        save: Callable[[CameraSettings], str],
        parent: QWidget | None = None,
    ) -> None:
        """Takes a camera by its name.

        Args:
            live: the cameras that are watched.
            name: what the camera is called.
            camera: returns its settings as they are now; None where there is no such camera any more.
            save: takes its settings; returns why they could not be saved, or ''.
            parent: the window that it stands before.
        """
        super().__init__(parent)
        self._pictures, self._name, self._camera, self._put = live.glance(), name, camera, save
        settings = camera()
        self.board = Board(shapes_of(settings) if settings else ())
        self.canvas = PolygonCanvas(self.board)
        self.sidebar = Sidebar(self.board, self._count)
        self.help, self.message = QLabel(), QLabel()
        self.save = QPushButton(icon("save"), self.tr("Save"))
        self.cancel = QPushButton(self.tr("Cancel"))
        self.setWindowTitle(self.tr("Zones and masks of {}").format(name))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self._arrange()
        self._connect()
        self._tell()
        self.canvas.setFocus()

    def question(self) -> str:
        """Asks about polygons that are not saved."""
        return self.tr("The polygons were changed. Save them?") if self.board.is_changed else ""

    def put(self) -> None:
        """Saves the polygons and leaves, if that can be."""
        settings, shapes = self._camera(), self.board.shapes
        if self._problem():
            return
        if settings is None:
            self._say(self.tr("'{}' is not configured any more, so its polygons cannot be saved").format(self._name))
        elif (there := shapes_of(settings)) not in (self.board.saved, shapes):
            self.board.saved = there
            self._say(self.tr("The polygons were changed elsewhere meanwhile; Save once more replaces them by these"))
        elif why := self._put(settings_with(settings, shapes)):
            self._say(why)
        else:
            self.accept()

    def done(self, result: int) -> None:
        """Asks for no more pictures."""
        self._pictures.want({})
        super().done(result)

    def _arrange(self) -> None:
        for label in (self.help, self.message):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.help.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.help.setMinimumHeight(3 * self.help.fontMetrics().lineSpacing())  # or the picture would jump
        self.message.setForegroundRole(QPalette.ColorRole.BrightText)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.canvas, stretch=1)
        column.addWidget(self.help)
        scroll = QScrollArea()
        scroll_down(scroll, self.sidebar)
        scroll.setMinimumWidth(self.sidebar.minimumSizeHint().width() + theme.em(self, 1.5))
        splitter = QSplitter()
        splitter.setChildrenCollapsible(False)
        for place, widget in enumerate((left, scroll)):
            splitter.addWidget(widget)
            splitter.setStretchFactor(place, 1 - place)
        buttons = QHBoxLayout()
        buttons.addWidget(self.message, stretch=1)
        for button in (self.cancel, self.save):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        whole = QVBoxLayout(self)
        whole.addWidget(splitter, stretch=1)
        whole.addLayout(buttons)

    def _connect(self) -> None:
        self.save.setToolTip(self.tr("Write the polygons into the configuration (Ctrl+S)"))
        self.save.setShortcut("Ctrl+S")
        self.save.clicked.connect(self.put)
        self.cancel.clicked.connect(self.reject)
        self.sidebar.drawing_began.connect(self.canvas.setFocus)
        self.canvas.helped.connect(self.help.setText)
        self.canvas.looked.connect(self._want)
        self.help.setText(self.canvas.accessibleDescription())
        self.board.changed.connect(self._tell)
        self._pull_every(PICTURE_MS, self._pull_picture)
        self._pull_every(NUMBERS_MS, self._pull_numbers)
        self._want()

    def _want(self) -> None:
        self._pictures.want({self._name: Wish(self.canvas.wanted, overlay="heat")})

    def _pull_picture(self) -> None:
        picture = self._pictures.newest(self._name)
        if picture is not None:
            self._take_map(picture.density)
            self.canvas.show_picture(picture)

    def _take_map(self, density: NDArray[np.float32] | None) -> None:
        """Takes the newest density map, which comes with many pictures."""
        crowd = self.canvas.crowd
        if density is None:
            self.canvas.crowd = None
        elif crowd is None or crowd.density is not density:
            self.canvas.crowd = Crowd(density)

    def _pull_numbers(self) -> None:
        facts = self._pictures.facts().get(self._name)
        note = note_words(self._name, facts, has_picture=self.canvas.has_picture)
        if note:
            self.canvas.crowd = None
        if note != self.canvas.note:
            self.canvas.note = note
            self.canvas.update()
        self.sidebar.refresh()

    def _count(self, place: int) -> float | None:
        return self.canvas.count(self.board.shapes[place].corners)

    def _problem(self) -> str:
        """Returns why it cannot be saved as it is."""
        if self.board.drawing is not None:
            return self.tr("Close the polygon that is being drawn with Enter, or drop it with Escape")
        wrong = next(iter(problems(self.board.shapes).items()), None)
        return f"{called(self.board.shapes, wrong[0])} {wrong[1]}" if wrong else ""

    def _tell(self) -> None:
        problem = self._problem()
        self.save.setEnabled(not problem)
        self._say(problem)

    def _say(self, problem: str) -> None:
        self.message.setText(f"⚠ {problem}" if problem else "")
