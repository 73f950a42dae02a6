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
