"""What waits to be written: first in, first out, with room for so many."""

from collections import deque
from collections.abc import Callable, Sequence
from threading import Condition
from typing import Generic, TypeVar

from engine.handoff import WAIT_S

T = TypeVar("T")


class Backlog(Generic[T]):
    """A queue whose giver, when it is full, either waits for room or lets the oldest go."""

    def __init__(self, room: int, *, lossless: bool, counts: Callable[[T], bool] = lambda item: True) -> None:
        """Makes an empty one.

        Args:
            room: for so many items.
            lossless: whether nothing is let go, and its giver waits.
            counts: whether an item that is let go is a loss.
        """
        self._changed = Condition()
        self._items: deque[T] = deque()
        self._room, self._lossless, self._counts = room, lossless, counts
        self.closed = False
        self.lost = 0
        """Items that count and were let go."""

    def __len__(self) -> int:
        return len(self._items)

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

    def take(self, most: int, timeout_s: float = WAIT_S) -> list[T]:
        """Takes out so many at most, oldest first; none if nothing came in time or it is closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._items) or self.closed, timeout_s)
            items = [self._items.popleft() for _ in range(min(most, len(self._items)))]
            self._changed.notify_all()
        return items

    def put_back(self, items: Sequence[T]) -> None:
        """Takes back, at the front, what could not be written; never waits."""
        with self._changed:
            self._items.extendleft(reversed(items))
            self._let_go()

    def give_up(self) -> int:
        """Closes it and lets go of everything; returns how many items that count were still there."""
        with self._changed:
            left = sum(map(self._counts, self._items))
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
            self.lost += self._counts(self._items.popleft())
