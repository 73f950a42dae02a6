"""A rule steps through a series: sequences in, events out."""

import json
from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.machine import GAP_S, Kind, Point, RuleState, edited, step
from engine.rules.rule import Measure, Rule, Severity, lost_rule
from engine.rules.rulebook import Placed, Rulebook, Second
from engine.rules.schedule import Schedule, window
from engine.rules.series import Change, Hold, Subject, total

BUSY = Rule("busy", 25.0, for_s=3)
LOST = lost_rule("lost", for_s=3)
NONE = None


def points(text, start=0):
    """Returns points a second apart: numbers, or ? where the value is not known; +N leaves N seconds out."""
    second, found = start, []
    for word in text.split():
        if word[0] in "+@":
            second = second + int(word) if word[0] == "+" else int(word[1:])
            continue
        found.append(Point(second, None if word == "?" else float(word)))
        second += 1
    return found


def happened(rule, series, state=None):
    """Returns what happened as (kind, second), and the state at the end."""
    state, events = state or RuleState(), []
    for point in series:
        state, more = step(state, rule, point)
        events += [(event.kind.value, event.second) for event in more]
    return events, state


WORSENING = Rule("busy", 25.0, worse=Severity.CRITICAL, worse_after_s=3)


@pytest.mark.parametrize(
    ("rule", "series", "events"),
    [
        pytest.param(BUSY, "26 26 25 26 26 25", [], id="flicker at the threshold"),
        pytest.param(BUSY, "26 26 26 26", [("raised", 2)], id="once per breach"),
        pytest.param(BUSY, "26 26 26 23 23 23 22.5 22.5 22.5", [("raised", 2), ("cleared", 8)], id="hysteresis"),
        pytest.param(BUSY, "30 30 30 20 20 23 20 20 20", [("raised", 2), ("cleared", 8)], id="dwell of clearing"),
        pytest.param(BUSY, "26 26 ? ? ? ? ? 26", [("raised", 7)], id="short gap neither counts nor resets"),
        pytest.param(BUSY, "26 26 ? ? ? ? ? ? 26 26 26", [("raised", 10)], id="long gap resets"),
        pytest.param(BUSY, "26 26 +5 26", [("raised", 7)], id="short gap of seconds left out"),
        pytest.param(BUSY, "26 26 +6 26 26 26", [("raised", 10)], id="long gap of seconds left out"),
        pytest.param(BUSY, "26 26 nan inf 26", [("raised", 4)], id="not finite is not known"),
        pytest.param(BUSY, "26 26 26 +500 20 20 20", [("raised", 2), ("cleared", 505)], id="lost in mid-alert"),
        pytest.param(BUSY, "26 26 26 20 20 +6 20 20 20", [("raised", 2), ("cleared", 13)], id="long gap in clearing"),
        pytest.param(BUSY, "26 26 @3600 26 26 26", [("raised", 3602)], id="clock jumps forward"),
        pytest.param(BUSY, "@3600 26 26 @0 26", [("raised", 0)], id="clock jumps back"),
        pytest.param(BUSY, "@3600 26 26 26 @0 26 20 20 20", [("raised", 3602), ("cleared", 3)], id="back in mid-alert"),
        pytest.param(Rule("any", 0.0), "0 1 0.5 0", [("raised", 1), ("cleared", 3)], id="anybody at all"),
        pytest.param(
            Rule("few", 10.0, is_above=False, for_s=2), "9 9 10.9 11 11", [("raised", 1), ("cleared", 4)], id="below"
        ),
        pytest.param(
            Rule("busy", 25.0, cooldown_s=4),
            "26 20 26 26 26 26 26",
            [("raised", 0), ("cleared", 1), ("raised", 5)],
            id="cooldown, after which a breach that lasts is raised",
        ),
        pytest.param(
            WORSENING, "26 26 26 ? 26 26 20", [("raised", 0), ("worsened", 4), ("cleared", 6)], id="worse, once"
        ),
        pytest.param(LOST, "0 1 1 1 1 0 0 0", [("raised", 3), ("cleared", 7)], id="camera lost"),
        pytest.param(LOST, "0 1 1 +99 1 1 1", [("raised", 104)], id="nobody watched, so nobody knows of a loss"),
        pytest.param(Rule("busy", 25.0, for_s=2.5), "26 26 26", [("raised", 2)], id="time that is no whole seconds"),
    ],
)
def test_events_of_a_series(rule, series, events):
    assert happened(rule, points(series))[0] == events


def test_an_alert_goes_on_after_a_restart_and_is_not_raised_again():
    series = points("26 27 26 28 +20 26 26 20 20 20")
    for cut in range(len(series)):
        before, state = happened(BUSY, series[:cut])
        stored = json.loads(json.dumps(state.as_dict))
        assert RuleState.of(stored) == state
        after, _ = happened(BUSY, series[cut:], RuleState.of(stored))
        assert before + after == [("raised", 2), ("cleared", 28)]


def test_a_peak_is_the_furthest_value_since_the_breach_began():
    _, state = happened(BUSY, points("26 31 26 28"))
    assert (state.breach.began, state.breach.peak, state.breach.peak_second) == (0, 31.0, 1)
    _, state = happened(Rule("few", 10.0, is_above=False), points("9 4 7"))
    assert (state.breach.peak, state.breach.peak_second) == (4.0, 1)


@pytest.mark.parametrize(
    ("after", "kinds", "goes_on"),
    [
        pytest.param(Rule("busy", 30.0, for_s=3), [], True, id="other level"),
        pytest.param(Rule("busy", 25.0, is_above=False), ["closed"], False, id="other side"),
        pytest.param(Rule("busy", 25.0, measure=Measure.SHARE), ["closed"], False, id="other series"),
        pytest.param(NONE, ["closed"], False, id="taken out"),
    ],
)
def test_a_rule_that_is_edited_while_it_fires(after, kinds, goes_on):
    _, state = happened(BUSY, points("26 26 26"))
    state, events = edited(state, BUSY, after, 3)
    assert [event.kind.value for event in events] == kinds
    assert state.is_open == goes_on
    if goes_on:
        assert happened(after, points("26 26 26", 3), state)[0] == [("cleared", 5)]  # by its own clear level, 27


def test_an_edit_begins_what_is_pending_anew():
    _, state = happened(BUSY, points("26 26"))
    state, _ = edited(state, BUSY, Rule("busy", 25.5, for_s=3), 2)
    assert happened(Rule("busy", 25.5, for_s=3), points("26 26 26", 2), state)[0] == [("raised", 4)]


def test_a_suspended_rule_raises_nothing_until_its_moment_and_clears_meanwhile():
    assert happened(BUSY, points("26 " * 8), RuleState(suspended_until=5))[0] == [("raised", 7)]
    _, state = happened(WORSENING, points("26"))
    state = RuleState.of(state.as_dict | {"suspended_until": 100})
    assert happened(WORSENING, points("26 26 26 26 26 20", 1), state)[0] == [("cleared", 6)]


def test_outside_of_its_schedule_a_rule_raises_nothing_and_clears():
    daily = Schedule((window("daily 00:01-00:02"),), "UTC")
    rule = Rule("busy", 25.0, for_s=3, schedule=daily)
    assert happened(rule, points("26 " * 150))[0] == [("raised", 62)]
    assert happened(rule, points("26 " * 121 + "20 20 20"))[0] == [("raised", 62), ("cleared", 123)]


VALUES = st.one_of(st.none(), st.sampled_from([0.0, 20.0, 22.5, 24.0, 25.0, 26.0, 40.0, float("nan")]))
STEPS = st.lists(st.tuples(st.sampled_from([1, 1, 1, 1, 2, 6, 7, 90, 0, -1, -3600]), VALUES), max_size=80)
RULES = st.builds(
    Rule,
    st.just("r"),
    st.just(25.0),
    is_above=st.booleans(),
    for_s=st.sampled_from([0.0, 1.0, 3.0]),
    clear_for_s=st.sampled_from([None, 0.0, 2.0]),
    cooldown_s=st.sampled_from([0.0, 5.0]),
    worse=st.sampled_from([None, Severity.CRITICAL]),
    worse_after_s=st.just(2.0),
)


def series_of(steps):
    second, series = 10_000, []
    for more, value in steps:
        second += more
        series.append(Point(second, value))
    return series


@given(RULES, STEPS)
def test_alerts_of_a_rule_never_overlap_and_none_clears_that_was_not_raised(rule, steps):
    state, is_open = RuleState(), False
    for point in series_of(steps):
        state, events = step(state, rule, point)
        for event in events:
            assert is_open == (event.kind is not Kind.RAISED)
            is_open = event.kind is not Kind.CLEARED
        assert state.is_open == is_open


@given(RULES, STEPS, st.sets(st.integers(0, 80)))
def test_the_result_is_the_same_whatever_the_batches_and_restarts_between(rule, steps, cuts):
    series = series_of(steps)
    whole, end = happened(rule, series)
    parts, state = [], RuleState()
    edges = [0, *sorted(cut for cut in cuts if cut < len(series)), len(series)]
    for begin, stop in pairwise(edges):
        more, state = happened(rule, series[begin:stop], RuleState.of(json.loads(json.dumps(state.as_dict))))
        parts += more
    assert (parts, state) == (whole, end)


@given(RULES, st.lists(st.tuples(st.sampled_from([1, 1, 2, 6, 7, 20]), VALUES), max_size=60))
def test_seconds_left_out_are_seconds_that_are_not_known(rule, steps):
    series = series_of(steps)
    known = {point.second: point.value for point in series}
    filled = [Point(s, known.get(s)) for s in range(min(known, default=0), max(known, default=-1) + 1)]
    assert happened(rule, series) == happened(rule, filled)


@pytest.mark.parametrize(
    ("text", "zone", "moment", "applies"),
    [
        pytest.param("mon-fri 08:00-18:00", "UTC", "2026-03-27T08:00", True, id="its first minute"),
        pytest.param("mon-fri 08:00-18:00", "UTC", "2026-03-27T18:00", False, id="after its last"),
        pytest.param("mon-fri 08:00-18:00", "UTC", "2026-03-28T09:00", False, id="another day"),
        pytest.param("sat-mon 08:00-18:00", "UTC", "2026-03-29T09:00", True, id="over the end of the week"),
        pytest.param("fri 22:00-04:00", "UTC", "2026-03-28T03:59", True, id="over midnight"),
        pytest.param("fri 22:00-04:00", "UTC", "2026-03-27T03:59", False, id="before its evening"),
        pytest.param("daily 00:00-24:00", "UTC", "2026-03-27T23:59", True, id="to the end of the day"),
        pytest.param("mon 00:00-01:00", "Asia/Kolkata", "2026-03-22T18:30", True, id="another zone, another day"),
        pytest.param("sun 02:00-03:00", "Europe/Berlin", "2026-10-25T00:30", True, id="comes twice, first"),
        pytest.param("sun 02:00-03:00", "Europe/Berlin", "2026-10-25T01:30", True, id="comes twice, second"),
        pytest.param("sun 02:00-03:00", "Europe/Berlin", "2026-10-25T02:00", False, id="after both"),
        pytest.param("sun 02:00-03:00", "Europe/Berlin", "2026-03-29T01:00", False, id="never comes: it is 3 at once"),
        pytest.param("sun 02:00-03:00", "Europe/Berlin", "2026-03-29T00:59", False, id="never comes: before"),
        pytest.param("sun 01:30-03:30", "Europe/Berlin", "2026-03-29T01:15", True, id="what is left of it comes"),
    ],
)
def test_a_schedule_goes_by_the_clock_on_the_wall(text, zone, moment, applies):
    second = int(datetime.fromisoformat(f"{moment}+00:00").timestamp())
    assert Schedule((window(text),), zone).applies(second) == applies


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mon 08:00-08:00", "never applies"),
        ("mon 24:00-08:00", "no time of a day"),
        ("mon 08:00-24:01", "no time of a day"),
        ("mon 08:61-09:00", "no time of a day"),
        ("someday 08:00-09:00", "expected days and times"),
        ("daily-mon 08:00-09:00", "expected days"),
        ("", "expected days and times"),
    ],
)
def test_a_window_that_cannot_be_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        window(text)


def test_a_change_is_known_where_now_and_a_minute_ago_are():
    change = Change()
    assert [change.add(second, 10.0) for second in range(60)] == [None] * 60
    assert change.add(60, 14.0) == 4.0
    assert change.add(61, None) is None
    assert change.add(125, 10.0) == -4.0  # of second 60, five before the one that is missing
    assert change.add(200, 10.0) is None
    assert change.add(100, 10.0) is None  # the clock was set back


def test_a_count_stands_until_the_next_is_due():
    hold = Hold(2.0)
    assert [hold.add(second, count) for second, count in enumerate([None, 5.0, None, None, None, 7.0])] == [
        None, 5.0, 5.0, 5.0, None, 7.0,
    ]  # fmt: skip


def test_a_group_is_the_sum_of_its_members_unless_one_is_not_known():
    assert total([1.0, 2.5]) == 3.5
    assert total([1.0, None]) is None


def test_rules_of_a_book_see_their_own_subjects_and_measures():
    yard, left = Subject("yard"), Subject("yard", "left")
    book = Rulebook(
        [
            Placed(Rule("full", 0.9, measure=Measure.SHARE), left, capacity=10),
            Placed(Rule("rush", 5.0, measure=Measure.CHANGE), yard),
            Placed(lost_rule("gone", for_s=2), yard),
        ]
    )
    found = []
    for second in range(65):
        count = 2.0 if second < 62 else 8.0
        counts = {yard: count, left: 9.5 if second == 3 else 1.0}
        found += book.step(Second(second, counts if second < 63 else {}, {"yard": second >= 63}))
    assert [(each.placed.rule.name, each.event.kind.value, each.event.second) for each in found] == [
        ("full", "raised", 3),
        ("full", "cleared", 4),
        ("rush", "raised", 62),
        ("gone", "raised", 64),
    ]
    moved = [Placed(Rule("rush", 5.0, measure=Measure.CHANGE), left), Placed(lost_rule("gone", for_s=9), yard)]
    closed = book.replace(moved, 65)
    assert [(each.placed.rule.name, str(each.placed.subject), each.event.kind) for each in closed] == [
        ("rush", "yard", Kind.CLOSED)
    ]
    assert list(book.firing) == [("yard", "gone")]
    assert GAP_S == 5


def test_a_change_goes_on_being_known_where_another_rule_is_edited():
    yard, rush = Subject("yard"), Placed(Rule("rush", 5.0, measure=Measure.CHANGE), Subject("yard"))
    book = Rulebook([rush])
    for second in range(60):
        book.step(Second(second, {yard: 2.0}))
    book.replace([Placed(Rule("rush", 6.0, measure=Measure.CHANGE), yard), Placed(Rule("busy", 25.0), yard)], 60)
    assert [each.event.second for each in book.step(Second(60, {yard: 9.0}))] == [60]
