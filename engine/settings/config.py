"""What is configured: cameras with their zones and masks, the model, the database; frozen, checked, no secret in sight.

Every field carries its title, a description, its bounds and its unit, for whoever draws a dialog of them. Files are
read and written by `engine.settings.config_file`.
"""

from collections.abc import Iterator
from fractions import Fraction
from math import prod
from typing import Annotated, Literal, Self

from pydantic import field_validator, model_validator

from engine.picture.tiling import MOST_TILES, Grid
from engine.picture.zones import Zone
from engine.settings.backup import BackupSettings
from engine.settings.calibration import CalibrationSettings
from engine.settings.camera_login import (
    WITH_LOGIN,
    full_address,
    full_address_small,
    login_of,
    misfits_of_login,
    misfits_of_small,
)
from engine.settings.correction import CorrectionSettings
from engine.settings.fields import (
    AUTO,
    LISTED,
    CameraAddress,
    DatabaseAddress,
    FileAddress,
    Interval,
    Name,
    Polygon,
    Polygons,
    User,
    setting,
)
from engine.settings.recordings import RecordingSettings, RecordingsSettings
from engine.settings.rules import (
    GroupSettings,
    RetentionSettings,
    Rules,
    RuleSettings,
    misfits_of_capacity,
    misfits_of_groups,
)
from engine.settings.sinks import SinkSettings, misfits_of_sinks
from engine.settings.table import Misfit, MisfitError, Settings, check_unique

LISTS = {"cameras": "camera", "zones": "zone", "rules": "rule", "groups": "group", "sinks": "sink"}
"""Settings that are lists of named tables, and the word for one."""
TABLES = ("retention", "recording", "recordings", "backup", "calibration")
"""Settings that are one table."""
MARKS = {"people": "person", "distances": "distance"}
"""Settings that are lists of tables without names, and the word for one."""


STEADIED_S = 0.5
"""Takes three quarters of the movement out of a count at 7 frames a second; half of a sudden change shows 0.4 s later,
nine tenths of it 1.3 s later."""


class ZoneSettings(Settings):
    """A part of a camera's picture whose people are counted apart."""

    name: Name = setting("Name", "How the zone is called everywhere.")
    polygon: Polygon = setting("Polygon", "Corners as [x, y] from 0 to 1, from the top left of the picture.")
    capacity: int | None = setting("Capacity", "How many people it holds; none has no line.", None, unit="people", gt=0)


class CameraSettings(Settings):
    """One camera: where its pictures come from, how they are counted, and what of them."""

    name: Name = setting("Name", "How the camera is called everywhere.")
    address: CameraAddress = setting("Address", "rtsp://, http://, rtmp://, udp://, webcam:0, a video, a folder...")
    address_small: CameraAddress | None = setting(
        "Address of the small stream",
        "Its second, small stream, which is counted and shown; the other is for recordings, clips and large pictures.",
        None,
    )
    enabled: bool = setting("Enabled", "Whether the camera is watched.", True)
    counted: bool = setting("Counted", "Whether its people are counted; without, it is only shown.", True)
    on_wall: bool = setting("On the wall", "Whether its pictures are shown; without, it is only counted.", True)
    capacity: int | None = setting("Capacity", "How many people it holds; none has no line.", None, unit="people", gt=0)
    transport: Literal["tcp", "udp"] = setting("Transport", "How RTSP sends pictures; udp may lose some.", "tcp")
    user: User | None = setting("User", "Whom the camera knows.", None)
    password: Literal["keyring"] | None = setting(
        "Password", "Where the password is: in the system's keyring, put there by the window; never it itself.", None
    )
    password_env: str | None = setting(
        "Password variable", "Environment variable that holds the password.", None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$"
    )
    tls_verify: bool = setting("Verify certificate", "Whether rtsps, https and rtmps prove whom they come from.", True)
    tls_ca: FileAddress | None = setting(
        "Certificate", "File (PEM) with the camera's certificate or its authority's; none takes the system's.", None
    )
    max_fps: float | None = setting(
        "Frame rate", "At most so many are counted; none counts all.", None, unit="1/s", gt=0, le=240
    )
    weight: float = setting(
        "Weight", "How often it is counted beside the others where the computer cannot count all.", 1.0, ge=0.25, le=4
    )
    open_timeout_s: float = setting(
        "Time to open", "How long to wait for the camera to answer.", 5.0, unit="s", gt=0, le=60
    )
    read_timeout_s: float = setting("Time to read", "How long to wait for the next frame.", 5.0, unit="s", gt=0, le=60)
    hardware: Literal["off", "auto", "vaapi", "cuda", "videotoolbox"] = setting(
        "Hardware decoding", "Which part of the machine decodes the video.", "off"
    )
    loop: bool = setting("Loop", "Whether a file or folder begins again at its end.", False)
    aspect: str = setting(
        "Aspect",
        "Width:height of the picture as people see it, or auto as the camera tells.",
        AUTO,
        pattern=r"^(auto|[1-9]\d{0,2}:[1-9]\d{0,2})$",
    )
    grid: str = setting(
        "Grid", "Rows x columns of tiles, or auto by what is seen.", AUTO, pattern=r"^(auto|[1-9]\d?x[1-9]\d?)$"
    )
    density_interval_s: Interval = setting(
        "Density interval",
        "Time between two density maps, made where zones or a screen need them; 0 maps every frame, never none.",
        1.0,
        unit="s",
        ge=0,
        le=3600,
    )
    smoothing_s: float = setting(
        "Smoothing", "Time constant that steadies and delays the count; 0 is off.", STEADIED_S, unit="s", ge=0, le=600
    )
    motion_gate: bool = setting("Motion gate", "Whether frames in which nothing moves keep the count before.", False)
    include: Polygons = setting("Include", "Only people inside of these polygons count; none counts all.", ())
    privacy: Polygons = setting("Privacy", "What lies in these polygons is blanked before anything sees it.", ())
    zones: Annotated[tuple[ZoneSettings, ...], LISTED] = setting("Zones", "Counted apart.", ())
    rules: Rules = setting("Rules", "When a count becomes an alert.", ())
    recording: RecordingSettings = setting("Recording", "Whether it is recorded.", RecordingSettings())
    model: FileAddress | None = setting("Own model", "ONNX file for this camera alone; none takes that of all.", None)
    calibration: CalibrationSettings | None = setting("Calibration", "Where the ground is; none knows no metres.", None)
    correction: CorrectionSettings | None = setting("Correction", "How counts are put right; none leaves them.", None)

    @field_validator("grid")
    @classmethod
    def _grid_is_small(cls, grid: str) -> str:
        if grid != AUTO and prod(map(int, grid.split("x"))) > MOST_TILES:
            raise ValueError(f"is {grid}, expected at most {MOST_TILES} tiles")
        return grid

    @field_validator("zones")
    @classmethod
    def _zones_differ(cls, zones: tuple[ZoneSettings, ...]) -> tuple[ZoneSettings, ...]:
        check_unique([zone.name for zone in zones])
        return zones

    @field_validator("rules")
    @classmethod
    def _rules_differ(cls, rules: tuple[RuleSettings, ...]) -> tuple[RuleSettings, ...]:
        check_unique([rule.name for rule in rules])
        return rules

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if misfits := (
            *self._misfits_of_kind(),
            *misfits_of_login(self),
            *misfits_of_small(self),
            *self._misfits_of_rules(),
        ):
            raise MisfitError(misfits)
        return self

    def _misfits_of_kind(self) -> Iterator[Misfit]:
        if self.loop and self.address.kind != "path":
            yield "loop", "has loop = true, which only a file or folder can; take it out"
        if not self.tls_verify and self.tls_ca is not None:
            yield "tls_ca", "has tls_verify = false and also tls_ca, expected one of the two"
        if (not self.tls_verify or self.tls_ca is not None) and self.address.kind not in WITH_LOGIN:
            field = "tls_verify" if self.tls_ca is None else "tls_ca"
            yield field, "has tls_verify or tls_ca, which only rtsps, https and rtmps can; take them out"

    def _misfits_of_rules(self) -> Iterator[Misfit]:
        capacities: dict[str | None, int | None] = {zone.name: zone.capacity for zone in self.zones}
        for rule in self.rules:
            if rule.zone is not None and rule.zone not in capacities:
                there = ", ".join(zone.name for zone in self.zones) or "none"
                yield "rules", f"has rule '{rule.name}' on zone '{rule.zone}', which is not there; there are: {there}"
            if not self.counted and rule.measure != "lost":
                yield "rules", f"has rule '{rule.name}' and counted = false, so that it has no count; take one out"
            if rule.measure == "density" and self.calibration is None:
                yield "rules", f"has rule '{rule.name}' on people/m², expected a calibration; calibrate the camera (K)"
        yield from misfits_of_capacity(self.rules, capacities | {None: self.capacity})

    @property
    def shown(self) -> str:
        """The address for people: without user, password and other secrets."""
        return self.address.shown

    @property
    def login(self) -> str | None:
        """Whom the camera knows; None where it lets everybody in."""
        return login_of(self)

    @property
    def full_address(self) -> str:
        """The address for opening only: with user and password, from the environment or the system's keyring.

        Raises:
            ConfigError: the password is not where it is said to be.
        """
        return full_address(self)

    @property
    def full_address_small(self) -> str | None:
        """The same of its small stream; None where it has none."""
        return full_address_small(self)

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

    model: FileAddress | None = setting(
        "Model",
        "ONNX file, or the name of a model that comes with the product; none takes what suits the machine.",
        None,
    )
    provider: Literal["auto", "cpu", "cuda", "tensorrt", "openvino"] = setting("Provider", "What runs the model.", AUTO)
    strict_provider: bool = setting("Strict provider", "Whether to refuse any other provider.", False)
    alert_weight: float = setting(
        "Weight of alerts",
        "How many times as often cameras with rules are counted as others, where the computer cannot count all.",
        1.0,
        ge=1,
        le=4,
    )
    database: DatabaseAddress | None = setting("Database", "File or URL of the log; none keeps no log.", None)
    cameras: Annotated[tuple[CameraSettings, ...], LISTED] = setting("Cameras", "All that is watched.", ())

    retention: RetentionSettings = setting("Retention", "How long the log keeps what it holds.", RetentionSettings())
    recordings: RecordingsSettings = setting("Recordings", "Where live cameras are recorded.", RecordingsSettings())
    backup: BackupSettings = setting("Back-ups", "Whether the log is copied by itself.", BackupSettings())
    groups: Annotated[tuple[GroupSettings, ...], LISTED] = setting("Groups", "Cameras and zones, added up.", ())
    sinks: Annotated[tuple[SinkSettings, ...], LISTED] = setting("Sinks", "Who is told of alerts.", ())

    @field_validator("cameras")
    @classmethod
    def _cameras_differ(cls, cameras: tuple[CameraSettings, ...]) -> tuple[CameraSettings, ...]:
        check_unique([camera.name for camera in cameras])
        return cameras

    @field_validator("groups")
    @classmethod
    def _groups_differ(cls, groups: tuple[GroupSettings, ...]) -> tuple[GroupSettings, ...]:
        check_unique([group.name for group in groups])
        return groups

    @field_validator("sinks")
    @classmethod
    def _sinks_differ(cls, sinks: tuple[SinkSettings, ...]) -> tuple[SinkSettings, ...]:
        check_unique([sink.name for sink in sinks])
        return sinks

    @model_validator(mode="after")
    def _all_are_there(self) -> Self:
        zones = {camera.name: [zone.name for zone in camera.zones] for camera in self.cameras}
        owners = {owner.name for owner in self.owners}
        if misfits := (*misfits_of_groups(self.groups, zones), *misfits_of_sinks(self.sinks, owners)):
            raise MisfitError(misfits)
        return self

    @property
    def owners(self) -> tuple[CameraSettings | GroupSettings, ...]:
        """All that may have rules."""
        return *self.cameras, *self.groups

    def weight_of(self, camera: CameraSettings) -> float:
        """Returns how often a camera is counted beside the others, where the computer cannot count all."""
        return camera.weight * (self.alert_weight if camera.rules else 1.0)

    @property
    def first_rule(self) -> str:
        """Names one of its rules; empty where it has none."""
        return next((f"rule '{rule.name}' of '{owner.name}'" for owner in self.owners for rule in owner.rules), "")
