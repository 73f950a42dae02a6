"""Lanes: threads that work side by side with the one that asks them, each on the next of its items."""

import weakref
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Condition, Thread
from typing import Any, Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Lanes:
    """As many as are asked for, that of the thread which asks among them; the others begin when they are needed."""

    def __init__(self, number: int) -> None:
        """They end when it is let go."""
        self._number, self._threads = number, 0
        self._rounds: SimpleQueue[_Round[Any, Any] | None] = SimpleQueue()
        self._end = weakref.finalize(self, _end, self._rounds, number)
        self._end.atexit = False  # they are daemons

    def each(self, work: Callable[[T], R], items: Sequence[T]) -> list[R]:
        """Returns what the work makes of each item, in their order; raises what it raised first."""
        helpers = min(self._number, len(items)) - 1
        if helpers < 1:
            return [work(item) for item in items]
        while self._threads < helpers:
            self._threads += 1
            Thread(target=_run, args=(self._rounds,), name=f"tiles at lane {self._threads}", daemon=True).start()
        asked = _Round(work, items)
        for _ in range(helpers):
            self._rounds.put(asked)
        asked.take_part()
        return asked.found()


class _Round(Generic[T, R]):
    """Items that lanes work on together."""

    def __init__(self, work: Callable[[T], R], items: Sequence[T]) -> None:
        self._work, self._items = work, items
        self._found: dict[int, R] = {}
        self._begun = self._ended = 0
        self._error: BaseException | None = None
        self._changed = Condition()

    def take_part(self) -> None:
        """Works on the next item until there is none, or one failed."""
        while (place := self._next()) is not None:
            try:
                found = self._work(self._items[place])
            except BaseException as error:  # it is raised where the result is waited for
                self._note(error)
            else:
                self._found[place] = found
                self._note(None)

    def found(self) -> list[R]:
        """Waits for the items that others work on."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended == self._begun)
        if self._error is not None:
            raise self._error
        return [self._found[place] for place in range(len(self._items))]

    def _next(self) -> int | None:
        with self._changed:
            if self._error is not None or self._begun == len(self._items):
                return None
            self._begun += 1
            return self._begun - 1

    def _note(self, error: BaseException | None) -> None:
        with self._changed:
            self._error = self._error or error
            self._ended += 1
            self._changed.notify_all()


def _run(rounds: "SimpleQueue[_Round[Any, Any] | None]") -> None:
    while (asked := rounds.get()) is not None:
        asked.take_part()
        del asked  # it holds tiles


def _end(rounds: "SimpleQueue[_Round[Any, Any] | None]", number: int) -> None:
    for _ in range(number):
        rounds.put(None)
