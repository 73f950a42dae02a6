"""Which signals another process handles, as Linux knows it."""

import re
import signal
from pathlib import Path


def heeds(pid: int, number: int = signal.SIGTERM) -> bool:
    """Whether it has a handler for a signal by now."""
    return bool(_mask(pid, "SigCgt") >> (number - 1) & 1)


def has_taken(pid: int, number: int) -> bool:
    """Whether a signal that was sent waits no longer, so that the next of its kind is not merged with it."""
    return not (_mask(pid, "SigPnd") | _mask(pid, "ShdPnd")) >> (number - 1) & 1


def _mask(pid: int, name: str) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(rf"^{name}:\s*(\w+)$", status, re.MULTILINE)
    return int(found[1], 16) if found else 0
