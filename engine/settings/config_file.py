"""The configuration as a TOML file: read, checked, written whole, with the comments of whoever edits it by hand.

A secret is written only where the file that is replaced held the very same one; whoever takes a password from a dialog
has to keep it elsewhere.
"""

import re
import shutil
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import tomlkit
from pydantic import ValidationError
from tomlkit.items import AoT, Table

from engine.errors import ConfigError, OutputError
from engine.files import written_whole
from engine.picture.tiling import MOST_TILES
from engine.redaction import redacted_address
from engine.settings.address import Address
from engine.settings.config import NEVER, Config, Settings

LISTS = {"cameras": "camera", "zones": "zone"}  # settings that are lists of named tables, and the word for one
POLYGONS = ("include", "privacy")
UNQUOTED = ("address", "database", "model", "user", "password_env", "tls_ca")  # may hold a secret, if only by mistake
LONGEST_QUOTE = 40  # characters
HUGE = 1e300  # above that an integer may be no float

EXAMPLE = """\
# Cameras that DeepCount watches. Paths are relative to this file; coordinates go from 0 to 1, from the top left.

# model = "light"                  # or an ONNX file; default: what suits the machine
# provider = "auto"                # auto, cpu, cuda, tensorrt or openvino
# strict_provider = false          # true refuses to run on anything else than the provider asked for
# database = "counts.db"           # a file, or the URL of a database; default: no log

[[cameras]]
name = "gate"
address = "rtsp://192.168.1.20:554/stream1"  # or rtsps://, http://, https://, rtmp://, rtmps://, udp://, rtp://, srt://,
                                   # webcam:0, webcam:NAME, /dev/video0, a video, a folder of pictures; docs/cameras.md
                                   # shows one of each; http is MJPEG, MPEG-TS, HLS, or one JPEG picture asked for again
# user = "viewer"
# password_env = "GATE_PASSWORD"   # the environment variable that holds the password; keep passwords out of this file
# transport = "tcp"                # or udp
# tls_verify = true                # false takes any certificate of rtsps, https and rtmps: where the network is trusted
# tls_ca = "gate.pem"              # or the file with the camera's own certificate, or with that of its authority
# max_fps = 5.0                    # count at most so many frames a second; ask so often for a picture (default: 1)
# open_timeout_s = 5.0
# read_timeout_s = 5.0
# hardware = "off"                 # auto, vaapi, cuda or videotoolbox decode on the graphics card
# aspect = "auto"                  # or such as "16:9", where the camera squeezes its picture and does not tell
# grid = "auto"                    # or rows x columns of tiles, such as "2x3"
# density_interval_s = 1.0         # a density map so often; 0 for every frame, "never" for none
# smoothing_s = 0.0
# motion_gate = false              # true keeps the count while nothing moves
# enabled = true
# counted = true                   # false only shows it
# on_wall = true                   # false only counts it
# capacity = 200                   # people that it holds: a line in the curve
# include = [[[0.0, 0.3], [1.0, 0.3], [1.0, 1.0], [0.0, 1.0]]]       # only people in here count
# privacy = [[[0.8, 0.0], [1.0, 0.0], [1.0, 0.2], [0.8, 0.2]]]       # blanked before anything sees it

[[cameras.zones]]
name = "north"
# capacity = 50
polygon = [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]

[[cameras]]
name = "webcam"
address = "webcam:0"
enabled = false

[[cameras]]
name = "recording"
address = "clips/yard.mp4"
enabled = false
# loop = true                      # begin again at the end; only files and folders can
"""

Checked = TypeVar("Checked", bound=Settings)


def example_config() -> str:
    """Returns a configuration with comments on every setting, to start from."""
    return EXAMPLE


def load_config(path: Path) -> Config:
    """Reads a configuration; relative paths in it start from its folder.

    Raises:
        ConfigError: the file cannot be read, is no TOML (with line and column), or holds a setting that cannot be.
    """
    return checked(Config, _parsed(_read(path), path.name), path.name, folder=path.parent)


def checked(kind: type[Checked], values: Mapping[str, Any], name: str, *, folder: Path = Path()) -> Checked:
    """Makes settings of values as TOML has them; `name` is what messages call the whole.

    Raises:
        ConfigError: the first value that cannot be, and what was expected; no secret is in the message or its causes.
    """
    try:
        return kind.model_validate(values, context={"folder": folder})
    except ValidationError as error:
        message = f"{name}: {_sentence(error, values, kind)}"
    raise ConfigError(message)


def save_config(config: Config, path: Path) -> tuple[str, ...]:
    """Writes a configuration, and keeps comments and layout of the file that it replaces.

    Returns:
        The names of the cameras (or 'database') whose secrets were left out, since the file did not hold them before.

    Raises:
        ConfigError: the file cannot be written, or what it would replace is no TOML and might be of use to somebody.
    """
    path = path.resolve()  # a link stays one
    document = tomlkit.document()
    if path.exists():
        text = _read(path)
        _parsed(text, path.name)
        document = tomlkit.parse(text)
    writer = _Writer(path.parent, _texts(document.unwrap()))
    writer.update(document, config, "database")
    try:
        with written_whole(path) as partial:
            partial.write_bytes(tomlkit.dumps(document).encode())
            if path.exists():
                shutil.copymode(path, partial)  # one that nobody else may read stays so
    except OutputError as error:
        raise ConfigError(f"{path} cannot be written; change its permissions, or make room") from error
    return tuple(writer.left_out)


class _Writer:
    """Brings a TOML document up to a configuration, changing only what differs."""

    def __init__(self, folder: Path, known: set[str]) -> None:
        self._folder, self._known = folder, known
        self.left_out: list[str] = []

    def update(self, table: Any, settings: Settings, owner: str) -> None:
        """Takes over all settings into a table; `owner` is who is said to have lost a secret."""
        for key, field in type(settings).model_fields.items():
            value = getattr(settings, key)
            if key in LISTS:
                self._update_list(table, key, value)
            elif value is None and field.default is None:
                table.pop(key, None)
            elif key in table or value != field.default:
                plain = self._plain(value, owner)
                if key not in table or table[key] != plain:
                    table[key] = plain

    def _update_list(self, table: Any, key: str, items: Sequence[Any]) -> None:
        before = table.get(key)
        kept: dict[Any, Table] = {item.get("name"): item for item in before} if isinstance(before, AoT) else {}
        same = isinstance(before, AoT) and [item.get("name") for item in before] == [item.name for item in items]
        after = before if same else tomlkit.aot()
        for item in items:
            entry = kept.get(item.name, tomlkit.table())
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
        if isinstance(value, tuple):
            return [self._plain(item, owner) for item in value]
        if not isinstance(value, Address):
            return value
        text = value.written_in(self._folder)
        if value.holds_secret and text not in self._known:
            self.left_out.append(owner)
            return value.without_secret().written_in(self._folder)
        return text


def _read(path: Path) -> str:
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


def _sentence(error: ValidationError, values: Any, kind: type[Settings]) -> str:
    """Says in one sentence what the first error is; pydantic's own text may quote what was given."""
    first, *rest = error.errors(include_url=False)
    loc = list(first["loc"])
    owners, settings = [], kind
    while len(loc) > 1 and loc[0] in LISTS:
        key, number = str(loc.pop(0)), int(loc.pop(0))
        values = values[key][number]
        settings = _item_kind(settings, key)
        owners.append(_called(LISTS[key], values, number))
    key = str(loc[0]) if loc else ""
    part = f" polygon {int(loc[1]) + 1}" if key in POLYGONS and len(loc) > 1 else ""
    subject = f"{key}{part} " if key else ""
    said = _said(first, subject, key, settings)
    more = f" (and {len(rest)} more)" if rest else ""
    return f"{', '.join(owners)}{': ' if owners and key else ' ' if owners else ''}{said}{more}"


def _said(error: Any, subject: str, key: str, settings: type[Settings]) -> str:
    match error["type"]:
        case "extra_forbidden" if "password" in key.lower():
            return (
                f"has no setting '{key}'; put the password into an environment variable, and its name into password_env"
            )
        case "extra_forbidden":
            there = ", ".join(settings.model_fields)
            return f"has no setting '{redacted_address(key)[:LONGEST_QUOTE]}'; there are: {there}"
        case "missing":
            return f"has no {subject.strip()}, expected one; {settings.model_fields[key].description}"
        case "value_error":
            return f"{subject}{error['ctx']['error']}"
        case "string_pattern_mismatch" if key == "grid":
            expected = f"auto, or rows x columns such as 2x3, at most {MOST_TILES} tiles"
        case "string_pattern_mismatch" if key == "aspect":
            expected = "auto, or width:height such as 16:9"
        case "string_pattern_mismatch":
            expected = "the name of an environment variable: letters, digits and _"
        case "bool_type" | "tuple_type" | "model_type" as kind:
            expected = {"bool_type": "true or false", "tuple_type": "a list", "model_type": "a table"}[kind]
        case _:
            expected = re.sub(r"^(Input|String|Value) should (be|have) |, unable to.*", "", error["msg"])
    return f"{subject}is {_actual(key, error['input'])}, expected {expected}"


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


def _called(word: str, values: Any, number: int) -> str:
    name = values.get("name") if isinstance(values, Mapping) else None
    safe = (
        isinstance(name, str)
        and name.isprintable()
        and 0 < len(name) <= LONGEST_QUOTE
        and redacted_address(name) == name
    )
    return f"{word} '{name}'" if safe else f"{word} {number + 1}"
