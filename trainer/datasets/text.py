"""Annotations that are text: JSON, and the beginning of other files."""

import json
from pathlib import Path
from typing import Any

from trainer.errors import TrainerError
from trainer.files import reason


def text_of(file: Path) -> str:
    """Returns a file's text, without the mark that some editors put first; empty if it cannot be read."""
    try:
        return file.read_text("utf-8-sig")
    except (OSError, ValueError):
        return ""


def json_of(file: Path) -> Any:
    """Returns what a JSON file holds; a missing one is for the caller, a damaged one raises TrainerError."""
    try:
        return json.loads(file.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise
    except (OSError, ValueError, RecursionError) as error:
        raise TrainerError(f"annotation {file} is no JSON, or not a whole one: {reason(error)}") from error
