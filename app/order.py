"""What the window is opened on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from app.running.player import Setup
from engine.errors import ConfigError
from engine.paths import DEMO_CLIP
from engine.redaction import readable
from engine.settings.address import Address, camera_address
from engine.settings.addressed import addressed
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


def counted_before(name: str, opened: Sequence[str]) -> Path:
    """Returns where a recording lies of which the log knows the name of its file.

    Args:
        name: as the log has it.
        opened: paths of recordings that were opened lately.

    Raises:
        ConfigError: it is none of them, or is there no more.
    """
    named = (path for path in [*map(Path, opened), DEMO_CLIP] if readable(path.name) == name)
    path = next((path for path in named if path.exists()), None)
    if path is None:
        raise ConfigError(f"recording '{name}' was counted, and it is not known where it is now; open its file once")
    return path


def setup_of(config: Config, aspect: Fraction | None) -> Setup:
    """Returns what recordings are counted with."""
    database = config.database
    place = None if database is None else database.path if database.kind == "path" else database.full
    return Setup(config.model.path if config.model else None, place, config.provider, aspect)


def demonstration() -> CameraSettings:
    """Returns the clip that comes with the product as a camera."""
    address = Address.of(str(DEMO_CLIP))
    return CameraSettings(name="Demonstration", address=address, loop=True, max_fps=4.0)  # what any computer counts
