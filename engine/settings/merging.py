"""Two changes of one configuration made into one, where they touch different cameras and settings; pure."""

from engine.errors import ConfigError
from engine.settings.config import CameraSettings, Config

REMEDY = "look at the file, and change it again"


def merged(base: Config, mine: Config, theirs: Config) -> Config:
    """Returns `theirs` with what `mine` changed of `base`.

    The order of the cameras is mine where I changed it, else theirs.

    Raises:
        ConfigError: both changed the same camera or setting, and differently.
    """
    update = {
        key: _chosen(key, (getattr(base, key), getattr(mine, key), getattr(theirs, key)))
        for key in Config.model_fields
        if key != "cameras"
    }
    tables = _by_name(base), _by_name(mine), _by_name(theirs)
    names = list(dict.fromkeys(name for table in tables for name in table))
    kept = {
        name: _chosen(f"camera '{name}'", (tables[0].get(name), tables[1].get(name), tables[2].get(name)))
        for name in names
    }
    is_mine = list(tables[0]) == list(tables[2]) or _order(mine, base) != _order(base, mine)
    first, second = (mine, theirs) if is_mine else (theirs, mine)
    order = list(dict.fromkeys([*_by_name(first), *_by_name(second)]))
    cameras = tuple(camera for name in order if (camera := kept[name]) is not None)
    return theirs.model_copy(update={**update, "cameras": cameras})


def _chosen(what: str, versions: tuple[object, object, object]) -> object:
    base, mine, theirs = versions
    if mine in (base, theirs):
        return theirs
    if theirs != base:
        raise ConfigError(f"{what} was changed in the file meanwhile, expected it as it was; {REMEDY}")
    return mine


def _by_name(config: Config) -> dict[str, CameraSettings]:
    return {camera.name: camera for camera in config.cameras}


def _order(config: Config, other: Config) -> list[str]:
    """Returns the names of the cameras that are also in another configuration, in order."""
    there = _by_name(other)
    return [name for name in _by_name(config) if name in there]
