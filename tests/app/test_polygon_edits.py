"""What can be done to polygons, where corners snap to, and which part of the picture is seen: all without a window."""

from dataclasses import replace
from itertools import chain
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dialogs.polygons import edits
from app.dialogs.polygons.edits import History, Shape
from app.dialogs.polygons.hits import Hit, hit
from app.dialogs.polygons.snap import Snap, snapped, snapped_step
from app.dialogs.sight.sight import MOST_ZOOM, Sight
from engine.picture.polygon import checked
from engine.settings.config import CameraSettings
from engine.settings.config_file import checked as settings_of

SQUARE = ((0.2, 0.2), (0.6, 0.2), (0.6, 0.6), (0.2, 0.6))
NORTH = Shape("zone", SQUARE, "north")
share = st.floats(0, 1)
point = st.tuples(share, share)
away = st.tuples(st.floats(-2, 2), st.floats(-2, 2))


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        pytest.param(
            lambda s: edits.moved(s, (0.1, -0.1)), ((0.3, 0.1), (0.7, 0.1), (0.7, 0.5), (0.3, 0.5)), id="moved"
        ),
        pytest.param(
            lambda s: edits.moved(s, (-5, 5)), ((0, 0.6), (0.4, 0.6), (0.4, 1), (0, 1)), id="moved to the borders"
        ),
        pytest.param(
            lambda s: edits.with_corner_at(s, 2, (1.5, 0.7)), (*SQUARE[:2], (1, 0.7), SQUARE[3]), id="corner moved"
        ),
        pytest.param(
            lambda s: edits.with_corner_after(s, 0), (SQUARE[0], (0.4, 0.2), *SQUARE[1:]), id="corner in the middle"
        ),
        pytest.param(
            lambda s: edits.with_corner_after(s, 3, (0.1, 0.4)), (*SQUARE, (0.1, 0.4)), id="corner on the last edge"
        ),
        pytest.param(lambda s: edits.without_corner(s, 1), (SQUARE[0], *SQUARE[2:]), id="corner deleted"),
    ],
)
def test_an_edit_gives_another_polygon(edit, expected):
    assert [*chain(*edit(NORTH).corners)] == pytest.approx([*chain(*expected)])
    assert edits.refusal(edit(NORTH).corners) == ""


@pytest.mark.parametrize(
    ("corners", "said"),
    [
        pytest.param(SQUARE[:2], "has 2 points, expected at least 3", id="two points"),
        pytest.param((SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]), "crosses itself", id="crossing"),
        pytest.param(((0, 0), (0.5, 0), (1, 0)), "crosses itself|covers 0", id="a line"),
    ],
)
def test_what_is_no_polygon_is_refused_as_in_the_configuration(corners, said):
    with pytest.raises(ValueError, match=said) as refused:
        checked(corners)
    assert edits.refusal(corners) == str(refused.value)
    with pytest.raises(ValueError, match=said):
        edits.added((), "zone", corners)


@pytest.mark.parametrize(
    ("draft", "crosses"),
    [
        (((0, 0), (1, 1)), False),
        (((0, 0), (1, 1), (1, 0)), False),
        (((0, 0), (1, 1), (1, 0), (0, 1)), True),
        (((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.5, 0.5)), False),
    ],
)
def test_a_line_that_crosses_itself_is_refused_while_it_is_drawn(draft, crosses):
    assert edits.draft_refusal(draft).startswith("crosses itself") is crosses


@given(st.lists(point, min_size=3, max_size=8), away, st.integers(0, 2), away)
def test_every_corner_stays_within_the_picture(corners, by, place, to):
    shape = Shape("zone", tuple(corners), "a")
    for edited in (
        edits.moved(shape, by),
        edits.with_corner_at(shape, place, to),
        edits.with_corner_after(shape, place, to),
    ):
        assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in edited.corners)


@given(st.lists(st.sampled_from(["edit", "undo", "redo"]), max_size=30))
def test_undo_and_redo_go_through_the_same_values(steps):
    """A plain list of all values with a place in it says what has to come out."""
    history, values, at = History(()), [()], 0
    for number, step in enumerate(steps):
        if step == "edit":
            shapes = (replace(NORTH, name=str(number)),)
            values, at = [*values[: at + 1], shapes], at + 1
            history = history.edited(shapes)
        elif step == "undo":
            history, at = history.undone(), max(at - 1, 0)
        else:
            history, at = history.redone(), min(at + 1, len(values) - 1)
        assert history.present == values[at]


def test_letters_of_one_name_are_one_step_and_another_edit_is_another():
    history = History((NORTH,))
    for name in ("northe", "norther", "northern"):
        history = history.edited((replace(NORTH, name=name),), ("name", 0))
    history = history.edited((replace(NORTH, name="northern", capacity=5),), ("capacity", 0))
    assert history.undone().present[0].name == "northern"
    assert history.undone().undone().present == (NORTH,)


def test_names_are_given_once_and_are_such_as_the_configuration_takes():
    south = replace(NORTH, name="North ")
    assert "has the name 'North' of another zone" in edits.problems((NORTH, south))[1]
    assert "is empty" in edits.problems((replace(NORTH, name=" "),))[0]
    assert "password" in edits.problems((replace(NORTH, name="rtsp://a:b@c/"),))[0]
    assert edits.problems((NORTH, Shape("privacy", SQUARE), Shape("include", SQUARE))) == {}
    assert edits.new_name((NORTH, replace(NORTH, name="Zone 1"))) == "zone 2"


def test_shapes_come_from_settings_and_go_back_into_them():
    table = {"name": "gate", "address": "webcam:0", "zones": [{"name": "north", "polygon": [[0, 0], [1, 0], [1, 1]]}]}
    settings = settings_of(CameraSettings, table | {"privacy": [[[0, 0], [0.1, 0], [0.1, 0.1]]]}, "a test")
    shapes = edits.shapes_of(settings)
    assert edits.settings_with(settings, shapes) == settings
    shapes, place = edits.added(shapes, "include", SQUARE)
    assert [shape.kind for shape in shapes] == ["zone", "include", "privacy"]
    assert edits.settings_with(settings, shapes).include == (shapes[place].corners,)
    shapes = edits.replaced(shapes, place, edits.moved(shapes[place], (0.1 + 0.2, 0.0)))  # 0.30000000000000004
    (include,) = edits.settings_with(settings, shapes).include
    assert include == ((0.5, 0.2), (0.9, 0.2), (0.9, 0.6), (0.5, 0.6))


SNAP = Snap(scale=(200.0, 100.0), reach=4.0, corners=((0.5, 0.5),))


@pytest.mark.parametrize(
    ("at", "anchors", "expected"),
    [
        pytest.param((0.49, 0.52), (), (0.5, 0.5), id="another corner"),
        pytest.param((0.01, 0.3), (), (0.0, 0.3), id="a border"),
        pytest.param((0.99, 0.98), (), (1.0, 1.0), id="a corner of the picture"),
        pytest.param((0.7, 0.21), ((0.2, 0.2),), (0.7, 0.2), id="level with its neighbour"),
        pytest.param((0.31, 0.41), ((0.2, 0.2),), (0.305, 0.41), id="at 45 degrees on the screen"),
        pytest.param((0.79, 0.21), ((0.2, 0.2), (0.8, 0.8)), (0.8, 0.2), id="at a right angle"),
        pytest.param((0.3, 0.3), ((0.2, 0.7),), (0.3, 0.3), id="nothing near"),
    ],
)
def test_a_corner_snaps(at, anchors, expected):
    found = snapped(at, replace(SNAP, anchors=anchors))
    assert found == pytest.approx(expected, abs=0.006)
    if expected != at:
        assert found != at


@given(point, st.lists(point, max_size=2), st.lists(point, max_size=3))
def test_a_corner_never_snaps_farther_than_it_may_nor_out_of_the_picture(at, anchors, corners):
    x, y = snapped(at, replace(SNAP, anchors=tuple(anchors), corners=tuple(corners)))
    assert 0 <= x <= 1
    assert 0 <= y <= 1
    assert ((x - at[0]) * 200) ** 2 + ((y - at[1]) * 100) ** 2 <= 4.01**2


def test_a_whole_polygon_snaps_by_the_corner_that_is_nearest_to_something():
    step = snapped_step(SQUARE, (-0.19, 0.0), SNAP)
    assert step == pytest.approx((-0.2, 0.0))
    assert snapped_step(SQUARE, (0.1, 0.05), SNAP) == (0.1, 0.05)


@given(point, st.lists(st.tuples(st.floats(0.5, 2), point), max_size=5))
def test_what_lies_on_the_screen_lies_in_the_picture(at, zooms):
    sight = Sight((640.0, 400.0), (1920.0, 1080.0))
    for factor, about in zooms:
        sight = sight.zoomed(factor, (about[0] * 640, about[1] * 400))
    back = sight.in_picture(sight.on_screen(at))
    assert all(isclose(a, b, abs_tol=1e-9) for a, b in zip(at, back, strict=True))
    assert 1 <= sight.zoom <= MOST_ZOOM
    shown = sight.showing(at).on_screen(at)
    assert -1e-6 <= shown[0] <= 640 + 1e-6
    assert -1e-6 <= shown[1] <= 400 + 1e-6


def test_what_is_under_the_pointer_stays_there_when_it_zooms():
    sight = Sight((640.0, 400.0), (1920.0, 1080.0)).zoomed(2)
    before = sight.in_picture((200.0, 220.0))
    assert sight.zoomed(1.5, (200.0, 220.0)).in_picture((200.0, 220.0)) == pytest.approx(before)


@pytest.mark.parametrize(
    ("at", "chosen", "expected"),
    [
        pytest.param((0.2, 0.2), None, Hit(0, corner=0), id="a corner"),
        pytest.param((0.4, 0.2), None, Hit(0), id="the edge of what is not chosen"),
        pytest.param((0.4, 0.2), 0, Hit(0, edge=0), id="the edge of what is chosen"),
        pytest.param((0.5, 0.5), None, Hit(1), id="the smaller one"),
        pytest.param((0.5, 0.5), 0, Hit(0), id="the chosen one"),
        pytest.param((0.9, 0.9), 0, None, id="nothing"),
    ],
)
def test_what_lies_under_the_pointer(at, chosen, expected):
    sight = Sight((400.0, 400.0), (1.0, 1.0))
    small = Shape("privacy", ((0.45, 0.45), (0.58, 0.45), (0.5, 0.58)))
    assert hit((NORTH, small), chosen, sight.on_screen(at), sight, 6.0) == expected
