"""Looking at any time of a recording while it is counted: pictures are sought in a thread, the newest wish wins.

What finds them is opened when somebody looks for the first time.
"""

from collections.abc import Callable
from contextlib import suppress
from threading import Event, Lock
from time import monotonic
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.errors import EngineError
from engine.handoff import WAIT_S
from engine.monitor.pace import Pace
from engine.priority import FEW_STEPS, give_way
from engine.recording.finder import Finder, Found
from engine.recording.glimpse import Glimpse
from engine.worker import Worker

GLIMPSE_S = 0.1  # after which, where the opening takes longer, what can be had without it is shown
SCRUBBING_S = 0.3  # after the last picture was sought, before anything else goes on


class Looked(NamedTuple):
    """What is looked at."""

    time_s: float
    """Of the picture that was wanted."""
    is_exact: bool
    """Whether it is there, or one near it, or none yet."""
    is_running: bool
    """Whether the next ones follow by themselves."""


class _Wish(NamedTuple):
    time_s: float
    steps: int = 0
    """Pictures from there, forwards or back."""
    runs: bool = False
    speed: float = 1.0


Opening = Callable[[Callable[[], bool]], Finder | None]
"""Opens what finds pictures; None once that is no longer wanted, for which it is given whom to ask."""

Glimpsing = Callable[[], Glimpse | None]
"""Opens what shows something until then; None where there is nothing of that kind."""


class Looking:
    """Finds what is looked at, and hands it to whoever shows it; what has no underscore is for any thread."""

    def __init__(
        self,
        name: str,
        opening: Opening,
        show: Callable[[Found], None],
        give_way: Callable[[float], None] = lambda for_s: None,
        glimpsing: Glimpsing = lambda: None,
    ) -> None:
        """Does nothing until somebody looks.

        Args:
            name: of the recording.
            opening: called in a thread of its own.
            show: called there too.
            give_way: told for how many seconds from now on a picture is needed more than anything else.
            glimpsing: opens what shows something while the opening takes long; called there too.
        """
        self._opening, self._show, self._give_way = opening, show, give_way
        self._glimpsing = glimpsing
        self._glimpse: Glimpse | None = None
        self._glimpsed: _Wish | None = None
        """The wish for which something was shown that may not be exact."""
        self._wish: _Wish | None = None
        self._last: Looked | None = None
        self._wishing, self._bell, self._closed = Lock(), Event(), False
        self.problem = ""
        """Why the last wish could not be fulfilled, in a sentence."""
        self._finder: Finder | None = None
        self._worker = Worker(f"looking at {name}", self._look)

    @property
    def looked(self) -> Looked | None:
        """What is looked at now; None before somebody looked."""
        return self._last

    def prepare(self) -> None:
        """Opens it, so that the first picture that is wanted comes soon; never waits."""
        with self._wishing:
            self._begin()

    def look(self, time_s: float, *, runs: bool = False, speed: float = 1.0) -> None:
        """Asks for the picture of a time in seconds, and those after it if it `runs`; never waits.

        Args:
            time_s: of the picture.
            runs: whether the next ones follow by themselves.
            speed: how many seconds of the recording they go through in one; what cannot be decoded so fast is skipped.
        """
        self._ask(_Wish(max(0.0, time_s), runs=runs, speed=speed))

    def step(self, pictures: int) -> None:
        """Asks for the picture so many behind the one that is looked at, or before it; never waits."""
        with self._wishing:
            wish, last = self._wish, self._last
            if wish is None:
                wish = _Wish(last.time_s if last else 0.0)
            self._put(wish._replace(steps=wish.steps + pictures, runs=False))

    def close(self) -> None:
        """Ends it and waits for that; may be called twice."""
        self._closed = True
        self._bell.set()
        self._worker.finish()

    def _ask(self, wish: _Wish) -> None:
        with self._wishing:
            self._put(wish)

    def _put(self, wish: _Wish) -> None:
        self._wish = wish
        self._last = Looked(self._last.time_s if wish.steps and self._last else wish.time_s, False, wish.runs)
        self._give_way(SCRUBBING_S)
        self._begin()
        self._bell.set()

    def _begin(self) -> None:
        if self._worker.ident is None and not self._closed:
            self._worker.start()

    def _look(self) -> None:
        give_way(FEW_STEPS)  # so do the decoder's threads: a window that is dragged in has to go on
        try:
            self._attempt(self._opened, tells=False)
            while not self._closed:
                wish = self._taken()
                if wish is None:
                    self._bell.wait(WAIT_S)
                    self._bell.clear()  # before looking, so that what comes while we look is seen the next time
                    continue
                self._attempt(lambda wish=wish: self._fulfil(wish))  # type: ignore[misc]
        finally:
            self._let_go()

    def _attempt(self, action: Callable[[], object], *, tells: bool = True) -> None:
        try:
            action()
            self.problem = ""
        except EngineError as error:
            self._let_go()
            self.problem = str(error) if tells else ""

    def _taken(self) -> _Wish | None:
        with self._wishing:
            wish, self._wish = self._wish, None
        return wish

    def _is_wanted(self) -> bool:
        return self._wish is None and not self._closed

    def _fulfil(self, wish: _Wish) -> None:
        finder = self._opened()
        if finder is None:
            with self._wishing:
                self._wish = self._wish or wish
            return
        times = finder.times
        place = min(max(0, finder.place(wish.time_s) + wish.steps), len(times) - 1)
        if wish.runs and place == len(times) - 1:  # from the end it begins anew
            place = 0
        self._find(finder, float(times[place]), runs=wish.runs)
        if wish.runs:
            self._run(finder, times, place, wish.speed)

    def _run(self, finder: Finder, times: NDArray[np.float64], place: int, speed: float) -> None:
        """Shows the pictures that follow one, each when it is due: it is decoded before."""
        pace = Pace(times, place, speed, monotonic())
        while self._is_wanted() and pace.place + 1 < len(times):
            place = pace.next(monotonic())
            begun_s = monotonic()
            found = self._found(finder, float(times[place]))
            now_s = monotonic()
            pace.took(now_s - begun_s)
            if found is None or self._bell.wait(max(0.0, pace.due_s(now_s) - now_s)):
                self._bell.clear()  # what rang is seen by `_is_wanted`
                continue
            self._put_up(found, runs=place + 1 < len(times))

    def _found(self, finder: Finder, time_s: float) -> Found | None:
        """Returns the exact picture of a time; None where it is no longer wanted."""
        exact = [found for found in finder.frames(time_s, self._is_wanted) if found.is_exact]
        return exact[0] if exact else None

    def _find(self, finder: Finder, time_s: float, *, runs: bool) -> None:
        for found in finder.frames(time_s, self._is_seeking):
            if not (runs and not found.is_exact):
                self._put_up(found, time_s=time_s, runs=runs)

    def _put_up(self, found: Found, *, time_s: float = 0.0, runs: bool) -> None:
        with self._wishing:
            if self._wish is None:
                self._last = Looked(found.frame.time_s if found.is_exact else time_s, found.is_exact, runs)
        self._show(found)

    def _is_seeking(self) -> bool:
        """Whether what is sought is still wanted; if so, all else waits for it."""
        is_wanted = self._is_wanted()
        if is_wanted:
            self._give_way(SCRUBBING_S)
        return is_wanted

    def _opened(self) -> Finder | None:
        """Returns what finds pictures; None where it was closed meanwhile."""
        if self._finder is None:
            due_s = monotonic() + GLIMPSE_S
            try:
                self._finder = self._opening(lambda: self._awaits(due_s))
            finally:
                self._glimpsed = None
                self._close_glimpse()
        return self._finder

    def _awaits(self, due_s: float) -> bool:
        """Says whether what finds pictures is still wanted; in between, what is wished for is shown without it."""
        wish = self._wish
        if wish is not None and wish is not self._glimpsed and monotonic() >= due_s and not self._closed:
            self._glimpsed = wish
            with suppress(EngineError):  # what finds pictures will tell
                self._show_glimpse(wish)
        return not self._closed

    def _show_glimpse(self, wish: _Wish) -> None:
        if self._glimpse is None:
            self._glimpse = self._glimpsing()
        if self._glimpse is not None:
            for frame in self._glimpse.frames(wish.time_s, lambda: self._wish is wish and not self._closed):
                self._show(Found(frame, is_exact=False))

    def _close_glimpse(self) -> None:
        if self._glimpse is not None:
            self._glimpse.close()
        self._glimpse = None

    def _let_go(self) -> None:
        if self._finder is not None:
            self._finder.close()
        self._finder = None
