"""Segments of live cameras as they lie on disk: a folder for each camera, in it one for each day (UTC).

A file says in its name when it begins (UTC) and how long it is: `08-54-22.123Z_60.040s.mp4`. One that is still being
written, or was when a program died, says `.part` in place of the length.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

SEAM_S = 0.5
"""Segments that follow one another closer than this have no gap between them."""
PART = ".part"
MEGABYTE, GIGABYTE = 10**6, 10**9
WRITTEN_WITHIN_S = 30.0
"""An unfinished segment that did not change for so long is of a program that died; one is written every two seconds."""
NAME = re.compile(r"(\d\d)-(\d\d)-(\d\d)\.(\d\d\d)Z_(\d+\.\d{3})s\.(mp4|mkv)")
UNFINISHED = re.compile(r"(\d\d)-(\d\d)-(\d\d)\.(\d\d\d)Z\.part\.(mp4|mkv)")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
SAFE = frozenset(" -_.,+()@'")
"""What a folder may be called beside letters and digits."""


@dataclass(frozen=True, slots=True, order=True)
class Segment:
    """One file of a camera's recording."""

    begin_s: float
    """In seconds since 1970 (UTC)."""
    end_s: float
    path: Path
    bytes: int


@dataclass(frozen=True, slots=True)
class Span:
    """A time without a gap, in seconds since 1970 (UTC)."""

    begin_s: float
    end_s: float


def camera_folder(root: Path, camera: str) -> Path:
    """Returns where a camera's recording lies, below the folder of all."""
    last = len(camera) - 1
    letters = (
        letter
        if letter.isalnum() or (letter in SAFE and not (letter in ". " and at in (0, last)))
        else _escaped(letter)
        for at, letter in enumerate(camera)
    )
    return root / "".join(letters)


def camera_of(folder: Path) -> str:
    """Returns whose folder it is."""
    return re.sub(r"%([0-9A-F]+);", lambda found: chr(int(found[1], 16)), folder.name)


def _escaped(letter: str) -> str:
    return f"%{ord(letter):X};"


def partial_path(folder: Path, begin_s: float, suffix: str) -> Path:
    """Returns what a segment of a camera's folder is called while it is written; nothing is called so yet."""
    while True:
        moment = datetime.fromtimestamp(round(begin_s, 3), UTC)
        stem = f"{moment:%H-%M-%S}.{moment.microsecond // 1000:03d}Z"
        day = folder / f"{moment:%Y-%m-%d}"
        if not day.is_dir() or not any(day.glob(f"{stem}*")):
            return day / f"{stem}{PART}{suffix}"
        begin_s += 0.001


def finished_path(partial: Path, length_s: float) -> Path:
    """Returns what a segment is called that is so long."""
    return partial.with_name(f"{partial.name.partition(PART)[0]}_{length_s:.3f}s{partial.suffix}")


def read_cameras(root: Path) -> list[str]:
    """Returns the cameras of which there are recordings."""
    return sorted(camera_of(folder) for folder in _folders(root) if any(_days(folder)))


def read_segments(folder: Path, from_s: float = float("-inf"), to_s: float = float("inf")) -> list[Segment]:
    """Returns the finished segments of a camera's folder that hold some of a time, in their order."""
    first, last = _day(from_s, before=1), _day(to_s)
    days = [day for day in _days(folder) if first <= day.name <= last]
    found = (segment for day in days for segment in _segments_of(day))
    return sorted(segment for segment in found if segment.end_s > from_s and segment.begin_s < to_s)


def find_segment(folder: Path, day: str, name: str) -> Segment | None:
    """Returns a finished segment of a camera's folder by its names, which are compared and become no path."""
    days = (each for each in _days(folder) if each.name == day)
    return next((one for each in days for one in _segments_of(each) if one.path.name == name), None)


def partials(folder: Path) -> list[Path]:
    """Returns the segments of a camera's folder that were never finished."""
    return [path for day in _days(folder) for path in sorted(day.glob(f"*{PART}.*"))]


def writing_since(folder: Path, now_s: float) -> float | None:
    """Returns when the segment begins that is being written in a camera's folder; None where none is.

    Args:
        folder: of the camera.
        now_s: this moment, in seconds since 1970 (UTC), as is what is returned.
    """
    for path in reversed(partials(folder)):
        found = UNFINISHED.fullmatch(path.name)
        with suppress(OSError):
            if found is not None and now_s - path.stat().st_mtime < WRITTEN_WITHIN_S:
                return _begin_s(path.parent, found)
    return None


def missing_in(span: Span, spans: Iterable[Span], seam_s: float = SEAM_S) -> list[Span]:
    """Returns the parts of a span that others, which are in order, do not cover; those below `seam_s` are none."""
    missing, reached_s = [], span.begin_s
    for one in [*spans, Span(span.end_s, span.end_s)]:
        if min(one.begin_s, span.end_s) - reached_s >= seam_s:
            missing.append(Span(reached_s, min(one.begin_s, span.end_s)))
        reached_s = max(reached_s, one.end_s)
    return missing


def spans_of(segments: Iterable[Segment], seam_s: float = SEAM_S) -> list[Span]:
    """Returns the times that segments cover, in order; those that follow one another closely are one."""
    spans: list[Span] = []
    for segment in segments:
        if spans and segment.begin_s - spans[-1].end_s < seam_s:
            spans[-1] = Span(spans[-1].begin_s, max(spans[-1].end_s, segment.end_s))
        else:
            spans.append(Span(segment.begin_s, segment.end_s))
    return spans


def total_bytes(segments: Sequence[Segment]) -> int:
    """Returns how large they are together."""
    return sum(segment.bytes for segment in segments)


def size_words(size: int) -> str:
    """Returns a size in bytes for people."""
    return f"{size / GIGABYTE:.1f} GB" if size >= GIGABYTE else f"{size / MEGABYTE:.1f} MB"


def _day(second: float, before: int = 0) -> str:
    """Returns the folder of a day; segments that reach into it may lie in the one `before`."""
    if second == float("-inf"):
        return ""
    if second == float("inf"):
        return "9999-12-31"
    return f"{datetime.fromtimestamp(second, UTC) - timedelta(days=before):%Y-%m-%d}"


def _folders(folder: Path) -> list[Path]:
    with suppress(OSError):
        return sorted(path for path in folder.iterdir() if path.is_dir())
    return []


def _days(folder: Path) -> list[Path]:
    return [day for day in _folders(folder) if DAY.fullmatch(day.name)]


def _segments_of(day: Path) -> Iterator[Segment]:
    with suppress(OSError):
        for path in day.iterdir():
            found = NAME.fullmatch(path.name)
            if found is None:
                continue
            begin_s = _begin_s(day, found)
            with suppress(OSError):
                yield Segment(begin_s, begin_s + float(found[5]), path, path.stat().st_size)


def _begin_s(day: Path, name: re.Match[str]) -> float:
    """Returns when a segment begins, by the folder of its day and its name."""
    midnight = datetime.fromisoformat(day.name).replace(tzinfo=UTC).timestamp()
    hours, minutes, seconds, thousandths = map(int, name.groups()[:4])
    return midnight + 3600 * hours + 60 * minutes + seconds + thousandths / 1000
