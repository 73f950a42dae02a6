"""The door of command lines: what is given there passes one of these types before it is a path, a name or a message."""

import argparse
import re
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from engine.redaction import readable, redacted, redacted_address
from engine.settings.address import Address, database_address, file_path

USAGE_ERROR = 2
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


def _checked(check: Callable[[str], Checked], text: str) -> Checked:
    try:
        return check(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
