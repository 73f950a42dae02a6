"""What the window is opened on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

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
