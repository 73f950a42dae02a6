"""What was recorded of a camera, with its counts out of the log."""

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from time import time

import numpy as np

from engine.errors import DatabaseError, MissingLogError, SourceError
from engine.history.query import History
from engine.history.series import Grid
from engine.picture.view import View
from engine.recording.camera_footage import CameraFootage, Cut
from engine.recording.counts import Counts
from engine.recording.segments import camera_folder, read_segments, writing_since
from engine.rules.series import Subject

logger = logging.getLogger(__name__)

NEAR_S = 1.0
"""What was recorded so near a moment shows it: the log knows whole seconds, and segments follow one another closely."""


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
    return CameraFootage(Cut(camera, segments, *span, view), partial(logged_counts, log, Subject(camera)))


def recorded_at(cameras: Sequence[str], root: Path, at_s: float) -> str | None:
    """Returns the first of some cameras of which a moment was recorded; None where there is none.

    Args:
        cameras: their names.
        root: the folder of all recordings.
        at_s: the moment, in seconds since 1970 (UTC).
    """
    span = at_s - NEAR_S, at_s + NEAR_S
    return next((camera for camera in cameras if read_segments(camera_folder(root, camera), *span)), None)


def camera_at(cameras: Sequence[str], root: Path, at_s: float) -> str:
    """Returns the first of some cameras of which a moment was recorded, as `recorded_at` does.

    Raises:
        SourceError: there is none, or what was recorded is still being written.
    """
    found = recorded_at(cameras, root, at_s)
    if found is not None:
        return found
    when, names = f"{datetime.fromtimestamp(at_s):%Y-%m-%d %H:%M:%S}", ", ".join(f"'{name}'" for name in cameras)
    begun = [writing_since(camera_folder(root, camera), time()) for camera in cameras]
    if any(since_s is not None and since_s <= at_s + NEAR_S for since_s in begun):
        raise SourceError(f"what was recorded of camera {names} at {when} is still being written; open it in a minute")
    raise SourceError(f"nothing was recorded of camera {names} at {when}; choose another moment")


def logged_counts(log: str | None, subject: Subject, from_s: float, to_s: float) -> Counts:
    """Returns the mean count of every second of a span that a log has, at the begin of the second since 1970.

    A log that cannot be read has none, which is said.
    """
    if log is None:
        return Counts.none()
    grid = Grid(int(from_s), 1, int(to_s) - int(from_s) + 1)
    try:
        history = History(log)
        try:
            series = history.series(subject, grid)
        finally:
            history.close()
    except MissingLogError:
        return Counts.none()
    except DatabaseError as error:
        logger.warning("what was counted of camera '%s' is counted again: %s", subject, error)
        return Counts.none()
    known = series.readings > 0
    return Counts(grid.starts_s[known], series.mean[known].astype(np.float64))
