"""Cameras: how they are doing, what was counted last and before, and their pictures."""

import asyncio
from datetime import UTC, datetime
from time import time
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, HTTPException, Query, Response
from fastapi.responses import StreamingResponse

from engine.capture.health import State
from engine.errors import MissingLogError
from engine.history.query import History
from engine.history.series import Column, Grid, Series
from engine.monitor.facts import CameraFacts, facts_of
from engine.monitor.recent import LastDay
from engine.monitor.session import Session
from engine.rules.series import Subject
from engine.service.answers import CameraAnswer, CamerasAnswer, HistoryAnswer, Problem
from engine.service.desk import AtDesk, Desk
from engine.service.pictures import WIDTHS, Overlay
from engine.service.previews import MEDIA_TYPE

PICTURE_WAIT_S, PICTURE_LOOK_S = 3.0, 0.05  # for the first picture of a camera that nobody looked at
MOST_SPAN_S = 20 * 366 * 86_400
LAST_MOMENT_S = 4_102_444_800  # 2100-01-01: no log holds anything after it
HOUR_S = 3600
LEAST_POINTS, MOST_POINTS = 3, 2000
SHOWN_DIGITS = 3
MOST_FPS = 10.0

Responses = dict[int | str, dict[str, Any]]

NOT_THERE: Responses = {404: {"model": Problem, "description": "There is no such camera."}}
NOT_NOW: Responses = {503: {"model": Problem, "description": "It cannot be answered now."}}
JPEG: Responses = {200: {"content": {"image/jpeg": {}}}}
MJPEG: Responses = {200: {"content": {"multipart/x-mixed-replace": {}}}}
NO_PICTURE = HTTPException(503, "the camera sends no picture now; see its health", {"retry-after": "1"})
Moment = Annotated[datetime | None, Query(description="ISO 8601, or seconds since 1970.")]

router = APIRouter(prefix="/api/cameras")


@router.get("")
def cameras(desk: AtDesk) -> CamerasAnswer:
    """All cameras that are watched."""
    return CamerasAnswer(
        time=datetime.now(UTC).isoformat(timespec="milliseconds"),
        overloaded=desk.monitor.is_overloaded,
        cameras=answers_of(desk),
    )


@router.get("/{name:path}/picture.jpg", responses=JPEG | NOT_THERE | NOT_NOW, response_class=Response)
async def picture(
    desk: AtDesk, name: str, overlay: Overlay = "none", width: Annotated[int, Query(ge=1, le=WIDTHS[-1])] = 640
) -> Response:
    """The newest picture of a camera, without what privacy masks hide; with a heat-map or heads where wanted."""
    capture = desk.session(name).capture
    if capture.health.state is not State.LIVE:
        raise NO_PICTURE
    desk.gallery.ask(name, overlay)
    for _ in range(round(PICTURE_WAIT_S / PICTURE_LOOK_S)):
        if desk.gallery.is_there(name, overlay):
            break
        await asyncio.sleep(PICTURE_LOOK_S)
    content = await run_sync(desk.gallery.jpeg, name, overlay, width)
    if content is None:
        raise NO_PICTURE
    return Response(content, media_type="image/jpeg", headers={"cache-control": "no-store"})


@router.get("/{name:path}/preview.mjpeg", responses=MJPEG | NOT_THERE | NOT_NOW, response_class=Response)
async def preview(
    desk: AtDesk,
    name: str,
    overlay: Overlay = "none",
    width: Annotated[int, Query(ge=1, le=WIDTHS[-1])] = 640,
    fps: Annotated[float, Query(gt=0, le=MOST_FPS)] = 2.0,
) -> Response:
    """A camera's pictures one after the other, for as long as it sends any (MJPEG)."""
    desk.session(name)
    if desk.previews.is_full:
        raise HTTPException(
            503, "too many previews are being sent, expected fewer; come back later", {"retry-after": "10"}
        )
    pictures = desk.previews.of(desk.gallery, name, overlay, width, fps)
    return StreamingResponse(pictures, media_type=MEDIA_TYPE, headers={"cache-control": "no-store"})


@router.get("/{name:path}/history", responses=NOT_THERE | NOT_NOW)
def history(
    desk: AtDesk,
    name: str,
    begin: Annotated[Moment, Query(alias="from")] = None,
    end: Annotated[Moment, Query(alias="to")] = None,
    points: Annotated[int, Query(ge=LEAST_POINTS, le=MOST_POINTS)] = 300,
    zone: str | None = None,
) -> HistoryAnswer:
    """What was counted in a span of time, by default in the last hour, in so many points at most."""
    session, grid = desk.session(name), grid_of(begin, end, points)
    if zone is not None and zone not in [each.name for each in session.settings.zones]:
        raise HTTPException(404, "the camera has no zone of that name; see /api/cameras")
    return history_of(desk, Subject(name, zone), grid, session.recent)


@router.get("/{name:path}", responses=NOT_THERE)
def camera(desk: AtDesk, name: str) -> CameraAnswer:
    """One camera: its health, and what was counted last with its zones."""
    desk.session(name)
    found = next((each for each in answers_of(desk) if each.camera == name), None)
    if found is None:  # it left at this moment
        raise HTTPException(404, "no camera of that name is watched; see /api/cameras")
    return found


def answers_of(desk: Desk) -> list[CameraAnswer]:
    """Returns how all cameras are doing."""
    sessions = {session.name: session for session in desk.monitor.sessions}
    return [_answer(facts, sessions[facts.name]) for facts in facts_of(desk.monitor) if facts.name in sessions]


def _answer(facts: CameraFacts, session: Session) -> CameraAnswer:
    return CameraAnswer(counted=session.is_counted, capacity=session.settings.capacity, **facts.as_dict)


def second_of(moment: datetime) -> float:
    """Returns a moment that is asked for in seconds since 1970; refuses one that no log holds anything of."""
    try:
        second = moment.timestamp()
    except (OverflowError, ValueError, OSError):
        second = -1.0
    if not 0 <= second <= LAST_MOMENT_S:
        raise HTTPException(422, "'from' or 'to' lies before 1970 or after 2100; give another moment")
    return second


def grid_of(begin: datetime | None, end: datetime | None, points: int) -> Grid:
    """Returns the buckets of a span that is asked for, by default of the last hour; refuses one that is too long."""
    to_s = time() if end is None else second_of(end)
    from_s = to_s - HOUR_S if begin is None else second_of(begin)
    if not 0 < to_s - from_s <= MOST_SPAN_S:
        raise HTTPException(422, "'from' is not before 'to', or by more than 20 years; give another span")
    return Grid.over(from_s, to_s, points=points)


def history_of(desk: Desk, subject: Subject, grid: Grid, recent: LastDay) -> HistoryAnswer:
    """Returns what is in the log and what is still in memory, of each point the richer."""
    series = _counted(desk, subject, recent.span(grid, subject.zone))
    return HistoryAnswer(
        camera=subject.owner,
        zone=subject.zone,
        begin=datetime.fromtimestamp(grid.first_s, UTC).isoformat(),
        step_s=grid.step_s,
        mean=_plain(series.mean),
        least=_plain(series.least),
        most=_plain(series.most),
        readings=series.readings.tolist(),
    )


def _counted(desk: Desk, subject: Subject, recent: Series) -> Series:
    if desk.log is None:
        return recent
    try:
        log = History(desk.log)
    except MissingLogError:
        return recent
    try:
        return log.series(subject, recent.grid).or_richer(recent)
    finally:
        log.close()


def _plain(column: Column) -> list[float | None]:
    return [round(value, SHOWN_DIGITS) if value == value else None for value in column.tolist()]
