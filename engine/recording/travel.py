"""The frames of a file in the order in which they are wanted: from its beginning on, until somebody looks elsewhere.

Then from there on to its end, and at last what lies before. Numbers and times are those of a pass from the beginning,
since the index of the file has them. A second that was begun is gone through before it goes elsewhere, so that no
sample of a second is made of two halves. A file that grows meanwhile is followed until it no longer does.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from math import floor
from threading import Event

import numpy as np
from numpy.typing import NDArray

from engine.errors import SourceError
from engine.picture.frame import Frame
from engine.picture.view import View
from engine.recording.counts import EVER
from engine.recording.index import Index
from engine.recording.shelf import Shelf
from engine.recording.spans import Spans
from engine.recording.track import Track
from engine.sources import FileSource
from engine.sources.flaws import Flaws, Hole
from engine.sources.playback import Playback
from engine.sources.wholeness import ends_early

NEAR_S = 5.0  # what is wanted so soon behind what is being read comes by itself
LOOK_S = 0.5  # between two looks whether the file has grown


class FileTravel:
    """Reads one video file; the frames are asked for by one thread, all else is for any."""

    def __init__(self, file: FileSource, shelf: Shelf, view: View, playback: Playback) -> None:
        """Takes over the file.

        Args:
            file: that was opened and is read no further yet.
            shelf: where its index is.
            view: how its pictures are seen.
            playback: whose end is the end of it.
        """
        self._file: FileSource | None = file
        """Until it is read from elsewhere than its beginning."""
        self._shelf, self._view, self._playback = shelf, view, playback
        self._promised_s = file.promised_s
        self.name, self.rate, self.expected_frames = file.name, file.rate, file.expected_frames
        """How many the file promises."""
        self._done, self.lost = Spans(), Spans()
        """Numbers of the frames that came or will not, and of those that cannot be had."""
        self.left_out = Spans()
        """Numbers of the frames that do not come since their counts are known."""
        self.is_sequential = True
        """Whether it was read from its beginning, and nothing left out."""
        self._is_over = False
        self.has_grown = False
        """Whether the file became longer meanwhile, so that it is known otherwise now."""
        self._flaws = Flaws()
        self._wish_s: float | None = None
        self._last_s, self._at = -1.0, 0
        self._given_s: float | None = None
        """The time of the last frame that came while it was read from its beginning."""

    @property
    def duration_s(self) -> float | None:
        """How long it is, as far as is known."""
        index, frames = self._shelf.newest, self.expected_frames
        if index is not None:
            return index.duration_s
        return self._promised_s if frames is None else frames / self.rate

    @property
    def times(self) -> NDArray[np.float64] | None:
        """Of all frames by their numbers, in seconds, rising; None until the file is indexed."""
        index = self._shelf.newest
        return None if index is None else index.times

    @property
    def flaws(self) -> Flaws:
        """What was wrong in what was read so far."""
        file = self._file
        return file.flaws if file is not None and self.is_sequential else self._flaws

    @property
    def total(self) -> int | None:
        """How many frames there are, once all came that can be had."""
        if not self._is_over:
            return None
        index = self._shelf.newest
        return self._done.next_missing(0) if self.is_sequential or index is None else len(index)

    @property
    def is_flawless(self) -> bool:
        """Whether nothing is wrong with the file, in whichever order it was read."""
        index = self._shelf.newest
        return index is not None and not index.jumps[0] and self._flaws == Flaws()

    def leave_out(self, known: Spans) -> None:
        """Has the frames of some numbers not come; to be said before they are asked for."""
        self._done, self.left_out, self.is_sequential = Spans(known), known, not known

    def go_to(self, time_s: float) -> None:
        """Has the frames of a time come next, unless they came already; never waits."""
        self._wish_s = time_s

    def close(self) -> None:
        """Closes the file; may be called twice."""
        if self._file is not None:
            self._file.close()

    def frames(self) -> Iterator[Frame]:
        """Yields the frames that are wanted; raises SourceError where the file breaks off, or is no longer there."""
        file = self._file
        if self.is_sequential and file is not None:
            yield from self._through(file)
        if not self.is_sequential:
            del file
            self._let_go_of_file()
        if not self.is_sequential and self._done.next_missing(0) < EVER:
            yield from self._in_parts()
        self._is_over = not self._playback.stopped

    def _let_go_of_file(self) -> None:
        """Closes it, and frees its decoder and its table, which take some 30 MB of a file of hours."""
        self.close()
        self._file = None

    def _through(self, file: FileSource) -> Iterator[Frame]:
        """Yields the frames from the beginning, until they are wanted from elsewhere."""
        number, failure = 0, None
        try:
            for frame in file.frames():
                if self._turns(frame.time_s) and self._is_open_elsewhere():
                    self._flaws, self.is_sequential = file.flaws, False
                    return
                self._pass_over(number, frame.index)
                number, self._given_s = frame.index + 1, frame.time_s
                self._done.add(frame.index)
                yield frame
        except SourceError as error:
            failure = error
        self._flaws, self.is_sequential = file.flaws, not self._waits_for_more()
        if failure and self.is_sequential:
            raise failure
        self.has_grown = not self.is_sequential

    def _is_open_elsewhere(self) -> bool:
        """Whether frames of other times can be had; a file that is gone is read on where it is open."""
        try:
            index = self._shelf.index(lambda: not self._playback.stopped)
            self._shelf.check()
        except SourceError:
            index = None
        if index is None:
            self._wish_s = None
        return index is not None

    def _in_parts(self) -> Iterator[Frame]:
        """Yields what is left, part by part."""
        before: Index | None = None
        while (index := self._shelf.index(lambda: not self._playback.stopped)) is not None:
            self._agree(before, index)
            with closing(Track(self._shelf.path, index, self._view)) as track:
                place = self._start(index, self._at)
                while place is not None and self._playback.goes_on():
                    yield from self._part(track, place)
                    place = self._start(index, self._at)
                is_cut = ends_early(self._shelf.path, track.container, track.stream)
            if self._waits_for_more():
                before, self.has_grown = index, True
                self._shelf.follow(lambda: not self._playback.stopped)
                continue
            if is_cut:
                self._break_off(index)
            return

    def _part(self, track: Track, place: int) -> Iterator[Frame]:
        """Yields the frames from one on, as far as they did not come before."""
        index, expected = track.index, place
        stop = self._done.next_there(place) or len(index)
        for at, picture in track.pictures(index.key(place)):
            if at >= stop or not self._playback.goes_on():
                break
            if at < expected:
                continue
            if self._turns(float(index.times[at])):
                self._at = expected
                return
            self._lose(expected, at)
            self._flaws = self._flaws.plus(damaged=picture.is_corrupt)
            self._done.add(at)
            expected = at + 1
            yield track.frame(at, picture)
            if expected == stop:
                break
        if self._playback.stopped:
            return
        if expected < stop:
            self._shelf.check()
            self._lose(expected, stop)
        self._at, self._last_s = stop, -1.0

    def _start(self, index: Index, at: int) -> int | None:
        """Returns where the next part begins: where it is wanted, else behind the last, else before it."""
        wish_s, self._wish_s = self._wish_s, None
        if wish_s is not None:
            at = int(np.searchsorted(index.times, floor(wish_s)))
        missing = (self._done.next_missing(start) for start in (min(at, len(index)), 0))
        return next((number for number in missing if number < len(index)), None)

    def _turns(self, time_s: float) -> bool:
        """Says whether what comes next is wanted from elsewhere; not in the middle of a second."""
        wish_s, is_new = self._wish_s, floor(time_s) != floor(self._last_s)
        self._last_s = time_s
        if wish_s is None or not is_new:
            return False
        if self._is_done(wish_s, time_s) or 0 <= wish_s - time_s < NEAR_S:
            self._wish_s = None
            return False
        return True

    def _is_done(self, wish_s: float, now_s: float) -> bool:
        index = self._shelf.newest
        return wish_s < now_s if self.is_sequential or index is None else index.place(wish_s) in self._done

    def _agree(self, before: Index | None, index: Index) -> None:
        """Takes back what is no longer so in an index that was read later than frames came."""
        if before is not None:
            same = min(len(before), len(index))
            differing = np.flatnonzero(before.times[:same] != index.times[:same])
            self._done = self._done.before(int(differing[0]) if len(differing) else same)
        elif self._given_s is not None:
            self._done = self._done.before(index.place(self._given_s) + 1)

    def _lose(self, start: int, end: int) -> None:
        """Notes frames that cannot be had, as a flaw."""
        index = self._shelf.newest
        if start < end and index is not None:
            end_s = float(index.times[end]) if end < len(index) else index.duration_s
            self._flaws = self._flaws.plus(undecoded=end - start, flaw=Hole(float(index.times[start]), end_s))
        self._pass_over(start, end)

    def _pass_over(self, start: int, end: int) -> None:
        if start < end:
            self.lost.add_span(start, end)
            self._done.add_span(start, end)

    def _waits_for_more(self) -> bool:
        """Waits for as long as the file may grow; says whether it did."""
        while not self._playback.stopped and self._shelf.may_grow:
            if self._shelf.has_grown:
                return True
            Event().wait(LOOK_S)
        return False

    def _break_off(self, index: Index) -> None:
        where = f"after {len(index)} frames ({index.duration_s:.1f} s)"
        sentence = f"{self.name} breaks off {where}: the rest of it is missing; the readings up to there are kept"
        self._flaws = replace(self._flaws, breaks_off=sentence)
        raise SourceError(sentence)
