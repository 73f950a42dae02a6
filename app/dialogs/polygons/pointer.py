"""What a pointer does on a picture with polygons: draws, takes hold, pulls with snapping, lets go."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication

from app.dialogs.polygons import edits
from app.dialogs.polygons.board import Board
from app.dialogs.polygons.edits import Shape
from app.dialogs.polygons.hits import Hit, hit
from app.dialogs.polygons.snap import Snap, snapped, snapped_step
from app.dialogs.sight.sight import Sight
from engine.picture.polygon import LEAST_POINTS, Point


@dataclass(frozen=True, slots=True)
class _Grip:
    """What a button holds."""

    start: Point
    """Where it was pressed, on the screen."""
    sight: Sight
    """As it was then."""
    under: Hit | None = None
    """What was there; None for the picture itself."""
    shape: Shape | None = None
    """As it was then."""
    moved: bool = False


class Pointer:
    """The pointer; places are in points of the screen."""

    def __init__(
        self, board: Board, sight: Callable[[], Sight], look: Callable[[Sight], None], reach: Callable[[], float]
    ) -> None:
        """Takes how the picture is seen, how that is changed, and how near is near enough."""
        self._board, self._sight, self._look, self._reach = board, sight, look, reach
        self._grip: _Grip | None = None
        self.under: Hit | None = None
        """What it is over."""

    @property
    def pulling(self) -> bool:
        """Whether it holds a part of a polygon, and has moved."""
        return self._grip is not None and self._grip.moved and self._grip.under is not None

    @property
    def shape(self) -> Qt.CursorShape:
        """What it looks like."""
        under = self.under
        if self._board.drawing is not None:
            return Qt.CursorShape.CrossCursor
        if under is None:
            return Qt.CursorShape.ArrowCursor
        if under.place != self._board.chosen:
            return Qt.CursorShape.PointingHandCursor
        is_body = under.corner is None and under.edge is None
        return Qt.CursorShape.SizeAllCursor if is_body else Qt.CursorShape.CrossCursor

    def press(self, at: Point, *, free: bool) -> None:
        """Puts a corner of what is drawn, or chooses what is there and takes hold of it; `free` does not snap."""
        if self._board.drawing is not None:
            self._draw(at, free=free)
            return
        self.under = self._hit(at)
        if self.under is None:
            self.grasp(at)
            self._board.choose(None)
        else:
            self._board.choose(self.under.place, self.under.corner)
            self._grip = _Grip(at, self._sight(), self.under, self._board.shape)

    def grasp(self, at: Point) -> None:
        """Takes hold of the picture itself."""
        self._grip = _Grip(at, self._sight())

    def move(self, at: Point, *, free: bool) -> None:
        """Aims, pulls what is held, or learns what it is over."""
        if self._grip is not None:
            self._pull(self._grip, at, free=free)
        elif self._board.drawing is not None:
            self._board.aim_at(self._snapped(at, self._draft_anchors(), free=free))
        else:
            self.under = self._hit(at)

    def release(self) -> None:
        """Lets go of what it holds."""
        if self.pulling:
            self._board.let_go()
        self.forget()

    def forget(self) -> None:
        """Holds nothing any more."""
        self._grip = None

    def double(self, at: Point) -> None:
        """Closes what is drawn, or puts a corner on an edge of the chosen polygon."""
        if self._board.drawing is not None:
            self._board.close()
            return
        under = self._hit(at)
        if under is not None and under.edge is not None:
            self._board.insert(under.edge, self._sight().in_picture(at))

    def _draw(self, at: Point, *, free: bool) -> None:
        draft = self._board.draft
        if len(draft) >= LEAST_POINTS and self._is_near(self._sight().on_screen(draft[0]), at):
            self._board.close()
            return
        self._board.aim_at(self._snapped(at, self._draft_anchors(), free=free))
        self._board.add()

    def _pull(self, grip: _Grip, at: Point, *, free: bool) -> None:
        away = at[0] - grip.start[0], at[1] - grip.start[1]
        if not grip.moved and max(map(abs, away)) < QApplication.startDragDistance():
            return
        self._grip = replace(grip, moved=True)
        if grip.under is None or grip.shape is None:
            self._look(grip.sight.panned(away))
        else:
            self._board.hold(self._pulled(grip.shape, grip.under, away, at, free=free))

    def _pulled(self, shape: Shape, under: Hit, away: Point, at: Point, *, free: bool) -> Shape:
        """Returns a shape as it is when a part of it is pulled to a place."""
        corners, many = shape.corners, len(shape.corners)
        if under.corner is not None:
            anchors = corners[under.corner - 1], corners[(under.corner + 1) % many]
            return edits.with_corner_at(shape, under.corner, self._snapped(at, anchors, free=free))
        if under.edge is not None:
            anchors = corners[under.edge], corners[(under.edge + 1) % many]
            return edits.with_corner_after(shape, under.edge, self._snapped(at, anchors, free=free))
        width, height = self._sight().scale
        step = away[0] / width, away[1] / height
        return edits.moved(shape, step if free else snapped_step(corners, step, self._snap(())))

    def _snapped(self, at: Point, anchors: Sequence[Point], *, free: bool) -> Point:
        point = self._sight().in_picture(at)
        return edits.clamped(point if free else snapped(point, self._snap(anchors)))

    def _snap(self, anchors: Sequence[Point]) -> Snap:
        others = (shape for place, shape in enumerate(self._board.shapes) if place != self._board.chosen)
        corners = tuple(corner for shape in others for corner in shape.corners)
        return Snap(self._sight().scale, self._reach(), corners, tuple(anchors))

    def _draft_anchors(self) -> tuple[Point, ...]:
        draft = self._board.draft
        return (draft[-1], draft[0]) if len(draft) > 1 else draft

    def _is_near(self, a: Point, b: Point) -> bool:
        return max(abs(a[0] - b[0]), abs(a[1] - b[1])) <= self._reach()

    def _hit(self, at: Point) -> Hit | None:
        return hit(self._board.shapes, self._board.chosen, at, self._sight(), self._reach())
