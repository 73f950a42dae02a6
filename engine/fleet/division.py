"""What of a configuration one node does: some units, with all that concerns them; pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from engine.fleet.placement import units_of
from engine.settings.config import Config


@dataclass(frozen=True, slots=True)
class Division:
    """The units of a configuration."""

    config: Config
    cameras: Mapping[str, tuple[str, ...]]
    """Of each unit, by its first one."""
    groups: Mapping[str, tuple[str, ...]]
    """Of each unit."""

    @property
    def home(self) -> dict[str, str]:
        """The unit of each camera."""
        return {camera: unit for unit, cameras in self.cameras.items() for camera in cameras}

    @classmethod
    def of(cls, config: Config) -> "Division":
        """Divides a configuration as finely as can be."""
        names = [camera.name for camera in config.cameras if camera.enabled]
        members = {group.name: [member.partition("/")[0] for member in group.members] for group in config.groups}
        units = units_of(names, members.values())
        home = {camera: unit for unit, cameras in units.items() for camera in cameras}
        groups: dict[str, list[str]] = {unit: [] for unit in units}
        for group, cameras in members.items():
            unit = next((home[camera] for camera in cameras if camera in home), None)
            if unit is not None:
                groups[unit].append(group)
        return cls(config, units, {unit: tuple(found) for unit, found in groups.items()})

    def owners(self, unit: str) -> Sequence[str]:
        """Returns the cameras and groups of a unit."""
        return *self.cameras[unit], *self.groups[unit]

    def part(self, units: Collection[str]) -> Config:
        """Returns the configuration of some units alone."""
        own = {owner for unit in units for owner in self.owners(unit)}
        return self.config.model_copy(
            update={
                "cameras": tuple(camera for camera in self.config.cameras if camera.name in own),
                "groups": tuple(group for group in self.config.groups if group.name in own),
            }
        )
