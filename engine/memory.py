"""Memory that was freed goes back to the system, where the C library is GNU's.

Pictures come and go in many threads, and glibc keeps what each has freed for itself: a process that runs for weeks
would grow by some 50 MB an hour though it holds nothing more than at the start.
"""

import ctypes
from collections.abc import Callable

INTERVAL_S = 60.0


class FreedMemory:
    """Gives freed memory back once a minute; to be asked by a thread that nobody waits for, as it takes some ms."""

    def __init__(self) -> None:
        self._due_s = 0.0
        self._trim = _trimming()

    def give_back(self, now_s: float) -> bool:
        """Gives it back if a minute has passed since the last time; says whether it did.

        Args:
            now_s: on the monotonic clock.
        """
        if self._trim is None or now_s < self._due_s:
            return False
        self._due_s = now_s + INTERVAL_S
        self._trim(0)
        return True


def _trimming() -> Callable[[int], int] | None:
    """Returns glibc's malloc_trim; None where the C library is another, or on Windows."""
    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):
        return None
    return found
