"""What all tests stand on."""

import signal
from collections.abc import Iterator

import pytest

import engine  # noqa: F401  # before any test imports a runtime, which would report its use to its maker

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it, and so would ours
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # likewise those of nohup


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Iterator[None]:
    """Lets a report go from one process to another whatever was logged, such as half a character in a file's name."""
    return _encodable((yield))


def _encodable(value):
    match value:
        case str():
            return value.encode(errors="backslashreplace").decode()
        case dict():
            return {key: _encodable(item) for key, item in value.items()}
        case list() | tuple():
            return type(value)(map(_encodable, value))
    return value
