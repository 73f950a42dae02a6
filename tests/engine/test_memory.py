import ctypes
import sys

import numpy as np
import psutil
import pytest

from engine.memory import INTERVAL_S, FreedMemory

MEGABYTE = 1 << 20


def test_freed_memory_is_given_back_once_a_minute():
    memory = FreedMemory()
    given = [memory.give_back(now) for now in (100.0, 101.0, 100.0 + INTERVAL_S, 101.0 + INTERVAL_S)]
    assert given in ([True, False, True, False], [False] * 4)  # the latter where the C library is not GNU's


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim") if sys.platform == "linux" else True, reason="glibc")
def test_what_is_as_large_as_a_picture_goes_back_as_soon_as_it_is_freed():
    FreedMemory()
    np.full(4 * MEGABYTE, 1, np.uint8)  # by which glibc would learn to keep such blocks
    pictures = [(np.full(MEGABYTE, 1, np.uint8), np.full(1000, 1, np.uint8)) for _ in range(100)]
    full = psutil.Process().memory_info().rss
    kept = [small for _, small in pictures]
    del pictures
    assert full - psutil.Process().memory_info().rss > 50 * MEGABYTE  # some lay in holes that were there before
    assert len(kept) == 100
