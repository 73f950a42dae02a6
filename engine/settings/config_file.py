"""The configuration as a TOML file: read, checked, written whole, with the comments of whoever edits it by hand.

A secret is written only where the file that is replaced held the very same one; whoever takes a password from a dialog
has to keep it elsewhere.
"""

import re
import shutil
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.items import AoT, Table

from engine.errors import ConfigError, OutputError
from engine.files import written_whole
from engine.settings.address import Address
from engine.settings.comments import hand_on
from engine.settings.config import LISTS, Config
from engine.settings.fields import NEVER
from engine.settings.problems import Problem, checked, tried
from engine.settings.table import Settings

WRITABLE = 0o222  # for anybody

Listed = tuple[str, str]
"""A list of the configuration, such as 'cameras', and the name of one of its tables."""


def load_config(path: Path) -> Config:
    """Reads a configuration; relative paths in it start from its folder.

    Raises:
        ConfigError: the file cannot be read, is no TOML (with line and column), or holds a setting that cannot be.
    """
    return checked(Config, _parsed(read_text(path), path.name), path.name, folder=path.parent)


def parsed_config(text: str, path: Path) -> tuple[Config | None, tuple[Problem, ...]]:
    """Returns the configuration that a text is, or else all that is wrong with it; `path` is the file of the text."""
    try:
        values = _parsed(text, path.name)
    except ConfigError as error:
        return None, (Problem((), str(error), str(error)),)
    return tried(Config, values, path.name, folder=path.parent)


def save_config(config: Config, path: Path) -> tuple[str, ...]:
    """Writes a configuration, and keeps comments and layout of the file that it replaces.

    Returns:
        The names of the cameras (or 'database') whose secrets were left out, since the file did not hold them before.

    Raises:
        ConfigError: the file cannot be written, or what it would replace is no TOML and might be of use to somebody.
    """
    text, left_out = config_text(config, read_text(path) if path.exists() else "", path)
    write_text(text, path)
    return left_out


def config_text(
    config: Config,
    before: str,
    path: Path,
    *,
    renamed: Mapping[Listed, str] | None = None,
    parsed: TOMLDocument | None = None,
) -> tuple[str, tuple[str, ...]]:
    """Returns the text of a configuration, with comments and layout of the text before.

    Args:
        config: what the text is to say.
        before: what the file holds now, may be empty.
        path: the file, for messages and relative paths.
        renamed: what is in a list and has its comments under the name before, by list and new name.
        parsed: what `document_of` made of the text before, which is used up; None makes it now.

    Returns:
        The text, and the names of the cameras (or 'database') whose secrets were left out, as `save_config`.

    Raises:
        ConfigError: the text before is no TOML.
    """
    document = document_of(before, path) if parsed is None else parsed
    known = _texts(document)
    for key in LISTS:
        hand_on(document, key)
    writer = _Writer(path.resolve().parent, known, renamed or {})
    writer.update(document, config, "database")
    return tomlkit.dumps(document), tuple(writer.left_out)


def document_of(text: str, path: Path) -> TOMLDocument:
    """Returns a text with its comments and layout, which takes long; `path` is the file of the text.

    Raises:
        ConfigError: the text is no TOML.
    """
    _parsed(text, path.name)
    return tomlkit.parse(text)


def write_text(text: str, path: Path) -> None:
    """Writes a configuration's text, whole; raises ConfigError where it cannot."""
    path = path.resolve()  # a link stays one
    if path.exists() and not path.stat().st_mode & WRITABLE:
        raise ConfigError(f"{path} is write-protected, and stays as it is; change its permissions")
    try:
        with written_whole(path) as partial:
            partial.write_bytes(text.encode())
            if path.exists():
                shutil.copymode(path, partial)  # one that nobody else may read stays so
    except OutputError as error:
        raise ConfigError(f"{path} cannot be written; change its permissions, or make room") from error


class _Writer:
    """Brings a TOML document up to a configuration, changing only what differs."""

    def __init__(self, folder: Path, known: set[str], renamed: Mapping[Listed, str]) -> None:
        self._folder, self._known, self._renamed = folder, known, renamed
        self.left_out: list[str] = []

    def update(self, table: Any, settings: Settings, owner: str) -> None:
        """Takes over all settings into a table; `owner` is who is said to have lost a secret."""
        for key, field in type(settings).model_fields.items():
            value = getattr(settings, key)
            if key in LISTS:
                self._update_list(table, key, value)
            elif isinstance(value, Settings):
                if key not in table and value != field.default:
                    table[key] = tomlkit.table()
                if key in table:
                    self.update(table[key], value, owner)
            elif value is None and field.default is None:
                table.pop(key, None)
            elif key in table or value != field.default:
                plain = self._plain(value, owner)
                if key not in table or table[key] != plain:
                    table[key] = plain

    def _update_list(self, table: Any, key: str, items: Sequence[Any]) -> None:
        before = table.get(key)
        kept: dict[Any, Table] = {item.get("name"): item for item in before} if isinstance(before, AoT) else {}
        names = [self._renamed.get((key, item.name), item.name) for item in items]
        same = isinstance(before, AoT) and [item.get("name") for item in before] == names
        after = before if same else tomlkit.aot()
        for item, name in zip(items, names, strict=True):
            entry = kept.get(name, tomlkit.table())
            self.update(entry, item, item.name)
            if not same:
                after.append(entry)
        if not same:
            table.pop(key, None)
            if items:
                table[key] = after

    def _plain(self, value: Any, owner: str) -> Any:
        if value is None:
            return NEVER
        if isinstance(value, tuple) and value and isinstance(value[0], Settings):
            return _lines(value)
        if isinstance(value, tuple):
            return [self._plain(item, owner) for item in value]
        if not isinstance(value, Address):
            return value
        text = value.written_in(self._folder)
        if value.holds_secret and text not in self._known:
            if owner not in self.left_out:
                self.left_out.append(owner)
            return value.without_secret().written_in(self._folder)
        return text


def _lines(items: Sequence[Settings]) -> tomlkit.items.Array:
    """Returns tables without names, each in a line."""
    lines = tomlkit.array().multiline(True)
    for item in items:
        line = tomlkit.inline_table()
        for key in type(item).model_fields:
            value = getattr(item, key)
            line[key] = list(value) if isinstance(value, tuple) else value
        lines.append(line)
    return lines


def read_text(path: Path) -> str:
    """Returns what a configuration file holds; raises ConfigError where it cannot be read."""
    try:
        return path.read_text("utf-8-sig")  # some editors put a mark before the text
    except FileNotFoundError:
        raise ConfigError(f"{path} does not exist, expected a TOML file with cameras; check the path") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is no text in UTF-8 (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {(error.strerror or 'unknown reason').lower()}") from None


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", str(error), re.DOTALL)
        what, line, column = said.groups() if said else ("Not TOML", None, None)
        what = re.sub(r"\(.*\)|'.{3,}'|\".{3,}\"", "a key", what, flags=re.DOTALL)  # which may be a secret
        lines = text.split("\n")
        where = f"line {line or len(lines)}, column {column or len(lines[-1]) + 1}"
        problem = f"{where} is no TOML: {what[:1].lower()}{what[1:]}"
    except ValueError:
        problem = "holds a number of thousands of digits, expected one that a setting can be"
    except RecursionError:
        problem = "holds lists or tables in one another, hundreds deep, expected at most the corners of polygons"
    raise ConfigError(f"{name}: {problem}")


def _texts(value: Any) -> set[str]:
    """Returns all texts in nested tables."""
    if isinstance(value, str):
        return {value}
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set().union(*(_texts(part) for part in parts))
