"""What cannot be in settings: every fault by its field, in a sentence that quotes no secret; pydantic's own might."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import ValidationError

from engine.errors import ConfigError
from engine.picture.tiling import MOST_TILES
from engine.redaction import redacted_address
from engine.settings.config import LISTS, MARKS, TABLES
from engine.settings.table import MisfitError, Settings

POLYGONS = ("include", "privacy")
UNQUOTED = (
    "address", "address_small", "database", "model", "user", "password", "password_env", "tls_ca", "url", "url_env",
    "program",
)  # fmt: skip
"""May hold a secret, if only by mistake."""
LONGEST_QUOTE = 40  # characters
HUGE = 1e300  # above that an integer may be no float

Checked = TypeVar("Checked", bound=Settings)
Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One setting that cannot be what it is."""

    place: Place
    """Where it is, such as ('cameras', 'gate', 'max_fps'); what has no fit name is called by its number, from 0."""
    sentence: str
    """For itself: names the whole, the camera, the setting."""
    words: str
    """For beside its field, of which it names nothing."""


def checked(kind: type[Checked], values: Mapping[str, Any], name: str, *, folder: Path = Path()) -> Checked:
    """Makes settings of values as TOML has them; `name` is what messages call the whole.

    Raises:
        ConfigError: the first value that cannot be, and what was expected; no secret is in the message or its causes.
    """
    made, found = tried(kind, values, name, folder=folder)
    if made is not None:
        return made
    first, *rest = found
    raise ConfigError(first.sentence + (f" (and {len(rest)} more)" if rest else ""))


def problems(
    kind: type[Settings], values: Mapping[str, Any], name: str, *, folder: Path = Path()
) -> tuple[Problem, ...]:
    """Returns all that cannot be in values as TOML has them; nothing where settings can be made of them."""
    return tried(kind, values, name, folder=folder)[1]


def tried(
    kind: type[Checked], values: Mapping[str, Any], name: str, *, folder: Path = Path()
) -> tuple[Checked | None, tuple[Problem, ...]]:
    """Returns the settings, or else all that cannot be in them; see `checked`."""
    try:
        return kind.model_validate(values, context={"folder": folder}), ()
    except ValidationError as error:
        found = error.errors(include_url=False)
    return None, tuple(problem for each in found for problem in _problems(each, values, kind, name))


def _problems(error: Any, values: Any, kind: type[Settings], name: str) -> list[Problem]:
    loc, owners, place, settings = list(error["loc"]), [], list[str | int](), kind
    while len(loc) > 1 and loc[0] in LISTS:
        key, number = str(loc.pop(0)), int(loc.pop(0))
        values = values[key][number]
        settings = _item_kind(settings, key)
        called = _name_of(values)
        owners.append(f"{LISTS[key]} '{called}'" if called else f"{LISTS[key]} {number + 1}")
        place += [key, called or number]
    if len(loc) > 1 and loc[0] in TABLES:
        key = str(loc.pop(0))
        values, settings = values[key], _table_kind(settings, key)
        owners.append(key)
        place.append(key)
    if len(loc) > 2 and loc[0] in MARKS:
        key, number = str(loc.pop(0)), int(loc.pop(0))
        values, settings = values[key][number], _item_kind(settings, key)
        owners.append(f"{MARKS[key]} {number + 1}")
        place += [key, number]
    cause = error.get("ctx", {}).get("error")
    owner = f"{name}: {', '.join(owners)}"
    if isinstance(cause, MisfitError):
        start = f"{owner} " if owners else owner
        return [Problem((*place, field), f"{start}{words}", words) for field, words in cause.misfits]
    key = str(loc[0]) if loc else ""
    part = f"polygon {int(loc[1]) + 1} " if key in POLYGONS and len(loc) > 1 else ""
    subject = f"{key} {part}" if key else ""
    is_own = error["type"] not in ("extra_forbidden", "missing")  # else the words name the setting themselves
    words = _said(error, key, settings)
    joint = ": " if owners and key else " " if owners else ""
    sentence = f"{owner}{joint}{subject if is_own else ''}{words}"
    seen = redacted_address(key)[:LONGEST_QUOTE]
    return [Problem((*place, seen) if key else tuple(place), sentence, (part if is_own else "") + words)]


def _said(error: Any, key: str, settings: type[Settings]) -> str:
    match error["type"]:
        case "extra_forbidden" if "password" in key.lower():
            return (
                f"has no setting '{key}'; put the password into an environment variable, and its name into password_env"
            )
        case "extra_forbidden":
            there = ", ".join(settings.model_fields)
            return f"has no setting '{redacted_address(key)[:LONGEST_QUOTE]}'; there are: {there}"
        case "missing":
            return f"has no {key}, expected one; {settings.model_fields[key].description}"
        case "value_error":
            return str(error["ctx"]["error"])
        case "literal_error" if key == "password":
            expected = (
                "'keyring', where the password itself lies; put it there with the window, or into an environment "
                "variable that password_env names"
            )
        case "string_pattern_mismatch" if key == "grid":
            expected = f"auto, or rows x columns such as 2x3, at most {MOST_TILES} tiles"
        case "string_pattern_mismatch" if key == "aspect":
            expected = "auto, or width:height such as 16:9"
        case "string_pattern_mismatch" if key == "at":
            expected = "a time of the day such as 03:00"
        case "string_pattern_mismatch":
            expected = "the name of an environment variable: letters, digits and _"
        case "bool_type" | "tuple_type" | "model_type" as kind:
            expected = {"bool_type": "true or false", "tuple_type": "a list", "model_type": "a table"}[kind]
        case _:
            expected = re.sub(r"^(Input|String|Value) should (be|have) |, unable to.*", "", error["msg"])
    return f"is {_actual(key, error['input'])}, expected {expected}"


def _actual(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) > HUGE:
        return "a huge number"
    if isinstance(value, int | float):
        return f"{value:g}"
    if isinstance(value, str):
        return repr(redacted_address(value)) if key not in UNQUOTED and len(value) <= LONGEST_QUOTE else "another text"
    return "a table" if isinstance(value, Mapping) else "a list" if isinstance(value, Sequence) else "a date or time"


def _item_kind(settings: type[Settings], key: str) -> type[Settings]:
    item: type[Settings] = settings.model_fields[key].annotation.__args__[0]  # type: ignore[union-attr]
    return item


def _table_kind(settings: type[Settings], key: str) -> type[Settings]:
    kind = settings.model_fields[key].annotation
    found = next(each for each in (kind, *get_args(kind)) if isinstance(each, type))  # of one that may be none
    assert issubclass(found, Settings)
    return found


def _name_of(values: Any) -> str:
    """Returns what an item is called; empty where it has no name that may be shown."""
    name = values.get("name") if isinstance(values, Mapping) else getattr(values, "name", None)
    if not isinstance(name, str) or not name.isprintable() or not 0 < len(name) <= LONGEST_QUOTE:
        return ""
    return name if redacted_address(name) == name else ""
