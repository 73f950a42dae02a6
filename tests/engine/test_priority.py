"""What counts gives way to what decodes and shows."""

import os
import sys
from threading import Thread, get_native_id

import pytest

from engine.priority import STEPS, behind_others


def niceness():
    return os.getpriority(os.PRIO_PROCESS, get_native_id())


def of_a_thread():
    """Starts a thread and returns its niceness."""
    found = []
    thread = Thread(target=lambda: found.append(niceness()))
    thread.start()
    thread.join()
    return found[0]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives single threads a priority")
def test_threads_that_are_started_give_way_and_the_caller_does_not():
    before = niceness()
    assert behind_others(of_a_thread) == before + STEPS
    assert niceness() == of_a_thread() == before


def test_what_goes_wrong_is_told_to_the_caller():
    with pytest.raises(ZeroDivisionError):
        behind_others(lambda: 1 / 0)
