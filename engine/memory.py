"""Memory that was freed goes back to the system, where the C library is GNU's.

Pictures come and go in many threads, and glibc keeps what each has freed for itself: a process that runs for weeks
would grow by some 50 MB an hour though it holds nothing more than at the start. So what is as large as a picture goes
back as soon as it is freed; by itself glibc gives that up for good once the first large block was freed, after which
decoders that were closed cost some 70 MB each.
"""

import ctypes
from collections.abc import Callable

INTERVAL_S = 60.0
LARGE_BYTES = 192 << 10
MMAP_THRESHOLD = -3  # glibc's M_MMAP_THRESHOLD


class FreedMemory:
    """Gives freed memory back, what is large at once and the rest once a minute.

    To be asked by a thread that nobody waits for, as that takes some ms.
    """

    def __init__(self) -> None:
        """Has what is large go back from now on, in the whole process."""
        self._due_s = 0.0
        self._trim = _of_glibc("malloc_trim")
        settle = _of_glibc("mallopt")
        if settle is not None:
            settle(MMAP_THRESHOLD, LARGE_BYTES)

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


def _of_glibc(name: str) -> Callable[..., int] | None:
    """Returns a function of glibc; None where the C library is another, or on Windows."""
    try:
        library = ctypes.CDLL(None)
        found: Callable[..., int] = getattr(library, name)
        library.malloc_trim  # noqa: B018  # which others that have mallopt too do not know
    except (OSError, AttributeError, TypeError):
        return None
    return found
