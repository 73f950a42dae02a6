"""What counts gives way to what decodes and shows."""

import os
import sys
from threading import Thread, get_native_id
from threading import enumerate as enumerate_threads

import pytest

from engine.pipeline import Pipeline
from engine.priority import STEPS, behind_others, give_way
from logged import waited_for


def niceness():
    return os.getpriority(os.PRIO_PROCESS, get_native_id())


def policy():
    return os.sched_getscheduler(get_native_id())


def of_a_thread(ask=niceness):
    """Returns what a thread of its own finds, by default its niceness."""
    found = []
    thread = Thread(target=lambda: found.append(ask()))
    thread.start()
    thread.join()
    return found[0]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives single threads a priority")
def test_threads_that_are_started_give_way_and_the_caller_does_not():
    before = niceness()
    assert behind_others(of_a_thread) == before + STEPS
    assert niceness() == of_a_thread() == before


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux knows threads that compute")
def test_a_thread_that_gives_way_is_one_that_computes_and_so_are_those_that_it_starts():
    def found():
        give_way()
        return policy(), of_a_thread(policy), niceness()

    before = niceness()
    assert of_a_thread(found) == (os.SCHED_BATCH, os.SCHED_BATCH, before + STEPS)
    assert (policy(), niceness()) == (os.SCHED_OTHER, before)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives single threads a priority")
def test_counting_gives_way_to_cameras_that_are_watched(model):
    before = niceness()
    with Pipeline(model, lasting=True):
        (counting,) = (thread.native_id for thread in enumerate_threads() if thread.name.startswith("inference of"))
        assert waited_for(lambda: os.getpriority(os.PRIO_PROCESS, counting) == before + STEPS)
    assert niceness() == before


def test_what_goes_wrong_is_told_to_the_caller():
    with pytest.raises(ZeroDivisionError):
        behind_others(lambda: 1 / 0)
