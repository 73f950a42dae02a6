"""Snapshots and clips of alerts, as files; a name that the log has is looked for in its folder alone."""

from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path
from fastapi.responses import FileResponse

from engine.alerts.listing import Alert, alert_numbered
from engine.errors import MissingLogError
from engine.log.database import open_as_reader
from engine.log.place import reported
from engine.log.proof_files import proof_folder
from engine.service.alert_routes import LARGEST_ID
from engine.service.answers import Problem
from engine.service.camera_routes import JPEG, NOT_NOW, Responses
from engine.service.desk import AtDesk, Desk
from engine.service.recording_routes import RANGES

NO_PROOF: Responses = {404: {"model": Problem, "description": "There is no such alert, or nothing of it."}}
CLIP: Responses = {
    200: {"content": {"video/mp4": {}}},
    206: {"content": {"video/mp4": {}}, "description": "Part of it."},
}
Number = Annotated[int, Path(ge=1, le=LARGEST_ID)]

router = APIRouter(prefix="/api/alerts")


@router.get(
    "/{number}/snapshot.jpg",
    responses=JPEG | {206: {"content": {"image/jpeg": {}}, "description": "Part of it."}} | RANGES | NO_PROOF | NOT_NOW,
    response_class=FileResponse,
)
def snapshot(desk: AtDesk, number: Number) -> FileResponse:
    """What the camera showed when an alert was raised, without what privacy masks hid."""
    alert, folder = _alert(desk, number)
    return _file(folder, alert.snapshot, "image/jpeg")


@router.get("/{number}/clip.mp4", responses=CLIP | RANGES | NO_PROOF | NOT_NOW, response_class=FileResponse)
def clip(desk: AtDesk, number: Number) -> FileResponse:
    """What the camera showed around that moment, in the same way."""
    alert, folder = _alert(desk, number)
    return _file(folder, alert.clip, "video/mp4")


def _alert(desk: Desk, number: int) -> tuple[Alert, FilePath]:
    if desk.log is None:
        raise HTTPException(404, "no log is kept, so that there are no alerts")
    try:
        engine = open_as_reader(desk.log)
    except MissingLogError as error:
        raise HTTPException(404, str(error)) from None
    try:
        with reported(engine.url):
            found = alert_numbered(engine, number)
    finally:
        engine.dispose()
    if found is None:
        raise HTTPException(404, "there is no such alert; see /api/alerts")
    return found, proof_folder(engine.url)


def _file(folder: FilePath, name: str | None, kind: str) -> FileResponse:
    path = folder / FilePath(name or "").name
    try:
        facts = path.stat() if name else None
    except OSError:
        facts = None
    if facts is None:
        raise HTTPException(404, "nothing is kept of it: it is not made yet, or was deleted by its age")
    return FileResponse(path, media_type=kind, headers={"cache-control": "private"}, stat_result=facts)
