"""What the window is opened on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from app.running.player import Setup
from engine.commands.watch import addressed
from engine.errors import ConfigError
from engine.paths import DEMO_CLIP
from engine.settings.address import Address, camera_address
from engine.settings.config import CameraSettings, Config

Source = Path | CameraSettings
"""A recording, or a camera for a try."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the window is opened on."""

    config: Path
    given: Mapping[str, object] = field(default_factory=dict)
    """Settings of `Config` that the command line says in place of the file."""
    aspect: Fraction | None = None
    source: Source | None = None
    is_first: bool = False
    """Whether the configuration was made just now."""


def source_of(text: str) -> Source:
    """Returns what a text names: a recording, or a camera by its address, to which a folder of pictures belongs too.

    Raises:
        ConfigError: it can be neither; no secret is in the message.
    """
    try:
        address = camera_address(text)
    except ValueError as error:
        raise ConfigError(f"what is to be opened {error}") from None
    if address.kind == "path" and not Path(text).is_dir():
        return Path(text)
    return addressed([text]).cameras[0]


def setup_of(config: Config, aspect: Fraction | None) -> Setup:
    """Returns what recordings are counted with."""
    database = config.database
    place = None if database is None else database.path if database.kind == "path" else database.full
    return Setup(config.model.path if config.model else None, place, config.provider, aspect)


def demonstration() -> CameraSettings:
    """Returns the clip that comes with the product as a camera."""
    address = Address.of(str(DEMO_CLIP))
    return CameraSettings(name="Demonstration", address=address, loop=True, max_fps=4.0)  # what any computer counts
