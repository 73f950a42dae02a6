"""Writes a camera's packets into its folder: claimed, mended, with pauses while something is wrong with the disk."""

import logging
import os
from collections.abc import Sequence
from errno import ENOSPC
from time import monotonic, time

from engine.errors import OutputError
from engine.files import claim
from engine.recording.cutting import Cutting, Taken
from engine.recording.mending import mend
from engine.recording.plan import Plan
from engine.recording.retention import DAY_S
from engine.recording.segments import Segment, camera_folder, partials, read_segments
from engine.recording.stock import Stock
from engine.sources.opening import ERRORS

REST_S = 5.0  # after something could not be written

logger = logging.getLogger(__name__)


class Writing:
    """Writes one camera below one folder, as far as that can be; of one thread."""

    def __init__(self, name: str, stock: Stock) -> None:
        """Touches nothing yet."""
        self.stock, self._name = stock, name
        self._folder = camera_folder(stock.root, name)
        self._cutting: Cutting | None = None
        self._place: int | None = None
        self._rests_until_s = float("-inf")
        self.problem = ""
        """Why nothing is written, in a sentence."""

    @property
    def begun_s(self) -> float | None:
        """When the segment began that is written now."""
        return self._cutting.begin_s if self._cutting else None

    @property
    def bytes(self) -> int:
        """Of that segment."""
        return self._cutting.bytes if self._cutting else 0

    def write(self, taken: Sequence[Taken], plan: Plan, *, is_on: bool) -> None:
        """Writes what came, if it can; says in `problem` why it cannot."""
        if plan.keep == "never":
            self.close()
            self.problem = ""
            return
        if not self._is_ready():
            return
        assert self._cutting is not None
        try:
            for each in taken:
                if each.view.private and plan.masked == "none":
                    self._add(self._cutting.finish())
                    self.problem = "it has privacy masks"
                else:
                    self._add(self._cutting.put(each))
                    self.problem = ""
            self._add(self._cutting.rest(monotonic()) if is_on else self._cutting.finish())
        except (OutputError, *ERRORS) as error:
            self._rest(error)

    def close(self) -> None:
        """Ends what is written now, and lets go of the folder; may be called twice."""
        self._end()
        if self._place is not None:
            os.close(self._place)
        self._cutting = self._place = None

    def _is_ready(self) -> bool:
        if monotonic() < self._rests_until_s:
            return False
        if self.stock.problem:
            self._end()
            self.problem = self.stock.problem
            return False
        return self._cutting is not None or self._is_claimed()

    def _is_claimed(self) -> bool:
        """Claims the camera's folder, and mends what a program left in it that died."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._place = claim(self._folder)
        except OSError as error:
            self._rest(error)
            return False
        if self._place is None:
            self._rests_until_s, self.problem = monotonic() + REST_S, "another program records it"
            return False
        for partial in partials(self._folder):
            mended = mend(partial)
            logger.warning("%s was not finished: %s", partial, "what there is is kept" if mended else "it is removed")
        self._take_up(0.0)
        self._cutting, self.problem = Cutting(self._folder), ""
        return True

    def _end(self) -> None:
        """Finishes what is written now."""
        try:
            self._add(self._cutting.finish() if self._cutting else None)
        except (OutputError, *ERRORS) as error:
            self._rest(error)

    def _rest(self, error: Exception) -> None:
        """Says what is wrong, and tries again a little later; has room made if it is that."""
        if self._cutting is not None:
            self._cutting.abandon()
        self._take_up(time() - DAY_S)
        self._rests_until_s = monotonic() + REST_S
        cause = error.__cause__ or error
        if getattr(cause, "errno", None) == ENOSPC:
            self.stock.was_full()
            self.problem = f"disk full: {self._folder}; make room"
        else:
            reason = (getattr(cause, "strerror", None) or type(cause).__name__).lower()
            self.problem = f"{self._folder} cannot be written: {reason}"

    def _take_up(self, from_s: float) -> None:
        """Takes up what is on disk."""
        for segment in read_segments(self._folder, from_s):
            self._add(segment)

    def _add(self, segment: Segment | None) -> None:
        if segment is not None:
            self.stock.add(self._name, segment)
