"""The frames of a camera's segments in the order in which they are wanted, but for those whose counts are known."""

from collections.abc import Iterator
from contextlib import closing

import numpy as np
from numpy.typing import NDArray

from engine.errors import SourceError
from engine.picture.frame import Frame
from engine.picture.view import View
from engine.recording.counts import Counts
from engine.recording.reel import Part, Reel
from engine.recording.spans import Spans
from engine.recording.track import Track
from engine.sources.flaws import Flaws, Hole
from engine.sources.playback import Playback

HELD_S = 5.0
"""So long a count that is known stands, where no other follows."""
NEAR_S = 5.0  # what is wanted so soon behind what is being read comes by itself


class CameraTravel:
    """Reads segments; the frames are asked for by one thread, all else is for any."""

    has_grown = False
    """What is recorded of a camera later is another part of it."""
    is_sequential = False
    """Some are left out, or may be."""

    def __init__(self, name: str, reel: Reel, view: View, playback: Playback, known: Counts) -> None:
        """Opens nothing yet.

        Args:
            name: what people call it.
            reel: where its pictures are.
            view: how they are seen.
            playback: whose end is the end of it.
            known: counts of it that need not be found again.
        """
        self.name, self._reel, self._view, self._playback = name, reel, view, playback
        self.expected_frames: int | None = len(reel)
        steps = np.diff(reel.times)
        self.rate = 1 / float(np.median(steps)) if len(steps) else 1.0
        """Frames per second, on average."""
        self.left_out = covered(reel.times, known.times)
        """The numbers of frames whose counts are known."""
        self._done, self.lost = Spans(self.left_out), Spans()
        self.flaws = Flaws()
        """What was wrong in what was read so far."""
        self.is_over = False
        """Whether all came."""
        self._wish_s: float | None = None
        self._second = -1

    @property
    def duration_s(self) -> float:
        """From the first picture to the end of the last."""
        return self._reel.duration_s

    @property
    def times(self) -> NDArray[np.float64]:
        """Of all frames by their numbers, in seconds, rising."""
        return self._reel.times

    @property
    def total(self) -> int | None:
        """How many frames there are, once all came that can be had."""
        return len(self._reel) if self.is_over else None

    @property
    def is_flawless(self) -> bool:
        """Whether nothing was wrong."""
        return self.flaws == Flaws() and not self._reel.unreadable

    def leave_out(self, known: Spans) -> None:
        """Has the frames of some numbers not come either; to be said before they are asked for."""
        self._done = Spans((*self._done, *known))

    def go_to(self, time_s: float) -> None:
        """Has the frames of a time come next, unless they came already; never waits."""
        self._wish_s = time_s

    def close(self) -> None:
        """Holds nothing open."""

    def frames(self) -> Iterator[Frame]:
        """Yields the frames that are wanted."""
        at = 0
        while (number := self._start(at)) is not None and self._playback.goes_on():
            part = self._reel.part(number)
            at = min(self._done.next_there(number) or len(self._reel), part.first + len(part))
            try:
                with closing(Track(part.path, part.index, self._view)) as track:
                    yield from self._part(track, part, number, at)
            except SourceError:
                self._lose(number, at)
        self.is_over = not self._playback.stopped

    def _part(self, track: Track, part: Part, number: int, stop: int) -> Iterator[Frame]:
        """Yields the frames of one segment from one number to before another, or until others are wanted."""
        expected = number
        for own, picture in track.pictures(part.index.key(part.own(number))):
            at = own - part.skipped + part.first
            if at >= stop or not self._playback.goes_on() or self._turns(expected):
                break
            if at < expected:
                continue
            self._lose(expected, at)
            self._done.add(at)
            self.flaws = self.flaws.plus(damaged=picture.is_corrupt)
            expected = at + 1
            shot = track.frame(own, picture)
            yield Frame(at, float(self._reel.times[at]), shot.shot, self._view, arrived_s=shot.arrived_s)
        else:
            self._lose(expected, stop)

    def _start(self, at: int) -> int | None:
        """Returns where the next part begins: where it is wanted, else behind the last, else before it."""
        wish_s, self._wish_s = self._wish_s, None
        at = at if wish_s is None else self._reel.place(wish_s)
        missing = (self._done.next_missing(start) for start in (at, 0))
        return next((number for number in missing if number < len(self._reel)), None)

    def _turns(self, number: int) -> bool:
        """Says whether what comes next is wanted from elsewhere; not in the middle of a second."""
        now_s = float(self._reel.times[min(number, len(self._reel) - 1)])
        wish_s, is_new, self._second = self._wish_s, int(now_s) != self._second, int(now_s)
        if wish_s is None or not is_new:
            return False
        if self._reel.place(wish_s) in self._done or 0 <= wish_s - now_s < NEAR_S:
            self._wish_s = None
            return False
        return True

    def _lose(self, start: int, end: int) -> None:
        """Notes frames that cannot be had."""
        if start < end:
            times = self._reel.times
            end_s = float(times[end]) if end < len(times) else self.duration_s
            self.flaws = self.flaws.plus(undecoded=end - start, flaw=Hole(float(times[start]), end_s))
            self.lost.add_span(start, end)
            self._done.add_span(start, end)


def covered(times: NDArray[np.float64], known: NDArray[np.float64], held_s: float = HELD_S) -> Spans:
    """Returns the numbers of frames of which a count is known that is no older; all times rise."""
    if not len(known):
        return Spans()
    before = np.searchsorted(known, times + 1.0, side="right") - 1  # counts of a second are known from its begin on
    is_known = (before >= 0) & (times - known[np.maximum(before, 0)] < held_s)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], is_known.astype(np.int8), [0]))))
    return Spans(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
