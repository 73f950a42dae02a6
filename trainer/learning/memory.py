"""Memory that PyTorch frees on the CPU stays with the process, where the C library is GNU's.

By default it goes back to the system after every layer, which then fills the same pages with zeros again: of a training
step at quarter width that was a fifth of its processor time.
"""

import ctypes

TRIM_THRESHOLD, MMAP_MAX = -1, -4  # glibc's names in malloc.h, without their M_
NEVER, NONE = -1, 0


def keep_freed_memory() -> bool:
    """Keeps freed memory for the next allocation, for the rest of the process; says whether that could be done."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):  # another C library, or Windows
        return False
    return bool(mallopt(MMAP_MAX, NONE) and mallopt(TRIM_THRESHOLD, NEVER))
