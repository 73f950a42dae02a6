"""What waits to be written: first in, first out, with room for so many."""

from collections import deque
from collections.abc import Sequence
from threading import Condition
from typing import Generic, TypeVar

from engine.handoff import WAIT_S

T = TypeVar("T")


class Backlog(Generic[T]):
    """A queue whose giver, when it is full, either waits for room or lets the oldest go."""

    def __init__(self, room: int, *, lossless: bool) -> None:
        """Has room for so many items; a `lossless` one lets nothing go, and its giver waits."""
        self._changed = Condition()
        self._items: deque[T] = deque()
        self._room, self._lossless = room, lossless
        self.closed = False
        self.lost = 0
        """Items that were let go."""

    def put(self, item: T) -> bool:
        """Takes an item; False if it is closed and the item is lost."""
        with self._changed:
            while self._lossless and len(self._items) >= self._room and not self.closed:
                self._changed.wait(WAIT_S)
            if self.closed:
                return False
            self._items.append(item)
            self._let_go()
            self._changed.notify_all()
        return True

    def take(self, timeout_s: float = WAIT_S) -> list[T]:
        """Takes out all that is there, oldest first; empty if nothing came in time or it is closed."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._items) or self.closed, timeout_s)
            items = list(self._items)
            self._items.clear()
            self._changed.notify_all()
        return items

    def put_back(self, items: Sequence[T]) -> None:
        """Takes back, at the front, what could not be written; never waits."""
        with self._changed:
            self._items.extendleft(reversed(items))
            self._let_go()

    def give_up(self) -> int:
        """Closes it and lets go of everything; returns how many items were still there."""
        with self._changed:
            left = len(self._items)
            self.lost += left
            self._items.clear()
            self.closed = True
            self._changed.notify_all()
        return left

    def close(self) -> None:
        """Items that are there can still be taken."""
        with self._changed:
            self.closed = True
            self._changed.notify_all()

    @property
    def finished(self) -> bool:
        """Whether it is closed and empty."""
        with self._changed:
            return self.closed and not self._items

    def _let_go(self) -> None:
        while not self._lossless and len(self._items) > self._room:
            self._items.popleft()
            self.lost += 1
