"""A recording counted to its end: what is known of it already, and the rest by the pipeline."""

import hashlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.capture.recording import RecordingCapture
from engine.counting.counter import Counter
from engine.counting.reading import Reading
from engine.counting.schedule import DensitySchedule
from engine.errors import EngineError, SourceError
from engine.evidence.order import RecordingSubject, Work
from engine.handoff import Line
from engine.inference.model import Model
from engine.pipeline import Pipeline
from engine.recording.cache import Cache
from engine.recording.counts import KeptCounts, Way, passed_counts
from engine.recording.identity import Identity, identity_of
from engine.recording.rest import Rest
from engine.serving import Camera
from engine.sources import FileSource, FolderSource
from engine.sources.playback import Playback

READINGS_AHEAD = 4
HASHED_BYTES = 4 << 20  # at once


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted of a recording."""

    kept: KeptCounts
    identity: Identity
    model: Model
    size: tuple[int, int] | None
    """Height and width of its pictures as stored; None for a folder."""
    problem: str = ""
    """Why it breaks off, in a sentence."""


def opened(subject: RecordingSubject) -> FileSource | FolderSource:
    """Opens a recording; raises SourceError."""
    kind = FolderSource if subject.path.is_dir() else FileSource
    return kind(subject.path, view=subject.view)


def count_rest(
    model: Model, capture: RecordingCapture, take: Callable[[Reading], bool], *, density: bool = True
) -> None:
    """Counts the frames of a recording that are still to come.

    Args:
        model: is used by the inference thread alone meanwhile.
        capture: of the rest; is started and ended.
        take: is given each reading, and says whether more are wanted.
        density: whether a map of each frame is made.

    Raises:
        EngineError: what ended it early.
    """
    readings = Line[Reading](READINGS_AHEAD)
    schedule = DensitySchedule(0.0 if density else None)
    pipeline = Pipeline(model, [Camera(capture, [readings], Counter(), schedule)])
    with pipeline:
        for reading in readings:
            if not take(reading):
                break
    if pipeline.failure:
        raise pipeline.failure


def counted(subject: RecordingSubject, model: Model, work: Work) -> Counted:
    """Returns the counts of a whole recording; what is not known yet is counted first, and kept.

    What is seen through masks is counted anew each time: what is kept knows none.

    Raises:
        EngineError: the recording cannot be read, or not be counted at all.
    """
    identity = identity_of(subject.path)
    has_masks = bool(subject.view.private or subject.view.included)
    with TemporaryDirectory() as folder, closing(opened(subject)) as source:
        cache = Cache(Path(folder)) if has_masks else Cache()
        kept = passed_counts(cache, _way(subject, model).key(identity))
        size = source.size if isinstance(source, FileSource) else None
        problem = "" if kept.is_complete else _count(source, model, kept, work)
    return Counted(kept, identity, model, size, problem)


def _way(subject: RecordingSubject, model: Model) -> Way:
    grid = subject.view.grid
    shape = None if grid is None else (grid.rows, grid.columns)
    return Way(model.file.sha256, model.provider, grid=shape, aspect=subject.view.aspect)


def _count(source: FileSource | FolderSource, model: Model, kept: KeptCounts, work: Work) -> str:
    """Counts what is missing; returns why it breaks off, '' where it does not."""
    expected, known = source.expected_frames, len(kept)
    rest = Rest(source)
    rest.known = kept.numbers
    capture = RecordingCapture(rest, Playback(own_speed=False))

    def take(reading: Reading) -> bool:
        kept.add(reading)
        work.tell("counting", len(kept) - known, None if expected is None else max(0, expected - known), "frames")
        return True

    problem = ""
    try:
        count_rest(model, capture, take)
        kept.finish(source.flaws)
    except EngineError as error:
        work.check()
        if not len(kept):
            raise
        problem = str(error)
    finally:
        capture.stop()
        kept.save()
    return problem


def sha256_of(path: Path, work: Work) -> str:
    """Returns the hash of all of a file, or of what the pictures of a folder hold, in the order of their names.

    Raises:
        SourceError: it cannot be read.
    """
    try:
        return _hashed(path, work)
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}") from error


def _hashed(path: Path, work: Work) -> str:
    files = sorted(one for one in path.iterdir() if one.is_file()) if path.is_dir() else [path]
    total, done, found = sum(file.stat().st_size for file in files), 0, hashlib.sha256()
    for file in files:
        if path.is_dir():
            found.update(file.name.encode() + b"\0")
        with file.open("rb") as content:
            while piece := content.read(HASHED_BYTES):
                found.update(piece)
                done += len(piece)
                work.tell("hashing the recording", done, total, "bytes")
    return found.hexdigest()
