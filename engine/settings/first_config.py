"""The configuration that is made where there is none yet: a log, no camera, and an example in comments."""

import json
from pathlib import Path

from engine.errors import ConfigError, OutputError
from engine.files import written_whole
from engine.settings.example import EXAMPLE


def first_config(database: Path) -> str:
    """Returns its text."""
    log = f"database = {json.dumps(str(database))}"
    lines = (log if "database =" in line else _comment(line) for line in EXAMPLE.splitlines())
    return "\n".join(lines) + "\n"


def made_config(path: Path, database: Path) -> bool:
    """Makes a configuration where there is none; says whether it did.

    Raises:
        ConfigError: it cannot be written.
    """
    if path.exists():
        return False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as partial:
            partial.write_text(first_config(database), encoding="utf-8")
    except (OSError, OutputError) as error:
        raise ConfigError(
            f"{path} cannot be made ({error.__class__.__name__}), expected a folder for the configuration; "
            "give another with --config"
        ) from error
    return True


def _comment(line: str) -> str:
    return line if not line or line.startswith("#") else f"# {line}"
