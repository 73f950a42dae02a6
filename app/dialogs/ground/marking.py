"""The marks that are being edited: which one is chosen, what is being marked or held; canvas and list act on it."""

from PyQt6.QtCore import QObject, pyqtSignal

from app.dialogs.ground.marks import (
    USUAL,
    End,
    Kind,
    Mark,
    Marks,
    kind_of,
    made,
    metres_of,
    nearest_end,
    with_end,
    with_metres,
)
from app.dialogs.ground.words import is_too_short
from app.dialogs.sight.sight import within
from engine.picture.polygon import Point


class Marking(QObject):
    """What is edited; all methods belong to the GUI thread."""

    changed = pyqtSignal()
    """Anything of it is different."""

    def __init__(self, marks: tuple[Mark, ...]) -> None:
        super().__init__()
        self.saved, self.marks = marks, Marks(marks)
        self.chosen: int | None = None
        self.kind: Kind = "distance" if marks and not self.marks.people else "person"
        """Of what is marked next."""
        self.start: Point | None = None
        """Where what is being marked begins."""
        self._metres = dict(USUAL)
        self._held: End | None = None
        self._said: int | None = None
        """The mark whose length is being said, which is one step."""

    @property
    def is_holding(self) -> bool:
        """Whether an end is being pulled."""
        return self._held is not None

    @property
    def metres(self) -> float:
        """Of the chosen mark, or of the next one."""
        return self._metres[self.kind] if self.chosen is None else metres_of(self.marks.all[self.chosen])

    def choose_kind(self, kind: Kind) -> None:
        """Says what is marked next."""
        if kind != self.kind or self.chosen is not None:
            self.kind, self.start, self.chosen = kind, None, None
            self.changed.emit()

    def choose(self, place: int | None) -> None:
        """Chooses a mark."""
        self.chosen, self._said = place, None
        if place is not None:
            self.kind, self.start = kind_of(self.marks.all[place]), None
        self.changed.emit()

    def begin(self, at: Point) -> None:
        """Begins a mark."""
        self.chosen, self.start = None, within(at)
        self.changed.emit()

    def finish(self, at: Point, scale: Point, least: float) -> None:
        """Ends what was begun, unless it is shorter on the screen than a mark has to be."""
        if self.start is None:
            return
        mark = made(self.kind, self.start, within(at), self._metres[self.kind])
        if not is_too_short(mark, scale, least):
            self.start = None
            self._take(self.marks.added(mark))
            self.choose(len(self.marks.all) - 1)

    def drop(self) -> bool:
        """Gives up what is being marked, or else what is chosen; says whether there was anything."""
        something = self.start is not None or self.chosen is not None
        self.start, self.chosen = None, self.chosen if self.start is not None else None
        self.changed.emit()
        return something

    def take(self, at: Point, scale: Point, reach: float) -> bool:
        """Takes hold of the end of a mark; says whether there is one."""
        self._held = nearest_end(self.marks.all, at, scale, reach)
        if self._held is not None:
            place = self._held[0]
            self.marks = Marks(self.marks.all, (*self.marks.past, self.marks.all), ())
            self.choose(place)
        return self._held is not None

    def pull(self, at: Point) -> None:
        """Moves the end that is held."""
        if self._held is not None:
            place, end = self._held
            self._take(self.marks.replaced(place, with_end(self.marks.all[place], end, at), begins=False))

    def let_go(self) -> None:
        """Leaves the end that is held where it is."""
        if self._held is not None:
            self._held = None
            if self.marks.past and self.marks.past[-1] == self.marks.all:  # it was only chosen
                self.marks = Marks(self.marks.all, self.marks.past[:-1], self.marks.future)
            self.changed.emit()

    def remove_at(self, at: Point, scale: Point, reach: float) -> bool:
        """Removes the mark that ends there; says whether there is one."""
        under = nearest_end(self.marks.all, at, scale, reach)
        if under is not None:
            self.choose(under[0])
            self.remove()
        return under is not None

    def remove(self) -> None:
        """Removes the chosen mark."""
        if self.chosen is not None:
            place, self.chosen = self.chosen, None
            self._take(self.marks.removed(place))

    def say_metres(self, metres: float) -> None:
        """Says how tall or long the chosen mark is, and the next of its kind."""
        self._metres[self.kind] = metres
        place = self.chosen
        if place is not None:
            begins, self._said = self._said != place, place
            self._take(self.marks.replaced(place, with_metres(self.marks.all[place], metres), begins=begins))

    def undo(self) -> None:
        """Takes the newest step back; of what is being marked, its start."""
        if self.start is not None:
            self.drop()
        else:
            self._go(self.marks.undone())

    def redo(self) -> None:
        """Makes it again."""
        self._go(self.marks.redone())

    def _go(self, marks: Marks) -> None:
        self.chosen = self._said = None
        self._take(marks)

    def _take(self, marks: Marks) -> None:
        self.marks = marks
        self.changed.emit()
