"""A picture on which people and distances are marked, by pointer and by keys, with the ground as it is known so far."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QCoreApplication, QEvent, Qt
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QApplication

from app import theme
from app.dialogs.ground.grid import Grid, grid_of
from app.dialogs.ground.marking import Marking
from app.dialogs.ground.painting import Scene, paint
from app.dialogs.sight.canvas import ARROWS, AimCanvas, place_of
from app.dialogs.sight.sight import within
from engine.calibration.ground import Ground
from engine.picture.polygon import Point

REACH_EM, LEAST_EM = 0.7, 0.5  # how near the pointer has to be to an end; how long a mark has to be


class GroundCanvas(AimCanvas):
    """Shows what is marked over a picture, and lets a person mark more."""

    def __init__(self, marking: Marking) -> None:
        super().__init__(QCoreApplication.translate("GroundCanvas", "Picture with marks on the ground"))
        self.marking, self.note = marking, ""
        self.ground: Ground | None = None
        self.grid: Grid | None = None
        self._pressed: Point | None = None
        """Where on the screen a mark was begun that may be drawn in one pull."""
        self._pointer: Point | None = None
        """What of the picture lies under the pointer."""
        marking.changed.connect(self.update)

    @property
    def aspect(self) -> float | None:
        """Width over height of the picture; None before there is one."""
        return None if self._picture is None else self._picture.size[1] / self._picture.size[0]

    @property
    def seen(self) -> NDArray[np.uint8] | None:
        """The picture, RGB (height, width, 3); None before there is one."""
        return None if self._picture is None else self._picture.pixels

    @property
    def stand(self) -> Point | None:
        """Where somebody stands as a check: under the pointer, or where the keys are; None outside of the picture."""
        at = self._pointer if self._aim is None else self._aim
        return at if at is not None and within(at) == at and not self.marking.is_holding else None

    def show_ground(self, ground: Ground | None) -> None:
        """Draws the grid of this ground; None draws none."""
        if ground != self.ground:
            self.ground, self.grid = ground, None if ground is None else grid_of(ground)
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Draws all of it."""
        marking, painter = self.marking, QPainter(self)
        at = self._pointer if self._aim is None else self._aim
        draft = (marking.start, within(at)) if marking.start is not None and at is not None else None
        aim = self._aim if self.hasFocus() else None
        kind, marks, chosen = marking.kind, marking.marks.all, marking.chosen
        scene = Scene(
            self.sight, self._image, marks, chosen, kind, draft, aim, self.stand, self.ground, self.grid, self.note
        )
        paint(painter, scene)
        painter.end()

    def leaveEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Nobody stands where the pointer is not."""
        self._pointer = None
        self.update()
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Begins or ends a mark, takes hold of an end, or of the picture."""
        assert event is not None
        place, self._aim = place_of(event.position()), None
        at = self._pointer = self.sight.in_picture(place)
        match event.button():
            case Qt.MouseButton.LeftButton if self.marking.start is not None:
                self.marking.finish(at, self.sight.scale, self._least)
            case Qt.MouseButton.LeftButton if not self.marking.take(at, self.sight.scale, self._reach):
                if within(at) == at:
                    self._pressed = place
                    self.marking.begin(at)
            case Qt.MouseButton.RightButton:
                self.marking.remove_at(at, self.sight.scale, self._reach)
            case Qt.MouseButton.MiddleButton:
                self._grasped = place
            case _:
                pass
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Pulls what is held, and lets a person stand there."""
        assert event is not None
        place, self._aim = place_of(event.position()), None
        self._pointer = self.sight.in_picture(place)
        self._drag(place)
        self.marking.pull(self._pointer)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Ends a mark that was drawn in one pull, and lets go of what is held."""
        assert event is not None
        place, pressed = place_of(event.position()), self._pressed
        self._pressed = self._grasped = None
        self.marking.let_go()
        away = max(abs(place[0] - pressed[0]), abs(place[1] - pressed[1])) if pressed else 0.0
        if away >= QApplication.startDragDistance():
            self.marking.finish(self.sight.in_picture(place), self.sight.scale, self._least)
        self.update()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Does all that the pointer can."""
        assert event is not None
        if event.key() in ARROWS:
            self._arrow(ARROWS[event.key()], event.modifiers())
        elif action := self._keys().get(event.key()):
            action()
        elif event.key() != Qt.Key.Key_Escape or not self.marking.drop():
            super().keyPressEvent(event)
            return
        event.accept()

    def _keys(self) -> dict[int, Callable[[], object]]:
        marking = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Insert)
        return {
            **self._zoom_keys(),
            Qt.Key.Key_P: lambda: self.marking.choose_kind("person"),
            Qt.Key.Key_D: lambda: self.marking.choose_kind("distance"),
            **dict.fromkeys(marking, self._mark),
            **dict.fromkeys((Qt.Key.Key_Delete, Qt.Key.Key_Backspace), self._remove),
        }

    def _mark(self) -> None:
        at = self._aimed()
        if self.marking.start is None:
            self.marking.begin(at)
        else:
            self.marking.finish(at, self.sight.scale, self._least)

    def _remove(self) -> None:
        if not self.marking.remove_at(self._aimed(), self.sight.scale, self._reach):
            self.marking.remove()

    @property
    def _reach(self) -> float:
        return theme.em(self, 1) * REACH_EM

    @property
    def _least(self) -> float:
        return theme.em(self, 1) * LEAST_EM
