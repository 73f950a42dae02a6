"""What was recorded of the cameras: how much there is, its segments in a span of time, and each as a file by ranges.

A segment that was made without the camera's privacy masks as they are now is given to nobody. What a request says of
files is compared with those that are there, and never becomes a path.
"""

from datetime import UTC, datetime
from pathlib import Path as FilePath
from time import time
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from engine.errors import SourceError
from engine.monitor.facts import facts_of
from engine.monitor.session import Session
from engine.paths import default_recordings
from engine.picture.masks import Mask
from engine.recording.export import shows_hidden
from engine.recording.plan import RecordingFacts
from engine.recording.segments import (
    Segment,
    camera_folder,
    find_segment,
    read_segments,
    spans_of,
    total_bytes,
    writing_since,
)
from engine.service.answers import Problem, RecordingState
from engine.service.camera_routes import HOUR_S, NOT_NOW, NOT_THERE, Moment, Responses, second_of
from engine.service.desk import AtDesk, Desk

MOST_SPAN_S = 2 * 86_400
KINDS = {".mp4": "video/mp4", ".mkv": "video/x-matroska"}
RANGES: Responses = {
    400: {"model": Problem, "content": {"text/plain": {}}, "description": "The range cannot be understood."},
    416: {"content": {"text/plain": {}}, "description": "The range lies beyond its end."},
}
FILE: Responses = {
    200: {"content": {kind: {} for kind in KINDS.values()}},
    206: {"content": {kind: {} for kind in KINDS.values()}, "description": "Part of it."},
    404: {"model": Problem, "description": "There is no such camera or segment."},
    409: {"model": Problem, "description": "It shows what the camera's privacy masks hide now."},
}

router = APIRouter(prefix="/api/recordings")


class RecordingAnswer(RecordingState):
    """How a camera is recorded."""

    camera: str


class RecordingsAnswer(BaseModel):
    """The cameras that are recorded, or were."""

    recordings: list[RecordingAnswer]


class SegmentAnswer(BaseModel):
    """One file of a recording, some minutes long at most."""

    name: str = Field(description="Day and file: it is had at /api/recordings/CAMERA/segments/NAME.")
    begin: str
    end: str
    bytes: int


class SegmentsAnswer(BaseModel):
    """What was recorded of a camera in a span of time, in its order."""

    camera: str
    segments: list[SegmentAnswer]
    writing_since: str | None = Field(description="When the segment begins that is being written; null without one.")


class RecordedSpan(BaseModel):
    """A time without a gap."""

    begin: str
    end: str


class SpansAnswer(BaseModel):
    """When a camera was recorded, in order."""

    camera: str
    spans: list[RecordedSpan]


@router.get("")
def recordings(desk: AtDesk) -> RecordingsAnswer:
    """How the cameras are recorded, or were before, and how much there is of each."""
    found = ((facts.name, facts.recording or _before(desk, facts.name)) for facts in facts_of(desk.monitor))
    return RecordingsAnswer(
        recordings=[
            RecordingAnswer(camera=name, **recording.as_dict) for name, recording in found if recording is not None
        ]
    )


@router.get("/{name:path}/spans", responses=NOT_THERE)
def spans(desk: AtDesk, name: str) -> SpansAnswer:
    """The times of which a camera was recorded, without the segment that is being written."""
    found = spans_of(read_segments(_folder(desk, desk.session(name))))
    return SpansAnswer(
        camera=name, spans=[RecordedSpan(begin=_moment(each.begin_s), end=_moment(each.end_s)) for each in found]
    )


@router.get("/{name:path}/segments", responses=NOT_THERE | NOT_NOW)
def segments(
    desk: AtDesk,
    name: str,
    begin: Annotated[Moment, Query(alias="from")] = None,
    end: Annotated[Moment, Query(alias="to")] = None,
) -> SegmentsAnswer:
    """The finished segments of a camera that hold some of a span of time, by default of the last hour."""
    folder, to_s = _folder(desk, desk.session(name)), time() if end is None else second_of(end)
    from_s = to_s - HOUR_S if begin is None else second_of(begin)
    if not 0 < to_s - from_s <= MOST_SPAN_S:
        raise HTTPException(422, "'from' is not before 'to', or by more than 2 days; give another span")
    since_s = writing_since(folder, time())
    return SegmentsAnswer(
        camera=name,
        segments=[_answer(each) for each in read_segments(folder, from_s, to_s)],
        writing_since=None if since_s is None else _moment(since_s),
    )


@router.get("/{name:path}/segments/{day}/{file}", responses=FILE | RANGES | NOT_NOW, response_class=FileResponse)
def segment(
    desk: AtDesk, name: str, day: Annotated[str, Path(max_length=10)], file: Annotated[str, Path(max_length=60)]
) -> FileResponse:
    """A segment as a file, or parts of it."""
    session = desk.session(name)
    found = find_segment(_folder(desk, session), day, file)
    if found is None:
        raise HTTPException(404, "the camera has no segment of that name; see its segments")
    try:
        is_hidden, facts = shows_hidden(found, Mask(session.settings.privacy)), found.path.stat()
    except (SourceError, OSError):
        raise HTTPException(404, "the segment is gone, or cannot be read") from None
    if is_hidden:
        raise HTTPException(409, "it shows what the camera's privacy masks hide now: it was made without them")
    headers = {"cache-control": "private, max-age=3600"}
    return FileResponse(found.path, media_type=KINDS[found.path.suffix], headers=headers, stat_result=facts)


def _folder(desk: Desk, session: Session) -> FilePath:
    root = desk.configuration.current.recordings.folder
    return camera_folder(root.path if root else default_recordings(), session.name)


def _before(desk: Desk, name: str) -> RecordingFacts | None:
    """Returns what is left of the recording of a camera that is recorded no more; None where there is nothing."""
    left = read_segments(_folder(desk, desk.session(name)))
    return RecordingFacts("never", False, total_bytes(left), left[0].begin_s) if left else None


def _answer(segment: Segment) -> SegmentAnswer:
    return SegmentAnswer(
        name=f"{segment.path.parent.name}/{segment.path.name}",
        begin=_moment(segment.begin_s),
        end=_moment(segment.end_s),
        bytes=segment.bytes,
    )


def _moment(second: float) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat(timespec="milliseconds")
