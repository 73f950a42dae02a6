"""Spot checks: how far off the counts were on frames whose people somebody counted."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from engine.checks.kept import cameras_of, checks_of
from engine.checks.spot_check import Errors, SpotCheck, errors_of
from engine.errors import MissingLogError
from engine.log.database import open_as_reader
from engine.service.camera_routes import NOT_NOW
from engine.service.desk import AtDesk, Desk
from engine.settings.fields import LONGEST_NAME

MOST_CHECKS = 1000

router = APIRouter(prefix="/api/checks")


class CheckAnswer(BaseModel):
    """How many people one frame truly had, and how many were counted."""

    id: str
    camera: str
    time_s: float = Field(description="Of a live camera seconds since 1970 (UTC), of a recording since its beginning.")
    people: int
    counted: float | None = Field(description="Null where nothing was counted.")
    model: str
    by: str
    note: str
    at: str | None


class ErrorsAnswer(BaseModel):
    """How far off the counts of a camera were on the frames that were checked."""

    camera: str
    frames: int
    mae: float
    bias: float = Field(description="Counted minus true.")
    interval: tuple[float, float] | None = Field(description="Of the MAE, 95 %; null with few frames.")
    said: str


class ChecksAnswer(BaseModel):
    """Spot checks."""

    checks: list[CheckAnswer]
    errors: list[ErrorsAnswer]


@router.get("", responses=NOT_NOW)
def checks(
    desk: AtDesk,
    camera: Annotated[str | None, Query(max_length=LONGEST_NAME)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_CHECKS)] = 100,
) -> ChecksAnswer:
    """What was checked, the newest last, and how far off the count of each camera was on all of it."""
    found = _read(desk, camera)
    errors = {name: errors_of(own) for name, own in cameras_of(found).items()}
    return ChecksAnswer(
        checks=[CheckAnswer(**each.as_dict) for each in found[-limit:]],
        errors=[_errors(name, each) for name, each in errors.items() if each is not None],
    )


def _errors(camera: str, errors: Errors) -> ErrorsAnswer:
    return ErrorsAnswer(
        camera=camera,
        frames=errors.number,
        mae=errors.mae,
        bias=errors.bias,
        interval=errors.interval,
        said=errors.sentence,
    )


def _read(desk: Desk, camera: str | None) -> list[SpotCheck]:
    if desk.log is None:
        return []
    try:
        engine = open_as_reader(desk.log)
    except MissingLogError:
        return []
    try:
        return checks_of(engine, camera)
    finally:
        engine.dispose()
