"""What is watched, as far as somebody who looks at it has to know: names, zones, groups; no address and no secret."""

from fastapi import APIRouter

from engine.service.answers import LayoutAnswer, LayoutCamera, LayoutGroup, LayoutZone
from engine.service.desk import AtDesk
from engine.settings.config import CameraSettings

router = APIRouter(prefix="/api/layout")


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
