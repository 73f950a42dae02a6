"""What is configured: cameras with their zones and masks, the model, the database; frozen, checked, no secret in sight.

Every field carries its title, a description, its bounds and its unit, for whoever draws a dialog of them. Files are
read and written by `engine.settings.config_file`.
"""

import os
from fractions import Fraction
from math import prod
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    ValidationInfo,
    field_validator,
    model_validator,
)

from engine.errors import ConfigError
from engine.picture import polygon
from engine.picture.tiling import MOST_TILES, Grid
from engine.picture.zones import Zone
from engine.redaction import readable, redacted_address
from engine.settings.address import Address, camera_address, database_address, file_path

NEVER, AUTO = "never", "auto"
WITH_LOGIN = ("rtsp", "http", "rtmp")  # kinds of addresses that may ask for a user, and may be encrypted
LONGEST_NAME = 80  # characters


def _field(title: str, description: str, default: Any = ..., *, unit: str = "", **bounds: Any) -> Any:
    return Field(default, title=title, description=description, json_schema_extra={"unit": unit}, **bounds)


def _name(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value.strip()) <= LONGEST_NAME:
        raise ValueError(f"is no text of 1 to {LONGEST_NAME} characters, expected one")
    if readable(value) != value:
        raise ValueError("holds control characters, expected letters, digits, spaces and signs")
    _check_seen(value, "a name")
    return value.strip()


def _check_seen(value: str, expected: str) -> None:
    if redacted_address(value) != value:
        raise ValueError(f"holds what looks like a password, expected {expected} that everybody may see")


def _user(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_NAME:
        raise ValueError(f"is no text of 1 to {LONGEST_NAME} characters, expected one")
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


def _listed(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


_shown = PlainSerializer(lambda address: None if address is None else address.shown)
Name = Annotated[str, PlainValidator(_name)]
User = Annotated[str, PlainValidator(_user)]
CameraAddress = Annotated[Address, PlainValidator(_camera_address), _shown]
DatabaseAddress = Annotated[Address, PlainValidator(_database_address), _shown]
FileAddress = Annotated[Address, PlainValidator(_file_address), _shown]
Polygon = Annotated[polygon.Polygon, PlainValidator(polygon.checked)]
Polygons = Annotated[tuple[Polygon, ...], BeforeValidator(_listed)]


class Settings(BaseModel):
    """What all parts of the configuration have in common."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, hide_input_in_errors=True, validate_default=False
    )


class ZoneSettings(Settings):
    """A part of a camera's picture whose people are counted apart."""

    name: Name = _field("Name", "How the zone is called everywhere.")
    polygon: Polygon = _field("Polygon", "Corners as [x, y] from 0 to 1, from the top left of the picture.")
    capacity: int | None = _field("Capacity", "How many people it holds; none has no line.", None, unit="people", gt=0)


class CameraSettings(Settings):
    """One camera: where its pictures come from, how they are counted, and what of them."""

    name: Name = _field("Name", "How the camera is called everywhere.")
    address: CameraAddress = _field("Address", "rtsp://, http://, rtmp://, udp://, webcam:0, a video, a folder...")
    enabled: bool = _field("Enabled", "Whether the camera is watched.", True)
    counted: bool = _field("Counted", "Whether its people are counted; without, it is only shown.", True)
    on_wall: bool = _field("On the wall", "Whether its pictures are shown; without, it is only counted.", True)
    capacity: int | None = _field("Capacity", "How many people it holds; none has no line.", None, unit="people", gt=0)
    transport: Literal["tcp", "udp"] = _field("Transport", "How RTSP sends pictures; udp may lose some.", "tcp")
    user: User | None = _field("User", "Whom the camera knows.", None)
    password_env: str | None = _field(
        "Password", "Environment variable that holds the password.", None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$"
    )
    tls_verify: bool = _field("Verify certificate", "Whether rtsps, https and rtmps prove whom they come from.", True)
    tls_ca: FileAddress | None = _field(
        "Certificate", "File (PEM) with the camera's certificate or its authority's; none takes the system's.", None
    )
    max_fps: float | None = _field(
        "Frame rate", "At most so many are counted; none counts all.", None, unit="1/s", gt=0, le=240
    )
    open_timeout_s: float = _field(
        "Time to open", "How long to wait for the camera to answer.", 5.0, unit="s", gt=0, le=60
    )
    read_timeout_s: float = _field("Time to read", "How long to wait for the next frame.", 5.0, unit="s", gt=0, le=60)
    hardware: Literal["off", "auto", "vaapi", "cuda", "videotoolbox"] = _field(
        "Hardware decoding", "Which part of the machine decodes the video.", "off"
    )
    loop: bool = _field("Loop", "Whether a file or folder begins again at its end.", False)
    aspect: str = _field(
        "Aspect",
        "Width:height of the picture as people see it, or auto as the camera tells.",
        AUTO,
        pattern=r"^(auto|[1-9]\d{0,2}:[1-9]\d{0,2})$",
    )
    grid: str = _field(
        "Grid", "Rows x columns of tiles, or auto by the picture's size.", AUTO, pattern=r"^(auto|[1-9]\d?x[1-9]\d?)$"
    )
    density_interval_s: Annotated[float | None, BeforeValidator(_interval)] = _field(
        "Density interval",
        "Time between two density maps; 0 maps every frame, never none.",
        1.0,
        unit="s",
        ge=0,
        le=3600,
    )
    smoothing_s: float = _field(
        "Smoothing", "Time constant that steadies the count; 0 is off.", 0.0, unit="s", ge=0, le=600
    )
    motion_gate: bool = _field("Motion gate", "Whether frames in which nothing moves keep the count before.", False)
    include: Polygons = _field("Include", "Only people inside of these polygons count; none counts all.", ())
    privacy: Polygons = _field("Privacy", "What lies in these polygons is blanked before anything sees it.", ())
    zones: Annotated[tuple[ZoneSettings, ...], BeforeValidator(_listed)] = _field("Zones", "Counted apart.", ())

    @field_validator("grid")
    @classmethod
    def _grid_is_small(cls, grid: str) -> str:
        if grid != AUTO and prod(map(int, grid.split("x"))) > MOST_TILES:
            raise ValueError(f"is {grid}, expected at most {MOST_TILES} tiles")
        return grid

    @field_validator("zones")
    @classmethod
    def _zones_differ(cls, zones: tuple[ZoneSettings, ...]) -> tuple[ZoneSettings, ...]:
        _check_unique([zone.name for zone in zones])
        return zones

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        address = self.address
        if self.loop and address.kind != "path":
            raise ValueError("has loop = true, which only a file or folder can; take it out")
        if not self.tls_verify and self.tls_ca is not None:
            raise ValueError("has tls_verify = false and also tls_ca, expected one of the two")
        if (not self.tls_verify or self.tls_ca is not None) and address.kind not in WITH_LOGIN:
            raise ValueError("has tls_verify or tls_ca, which only rtsps, https and rtmps can; take them out")
        if self.user is not None or self.password_env is not None:
            if address.kind not in WITH_LOGIN:
                raise ValueError("has a user or password_env, which only a network address can; take them out")
            if address.has_password() or (self.user is not None and address.user is not None):
                raise ValueError(
                    "has a user or password_env and also credentials in its address, expected one of the two"
                )
            if self.user is None and address.user is None:
                raise ValueError("has a password_env but no user, expected both")
        return self

    @property
    def shown(self) -> str:
        """The address for people: without user, password and other secrets."""
        return self.address.shown

    @property
    def full_address(self) -> str:
        """The address for opening only: with user and password, which may come from the environment.

        Raises:
            ConfigError: the environment variable that `password_env` names is not set.
        """
        user = self.user if self.user is not None else self.address.user
        if self.password_env is None:
            return self.address.full if self.user is None else self.address.with_credentials(self.user, "").full
        password = os.environ.get(self.password_env)
        if password is None:
            raise ConfigError(
                f"camera '{self.name}': the environment variable that password_env names is not set, "
                "expected the camera's password in it; set it before the start"
            )
        return self.address.with_credentials(user or "", password).full

    @property
    def shape(self) -> Fraction | None:
        """Width over height of the picture as shown; None takes what the camera tells."""
        return None if self.aspect == AUTO else Fraction(self.aspect.replace(":", "/"))

    @property
    def tiles(self) -> Grid | None:
        """The grid of tiles; None takes it from the picture's size."""
        if self.grid == AUTO:
            return None
        rows, columns = self.grid.split("x")
        return Grid(int(rows), int(columns))

    @property
    def counted_zones(self) -> tuple[Zone, ...]:
        """The zones as counting takes them."""
        return tuple(Zone(zone.name, zone.polygon) for zone in self.zones)


class Config(Settings):
    """Everything that is configured."""

    model: FileAddress | None = _field(
        "Model",
        "ONNX file, or the name of a model that comes with the product; none takes what suits the machine.",
        None,
    )
    provider: Literal["auto", "cpu", "cuda", "tensorrt", "openvino"] = _field("Provider", "What runs the model.", AUTO)
    strict_provider: bool = _field("Strict provider", "Whether to refuse any other provider.", False)
    database: DatabaseAddress | None = _field("Database", "File or URL of the log; none keeps no log.", None)
    cameras: Annotated[tuple[CameraSettings, ...], BeforeValidator(_listed)] = _field(
        "Cameras", "All that is watched.", ()
    )

    @field_validator("cameras")
    @classmethod
    def _cameras_differ(cls, cameras: tuple[CameraSettings, ...]) -> tuple[CameraSettings, ...]:
        _check_unique([camera.name for camera in cameras])
        return cameras


def _check_unique(names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            raise ValueError(f"lists '{name}' twice, expected each name once; rename one")
        seen.add(name.casefold())
