"""Where a window stands: as it was left, but never larger than the screens that there are, nor beside them."""

from collections.abc import Sequence

from PyQt6.QtCore import QPoint, QRect, QSize


def placed_within(wanted: QRect | None, screens: Sequence[QRect], *, size: QSize, title: int) -> QRect:
    """Returns the place of a window's inside.

    Args:
        wanted: where it was left, if anybody knows.
        screens: the free room of each, the main one first; at least one.
        size: for a window that stood nowhere yet.
        title: height of the bar above it.
    """
    rooms = [screen.adjusted(0, title, 0, 0) for screen in screens]
    if wanted is None or wanted.isEmpty():
        room = rooms[0]
        fitting = size.boundedTo(room.size())
        return QRect(room.center() - QPoint(fitting.width() // 2, fitting.height() // 2), fitting)
    room = max(rooms, key=lambda room: _shared(room, wanted))
    fitting = wanted.size().boundedTo(room.size())
    left = min(max(wanted.left(), room.left()), room.right() + 1 - fitting.width())
    top = min(max(wanted.top(), room.top()), room.bottom() + 1 - fitting.height())
    return QRect(QPoint(left, top), fitting)


def _shared(one: QRect, other: QRect) -> int:
    shared = one.intersected(other)
    return max(0, shared.width()) * max(0, shared.height())
