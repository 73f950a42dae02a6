"""Annotations that are text, as editors and spreadsheets of all kinds write it."""

import json
from pathlib import Path
from typing import Any

from trainer.errors import TrainerError
from trainer.files import reason

UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
ENCODINGS = ("utf-8-sig", "cp1252")
"""Those tried; the second is what spreadsheets of Western Europe write."""


def decoded(file: Path) -> str:
    """Returns a text without the mark that some editors put first; raises OSError, or ValueError if it is none."""
    content = file.read_bytes()
    for encoding in ("utf-16",) if content.startswith(UTF_16_MARKS) else ENCODINGS:
        try:
            return content.decode(encoding)
        except ValueError:
            continue
    raise ValueError("it is neither UTF-8 nor UTF-16")


def text_of(file: Path) -> str:
    """Returns a file's text; empty if it cannot be read."""
    try:
        return decoded(file)
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
