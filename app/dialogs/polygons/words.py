"""The line of help under the picture: what can be done now, with pointer and keys."""

from PyQt6.QtCore import QCoreApplication

from app.dialogs.polygons.board import Board, called, kind_word
from app.dialogs.polygons.hits import Hit
from engine.picture.polygon import LEAST_POINTS

EMPTY = "Add a zone, an include area or a privacy mask at the side. Wheel, + and − zoom; drag moves the picture."
CHOOSE = "Click a polygon, or press Tab, to choose it. Insert adds a zone; wheel, + and − zoom; drag moves the picture."
FIRST = "New {}: click its first corner, or move the cross with the arrow keys and press Insert. Escape drops it."
NEXT = (
    "New {}: click the next corner (Insert); Backspace takes one back, Escape drops it. It snaps to borders, corners "
    "and 45°; hold Shift to be free."
)
CLOSE = (
    "New {}: double click, Enter, or a click on the first corner closes it; Backspace takes a corner back, Escape "
    "drops it. Hold Shift not to snap."
)
SHAPE = (
    "{}: drag it, or press arrow keys (Shift: finer), to move it; Tab goes to its corners; double click an edge for a "
    "new corner; Delete removes it."
)
CORNER = (
    "{}, corner {} of {}, {:.1%} from the left and {:.1%} from the top: drag it or press arrow keys (Shift: finer); "
    "Insert adds one behind it, Delete removes it."
)
EDGE = "{}: double click the edge, or pull it, for a new corner there."
PULL = "Let it go where it should be; Shift does not snap, Escape takes it back."


def help_words(board: Board, under: Hit | None = None, *, pulling: bool = False) -> str:
    """Returns what can be done; `under` is what lies under the pointer."""
    return _translated(*_words(board, under, pulling=pulling))


def _words(board: Board, under: Hit | None, *, pulling: bool) -> tuple[str, tuple[object, ...]]:
    if board.drawing is not None:
        many = len(board.draft)
        words = FIRST if not many else NEXT if many < LEAST_POINTS else CLOSE
        return words, (kind_word(board.drawing),)
    if pulling:
        return PULL, ()
    if not board.shapes:
        return EMPTY, ()
    if board.chosen is None or board.shape is None:
        return CHOOSE, ()
    name = called(board.shapes, board.chosen)
    name = name[:1].upper() + name[1:]
    if under is not None and under.edge is not None:
        return EDGE, (name,)
    if board.corner is None:
        return SHAPE, (name,)
    x, y = board.shape.corners[board.corner]
    return CORNER, (name, board.corner + 1, len(board.shape.corners), x, y)


def _translated(words: str, values: tuple[object, ...]) -> str:
    return QCoreApplication.translate("polygons", words).format(*values)
