"""What a tile says, and where it stands: numbers that can be read, words that are true."""

from dataclasses import replace

import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)


from alert_scene import CROWD, QUIET
from alert_scene import QUEUE as SCENE_QUEUE
from app import theme
from app.panels.steady import Trend, steady, trend
from app.panels.text_plate import tone_colour
from app.panels.tile_words import UNKNOWN, Seen, Tone, age_words, total_words, words_of
from app.panels.trends import Trends
from app.panels.wall_layout import Layout, Place, Room, arranged, neighbour, pages, places
from contrast import contrast
from engine.alerts.guard import Firing
from engine.capture.health import State
from engine.monitor.recent import Recent
from engine.picture.condition import Condition
from engine.rules.rulebook import Placed
from engine.rules.series import Subject
from logged import reading
from wall_scene import DOOR, QUEUE, config, facts, health, load, table


def settings(**own):
    return config(table(0, **own)).cameras[0]


def shown(counts):
    before, found = None, []
    for count in counts:
        before = steady(count, before)
        found.append(before)
    return found


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        pytest.param([7.4, 7.6, 7.4, 7.6, 6.6], [7, 7, 7, 7, 7], id="does not flip between neighbours"),
        pytest.param([7.4, 7.8, 7.5], [7, 8, 8], id="follows a change, and does not turn back at once"),
        pytest.param([7.4, 30.2, 2.0], [7, 30, 2], id="follows leaps"),
        pytest.param([7.4, None, 7.6], [7, None, 8], id="unknown is not the number before"),
        pytest.param([0.3, None], [0, None], id="unknown is not zero"),
    ],
)
def test_a_displayed_count_is_whole_and_steady(counts, expected):
    assert shown(counts) == expected


def minute(people):
    return [(float(second), people(second)) for second in range(0, 61, 2)]


@pytest.mark.parametrize(
    ("people", "before", "expected"),
    [
        pytest.param(lambda s: 20 + s / 10, None, Trend.RISING, id="6 more of 20"),
        pytest.param(lambda s: 20 - s / 10, None, Trend.FALLING, id="6 fewer of 20"),
        pytest.param(lambda s: 20 + (s % 4) * 2, None, Trend.LEVEL, id="noise"),
        pytest.param(lambda s: 200 + s / 10, None, Trend.LEVEL, id="6 more of 200"),
        pytest.param(lambda s: 0.0, None, Trend.LEVEL, id="nobody"),
        pytest.param(lambda s: 5 + s / 45, None, Trend.LEVEL, id="just too little to begin"),
        pytest.param(lambda s: 5 + s / 45, Trend.RISING, Trend.RISING, id="enough to go on"),
        pytest.param(lambda s: 5 + s / 45, Trend.FALLING, Trend.LEVEL, id="not where it went the other way"),
    ],
)
def test_the_trend_is_that_of_the_last_minute(people, before, expected):
    assert trend(minute(people), before) is expected


def test_nothing_is_said_of_the_trend_before_enough_is_known(qapp):
    clock = [1000.0]
    recent = Recent(clocks=lambda: (clock[0], clock[0]))
    trends = Trends({"gate": recent}.get, clock=lambda: clock[0])
    found = []
    for people in range(40):
        recent.put(reading(0.0, float(people), arrived_s=clock[0]))
        clock[0] += 1
        found.append(trends.now(["gate", "yard"])["gate"])
    assert found[:20] == [None] * 20
    assert set(found[21:]) == {Trend.RISING}
    assert trends.now(["gate", "yard"])["yard"] is None
    clock[0] += 50
    assert trends.now(["gate"])["gate"] is None


@pytest.mark.parametrize(
    ("number", "room", "aspect", "expected"),
    [
        pytest.param(1, (1600, 900), 16 / 9, (1, 1), id="one"),
        pytest.param(4, (1600, 900), 16 / 9, (2, 2), id="four"),
        pytest.param(2, (1600, 900), 16 / 9, (1, 2), id="two in a wide room"),
        pytest.param(2, (900, 1600), 16 / 9, (2, 1), id="two in a high room"),
        pytest.param(3, (3000, 500), 4 / 3, (1, 3), id="a strip"),
        pytest.param(4, (1600, 900), 9 / 16, (1, 4), id="pictures that stand upright"),
        pytest.param(5, (1600, 900), 16 / 9, (2, 3), id="five"),
        pytest.param(16, (1600, 900), 16 / 9, (4, 4), id="sixteen"),
    ],
)
def test_pictures_are_arranged_so_that_they_are_large(number, room, aspect, expected):
    assert arranged(number, room, aspect) == expected


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("number", [0, 1, 2, 5, 9, 12, 16, 40])
def test_every_layout_has_a_place_for_each_picture_and_none_overlap(layout, number):
    room = Room(1237, 701, gap=5)
    found = places(layout, number, room, 4 / 3)
    assert len(found) == min(number, layout.capacity)
    cells = [
        (x, y) for place in found for x in (place.x, place.x + place.width) for y in (place.y, place.y + place.height)
    ]
    assert all(0 <= x <= room.width and 0 <= y <= room.height for x, y in cells)
    for a in found:
        assert not any(
            a is not b and a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.y + b.height and b.y < a.y + a.height
            for b in found
        )


def test_cameras_beyond_sixteen_are_on_further_pages():
    assert [pages(number, Layout.AUTOMATIC) for number in (0, 16, 17, 40)] == [1, 1, 2, 3]
    assert pages(5, Layout.FOUR) == 2


def test_the_large_picture_is_at_least_twice_as_wide_as_the_small_ones():
    for number in range(2, 17):
        large, *small = places(Layout.LARGE, number, Room(1600, 900), 16 / 9)
        assert large.width >= 1.9 * max(place.width for place in small)


@pytest.mark.parametrize(
    ("current", "step", "expected"),
    [(0, (1, 0), 1), (1, (1, 0), 1), (0, (0, 1), 2), (3, (0, -1), 1), (4, (0, -1), 2), (4, (-1, 0), 4)],
)
def test_arrow_keys_lead_to_the_neighbour(current, step, expected):
    found = [
        Place(0, 0, 10, 10),
        Place(10, 0, 10, 10),
        Place(0, 10, 10, 10),
        Place(10, 10, 10, 10),
        Place(0, 20, 10, 10),
    ]
    assert neighbour(found, current, step) == expected


def seen(people=23, *, own=None, **known):
    camera = settings(**(own or {}))
    told = known.pop("told", facts(camera.name, people))
    return words_of(Seen(camera, told, count=people, **known))


def test_a_tile_reads_as_one_sentence():
    assert seen(23, trend=Trend.RISING).spoken == "gate, 23 people, rising, live"
    assert seen(1).count == "1 person"
    assert seen(23, own={"capacity": 20}).count == "23 / 20 people"


@pytest.mark.parametrize("state", [state for state in State if state is not State.LIVE])
def test_a_camera_that_is_not_live_says_why_and_how_old_its_picture_is(state):
    told = facts("gate", report=health(state, problem="the camera does not answer"))
    words = seen(None, told=told, picture_age_s=42.0)
    assert words.count == UNKNOWN
    assert (words.standing.is_live, words.trouble, words.figures) == (False, "", "")
    assert (words.lost, words.reason) == ("picture 42 s old", "the camera does not answer")
    assert words.spoken.startswith("gate, count not known, ")
    assert "0" not in words.spoken


def test_a_camera_that_is_only_shown_has_no_count():
    words = seen(None, own={"counted": False})
    assert (words.count, words.standing.word, words.spoken) == ("", "shown only", "gate, shown only")


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        pytest.param({}, "", id="all is well"),
        pytest.param({"picture_age_s": 1.9, "count_age_s": 1.9}, "", id="young enough"),
        pytest.param({"picture_age_s": 2.1}, "picture 2 s old", id="old picture"),
        pytest.param({"picture_age_s": 2.1, "count_age_s": 8.4}, "picture 2 s old · count 8 s old", id="both"),
        pytest.param({"told": facts("gate", loaded=load(dropped_share=0.4))}, "", id="many are not counted as usual"),
        pytest.param(
            {"told": facts("gate", loaded=load(dropped_share=0.4)), "is_overloaded": True},
            "computer too slow: only 60% of the pictures are counted",
            id="overload",
        ),
        pytest.param(
            {"told": facts("gate", loaded=replace(load(dropped_share=1.0), is_whole=False))}, "", id="a share too early"
        ),
        pytest.param(
            {"told": facts("gate", report=health(condition=Condition.FROZEN))}, "picture is frozen", id="frozen"
        ),
    ],
)
def test_what_is_wrong_is_said_and_nothing_else(known, expected):
    assert seen(**known).trouble == expected


def test_zones_have_their_counts_and_unknown_is_no_zero():
    words = seen(own={"zones": [QUEUE, DOOR]}, zones={"queue": 13})
    assert [(zone.name, zone.people, zone.is_over) for zone in words.zones] == [
        ("queue", "13 / 12", True),
        ("door", UNKNOWN, False),
    ]


@pytest.mark.parametrize(
    ("age_s", "expected"),
    [(0.04, "0 s"), (3.94, "3 s"), (42.0, "42 s"), (420.0, "7 min"), (10_900.0, "3 h"), (260_000.0, "3 days")],
)
def test_ages_are_as_exact_as_people_need_them(age_s, expected):
    assert age_words(age_s) == expected


def test_a_total_is_the_sum_of_what_is_shown_and_unknown_while_one_of_them_is():
    gate, yard = settings(capacity=40), replace_name(settings(capacity=60), "yard")
    assert total_words([(gate, 23), (yard, 120)]) == "Total 143 / 100 people of 2 cameras"
    assert total_words([(gate, 23), (yard, None)]) == "Total – of 2 cameras (not known: yard)"
    assert total_words([(gate, 1), (yard.model_copy(update={"capacity": None}), 0)]) == "Total 1 person of 2 cameras"
    assert total_words([]) == ""


def replace_name(camera, name):
    return camera.model_copy(update={"name": name})


@pytest.mark.parametrize("look", [theme.DARK, theme.LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("tone", list(Tone))
def test_words_on_a_picture_are_readable_over_white_and_over_black(qapp, look, tone):
    theme.apply(qapp, "dark" if look.dark else "light")
    for beneath in (0, 255):
        plate = [int(look.plate[place : place + 2], 16) for place in (1, 3, 5)]
        mixed = [round(part + (beneath - part) * (255 - theme.PLATE_ALPHA) / 255) for part in plate]
        assert contrast(tone_colour(tone), "#" + "".join(f"{part:02x}" for part in mixed)) >= 4.5


def test_a_tile_names_the_worst_alert_that_is_open_and_how_many_others_there_are():
    alerts = tuple(
        Firing(rule.name, Placed(rule, Subject("gate")), rule.severity, raised, 30.0)
        for raised, rule in enumerate((CROWD, SCENE_QUEUE, QUIET))
    )
    words = words_of(Seen(settings(), replace(facts("gate", 30), alerts=alerts), count=30))
    assert words.alert == "◆ alert: crowd +2"
    assert words.spoken == "gate, 30 people, live, ◆ alert: crowd +2"
    assert words_of(Seen(settings(), facts("gate", 30), count=30)).alert == ""
