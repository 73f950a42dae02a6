"""What fields of settings are made of: names, addresses and polygons, checked, and how a field tells what it is."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, PlainValidator, ValidationInfo

from engine.picture import polygon
from engine.redaction import readable, redacted_address
from engine.settings.address import Address, camera_address, database_address, file_path

NEVER, AUTO = "never", "auto"
LONGEST_NAME = 80  # characters


def setting(title: str, description: str, default: Any = ..., *, unit: str = "", **bounds: Any) -> Any:
    """Returns a field that tells its title, a description in a sentence, its unit, and what pydantic has of bounds."""
    return Field(default, title=title, description=description, json_schema_extra={"unit": unit}, **bounds)


def _name(value: object) -> str:
    text = _short(value, str.strip)
    if readable(str(value)) != value:
        raise ValueError("holds control characters, expected letters, digits, spaces and signs")
    _check_seen(text, "a name")
    return text


def _short(value: object, trimmed: Callable[[str], str] = str) -> str:
    """Returns a text that is neither empty nor too long."""
    expected = f"expected a text of 1 to {LONGEST_NAME} characters"
    if not isinstance(value, str):
        raise ValueError(f"is no text, {expected}")
    text = trimmed(value)
    if not text:
        raise ValueError(f"is empty, {expected}")
    if len(text) > LONGEST_NAME:
        raise ValueError(f"has {len(text)} characters, {expected}")
    return text


def _check_seen(value: str, expected: str) -> None:
    if redacted_address(value) != value:
        raise ValueError(f"holds what looks like a password, expected {expected} that everybody may see")


def _user(value: object) -> str:
    value = _short(value)
    _check_seen(value, "a user's name")
    return value


def _folder(info: ValidationInfo) -> Path:
    folder = (info.context or {}).get("folder", Path())
    assert isinstance(folder, Path)
    return folder


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("is no text, expected an address or a path in quotes")
    return value


def _camera_address(value: object, info: ValidationInfo) -> Address:
    return value if isinstance(value, Address) else camera_address(_text(value), _folder(info))


def _database_address(value: object, info: ValidationInfo) -> Address:
    return value if isinstance(value, Address) else database_address(_text(value), _folder(info))


def _file_address(value: object, info: ValidationInfo) -> Address:
    if isinstance(value, Address):
        return value
    file_path(_text(value))
    return Address.of(_text(value), _folder(info))


def _interval(value: object) -> object:
    return None if value == NEVER else value


def _spot(value: object) -> polygon.Point:
    pair = list(value) if isinstance(value, list | tuple) else []
    if len(pair) != 2 or not all(isinstance(c, int | float) and not isinstance(c, bool) for c in pair):
        raise ValueError("is no pair of numbers, expected [x, y]")
    if not all(0 <= c <= 1 for c in pair):
        raise ValueError("lies outside of the picture, expected coordinates from 0 to 1")
    return float(pair[0]), float(pair[1])


def _listed(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


_shown = PlainSerializer(lambda address: None if address is None else address.shown)
Name = Annotated[str, PlainValidator(_name)]
User = Annotated[str, PlainValidator(_user)]
CameraAddress = Annotated[Address, PlainValidator(_camera_address), _shown]
DatabaseAddress = Annotated[Address, PlainValidator(_database_address), _shown]
FileAddress = Annotated[Address, PlainValidator(_file_address), _shown]
Spot = Annotated[polygon.Point, PlainValidator(_spot)]
"""A point of the picture."""
Polygon = Annotated[polygon.Polygon, PlainValidator(polygon.checked)]
LISTED = BeforeValidator(_listed)
"""TOML knows lists, settings that are frozen have tuples."""
Polygons = Annotated[tuple[Polygon, ...], LISTED]
Interval = Annotated[float | None, BeforeValidator(_interval)]
Days = Annotated[int | None, BeforeValidator(_interval)]
