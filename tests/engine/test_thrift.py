"""What is decoded of a stream, as tables of packets in and what is left out of each."""

import pytest

from engine.sources.thrift import ALL_BUT_KEYS, EVERYTHING, NOTHING, UNREFERENCED, Thrift


def skips(keys, fps=10.0, cost_s=0.01, **given):
    """Returns what is left out of each packet; `keys` says of each whether it is a key frame."""
    thrift = Thrift(**{"is_watched": lambda: False} | given)
    found = []
    for number, is_key in enumerate(keys):
        skip = thrift.skip(is_key=is_key, now_s=number / fps)
        thrift.decoded(int(skip == NOTHING or (is_key and skip == ALL_BUT_KEYS)), cost_s)
        found.append(skip)
    return found, thrift


def groups(of, number=12):
    return ([True] + [False] * (of - 1)) * number


def test_a_stream_that_is_watched_or_costs_nothing_is_decoded_whole():
    assert set(skips(groups(5), is_watched=lambda: True, is_wanted=lambda now_s: False)[0]) == {NOTHING}
    assert set(skips(groups(5), cost_s=0.0001, is_wanted=lambda now_s: False)[0]) == {NOTHING}


def test_unreferenced_pictures_are_left_out_while_none_is_wanted():
    found, thrift = skips(groups(50), is_wanted=lambda now_s: now_s % 1 < 0.35)
    assert found[0] == NOTHING  # nobody knows what it costs
    assert all(skip == (NOTHING if number % 10 < 4 else UNREFERENCED) for number, skip in enumerate(found) if number)
    assert thrift.spared == found.count(UNREFERENCED)


@pytest.mark.parametrize(
    ("of", "interval_s", "waits"),
    [
        pytest.param(10, 1.0, True, id="a group a count"),
        pytest.param(10, 3.0, True, id="several"),
        pytest.param(10, 0.5, False, id="counted more often"),
        pytest.param(20, 2.0, True, id="every two seconds"),
        pytest.param(30, 5.0, False, id="too long without a picture"),
        pytest.param(2, 0.0, False, id="all that come"),
    ],
)
def test_key_frames_are_waited_for_where_they_come_as_often_as_pictures_are_wanted(of, interval_s, waits):
    found, _ = skips(groups(of), interval_s=interval_s)
    assert (found[-1] == ALL_BUT_KEYS) is waits


@pytest.mark.parametrize(
    ("of", "turn_s", "cost_s", "waits"),
    [
        pytest.param(10, 0.9, 0.01, False, id="the model comes more often"),
        pytest.param(10, 1.1, 0.01, True, id="it comes as often"),
        pytest.param(20, 4.0, 0.01, True, id="it seldom comes"),
        pytest.param(30, 4.0, 0.01, False, id="too long without a picture"),
        pytest.param(10, 4.0, 0.003, False, id="cheap to decode"),
    ],
)
def test_key_frames_are_waited_for_where_the_model_has_no_time_for_more(of, turn_s, cost_s, waits):
    found, thrift = skips(groups(of), turn_s=lambda: turn_s, interval_s=0.2, cost_s=cost_s)
    assert (found[-1] == ALL_BUT_KEYS) is waits
    assert thrift.waits_s == (pytest.approx(of / 10) if waits else 0.0)
    assert not thrift.waits_for_keys  # more were wanted: what is left out is dropped


def test_key_frames_are_as_far_apart_as_their_stream_says_however_late_they_are_read():
    thrift = Thrift(is_watched=lambda: False, turn_s=lambda: 9.0, interval_s=0.2)
    for number in range(60):
        skip = thrift.skip(is_key=number % 10 == 0, now_s=number / 2, own_s=100 + number / 10)
        thrift.decoded(1, 0.4)
    assert skip == ALL_BUT_KEYS
    assert thrift.waits_s == pytest.approx(1.0)
    assert thrift.skip(is_key=True, now_s=31.0, own_s=0.0) == NOTHING  # its clock was set: nobody knows how far


def test_waiting_for_key_frames_goes_on_while_the_model_comes_a_little_more_often():
    turn_s = [1.2]
    thrift = Thrift(is_watched=lambda: False, turn_s=lambda: turn_s[0], interval_s=0.2)
    found = []
    for number in range(100):
        turn_s[0] = (1.2, 0.8, 0.6)[number // 40]
        found.append(thrift.skip(is_key=number % 10 == 0, now_s=number / 10))
        thrift.decoded(1, 0.01)
    assert found[40:80] == [ALL_BUT_KEYS] * 40
    assert found[80:] == [NOTHING] * 20


def test_key_frames_are_waited_for_where_the_next_comes_before_this_one_is_old():
    found, _ = skips(groups(2), is_wanted=lambda now_s: now_s < 1.2)
    assert found[:12] == [NOTHING] * 12
    assert found[12:] == [ALL_BUT_KEYS] * 12


def test_key_frames_suffice_however_rare_they_are_where_packets_alone_are_wanted():
    found, thrift = skips(groups(50), keys_suffice=True)
    assert found[1:] == [ALL_BUT_KEYS] * (len(found) - 1)
    assert thrift.spared == len(found) - 12
    assert set(skips(groups(50), is_watched=lambda: True, keys_suffice=True)[0]) == {NOTHING}
    found, _ = skips([True] * 40, keys_suffice=True, is_wanted=lambda now_s: round(now_s * 10) % 4 == 0)
    assert found[8:] == [NOTHING, EVERYTHING, EVERYTHING, EVERYTHING] * 8


def test_what_is_built_on_pictures_that_were_left_out_waits_for_the_next_key_frame():
    watched = [False]
    thrift = Thrift(is_watched=lambda: watched[0], interval_s=1.0)
    found = []
    for number in range(70):
        watched[0] = number >= 54
        found.append(thrift.skip(is_key=number % 10 == 0, now_s=number / 10))
        thrift.decoded(1, 0.01)
    assert found[50:60] == [ALL_BUT_KEYS] * 10
    assert found[60:] == [NOTHING] * 10


def test_of_key_frames_alone_those_are_decoded_that_are_wanted():
    found, _ = skips([True] * 40, is_wanted=lambda now_s: round(now_s * 10) % 4 == 0)
    assert found[8:] == [NOTHING, EVERYTHING, EVERYTHING, EVERYTHING] * 8


def test_a_new_connection_begins_with_all_until_its_first_key_frame():
    _, thrift = skips(groups(10), interval_s=1.0)
    thrift.begin()
    assert thrift.skip(is_key=False, now_s=100.0) == NOTHING
    assert thrift.skip(is_key=True, now_s=100.1) == ALL_BUT_KEYS  # as before


def test_a_connection_that_is_lost_before_its_first_key_frame_forgets_nothing():
    _, thrift = skips(groups(10), interval_s=1.0)
    for now_s in (100.0, 101.0):
        thrift.begin()
        thrift.skip(is_key=False, now_s=now_s)
    assert thrift.skip(is_key=True, now_s=101.1) == ALL_BUT_KEYS


def test_a_new_connection_with_rarer_key_frames_is_decoded_whole_from_the_second_on():
    _, thrift = skips(groups(10), interval_s=1.0)
    thrift.begin()
    found = [thrift.skip(is_key=number % 40 == 0, now_s=100 + number / 10) for number in range(80)]
    assert found[1:] == [ALL_BUT_KEYS] * 39 + [NOTHING] * 40
