import threading

import pytest

from engine.inference.lanes import Lanes


def test_lanes_work_side_by_side_and_keep_the_order():
    meeting = threading.Barrier(2, timeout=10)

    def met(number):
        meeting.wait()  # nobody passes alone
        return number, threading.current_thread().name

    found = Lanes(2).each(met, range(6))
    assert [number for number, _ in found] == list(range(6))
    assert len({name for _, name in found}) == 2


def test_one_item_is_worked_on_where_it_was_asked_for():
    assert Lanes(4).each(lambda item: threading.current_thread(), ["tile"]) == [threading.current_thread()]


def test_what_fails_is_raised_and_the_lanes_go_on_with_what_comes_next():
    lanes, begun = Lanes(3), []

    def failing(number):
        begun.append(number)
        raise ValueError(number)

    with pytest.raises(ValueError, match=r"\d"):
        lanes.each(failing, range(100))
    assert len(begun) <= 3
    assert lanes.each(str, range(4)) == ["0", "1", "2", "3"]


def test_lanes_end_with_who_made_them():
    lanes = Lanes(2)
    meeting = threading.Barrier(2, timeout=10)
    threads = lanes.each(lambda _: (meeting.wait(), threading.current_thread())[1], range(2))
    (helper,) = [thread for thread in threads if thread is not threading.current_thread()]
    del lanes
    helper.join(10)
    assert not helper.is_alive()


def test_what_is_begun_is_worked_on_behind_what_was_begun_before():
    lanes, order, go_on = Lanes(1), [], threading.Event()

    def worked(item):
        go_on.wait(10)
        order.append(item)
        return item

    first = lanes.begin(worked, ["a", "b"], lambda: None)
    second = lanes.begin(worked, ["c"], lambda: None)
    assert (second.waiting, second.is_done, first.is_done) == (1, False, False)
    go_on.set()
    assert second.found() == ["c"]
    assert first.found() == ["a", "b"]
    assert order == ["a", "b", "c"]
    assert (first.waiting, first.is_done, second.is_done) == (0, True, True)


def test_what_is_begun_is_worked_on_beside_what_was_begun_before_where_there_is_a_lane_left():
    lanes, meeting = Lanes(2), threading.Barrier(2, timeout=10)
    begun = [lanes.begin(lambda item: meeting.wait() < 2, [item], lambda: None) for item in "ab"]
    assert [each.found() for each in begun] == [[True], [True]]  # nobody passes alone


def test_every_step_is_told_to_who_began():
    steps = threading.Semaphore(0)
    begun = Lanes(2).begin(str, range(3), steps.release)
    for _ in range(6):  # each item begins and ends
        assert steps.acquire(timeout=10)
    assert begun.is_done
    assert not steps.acquire(blocking=False)


def test_what_was_begun_and_fails_is_done_and_raises_where_it_is_asked_for():
    lanes = Lanes(2)
    failing = lanes.begin(int, ["1", "x", *["2"] * 50], lambda: None)
    failing.wait()
    assert (failing.is_done, failing.waiting) == (True, 0)
    with pytest.raises(ValueError, match="invalid literal"):
        failing.found()
    assert lanes.begin(int, ["3"], lambda: None).found() == [3]
