"""What all tables of settings have in common."""

from pydantic import BaseModel, ConfigDict

Misfit = tuple[str, str]
"""A setting, and what is wrong with it beside the others."""


class MisfitError(ValueError):
    """Settings that cannot be together."""

    def __init__(self, misfits: tuple[Misfit, ...]) -> None:
        super().__init__(misfits[0][1])
        self.misfits = misfits


class Settings(BaseModel):
    """A table of settings."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, hide_input_in_errors=True, validate_default=False
    )


def check_unique(names: list[str]) -> None:
    """Raises ValueError where two names are the same to a person."""
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            raise ValueError(f"lists '{name}' twice, expected each name once; rename one")
        seen.add(name.casefold())
