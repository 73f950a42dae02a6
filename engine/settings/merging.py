"""Two changes of one configuration made into one, where they touch different cameras and settings; pure."""

from collections.abc import Container, Iterable, Sequence
from typing import Any

from engine.errors import ConfigError
from engine.settings.config import LISTS, Config

REMEDY = "look at the file, and change it again"


def merged(base: Config, mine: Config, theirs: Config) -> Config:
    """Returns `theirs` with what `mine` changed of `base`.

    The order of cameras and groups is mine where I changed it, else theirs.

    Raises:
        ConfigError: both changed the same camera or setting, and differently.
    """
    update = {
        key: _merged_list(key, _versions(key, base, mine, theirs))
        if key in LISTS
        else _chosen(key, *_versions(key, base, mine, theirs))
        for key in Config.model_fields
    }
    return theirs.model_copy(update=update)


def _versions(key: str, *configs: Config) -> tuple[Any, ...]:
    return tuple(getattr(config, key) for config in configs)


def _merged_list(key: str, versions: Sequence[Sequence[Any]]) -> tuple[Any, ...]:
    """Merges lists of what has a name, one by one."""
    base, mine, theirs = ({item.name: item for item in items} for items in versions)
    names = list(dict.fromkeys([*base, *mine, *theirs]))
    word = LISTS[key]
    kept = {name: _chosen(f"{word} '{name}'", base.get(name), mine.get(name), theirs.get(name)) for name in names}
    is_mine = list(base) == list(theirs) or _order(mine, base) != _order(base, mine)
    first, second = (mine, theirs) if is_mine else (theirs, mine)
    return tuple(kept[name] for name in dict.fromkeys([*first, *second]) if kept[name] is not None)


def _chosen(what: str, base: object, mine: object, theirs: object) -> object:
    if mine in (base, theirs):
        return theirs
    if theirs != base:
        raise ConfigError(f"{what} was changed in the file meanwhile, expected it as it was; {REMEDY}")
    return mine


def _order(names: Iterable[str], others: Container[str]) -> list[str]:
    """Returns the names that are also among others, in order."""
    return [name for name in names if name in others]
