"""Groups and sinks kept in step with cameras and groups where one is renamed or taken out; pure."""

from collections.abc import Callable

from engine.settings.config import Config
from engine.settings.rules import member_of
from engine.settings.sinks import SinkSettings


def renamed_in_groups(config: Config, before: Config, names: dict[str, str]) -> Config:
    """Returns a configuration whose groups and sinks call cameras by their new names.

    Args:
        config: with the cameras as they are now.
        before: with the cameras as the groups know them.
        names: of renamed cameras, the name before by the new one.
    """
    new_names = {old: new for new, old in names.items()}
    zones = {camera.name: [zone.name for zone in camera.zones] for camera in before.cameras}

    def called(text: str) -> str:
        camera, zone = member_of(text, zones) or ("", None)
        return text if camera not in new_names else new_names[camera] + (f"/{zone}" if zone else "")

    groups = tuple(group.model_copy(update={"members": tuple(map(called, group.members))}) for group in config.groups)
    sinks = tuple(_for_cameras(sink, lambda owner: new_names.get(owner, owner)) for sink in config.sinks)
    return config.model_copy(update={"groups": groups, "sinks": sinks})


def gone_from_groups(config: Config, before: Config, name: str) -> Config:
    """Returns a configuration whose groups do without a camera; a group of which nobody is left goes as well.

    A sink for that camera alone is for no camera then, rather than for all.
    """
    zones = {camera.name: [zone.name for zone in camera.zones] for camera in before.cameras}
    groups = []
    for group in config.groups:
        left = tuple(text for text in group.members if (member_of(text, zones) or ("",))[0] != name)
        if left or not group.members:
            groups.append(group.model_copy(update={"members": left}))
    owners = ({camera.name for camera in config.cameras} | {group.name for group in groups}) - {name}
    sinks = tuple(_for_cameras(sink, lambda owner: owner if owner in owners else None) for sink in config.sinks)
    return config.model_copy(update={"groups": tuple(groups), "sinks": sinks})


def renamed_in_sinks(config: Config, before: str, after: str) -> Config:
    """Returns a configuration whose sinks call a group by its new name."""
    sinks = tuple(_for_cameras(sink, lambda owner: after if owner == before else owner) for sink in config.sinks)
    return config.model_copy(update={"sinks": sinks})


def gone_from_sinks(config: Config, name: str) -> Config:
    """Returns a configuration whose sinks do without a group; one for it alone is for nobody then."""
    sinks = tuple(_for_cameras(sink, lambda owner: None if owner == name else owner) for sink in config.sinks)
    return config.model_copy(update={"sinks": sinks})


def _for_cameras(sink: SinkSettings, called: Callable[[str], str | None]) -> SinkSettings:
    if sink.only_cameras is None:
        return sink
    return sink.model_copy(update={"only_cameras": tuple(filter(None, map(called, sink.only_cameras)))})
