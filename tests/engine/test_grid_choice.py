"""The grid of tiles is chosen by how tall heads are, or by what is seen: how fine pictures are, how many people."""

from dataclasses import replace
from math import radians

import cv2
import numpy as np
import pytest

from engine.calibration.ground import Ground
from engine.calibration.heads import HEAD, TALL, heads_of
from engine.camera import Camera
from engine.capture.once import OneFrame
from engine.counting.counter import Counted, Counter
from engine.counting.grid_finder import GridFinder
from engine.counting.reading import Reading
from engine.picture.choice import (
    AGAIN_S,
    LEAST_HEAD,
    LOOKED_AT,
    MOST_HEAD,
    MOST_LOOKED,
    SHARP,
    SIGHTINGS,
    as_seen,
    fineness,
    grid_by_heads,
    grid_seen,
    grid_to_look,
    is_large_enough,
    suited,
    usual_head,
)
from engine.picture.condition import Condition
from engine.picture.frame import Frame, Look
from engine.picture.layout import SeenGrid
from engine.picture.shot import Still
from engine.picture.tiling import MOST_TILES, TILE_HEIGHT, Grid, grid_for
from engine.picture.view import View


def scene(height, width, *, enlarged_by=1.0, seed=1):
    """Draws a picture that has as much in each octave as photographs have, or one that was enlarged."""
    own = round(height / enlarged_by), round(width / enlarged_by)
    rng, picture = np.random.default_rng(seed), np.zeros(own, np.float32)
    for octave in range(6):
        size = max(1, own[1] >> octave), max(1, own[0] >> octave)
        noise = rng.normal(0, 16, size[::-1]).astype(np.float32)
        picture += cv2.resize(noise, own[::-1], interpolation=cv2.INTER_CUBIC)
    grey = np.clip(cv2.GaussianBlur(picture, (0, 0), 0.5) + 128, 0, 255).astype(np.uint8)
    grey = cv2.resize(grey, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.repeat(grey[:, :, None], 3, axis=2)


def fineness_of(picture):
    return fineness(Still(picture).luma())


def test_pictures_that_were_enlarged_are_less_fine():
    own, twice = (fineness_of(scene(480, 640, enlarged_by=factor)) for factor in (1.0, 2.0))
    assert own > 0.7
    assert twice < 0.6
    assert fineness_of(np.full((480, 640, 3), 7, np.uint8)) == SHARP


@pytest.mark.parametrize(
    ("size", "finenesses", "grid"),
    [
        pytest.param((1080, 1920), [0.9, 0.2, 0.8], Grid(3, 4), id="fine but for one"),
        pytest.param((1080, 1920), [0.5], Grid(2, 2), id="enlarged twice"),
        pytest.param((1536, 2048), [0.6], Grid(4, 4), id="a little soft"),
        pytest.param((2160, 3840), [0.45], Grid(3, 4), id="4K worth HD"),
        pytest.param((360, 640), [0.1], Grid(1, 1), id="small"),
    ],
)
def test_pictures_are_divided_as_the_size_that_they_are_worth(size, finenesses, grid):
    assert grid_seen(size, finenesses) == grid


def test_one_tile_with_few_people_becomes_four():
    size = 360, 480
    assert suited(size, Grid(1, 1), [3.0, 5.0], []) == Grid(2, 2)
    assert suited(size, Grid(1, 1), [3.0, 50.0], []) == Grid(1, 1)
    assert suited(size, Grid(1, 1), [], []) == Grid(1, 1)
    assert suited((360, 960), Grid(1, 2), [0.0], []) == Grid(1, 2)
    assert as_seen((360, 640), Grid(1, 1)) is None
    assert as_seen((360, 640), Grid(2, 2)) == SeenGrid((360, 640), Grid(2, 2))
    assert [is_large_enough(size) for size in ((255, 600), (256, 200))] == [False, True]


@pytest.mark.parametrize(
    ("head", "grid"),
    [
        pytest.param(6.0, Grid(3, 4), id="small, in a crowd: it is not finer"),
        pytest.param(21.0, Grid(3, 4), id="nearer to what is best than in fewer tiles"),
        pytest.param(28.0, Grid(2, 3), id="large"),
        pytest.param(70.0, Grid(1, 1), id="very large"),
    ],
)
def test_heads_that_are_too_tall_are_counted_in_fewer_tiles(head, grid):
    tall = np.full(12, head, np.float32)
    seen = usual_head(tall, np.ones(12, np.float32), Grid(3, 4), (1080, 1920))
    assert seen == pytest.approx(head * 1080 / (3 * TILE_HEIGHT))
    assert suited((1080, 1920), Grid(3, 4), [200.0], [1.0, seen, 999.0]) == grid


def test_a_wide_picture_is_not_squeezed_more_than_its_heads_are_too_tall():
    wide = 384, 2048
    assert suited(wide, Grid(1, 4), [200.0], [21.0]) == Grid(1, 4)
    assert suited(wide, Grid(1, 4), [200.0], [24.0]) == Grid(1, 3)


def test_few_people_whose_heads_are_tall_are_not_enlarged():
    size = 360, 480
    assert suited(size, Grid(1, 1), [3.0], [11.0]) == Grid(2, 2)
    assert suited(size, Grid(1, 1), [3.0], [15.0]) == Grid(1, 1)


@pytest.mark.parametrize(
    ("head", "people", "grid"),
    [
        pytest.param(12.5, 30.0, Grid(2, 2), id="as they are counted best"),
        pytest.param(9.5, 30.0, Grid(2, 3), id="small"),
        pytest.param(7.0, 30.0, Grid(3, 4), id="half as tall"),
        pytest.param(1.0, 30.0, Grid(3, 4), id="so small that it would take too many tiles"),
        pytest.param(9.5, 60.0, Grid(2, 2), id="of a crowd"),
    ],
)
def test_few_people_with_small_heads_are_counted_in_more_tiles(head, people, grid):
    size = 720, 1280
    seen = usual_head(np.full(4, head, np.float32), np.ones(4, np.float32), Grid(2, 2), size)
    assert suited(size, Grid(2, 2), [people], [seen]) == grid
    assert suited(size, Grid(2, 2), [people], [seen], most=5) == Grid(2, 2)


def test_there_is_no_enlarging_without_time_for_it():
    assert suited((360, 480), Grid(1, 1), [3.0], [2.0], most=3) == Grid(1, 1)
    assert suited((360, 480), Grid(1, 1), [3.0], [2.0], most=5) == Grid(2, 2)


def test_the_usual_head_is_that_of_where_people_are():
    heads, size = np.array([10.0, 300.0, 40.0], np.float32), (384, 1536)
    assert usual_head(heads, np.array([4.0, 0.0, 4.0], np.float32), Grid(1, 3), size) == pytest.approx(20.0)
    assert usual_head(heads, np.array([0.8, -5.0, 1.1], np.float32), Grid(1, 3), size) is None


def reading(picture, number, people, view, *, head=None, **look):
    frame = Frame(number, number / 2, Still(picture), view, look=Look(**look))
    return Reading(frame, people, head=head)


def taken(finder, picture, people, view=None, numbers=range(LOOKED_AT), **look):
    """Gives it readings, as a camera that is counted does; returns after which the grid was another."""
    changed = []
    for number in numbers:
        seen = finder.seen(view or View())
        if finder.take(reading(picture, number, people, seen, **look), most=MOST_TILES):
            changed.append(number)
    return changed


def test_a_camera_keeps_what_its_first_pictures_show():
    finder, picture = GridFinder(), scene(360, 480)
    assert taken(finder, picture, 4.0) == []  # the first says how large they are
    assert taken(finder, picture, 4.0, numbers=range(5, 12)) == [5]
    assert finder.found == SeenGrid((360, 480), Grid(2, 2))
    layout = finder.seen(View()).layout(Still(picture))
    assert layout.grid == Grid(2, 2)
    assert layout.remark == "its pictures of 480x360 are counted in 2x2 tiles, chosen by what is seen"
    assert taken(finder, picture, 400.0, numbers=range(12, 30)) == []
    assert finder.found is not None
    assert taken(finder, scene(384, 512), 4.0, numbers=[30]) == [30]  # another view: by size, until it was looked at
    assert finder.found is None


@pytest.mark.parametrize(
    ("people", "more"),
    [(400.0, {}), (4.0, {"condition": Condition.DARK}), (4.0, {"view": View(Grid(1, 1))})],
    ids=["a crowd", "too dark to see", "a grid was set"],
)
def test_nothing_is_chosen_without_need(people, more):
    finder = GridFinder()
    assert taken(finder, scene(360, 480), people, numbers=range(20), **more) == []
    assert finder.found is None


def test_a_count_in_another_grid_is_not_steadied_by_those_before_also_where_one_was_under_way():
    counter, finder, picture = Counter(smoothing_s=10.0), GridFinder(), scene(360, 480)
    camera = Camera(OneFrame("gate", Frame.of(0, 0.0, picture)), [], counter, finder=finder)

    def counted(frame, people):
        found = counter.reading(frame, Counted(np.array([people], np.float32)))
        camera.look(found, 0.0)
        return found.count

    frames = [camera.seen(Frame.of(number, number / 2, picture)) for number in range(LOOKED_AT + 3)]
    assert finder.found is None
    while finder.found is None:
        counted(frames.pop(0), 4.0)
    assert frames
    for frame in frames:  # they were cut before
        counted(frame, 4.0)
    assert counter.held(frames[-1]) is None
    assert counted(camera.seen(Frame.of(99, 49.5, picture)), 8.0) == 8.0
    assert counter.held(frames[-1]) is not None


def test_a_set_grid_and_other_sizes_are_left_alone():
    seen = View(seen=SeenGrid((360, 480), Grid(2, 2)))
    assert seen.layout(Still(np.zeros((720, 960, 3), np.uint8))).grid == grid_for(720, 960)
    assert View(Grid(3, 3), seen=seen.seen).layout(Still(np.zeros((360, 480, 3), np.uint8))).grid == Grid(3, 3)


def later(first, number=SIGHTINGS):
    """Returns numbers of pictures, from one on, that are as far apart as heads are looked at."""
    return range(first, first + round(2 * AGAIN_S) * number, round(2 * AGAIN_S))


def test_an_empty_room_is_looked_at_until_people_show_how_tall_heads_are():
    finder, picture = GridFinder(), scene(768, 1024)
    assert taken(finder, picture, 0.0, numbers=range(20)) == []
    assert taken(finder, picture, 9.0, numbers=later(100), head=60.0) == [later(100)[-1]]
    assert finder.found == SeenGrid((768, 1024), Grid(1, 1))
    assert taken(finder, picture, 9.0, numbers=later(1000, 30), head=40.0) == []


def test_whoever_passes_by_first_does_not_decide():
    finder, picture = GridFinder(), scene(1080, 1920)
    assert taken(finder, picture, 5.0, numbers=range(6), head=300.0) == [5]
    assert finder.found == SeenGrid((1080, 1920), Grid(1, 1))
    assert taken(finder, picture, 200.0, numbers=later(50, 6), head=12.0) == [later(50)[5]]
    assert finder.found is None


def test_a_coarse_grid_is_left_when_heads_get_too_small_for_it_and_not_taken_again():
    finder, picture = GridFinder(), scene(1080, 1920)
    taken(finder, picture, 5.0, numbers=range(6), head=300.0)
    taken(finder, picture, 5.0, numbers=later(50, 6), head=300.0)
    assert finder.found == SeenGrid((1080, 1920), Grid(1, 1))
    assert taken(finder, picture, 300.0, numbers=later(1000), head=12.0) == [later(1000)[5]]
    assert finder.found is None
    assert taken(finder, picture, 5.0, numbers=later(2000), head=300.0) == []


def test_whether_a_view_is_sparse_is_asked_whenever_its_heads_are():
    finder, picture = GridFinder(), scene(720, 1280)
    assert taken(finder, picture, 0.0, numbers=range(6)) == []
    assert taken(finder, picture, 400.0, numbers=later(50), head=11.0) == []  # a crowd in a square that was empty
    finder = GridFinder()
    assert taken(finder, picture, 60.0, numbers=range(6), head=11.0) == []
    assert taken(finder, picture, 10.0, numbers=later(50), head=11.0) == [later(50)[5]]  # walkers where a group was
    assert finder.found == SeenGrid((720, 1280), Grid(2, 3))


def test_heads_that_get_small_later_enlarge_a_view_by_size_too():
    finder, picture = GridFinder(), scene(720, 1280)
    taken(finder, picture, 10.0, numbers=range(6), head=15.0)
    taken(finder, picture, 10.0, numbers=later(50), head=15.0)
    assert finder.found is None
    assert len(taken(finder, picture, 10.0, numbers=later(1000), head=7.0)) == 1
    assert finder.found == SeenGrid((720, 1280), Grid(3, 4))


def test_a_wide_picture_is_not_divided_into_fewer_tiles_because_its_heads_are_small():
    assert suited((256, 688), Grid(1, 1), [5.0], [5.4]) == Grid(2, 2)


def test_an_enlargement_that_there_was_time_for_stays():
    finder, picture = GridFinder(), scene(360, 480)
    taken(finder, picture, 4.0, numbers=range(6), head=5.0)
    assert finder.found == SeenGrid((360, 480), Grid(2, 2))
    for number in later(50):
        assert not finder.take(reading(picture, number, 4.0, finder.seen(View()), head=5.0), most=1)


def test_large_pictures_are_looked_at_in_a_coarser_grid():
    assert grid_to_look((1080, 1920), Grid(3, 4)) == Grid(3, 4)
    assert grid_to_look((2160, 3840), grid_for(2160, 3840)).tiles <= MOST_LOOKED


def test_where_there_is_no_time_a_picture_is_not_enlarged():
    finder, picture = GridFinder(), scene(360, 480)
    for number in range(20):
        assert not finder.take(reading(picture, number, 2.0, View()), most=3)
    assert finder.found is None


GROUND = Ground.of(field_of_view=radians(70), tilt=radians(30), height=5.0, aspect=16 / 9)


def test_heads_are_as_tall_as_they_are_seen_where_people_stand():
    near, far = ((0.3, 0.75), (0.7, 0.75), (0.7, 0.95), (0.3, 0.95)), ((0.3, 0.3), (0.7, 0.3), (0.7, 0.4), (0.3, 0.4))
    shares = [heads_of(GROUND, parts).share for parts in ([near], [near, far], [far])]
    assert shares == sorted(shares, reverse=True)
    foot = (0.5, 0.35)
    ends = [np.array(GROUND.head_of(foot, tall)) for tall in (TALL, TALL - HEAD)]
    assert shares[2] == pytest.approx(float(np.linalg.norm(ends[0] - ends[1])), rel=0.2)
    assert heads_of(GROUND, [near]).height((720, 1280)) == pytest.approx(720 * shares[0])
    assert heads_of(GROUND).height((768, 1024)) is None  # a picture of another camera
    assert heads_of(Ground.of(field_of_view=1.0, tilt=-1.2, height=5.0, aspect=1.0)) is None


@pytest.mark.parametrize(
    ("head", "grid"),
    [
        pytest.param(2.5, Grid(7, 9), id="tiny, within what is counted at most"),
        pytest.param(6.0, Grid(4, 5), id="small"),
        pytest.param(12.0, Grid(3, 4), id="as they are counted best"),
        pytest.param(25.0, Grid(2, 3), id="large"),
        pytest.param(45.0, Grid(1, 1), id="very large"),
    ],
)
def test_the_grid_makes_heads_as_tall_as_they_are_counted_best(head, grid):
    size = 1080, 1920
    found = grid_by_heads(size, head, MOST_TILES)
    assert found == grid
    tall = head * found.rows * TILE_HEIGHT / size[0]
    assert LEAST_HEAD <= tall <= MOST_HEAD or found.tiles > 0.7 * MOST_TILES
    assert grid_by_heads(size, head, 4).tiles <= max(4, grid_for(*size).tiles)


def test_heads_of_known_height_are_never_left_too_tall():
    size = 1080, 1920
    for head in np.geomspace(5, 50, 60).tolist():
        assert head * grid_by_heads(size, head, MOST_TILES).rows * TILE_HEIGHT / size[0] <= MOST_HEAD


def test_a_calibrated_camera_is_counted_by_its_heads_and_says_so():
    finder, picture = GridFinder(), scene(360, 640)
    finder.heads = heads_of(replace(GROUND, height=15.0))
    assert taken(finder, picture, 300.0, numbers=[0]) == [0]
    layout = finder.seen(View()).layout(Still(picture))
    assert layout.tiles.endswith("tiles, chosen by the height of heads")
    assert taken(finder, picture, 4.0, numbers=range(1, 12)) == []
    turned = Reading(Frame(12, 6.0, Still(picture), finder.seen(View())), 4.0, has_moved=True)
    assert finder.take(turned, most=MOST_TILES)  # nobody knows any more how tall they are
    assert finder.found is None
    assert taken(finder, picture, 4.0, View(Grid(1, 1)), numbers=range(13, 20)) == []
