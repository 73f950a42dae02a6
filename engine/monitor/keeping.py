"""The counts of a recording on their way into the user's cache, so that they need not be found again."""

import logging
from collections.abc import Callable

from engine.counting.reading import Reading
from engine.errors import SourceError
from engine.recording.counts import KeptCounts
from engine.recording.footage import Travel
from engine.recording.spans import Spans

logger = logging.getLogger(__name__)


class Keeping:
    """An outlet that keeps what is counted, from time to time and at the end."""

    def __init__(self, kept: KeptCounts, travel: Travel, key: Callable[[], str | None]) -> None:
        """Takes what is kept of the recording, and what says by which key it is known at the end."""
        self.was_all = kept.is_all
        """Whether nothing was left to be counted; then there is nothing to be kept."""
        self._kept = None if kept.is_all else kept
        self._travel, self._key = travel, key

    def put(self, reading: Reading) -> bool:
        """Takes a reading."""
        if self._kept is not None:
            self._kept.add(reading)
        return True

    def close(self) -> None:
        """Keeps what there is; may be called twice."""
        kept, travel = self._kept, self._travel
        if kept is None:
            return
        if travel.has_grown:
            self._move(kept)
        lost, total = Spans((*kept.lost, *travel.lost)), travel.total
        if total is None or Spans((*kept.numbers, *lost)).next_missing(0) < total:
            kept.save()
        elif travel.is_sequential or travel.is_flawless:
            kept.finish(travel.flaws)
        else:
            kept.finish_parts(total, lost)

    def _move(self, kept: KeptCounts) -> None:
        try:
            kept.move(self._key())
        except SourceError as error:  # it is gone, and what was counted stays as it is known
            logger.info("%s", error)
