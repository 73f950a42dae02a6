"""What is watched, as far as somebody who looks at it has to know: names, zones, groups; no address and no secret."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from engine.service.desk import AtDesk
from engine.settings.config import CameraSettings

router = APIRouter(prefix="/api/layout")


class LayoutZone(BaseModel):
    """A part of a camera's picture."""

    name: str
    polygon: list[tuple[float, float]] = Field(description="Corners, x and y from 0 to 1.")
    capacity: int | None


class LayoutCamera(BaseModel):
    """A camera as it is shown."""

    name: str
    counted: bool
    on_wall: bool
    capacity: int | None
    max_fps: float | None
    zones: list[LayoutZone]


class LayoutGroup(BaseModel):
    """Cameras and zones whose counts are one sum."""

    name: str
    members: list[str]
    capacity: int | None


class LayoutAnswer(BaseModel):
    """What is watched."""

    cameras: list[LayoutCamera]
    groups: list[LayoutGroup]


@router.get("")
def layout(desk: AtDesk) -> LayoutAnswer:
    """What is watched, in the order of the configuration."""
    config = desk.configuration.current
    return LayoutAnswer(
        cameras=[_camera(camera) for camera in config.cameras if camera.enabled],
        groups=[
            LayoutGroup(name=group.name, members=list(group.members), capacity=group.capacity)
            for group in config.groups
        ],
    )


def _camera(camera: CameraSettings) -> LayoutCamera:
    return LayoutCamera(
        name=camera.name,
        counted=camera.counted,
        on_wall=camera.on_wall,
        capacity=camera.capacity,
        max_fps=camera.max_fps,
        zones=[LayoutZone(name=zone.name, polygon=list(zone.polygon), capacity=zone.capacity) for zone in camera.zones],
    )
