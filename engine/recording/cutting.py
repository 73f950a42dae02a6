"""Where a camera's recording is cut into segments, and the file that is written now; of one thread.

A segment begins with a key frame, ends at the first one after a minute, and earlier where something is missing, where
the stream is coded in another way, where masks change, or where a clock jumped.
"""

from dataclasses import dataclass
from pathlib import Path

from engine.picture.view import View
from engine.recording.pieces import SEAM_S, between, is_own
from engine.recording.segment_file import SegmentFile
from engine.recording.segments import Segment
from engine.sources.packets import Kept

LENGTH_S = 60.0
HOLE_S, HOLE_STEPS = 2.0, 3.0
"""Something is missing where nothing came for so long, and for so many times the step before."""
SILENCE_S = 5.0
"""A segment ends where nothing came for so long, and for so many times the step before."""
CLOCK_STEP_S = 2.0
"""Where the computer's clock moved by more it was set."""
UNCODED = ("rawvideo",)
"""Copied, a minute would take gigabytes."""
FOLLOWED_S = 0.05
"""By how much the time of a segment that goes on without a gap is brought nearer to when it came."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A packet as it was taken from a camera."""

    kept: Kept
    wall_s: float
    """When it came, in seconds since 1970 (UTC)."""
    view: View
    """As people saw the camera then."""
    follows: bool = True
    """Whether none was lost just before it."""


class Cutting:
    """Writes what is taken into one segment after the other, below a camera's folder."""

    def __init__(self, folder: Path) -> None:
        """Writes nothing yet."""
        self._folder = folder
        self._file: SegmentFile | None = None
        self._before: Taken | None = None
        self._came_s, self._ahead_s = 0.0, 0.0
        self._goes_on_s: float | None = None
        """Where the segment before ended that the next one follows without a gap."""

    @property
    def begin_s(self) -> float | None:
        """When the segment began that is written now, in seconds since 1970."""
        return self._file.begin_s if self._file else None

    @property
    def bytes(self) -> int:
        """How much of it came."""
        return self._file.bytes if self._file else 0

    def put(self, taken: Taken) -> Segment | None:
        """Takes the next packet; returns a segment that was finished before it.

        Raises:
            OutputError: a segment cannot be finished; or, as all of `ERRORS`, one cannot be written.
        """
        finished = None
        if self._file is not None and self._is_cut_before(taken):
            finished = self.finish(goes_on=self._is_whole(taken) and taken.kept.piece.is_key)
        if self._file is None and taken.kept.piece.is_key:
            self._begin(taken)
        if self._file is not None:
            self._file.put(taken.kept)
        if self._before is not None:
            self._came_s = taken.kept.arrived_s - self._before.kept.arrived_s
        self._before = taken
        return finished

    def rest(self, now_s: float) -> Segment | None:
        """Ends the segment that is written now where nothing came for long, by the monotonic clock; returns it."""
        before = self._before
        if before is None or now_s - before.kept.arrived_s <= max(SILENCE_S, HOLE_STEPS * self._came_s):
            return None
        return self.finish()

    def finish(self, *, goes_on: bool = False) -> Segment | None:
        """Ends the segment that is written now, if one is; returns it."""
        file, self._file = self._file, None
        self._goes_on_s = file.end_s if file and goes_on else None
        return file.finish() if file else None

    def abandon(self) -> None:
        """Leaves the segment that is written now as it stands."""
        file, self._file, self._goes_on_s = self._file, None, None
        if file is not None:
            file.abandon()

    def _begin(self, taken: Taken) -> None:
        begin_s, goes_on_s = taken.wall_s, self._goes_on_s
        if goes_on_s is not None and abs(taken.wall_s - goes_on_s) < CLOCK_STEP_S:
            begin_s = goes_on_s + min(FOLLOWED_S, max(-FOLLOWED_S, taken.wall_s - goes_on_s))
        self._goes_on_s, self._ahead_s = None, taken.wall_s - taken.kept.arrived_s
        self._file = SegmentFile(self._folder, begin_s, taken.kept, _encoded_as(taken))

    def _is_cut_before(self, taken: Taken) -> bool:
        file, before = self._file, self._before
        if file is None or before is None:
            return False
        if (
            not self._is_whole(taken)
            or taken.kept.piece.coding != file.coding
            or _encoded_as(taken) != _encoded_as(before)
        ):
            return True
        if not taken.kept.piece.is_key:
            return False
        moved_s = taken.wall_s - taken.kept.arrived_s - self._ahead_s
        return abs(moved_s) > CLOCK_STEP_S or file.timing.has_jumped or file.timing.end_s > LENGTH_S - FOLLOWED_S

    def _is_whole(self, taken: Taken) -> bool:
        """Whether nothing is missing before a packet."""
        before = self._before
        if before is None or not taken.follows:
            return False
        came_s = taken.kept.arrived_s - before.kept.arrived_s
        own_s = between(taken.kept.piece.decoded_s, before.kept.piece.decoded_s)
        if taken.kept.piece.coding is not before.kept.piece.coding:  # another connection
            return came_s <= SEAM_S
        return is_own(own_s) or came_s <= max(HOLE_S, HOLE_STEPS * self._came_s)


def _encoded_as(taken: Taken) -> View | None:
    """Returns how a packet is to be seen that has to be encoded for that; None where it can be copied."""
    return taken.view if taken.view.private or taken.kept.piece.coding.codec in UNCODED else None
