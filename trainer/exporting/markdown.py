"""Markdown that people read as it is, too: lines that fit a screen, commands that can be copied."""

import re
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from shlex import quote

LONGEST_LINE = 120
FENCE = "```"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns a table; all columns but the first are aligned to the right."""
    lines = [header, ["---", *("---:" for _ in header[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def command(words: str, options: Iterable[str] = ()) -> str:
    """Returns a shell command; its options go to lines of their own where one line would be too long."""
    options = list(options)
    line = " ".join((words, *options))
    return line if len(line) <= LONGEST_LINE else " \\\n    ".join((words, *options))


def data_options(folders: Iterable[Path]) -> list[str]:
    """Returns data sets as options of a command, without the places of one machine."""
    return [f"--data {quote('/'.join(folder.resolve().parts[-2:]))}" for folder in folders]


def wrapped(text: str) -> str:
    """Breaks paragraphs and points of lists that are too long; tables, pictures and code stay as they are."""
    lines, is_code = list[str](), False
    for line in text.split("\n"):
        is_code ^= line.startswith(FENCE)
        lines += [line] if is_code or line.startswith(("|", "!", "#", FENCE)) else _broken(line)
    return "\n".join(lines)


def _broken(line: str) -> list[str]:
    bullet = re.match(r"\* ", line)
    inward = "  " if bullet else ""
    broken = textwrap.wrap(line, LONGEST_LINE, subsequent_indent=inward, break_long_words=False, break_on_hyphens=False)
    return broken or [""]
