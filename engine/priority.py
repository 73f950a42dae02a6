"""Work that lets other threads go first: whoever decodes, shows or listens is due at once, who counts may take longer.

Threads inherit their priority from the one that starts them, and only an administrator may raise it again. So what
starts such threads is done in one that ends with it. Only Linux gives single threads a priority of their own.
"""

import os
import sys
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread, get_native_id
from typing import TypeVar

T = TypeVar("T")

STEPS = 5  # of Linux's 19; where both want a core, a thread gets a third of the time of one of usual priority
FEW_STEPS = 2  # for who decodes what is waited for: before whoever counts, behind whoever draws the window


def give_way(steps: int = STEPS) -> None:
    """Has the calling thread, and those that it starts from now on, give way to others for as long as they live.

    It is also said to be one that computes: when it wakes, it does not push aside who is at a core.
    """
    if sys.platform == "linux":
        thread = get_native_id()
        os.sched_setscheduler(thread, os.SCHED_BATCH, os.sched_param(0))
        os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + steps)


def behind_others(start: Callable[[], T]) -> T:
    """Returns what `start` does; threads that it starts give way to others for as long as they live."""
    if sys.platform != "linux":
        return start()
    result: Future[T] = Future()

    def begin() -> None:
        try:
            give_way()
            result.set_result(start())
        except BaseException as error:  # it is raised where the result is waited for
            result.set_exception(error)

    Thread(target=begin, name="start of what gives way", daemon=True).start()  # a process does not wait for its end
    return result.result()
