"""What was recorded of a camera, with its counts out of the log."""

import logging
from functools import partial
from pathlib import Path

import numpy as np

from engine.errors import DatabaseError, MissingLogError, SourceError
from engine.history.query import History
from engine.history.series import Grid
from engine.picture.view import View
from engine.recording.camera_footage import CameraFootage, Cut
from engine.recording.counts import Counts
from engine.recording.segments import camera_folder, read_segments
from engine.rules.series import Subject

logger = logging.getLogger(__name__)


def footage_of(
    camera: str, root: Path, span: tuple[float, float], *, log: str | None = None, view: View | None = None
) -> CameraFootage:
    """Returns what was recorded of a camera as one recording.

    Args:
        camera: its name.
        root: the folder of all recordings.
        span: from when to when, in seconds since 1970 (UTC).
        log: where its counts are; None counts all anew.
        view: how the camera is seen now.

    Raises:
        SourceError: nothing was recorded then.
    """
    segments = tuple(read_segments(camera_folder(root, camera), *span))
    if not segments:
        raise SourceError(f"nothing was recorded of camera '{camera}' in this span; choose another")
    return CameraFootage(Cut(camera, segments, *span, view), partial(logged_counts, log, camera))


def logged_counts(log: str | None, camera: str, from_s: float, to_s: float) -> Counts:
    """Returns the mean count of every second of a span that a log has, at the begin of the second since 1970.

    A log that cannot be read has none, which is said.
    """
    if log is None:
        return Counts.none()
    grid = Grid(int(from_s), 1, int(to_s) - int(from_s) + 1)
    try:
        history = History(log)
        try:
            series = history.series(Subject(camera), grid)
        finally:
            history.close()
    except MissingLogError:
        return Counts.none()
    except DatabaseError as error:
        logger.warning("what was counted of camera '%s' is counted again: %s", camera, error)
        return Counts.none()
    known = series.readings > 0
    return Counts(grid.starts_s[known], series.mean[known].astype(np.float64))
