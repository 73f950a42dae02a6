"""What a command line says in place of a configuration, for whatever watches cameras."""

from dataclasses import dataclass
from pathlib import Path

from engine.errors import ConfigError, EngineError
from engine.settings.address import Address
from engine.settings.config import Config


@dataclass(frozen=True, slots=True)
class Given:
    """What is None is as configured."""

    database: Address | None = None
    model: Path | None = None
    provider: str | None = None
    strict_provider: bool = False

    def over(self, config: Config) -> Config:
        """Returns a configuration with what was given in its place.

        Raises:
            ConfigError: nothing is left to be watched.
        """
        if not any(camera.enabled for camera in config.cameras):
            raise ConfigError("no camera is enabled, expected at least one; add one, or take out enabled = false")
        given = {
            "model": Address.of(str(self.model)) if self.model else None,
            "provider": self.provider,
            "strict_provider": self.strict_provider or None,
            "database": self.database,
        }
        return config.model_copy(update={name: value for name, value in given.items() if value is not None})


AS_CONFIGURED = Given()
"""Nothing was given."""


def reported(failure: Exception) -> EngineError:
    """Returns why counting ended, for people."""
    if isinstance(failure, EngineError):
        return failure
    return EngineError(f"counting stopped on an unexpected error ({type(failure).__name__}); what was counted is kept")
