"""Groups kept in step with their cameras where one is renamed or taken out; pure."""

from engine.settings.config import Config
from engine.settings.rules import member_of


def renamed_in_groups(config: Config, before: Config, names: dict[str, str]) -> Config:
    """Returns a configuration whose groups call cameras by their new names.

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
    return config.model_copy(update={"groups": groups})


def gone_from_groups(config: Config, before: Config, name: str) -> Config:
    """Returns a configuration whose groups do without a camera; a group of which nobody is left goes as well."""
    zones = {camera.name: [zone.name for zone in camera.zones] for camera in before.cameras}
    groups = []
    for group in config.groups:
        left = tuple(text for text in group.members if (member_of(text, zones) or ("",))[0] != name)
        if left or not group.members:
            groups.append(group.model_copy(update={"members": left}))
    return config.model_copy(update={"groups": tuple(groups)})
