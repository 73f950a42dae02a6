"""What a configuration says is to be guarded."""

from engine.alerts.counts import Group
from engine.alerts.guard import Orders
from engine.alerts.record import Model
from engine.inference.contract import ModelFile
from engine.log.writing import storable
from engine.rules.rulebook import Placed
from engine.rules.series import Subject
from engine.settings.config import Config
from engine.settings.rules import member_of


def orders_of(config: Config, model: ModelFile) -> Orders:
    """Returns the rules and groups of a configuration, also those of cameras that are not watched now."""
    owners = frozenset(owner.name for owner in config.owners)
    return Orders(placed_of(config), _groups(config), owners, Model(model.name, model.sha256))


def witnesses_of(config: Config) -> dict[str, tuple[str, ...]]:
    """Returns the cameras that see what the rules of an owner are about, by the owner's name as the log has it."""
    members = {group.name: tuple(member.owner for member in group.members) for group in _groups(config)}
    return {storable(owner.name): members.get(owner.name, (owner.name,)) for owner in config.owners if owner.rules}


def cameras_of(config: Config, owner: str) -> tuple[str, ...]:
    """Returns the cameras that see what an owner counts: a camera itself, those of a group's members."""
    groups = {group.name: tuple(dict.fromkeys(member.owner for member in group.members)) for group in _groups(config)}
    return groups.get(owner, (owner,))


def placed_of(config: Config) -> tuple[Placed, ...]:
    """Returns the rules of a configuration and what they are on."""
    placed = []
    for camera in config.cameras:
        capacities: dict[str | None, int | None] = {zone.name: zone.capacity for zone in camera.zones}
        capacities[None] = camera.capacity
        placed += [Placed(rule.rule(), Subject(camera.name, rule.zone), capacities[rule.zone]) for rule in camera.rules]
    for group in config.groups:
        placed += [Placed(rule.rule(), Subject(group.name), group.capacity) for rule in group.rules]
    return tuple(placed)


def _groups(config: Config) -> tuple[Group, ...]:
    zones = {camera.name: [zone.name for zone in camera.zones] for camera in config.cameras}
    found = {group.name: [member_of(text, zones) for text in group.members] for group in config.groups}
    return tuple(
        Group(group.name, tuple(Subject(*member) for member in found[group.name] if member), group.capacity)
        for group in config.groups
    )
