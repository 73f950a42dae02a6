"""Work beside the window: what comes of it arrives, whatever becomes of those who asked for it."""

import gc
from threading import Event

import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QApplication

from app.garbage import collected_in_this_thread
from app.running.task import Task, finish_tasks

END_S = 20.0


def begun(work, told) -> Task:
    """Returns a task that is held by what listens to it, and that nobody else need hold."""
    task = Task("work of a test", work)
    task.done.connect(lambda result: told.append((result, task.is_running)))
    task.start()
    return task


def test_what_is_on_its_way_is_told_though_nobody_holds_its_task_any_more(qapp):
    told = []
    for number in range(20):
        begun(lambda number=number: number, told).finish(END_S)
    gc.collect()
    assert told == []
    QApplication.processEvents()
    assert told == [(number, False) for number in range(20)]


def test_a_task_that_was_let_go_of_says_nothing_though_it_was_on_its_way(qapp):
    told = []
    task, other = begun(lambda: "first", told), begun(lambda: "second", told)
    for each in (task, other):
        each.finish(END_S)
    task.drop()
    QApplication.processEvents()
    assert told == [("second", False)]


def test_tasks_that_nobody_holds_or_that_were_let_go_of_are_waited_for_and_one_that_hangs_is_not_for_long(qapp, caplog):
    go_on, told = Event(), []
    begun(lambda: go_on.wait(END_S), told)
    dropped = begun(lambda: go_on.wait(END_S), told)
    dropped.drop()
    finish_tasks(0.0)
    assert dropped.is_running
    assert caplog.messages == ["work of a test is still busy and is left to itself"] * 2
    go_on.set()
    finish_tasks(END_S)
    assert not dropped.is_running
    QApplication.processEvents()
    assert told == [(True, False)]


@pytest.mark.parametrize("is_on", [True, False], ids=["on", "off"])
def test_the_collector_is_left_as_it_was(qapp, is_on):
    was_on = gc.isenabled()
    try:
        (gc.enable if is_on else gc.disable)()
        with collected_in_this_thread(QObject()):
            assert not gc.isenabled()
        assert gc.isenabled() is is_on
    finally:
        (gc.enable if was_on else gc.disable)()
