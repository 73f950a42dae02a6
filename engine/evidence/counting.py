"""A recording counted, whole or in a span: what is known of it already, and the rest by the pipeline."""

import hashlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from math import ceil, inf
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.camera import Camera
from engine.capture.recording import RecordingCapture
from engine.counting.counter import Counter
from engine.counting.reading import Reading
from engine.counting.schedule import DensitySchedule
from engine.errors import EngineError, SourceError
from engine.evidence.order import RecordingSubject, Work
from engine.evidence.stretch import Stretch
from engine.handoff import Line
from engine.inference.model import Model
from engine.pipeline import Pipeline
from engine.recording.cache import Cache
from engine.recording.counts import KeptCounts, Way, passed_counts
from engine.recording.identity import Identity, identity_of
from engine.recording.rest import Rest
from engine.sources import FileSource, FolderSource
from engine.sources.flaws import Flaws
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
    flaws: Flaws
    """What was wrong in what was read."""
    problem: str = ""
    """Why it breaks off, in a sentence."""
    part: tuple[float, float | None] | None = None
    """What alone was read of it: from when, and to when; None is the end. None where it is all."""


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


def counted(
    subject: RecordingSubject, model: Model, work: Work, from_s: float | None = None, to_s: float | None = None
) -> Counted:
    """Returns the counts of a recording; what is not known yet of the span is counted first, and kept.

    What is seen through masks is counted anew each time: what is kept knows none.

    Args:
        subject: the recording.
        model: by which it is counted.
        work: told how far it is.
        from_s: where the span begins, in seconds; None is the beginning.
        to_s: where it ends; None is the end.

    Raises:
        EngineError: the recording cannot be read, or not be counted at all.
    """
    identity = identity_of(subject.path)
    has_masks = bool(subject.view.private or subject.view.included)
    with TemporaryDirectory() as folder, closing(opened(subject)) as source:
        cache = Cache(Path(folder)) if has_masks else Cache()
        kept = passed_counts(cache, _way(subject, model).key(identity))
        size = source.size if isinstance(source, FileSource) else None
        if kept.is_complete:
            return Counted(kept, identity, model, size, kept.flaws)
        stretch = Stretch(source, from_s, to_s, work.is_wanted)
        problem = _count(stretch, model, kept, work, _expected(source, kept, from_s, to_s))
        if stretch.is_whole or problem:
            return Counted(kept, identity, model, size, kept.flaws, problem)
        part = from_s or 0.0, None if stretch.is_through else to_s
        return Counted(kept, identity, model, size, source.flaws, part=part)


def _expected(
    source: FileSource | FolderSource, kept: KeptCounts, from_s: float | None, to_s: float | None
) -> int | None:
    """Returns how many frames of a span are still to be counted, as far as is known."""
    promised = source.expected_frames
    if promised is None and to_s is None:
        return None
    most = inf if promised is None else promised
    first_s, last_s = from_s or 0.0, inf if to_s is None else to_s
    times = kept.counts.times
    known = int(((times >= first_s) & (times < last_s)).sum())
    return max(0, ceil(min(most, last_s * source.rate) - first_s * source.rate) - known)


def _way(subject: RecordingSubject, model: Model) -> Way:
    view = subject.view
    return Way(model.file.sha256, model.provider, grid=view.tiles_shape, aspect=view.aspect)


def _count(stretch: Stretch, model: Model, kept: KeptCounts, work: Work, expected: int | None) -> str:
    """Counts what is missing; returns why it breaks off, '' where it does not."""
    known = len(kept)
    rest = Rest(stretch)
    rest.known = kept.numbers
    capture = RecordingCapture(rest, Playback(own_speed=False))

    def take(reading: Reading) -> bool:
        kept.add(reading)
        work.tell("counting", len(kept) - known, expected, "frames")
        return True

    problem = ""
    try:
        count_rest(model, capture, take)
        work.check()
        if stretch.is_whole:
            kept.finish(stretch.flaws)
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
