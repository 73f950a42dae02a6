"""What a change of the configuration did, in words for 'undo'."""

from PyQt6.QtCore import QCoreApplication

from engine.settings.config import Config

KEYS = ("cameras", "groups", "sinks")


def deed(before: Config, after: Config) -> str:
    """Returns words such as 'Remove gate' or 'Change settings'; what follows from a change of cameras is not said."""
    said = (_deed(_by_name(before, key), _by_name(after, key)) for key in KEYS)
    return next(filter(None, said), _said("Change settings"))


def _deed(old: dict[str, object], new: dict[str, object]) -> str:
    gone, come = [name for name in old if name not in new], [name for name in new if name not in old]
    if len(gone) == len(come) == 1 and list(old).index(gone[0]) == list(new).index(come[0]):
        return _said("Rename {0} to {1}", gone[0], come[0])
    if gone:
        return _said("Remove {0}", ", ".join(gone))
    if come:
        return _said("Add {0}", ", ".join(come))
    if touched := [name for name in new if new[name] != old[name]]:
        return _said("Change {0}", ", ".join(touched))
    return _said("Change the order") if list(old) != list(new) else ""


def _said(words: str, *names: str) -> str:
    return QCoreApplication.translate("Deed", words).format(*names)


def _by_name(config: Config, key: str) -> dict[str, object]:
    return {item.name: item for item in getattr(config, key)}
