"""The door of command lines: what is given there passes one of these types before it is a path, a name or a message."""

import argparse
import os
import re
import signal
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from engine.redaction import readable, redacted, redacted_address
from engine.settings.address import Address, database_address, file_path
from engine.stopping import heeded_signals

USAGE_ERROR = 2
_WHOLE = re.compile(r"[1-9][0-9]{0,3}")
_OPTION = re.compile(r"^--?[\w-]+=")

Checked = TypeVar("Checked")


class Arguments(argparse.ArgumentParser):
    """A parser that says in one sentence what was wrong, and does not repeat a secret in it."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As its parent's; remembers what was given, since messages are made of it."""
        self._given = list(sys.argv[1:] if args is None else args)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Ends the program with a sentence."""
        for text in self._given:
            value = _OPTION.sub("", text)
            seen = redacted_address(value)
            if seen != value:
                message = message.replace(repr(value), repr(seen)).replace(value, seen)
        self.exit(USAGE_ERROR, f"{self.prog}: {redacted(readable(message))}; see '{self.prog} --help'\n")


def file_argument(text: str) -> Path:
    """A type for what has to be a file or folder of this computer."""
    return _checked(file_path, text)


def database_argument(text: str) -> Address:
    """A type for the file or URL of a log."""
    return _checked(database_address, text)


def shape_argument(text: str) -> Fraction:
    """A type for the shape of pictures, width:height, as width over height."""
    if not re.fullmatch(r"[1-9]\d{0,2}:[1-9]\d{0,2}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no width:height such as 16:9")
    return Fraction(text.replace(":", "/"))


def positive_argument(text: str) -> float:
    """A type for a number above 0."""
    value = number_argument(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


def seconds_argument(text: str) -> float:
    """A type for 0 or more seconds."""
    value = number_argument(text)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not 0 or more seconds")
    return value


def number_argument(text: str) -> float:
    """A type for any number."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from None


def grid_argument(text: str) -> tuple[int, int]:
    """A type for the rows and columns of tiles."""
    from engine.picture.tiling import MOST_TILES

    rows, cross, columns = text.lower().partition("x")
    whole = bool(cross and _WHOLE.fullmatch(rows) and _WHOLE.fullmatch(columns))
    if not (whole and int(rows) * int(columns) <= MOST_TILES):
        limit = f"at most {MOST_TILES} tiles"
        raise argparse.ArgumentTypeError(f"{text!r} is no grid such as 2x3 (rows x columns, {limit})")
    return int(rows), int(columns)


def say_if_ignored() -> None:
    """Says where Ctrl-C does nothing, and what does."""
    if signal.SIGINT not in heeded_signals():
        ends = f"'kill {os.getpid()}' ends it"
        sys.stderr.write(f"deepcount-engine: Ctrl-C is ignored here, as whoever started this wished; {ends}\n")


def _checked(check: Callable[[str], Checked], text: str) -> Checked:
    try:
        return check(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
