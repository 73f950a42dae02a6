"""Changes of what is listed in a configuration (cameras, groups, sinks), with all that has to follow them; pure."""

from dataclasses import dataclass, field
from typing import Literal

from engine.settings.config import CameraSettings, Config
from engine.settings.config_file import Listed
from engine.settings.membership import gone_from_groups, gone_from_sinks, renamed_in_groups, renamed_in_sinks
from engine.settings.rules import GroupSettings
from engine.settings.sinks import SinkSettings

Key = Literal["cameras", "groups", "sinks"]
Item = CameraSettings | GroupSettings | SinkSettings


@dataclass(frozen=True, slots=True)
class Change:
    """Another configuration, and what in it was called otherwise before."""

    config: Config
    renamed: dict[Listed, str] = field(default_factory=dict)


def put_in(config: Config, key: Key, item: Item, replacing: str | None = None) -> Change | None:
    """Returns a configuration with an item at the end, or in the place of another; None where that is not there."""
    items = list[Item](getattr(config, key))
    place = next((place for place, each in enumerate(items) if each.name == replacing), None)
    if place is not None:
        items[place] = item
    elif replacing is None:
        items.append(item)
    else:
        return None
    after = config.model_copy(update={key: tuple(items)})
    if replacing is None or replacing == item.name:
        return Change(after)
    if key == "cameras":
        after = renamed_in_groups(after, config, {item.name: replacing})
    elif key == "groups":
        after = renamed_in_sinks(after, replacing, item.name)
    return Change(after, {(key, item.name): replacing})


def taken_out(config: Config, key: Key, name: str) -> Config:
    """Returns a configuration without an item, and without what has no sense any more then."""
    after = config.model_copy(update={key: tuple(each for each in getattr(config, key) if each.name != name)})
    if key == "cameras":
        return gone_from_groups(after, config, name)
    return gone_from_sinks(after, name) if key == "groups" else after


def moved(config: Config, key: Key, name: str, by: int) -> Config:
    """Returns a configuration with an item so many places nearer to the end, or to the beginning; there it stays."""
    items = list[Item](getattr(config, key))
    place = next((place for place, each in enumerate(items) if each.name == name), None)
    if place is not None:
        item = items.pop(place)
        items.insert(min(max(0, place + by), len(items)), item)
    return config.model_copy(update={key: tuple(items)})
