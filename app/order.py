"""What the window is opened on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from engine.commands.watch import addressed
from engine.errors import ConfigError
from engine.settings.address import camera_address
from engine.settings.config import CameraSettings

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
