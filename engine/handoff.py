"""How threads hand things on: `LatestSlot` keeps the newest (live sources, the screen), `Line` keeps all (recordings).

Both are closed by the giver when nothing more will come, and every wait in them has an end, so no thread is ever stuck.
A thread that takes from several of them gives each the same bell, and waits for that.
"""

from collections import deque
from collections.abc import Iterator
from math import inf
from threading import Condition, Event
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
T_contra = TypeVar("T_contra", contravariant=True)

WAIT_S = 0.1  # how long one wait lasts before it looks again whether to give up


class Outlet(Protocol[T_contra]):
    """Where a thread puts what it made."""

    def put(self, item: T_contra) -> bool:
        """Takes an item; False if it is closed and the item is lost."""
        ...

    def close(self) -> None:
        """Says that nothing more will come."""
        ...


class Inlet(Protocol[T_co]):
    """Where a thread gets its work from."""

    bell: Event | None
    """Rung when something was put in, and at the end."""
    is_given_up: bool
    """Whether nobody wants what came of it any more, also what was fetched already."""
    most_fps: float
    """How many items a second its giver puts in at most; infinite where nobody said."""
    turn_s: float
    """Seconds from one turn to fetch an item to the next, as far as who fetches them knows; 0 where all are fetched."""

    @property
    def waits(self) -> bool:
        """Whether all that came of it is to wait for now, also what was fetched already."""
        ...

    @property
    def may_wait(self) -> bool:
        """Whether it is likely to wait soon."""
        ...

    @property
    def dropped(self) -> int:
        """Items that were given up before anybody fetched them."""
        ...

    @property
    def finished(self) -> bool:
        """Whether it is closed and empty."""
        ...

    def get(self, timeout_s: float = WAIT_S) -> T_co | None:
        """Takes an item out; None if none came in time or nothing more will come."""
        ...

    def close(self) -> None:
        """Says that nothing more will come, or that nothing more is wanted."""
        ...


class _Handoff:
    """What both have in common: an end, and a bell for it."""

    def __init__(self, most_fps: float = inf) -> None:
        self._changed = Condition()
        self.bell: Event | None = None
        self.most_fps, self.turn_s = most_fps, 0.0
        self.closed = self.is_given_up = False

    @property
    def waits(self) -> bool:
        """Never."""
        return False

    @property
    def may_wait(self) -> bool:
        """Never."""
        return False

    def close(self) -> None:
        """What was put in can still be fetched."""
        with self._changed:
            self.closed = True
            self._changed.notify_all()
        self._ring()

    def _ring(self) -> None:
        if self.bell is not None:
            self.bell.set()


class LatestSlot(_Handoff, Generic[T]):
    """Room for one item; a newer one takes the place of one that was not fetched."""

    def __init__(self, most_fps: float = inf) -> None:
        """`most_fps` tells who fetches how many items a second will be put in at most."""
        super().__init__(most_fps)
        self._item: T | None = None
        self.dropped = 0
        """Items that were replaced before anybody fetched them, or never made since they would have been."""

    def put(self, item: T) -> bool:
        """Never waits."""
        with self._changed:
            if self.closed:
                return False
            self.dropped += self._item is not None
            self._item = item
            self._changed.notify()
        self._ring()
        return True

    def get(self, timeout_s: float = WAIT_S) -> T | None:
        """Takes the item out; None if none came in time or the slot is closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._item is not None or self.closed, timeout_s)
            item, self._item = self._item, None
        return item

    def give_up(self) -> None:
        """Closes it; nobody wants what was put in, or came of it, any more."""
        with self._changed:
            self.closed = self.is_given_up = True
            self._item = None
            self._changed.notify_all()
        self._ring()

    def passed_over(self, items: int) -> None:
        """Notes items that would have been replaced by the next one, and were not made for that."""
        with self._changed:
            self.dropped += items

    @property
    def is_empty(self) -> bool:
        """Whether whatever came was fetched."""
        with self._changed:
            return self._item is None

    def wait_closed(self, timeout_s: float) -> bool:
        """Waits until it is closed, but not longer than that; says whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: self.closed, timeout_s)

    @property
    def finished(self) -> bool:
        """Whether it is closed and empty."""
        with self._changed:
            return self.closed and self._item is None


class Line(_Handoff, Generic[T]):
    """First in, first out, with room for a few; the giver waits while it is full."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self._items: deque[T] = deque()
        self._room = room
        self.dropped = 0
        """Always: nothing is ever given up."""

    def put(self, item: T) -> bool:
        """Waits for room, for as long as the line is open."""
        with self._changed:
            while len(self._items) >= self._room and not self.closed:
                self._changed.wait(WAIT_S)
            if self.closed:
                return False
            self._items.append(item)
            self._changed.notify_all()
        self._ring()
        return True

    def get(self, timeout_s: float = WAIT_S) -> T | None:
        """Takes the oldest item; None if none came in time or the line is closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._items) or self.closed, timeout_s)
            item = self._items.popleft() if self._items else None
            self._changed.notify_all()
        return item

    @property
    def finished(self) -> bool:
        """Whether it is closed and empty."""
        with self._changed:
            return self.closed and not self._items

    def __iter__(self) -> Iterator[T]:
        """Yields items until the line is closed and empty."""
        while not self.finished:
            item = self.get()
            if item is not None:
                yield item
