"""The polygons that are being edited: which one is chosen, what is being drawn or held, and what was refused last.

Canvas and list look at it and act on it; neither knows the other. A shape that is held may cross itself meanwhile; it
goes back to where it was if it is let go so.
"""

from dataclasses import replace

from PyQt6.QtCore import QCoreApplication, QObject, pyqtSignal

from app.dialogs.polygons import edits
from app.dialogs.polygons.edits import History, Kind, Shape, Shapes
from engine.picture.polygon import Point

COARSE, FINE = 0.01, 0.001  # of the picture, by an arrow key


def kind_word(kind: Kind) -> str:
    """Returns what people call a polygon of a kind."""
    words = {"zone": "zone", "include": "include area", "privacy": "privacy mask"}
    return QCoreApplication.translate("polygons", words[kind])


def called(shapes: Shapes, place: int) -> str:
    """Returns what people call a shape."""
    shape = shapes[place]
    if shape.kind == "zone":
        return QCoreApplication.translate("polygons", "zone '{}'").format(shape.name)
    number = sum(other.kind == shape.kind for other in shapes[: place + 1])
    return f"{kind_word(shape.kind)} {number}"


class Board(QObject):
    """What is edited; all methods belong to the GUI thread."""

    changed = pyqtSignal()
    """Anything of it is different."""

    def __init__(self, shapes: Shapes) -> None:
        super().__init__()
        self.saved = shapes
        self.history = History(shapes)
        self.chosen: int | None = None
        self.corner: int | None = None
        """Of the chosen shape."""
        self.drawing: Kind | None = None
        """What is drawn now; None where nothing is."""
        self.draft: tuple[Point, ...] = ()
        """The corners so far of what is drawn."""
        self.aim: Point = (0.5, 0.5)
        """Where the next corner of what is drawn would be."""
        self._refused = ""
        self._held: Shapes | None = None

    @property
    def shapes(self) -> Shapes:
        """All shapes, one that is held where it is held."""
        return self.history.present if self._held is None else self._held

    @property
    def shape(self) -> Shape | None:
        """The chosen one."""
        return None if self.chosen is None else self.shapes[self.chosen]

    @property
    def refused(self) -> str:
        """Why what was wanted last of the chosen or the drawn shape was not done, in a clause; or ''."""
        ahead = edits.draft_refusal((*self.draft, self.aim)) if self.drawing is not None else ""
        return ahead or self._refused

    @property
    def is_changed(self) -> bool:
        """Whether there is something to save."""
        return self.history.present != self.saved

    def begin(self, kind: Kind) -> None:
        """Begins to draw a polygon."""
        self.choose(None)
        self.drawing, self.draft = kind, ()
        self.changed.emit()

    def aim_at(self, point: Point) -> None:
        """Says where the next corner would be."""
        self.aim = edits.clamped(point)
        self.changed.emit()

    def add(self) -> None:
        """Puts a corner of what is drawn where it aims."""
        if self.draft and self.aim == self.draft[-1]:
            return
        draft = (*self.draft, self.aim)
        if not edits.draft_refusal(draft):
            self.draft, self._refused = draft, ""
        self.changed.emit()

    def take_back(self) -> None:
        """Takes the last corner of what is drawn away."""
        self.draft, self._refused = self.draft[:-1], ""
        self.changed.emit()

    def close(self) -> None:
        """Makes what is drawn a polygon, if it can be one, and chooses it."""
        if self.drawing is None:
            return
        try:
            shapes, place = edits.added(self.history.present, self.drawing, self.draft)
        except ValueError as error:
            self._refused = str(error)
            self.changed.emit()
            return
        self.history = self.history.edited(shapes)
        self.drawing, self.draft = None, ()
        self.choose(place)

    def drop(self) -> bool:
        """Gives up what is drawn or held, or else what is chosen; says whether there was anything."""
        something = self.drawing is not None or self._held is not None or self.chosen is not None
        if self._held is not None:
            self._held = None
        elif self.drawing is not None:
            self.drawing, self.draft = None, ()
        else:
            self.chosen = self.corner = None
        self._refused = ""
        self.changed.emit()
        return something

    def choose(self, place: int | None, corner: int | None = None) -> None:
        """Chooses a shape, and one of its corners."""
        self.chosen, self.corner, self._refused = place, corner, ""
        self.changed.emit()

    def step(self, by: int) -> bool:
        """Chooses the next (1) or previous (-1) shape or corner; False where there is none."""
        if self.drawing is not None:
            return False
        stops: list[tuple[int, int | None]] = []
        for place, shape in enumerate(self.shapes):
            stops += [(place, None), *((place, corner) for corner in range(len(shape.corners)))]
        at = -1 if self.chosen is None else stops.index((self.chosen, self.corner))
        after = len(stops) - 1 if self.chosen is None and by < 0 else at + by
        if not 0 <= after < len(stops):
            self.choose(None)
            return False
        self.choose(*stops[after])
        return True

    def nudge(self, by: Point) -> None:
        """Moves the chosen corner or shape, or where the next corner would be, by a step of the keyboard."""
        if self.drawing is not None:
            self.aim_at((self.aim[0] + by[0], self.aim[1] + by[1]))
        elif self.chosen is not None:
            self._edit(self._moved(self.history.present[self.chosen], by), ("nudge", self.chosen, self.corner))

    def hold(self, shape: Shape) -> None:
        """Shows the chosen shape as it would be if it were let go now."""
        if self.chosen is not None:
            self._held = edits.replaced(self.history.present, self.chosen, shape)
            self._refused = edits.refusal(shape.corners)
            self.changed.emit()

    def let_go(self) -> None:
        """Leaves the shape that is held where it is, or takes it back if it cannot be so."""
        held, self._held = self._held, None
        if held is not None and self.chosen is not None:
            self._edit(held[self.chosen])

    def insert(self, edge: int, point: Point | None = None) -> None:
        """Adds a corner to the chosen shape behind one of its corners, and chooses it."""
        if self.chosen is None:
            return
        if self._edit(edits.with_corner_after(self.history.present[self.chosen], edge, point)):
            self.choose(self.chosen, edge + 1)

    def remove(self) -> None:
        """Deletes the chosen corner, or the chosen shape where no corner is."""
        if self.chosen is None:
            return
        if self.corner is None:
            self.history = self.history.edited(edits.replaced(self.history.present, self.chosen, None))
            self.choose(None)
        else:
            self._edit(edits.without_corner(self.history.present[self.chosen], self.corner))

    def rename(self, name: str) -> None:
        """Names the chosen zone; a name that cannot be stays, and is a problem."""
        if self.shape is not None:
            self._describe(replace(self.shape, name=name), "name")

    def set_capacity(self, people: int | None) -> None:
        """Says how many people the chosen zone holds."""
        if self.shape is not None:
            self._describe(replace(self.shape, capacity=people), "capacity")

    def undo(self) -> None:
        """Takes the last edit back; of what is drawn, the last corner."""
        if self.drawing is not None:
            self.take_back()
        else:
            self._go_to(self.history.undone())

    def redo(self) -> None:
        """Does again what was undone last."""
        if self.drawing is None:
            self._go_to(self.history.redone())

    def _go_to(self, history: History) -> None:
        """Takes other shapes, and goes on choosing the shape in the same place as far as there is one."""
        self.history, self._held = history, None
        gone = self.chosen is not None and self.chosen >= len(history.present)
        self.choose(None if gone else self.chosen)

    def _describe(self, shape: Shape, what: str) -> None:
        assert self.chosen is not None
        shapes = edits.replaced(self.history.present, self.chosen, shape)
        self.history = self.history.edited(shapes, (what, self.chosen))
        self.changed.emit()

    def _edit(self, shape: Shape, step: object = None) -> bool:
        """Puts another shape in place of the chosen one if it is sound; says whether it was."""
        assert self.chosen is not None
        self._refused = edits.refusal(shape.corners)
        if not self._refused:
            sound = replace(shape, corners=edits.sound(shape.corners))
            shapes = edits.replaced(self.history.present, self.chosen, sound)
            self.history = self.history.edited(shapes, step)
            if self.corner is not None and self.corner >= len(sound.corners):
                self.corner = len(sound.corners) - 1
        self.changed.emit()
        return not self._refused

    def _moved(self, shape: Shape, by: Point) -> Shape:
        if self.corner is None:
            return edits.moved(shape, by)
        x, y = shape.corners[self.corner]
        return edits.with_corner_at(shape, self.corner, (x + by[0], y + by[1]))
