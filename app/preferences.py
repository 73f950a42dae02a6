"""How somebody left the window, beside the configuration: its place, its page, what each page wants to find again.

Nothing here matters to counting, and no secret is in it: what is missing or is nonsense is as at the first start.
"""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import tomlkit
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from app.theme import Choice
from engine.errors import OutputError
from engine.files import written_whole
from engine.settings.address import Address

MOST_RECENT = 10
LARGEST = 100_000  # pixels; beyond that a number is no place on a screen

Pixels = Annotated[int, Field(ge=-LARGEST, le=LARGEST)]


class Preferences(BaseModel):
    """All of it; frozen."""

    model_config = ConfigDict(frozen=True, strict=True, allow_inf_nan=False)

    geometry: tuple[Pixels, Pixels, Pixels, Pixels] | None = None
    """Left, top, width and height."""
    maximised: bool = False
    look: Choice = "system"
    operator: str = ""
    """Who acknowledges alerts; '' is the system account."""
    muted: bool = False
    """Whether alerts make no sound."""
    tells_desktop: bool = True
    """Whether the desktop says of alerts while the window is not in front."""
    keeps_running: bool = False
    """Whether closing the window leaves the program in the system's tray."""
    page: str = ""
    """The name of the page that was visible."""
    pages: dict[str, dict[str, Any]] = {}
    """What each page gave as its `state`; it judges itself what it finds again."""
    recent_files: tuple[str, ...] = ()
    """Recordings, the newest first."""
    recent_cameras: tuple[str, ...] = ()
    """Addresses without passwords, the newest first."""


def preferences_path(config: Path) -> Path:
    """Returns where the preferences of a configuration lie."""
    return config.with_name(f"{config.stem}.window.toml")


def load_preferences(path: Path) -> tuple[Preferences, str]:
    """Reads preferences; returns them with what in them could not be taken, in a sentence, or ''."""
    try:
        values = tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return Preferences(), ""
    except (OSError, ValueError, RecursionError) as error:
        return (
            Preferences(),
            f"{path.name} cannot be read ({type(error).__name__}); all is as at the first start",
        )
    taken, odd = {}, []
    for name, value in values.items():
        field = Preferences.model_fields.get(name)
        try:
            if field is None or field.annotation is None:
                raise ValueError
            taken[name] = TypeAdapter(field.annotation).validate_python(_tupled(value), strict=True)
        except ValueError:  # of pydantic too
            odd.append(name)
    known = Preferences.model_construct(**{**dict(Preferences()), **taken})
    return known, f"{path.name}: {', '.join(odd)} cannot be taken and is as at the first start" if odd else ""


def save_preferences(preferences: Preferences, path: Path) -> None:
    """Writes preferences whole.

    Raises:
        OutputError: the file cannot be written.
    """
    try:
        text = tomlkit.dumps(preferences.model_dump(mode="json", exclude_none=True))
    except (TypeError, ValueError) as error:
        raise OutputError(f"{path} cannot be written: a page keeps what is no TOML") from error
    with written_whole(path) as partial:
        partial.write_text(text, encoding="utf-8")


def with_recent(known: Sequence[str], newest: str) -> tuple[str, ...]:
    """Returns a list of the newest things with one more at its head; none is in it twice."""
    return (newest, *(other for other in known if other != newest))[:MOST_RECENT]


def remembered(address: Address) -> str:
    """Returns an address as it may be kept in a file: with its user, without its password and other secrets."""
    return address.without_secret().full


def plain_state(state: Mapping[str, object]) -> dict[str, Any]:
    """Returns what of a page's state can be kept in a file: nothing unknown."""
    return {name: value for name, value in state.items() if value is not None}


def _tupled(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value
