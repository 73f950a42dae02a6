import ctypes
import subprocess
import sys

import pytest

from engine.memory import INTERVAL_S, FreedMemory

MEGABYTE = 1 << 20


def test_freed_memory_is_given_back_once_a_minute():
    memory = FreedMemory()
    given = [memory.give_back(now) for now in (100.0, 101.0, 100.0 + INTERVAL_S, 101.0 + INTERVAL_S)]
    assert given in ([True, False, True, False], [False] * 4)  # the latter where the C library is not GNU's


ALLOCATING = """
import numpy as np, psutil
from engine.memory import FreedMemory
FreedMemory()
np.full(4 << 20, 1, np.uint8)  # by which glibc would learn to keep such blocks
pictures = [(np.full(1 << 20, 1, np.uint8), np.full(1000, 1, np.uint8)) for _ in range(100)]
full = psutil.Process().memory_info().rss
kept = [small for _, small in pictures]
del pictures
print(full - psutil.Process().memory_info().rss)
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim") if sys.platform == "linux" else True, reason="glibc")
def test_what_is_as_large_as_a_picture_goes_back_as_soon_as_it_is_freed():
    """In a process of its own, whose heap has no holes from before."""
    said = subprocess.run([sys.executable, "-c", ALLOCATING], check=True, capture_output=True, text=True).stdout
    assert int(said) > 90 * MEGABYTE
