"""Lanes: threads that work side by side, each on the next of the items that somebody asked for."""

import weakref
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Condition, Thread
from typing import Any, Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Lanes:
    """As many as are given; their threads begin when they are needed."""

    def __init__(self, number: int) -> None:
        """They end when it is let go."""
        self._number, self._threads = number, 0
        self._rounds: SimpleQueue[Round[Any, Any] | None] = SimpleQueue()
        self._end = weakref.finalize(self, _end, self._rounds, number)
        self._end.atexit = False  # they are daemons

    def each(self, work: Callable[[T], R], items: Sequence[T]) -> list[R]:
        """Returns what the work makes of each item, in their order; raises what it raised first.

        One of the lanes is the thread that asks.
        """
        asked, lanes = Round(work, items), min(self._number, len(items)) - 1
        self._start(lanes)
        self._offer(asked, lanes)
        asked.take_part()
        return asked.found()

    def begin(self, work: Callable[[T], R], items: Sequence[T], on_step: Callable[[], object]) -> "Round[T, R]":
        """Has the work done behind what was asked for before; `on_step` is called whenever an item begins or ends."""
        asked = Round(work, items, on_step)
        self._start(self._number)  # all, since what is begun next is worked on beside it
        self._offer(asked, min(self._number, len(items)))
        return asked

    def _offer(self, asked: "Round[T, R]", lanes: int) -> None:
        for _ in range(lanes):
            self._rounds.put(asked)

    def _start(self, lanes: int) -> None:
        while self._threads < lanes:
            self._threads += 1
            Thread(target=_run, args=(self._rounds,), name=f"tiles at lane {self._threads}", daemon=True).start()


class Round(Generic[T, R]):
    """Items that lanes work on together."""

    def __init__(self, work: Callable[[T], R], items: Sequence[T], on_step: Callable[[], object] | None = None) -> None:
        self._work, self._items, self._on_step = work, items, on_step
        self._found: dict[int, R] = {}
        self._begun = self._ended = 0
        self._error: BaseException | None = None
        self._changed = Condition()

    @property
    def waiting(self) -> int:
        """How many items no lane has begun with."""
        with self._changed:
            return 0 if self._error is not None else len(self._items) - self._begun

    @property
    def is_done(self) -> bool:
        """Whether nothing more will be worked on."""
        with self._changed:
            return self._is_done

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

    def wait(self) -> None:
        """Waits until nothing more is being worked on."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_done)

    def found(self) -> list[R]:
        """Waits for the items that are worked on, and returns what came of them; raises what was raised first."""
        self.wait()
        if self._error is not None:
            raise self._error
        return [self._found[place] for place in range(len(self._items))]

    @property
    def _is_done(self) -> bool:
        return self._ended == self._begun and (self._error is not None or self._begun == len(self._items))

    def _next(self) -> int | None:
        with self._changed:
            if self._error is not None or self._begun == len(self._items):
                return None
            self._begun += 1
            begun = self._begun - 1
        self._tell()
        return begun

    def _note(self, error: BaseException | None) -> None:
        with self._changed:
            self._error = self._error or error
            self._ended += 1
            self._changed.notify_all()
        self._tell()

    def _tell(self) -> None:
        if self._on_step is not None:
            self._on_step()


def _run(rounds: "SimpleQueue[Round[Any, Any] | None]") -> None:
    while (asked := rounds.get()) is not None:
        asked.take_part()
        del asked  # it holds tiles


def _end(rounds: "SimpleQueue[Round[Any, Any] | None]", number: int) -> None:
    for _ in range(number):
        rounds.put(None)
