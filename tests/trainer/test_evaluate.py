"""Errors are those of the literature, and a picture's count is the sum of its tiles."""

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from trainer.datasets import Annotated
from trainer.evaluation.counters import Counted, TileCounter
from trainer.evaluation.evaluate import Measured, game, measure, write_csv
from trainer.evaluation.groups import by_crowd, by_data_set, share_of_error
from trainer.evaluation.plots import draw_scatter
from trainer.evaluation.scenes import LARGEST_JPEG, Group, Scene, draw_sheet, resized_map
from trainer.evaluation.scores import Scores, intervals, mean_game, score_table, scores
from trainer.evaluation.sets import mean_normalised, normalised, set_table
from trainer.evaluation.worst import typical_of, worst_in_turns, worst_of

FOUND = [Measured("a", 10, {"count": 13.0, "density": 10.0}), Measured("b", 20, {"count": 16.0, "density": 19.0})]


NOBODY = Measured("empty", 0, {"count": 2.0, "density": 0.0})


def test_scores_equal_equations_8_and_9() -> None:
    assert scores(FOUND) == Scores(2, 3.5, pytest.approx(12.5**0.5), -0.5, pytest.approx(0.25), 0)
    assert scores(FOUND, "density") == Scores(2, 0.5, pytest.approx(0.5**0.5), -0.5, pytest.approx(0.025), 0)


def test_a_picture_without_people_counts_everywhere_but_in_the_nae() -> None:
    now = scores([*FOUND, NOBODY])
    assert (now.pictures, now.empty) == (3, 1)
    assert now.mae == pytest.approx(3.0)
    assert now.nae == pytest.approx(0.25)
    assert "NAE without 1 of 3 pictures" in score_table([*FOUND, NOBODY])
    assert np.isnan(scores([NOBODY]).nae)


def test_intervals_hold_the_figure_and_shrink_with_more_pictures() -> None:
    errors = np.random.default_rng(3).normal(0, 10, 400)
    found = [Measured(str(place), 50, {"count": 50 + error}) for place, error in enumerate(errors)]
    widths = []
    for size in (25, 400):
        now, range_ = scores(found[:size]), intervals(found[:size])
        assert range_.mae[0] < now.mae < range_.mae[1]
        assert range_.rmse[0] < now.rmse < range_.rmse[1]
        widths.append(range_.mae[1] - range_.mae[0])
    assert widths[1] < widths[0] / 2
    assert intervals(found) == intervals(found)


@pytest.mark.parametrize("cells", [(48, 64), (3, 4), (5, 7)], ids=str)
def test_game_0_is_the_error_of_the_maps_sum_and_finer_levels_are_never_less(cells: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    density, where = rng.random(cells, np.float32), rng.random((9, 2), np.float32)
    found = game(density, where)
    assert found[0] == pytest.approx(abs(float(density.sum()) - 9), rel=1e-5)
    assert list(found) == sorted(found)


def test_game_sees_a_crowd_in_the_wrong_place() -> None:
    density = np.zeros((48, 64), np.float32)
    density[0, 0] = 4
    right = np.full((4, 2), 0.001, np.float32)
    assert game(density, right) == (0, 0, 0, 0)
    assert game(density, 1 - right) == (0, 8, 8, 8)
    assert game(density, np.array([[0.2, 0.01]] * 4, np.float32)) == (0, 0, 0, 8)


def test_a_pictures_count_is_the_sum_of_its_tiles() -> None:
    def brightness(tiles: NDArray[np.uint8]) -> Counted:
        return Counted({"count": tiles.mean((1, 2, 3), dtype=np.float32)}, tiles[:, ::8, ::8, 0] / np.float32(3072))

    picture = np.zeros((768, 1024, 3), np.uint8)
    picture[:384, :512], picture[384:, 512:] = 7, 5
    (found,) = measure(TileCounter(brightness), [Annotated("a", picture, np.ones((3, 2), np.float32))])
    assert (found.name, found.truth, found.counts) == ("a", 3, {"count": 12.0})
    assert found.density is not None
    assert found.density.shape == (96, 128)
    assert found.density[0, 0] * 3072 == pytest.approx(7)
    assert found.density[-1, -1] * 3072 == pytest.approx(5)
    assert found.game == pytest.approx((9, 9, 11.5, 14.125))


def test_a_model_without_maps_has_no_game() -> None:
    def nothing(tiles: NDArray[np.uint8]) -> Counted:
        return Counted({"count": np.zeros(len(tiles), np.float32)})

    (found,) = measure(
        TileCounter(nothing), [Annotated("a", np.zeros((384, 512, 3), np.uint8), np.ones((3, 2), np.float32))]
    )
    assert found == Measured("a", 3, {"count": 0.0})
    assert mean_game([found]) == ()


def test_the_table_has_a_line_for_every_output() -> None:
    lines = [line.split() for line in score_table(FOUND).splitlines()]
    assert [line[0] for line in lines] == ["output", "count", "density"]
    assert lines[1][1] == "3.50"
    assert lines[1][-2:] == ["-0.50", "0.250"]


def test_the_worst_pictures_come_first() -> None:
    assert worst_of([*FOUND, NOBODY]) == [1, 0, 2]
    assert worst_of([*FOUND, NOBODY], 1) == [1]


def found_with(*figures: tuple[int, float]) -> list[Measured]:
    """Pictures of so many annotated people, with such errors."""
    return [Measured(str(place), truth, {"count": truth + error}) for place, (truth, error) in enumerate(figures)]


def test_the_worst_in_turns_are_of_dense_and_of_thin_crowds() -> None:
    found = found_with((1000, -300), (2000, 200), (20, 15), (40, -20), (500, 5), (5, 2))
    assert worst_in_turns(found, 4) == [0, 2, 1, 3]
    assert worst_in_turns(found, 9) == [0, 2, 1, 3, 5, 4]


def test_typical_pictures_go_from_few_people_to_many() -> None:
    found = found_with((900, 90), (10, 1), (11, 10), (800, 800), (100, 20), (12, 0), (1000, 0), (110, -10), (120, 0))
    assert typical_of(found, 3) == [1, 7, 0]
    assert typical_of(found, 3, aside=[1, 7, 0, 2, 5]) == [4, 3, 6]
    assert typical_of(found[:2], 3, aside=[0]) == [1]


def test_pictures_are_divided_by_their_data_sets() -> None:
    one, two, alone = (Measured(name, 1, {"count": 1.0}) for name in ("part A/IMG_1", "part B/IMG_1", "IMG_7"))
    assert by_data_set([one, two, one], "A + B") == {"part A": [one, one], "part B": [two]}
    assert by_data_set([alone], "UCF_CC_50") == {"UCF_CC_50": [alone]}


def test_a_table_says_what_is_measured_apart() -> None:
    rooms = [Measured(f"rooms/{name}", 4, {"count": 5.0}) for name in "abc"]
    other = Measured("streets/a", 100, {"count": 90.0})
    parts = {"rooms/a": "room 1", "rooms/b": "room 2"}
    groups = by_data_set([*rooms, other], "rooms + streets", parts)
    assert {name: len(found) for name, found in groups.items()} == {"room 1": 1, "room 2": 1, "rooms": 1, "streets": 1}
    assert by_data_set([Measured("a", 4, {"count": 5.0})], "rooms", parts) == {
        "room 1": [Measured("a", 4, {"count": 5.0})]
    }


def test_each_data_set_is_as_heavy_as_any_other_and_relative_to_its_people() -> None:
    groups = {"dense": found_with((1000, 100), (600, -60)), "thin": found_with((10, 4)), "empty": found_with((0, 0.5))}
    assert [normalised(found) for found in groups.values()] == pytest.approx([0.1, 0.4, 0.5])
    assert mean_normalised(groups) == pytest.approx(1 / 3)
    lines = set_table(groups).splitlines()
    assert lines[1].split()[:4] == ["dense", "2", "800.0", "80.00"]
    assert lines[-1].split() == ["mean", "over", "3", "sets", "0.333"]


def test_pictures_are_divided_by_their_people() -> None:
    found = found_with((0, 1), (50, -1), (51, 2), (500, -2), (501, 14))
    groups = by_crowd(found)
    assert [[picture.truth for picture in part] for part in groups.values()] == [[0, 50], [51, 500], [501]]
    assert list(groups) == ["up to 50", "51 to 500", "more than 500"]
    assert [share_of_error(part, found) for part in groups.values()] == pytest.approx([0.1, 0.2, 0.7])
    assert list(by_crowd(found[:2])) == ["up to 50"]
    assert share_of_error(found[:1], found_with((3, 0))) == 0


@pytest.mark.parametrize("size", [(384, 512), (100, 37), (1080, 1920)], ids=str)
def test_a_resized_maps_sum_stays_the_count(size: tuple[int, int]) -> None:
    density = np.random.default_rng(2).random((48, 64), np.float32) ** 9
    assert resized_map(density, *size).shape == size
    assert float(resized_map(density, *size).sum(dtype=np.float64)) == pytest.approx(float(density.sum()), rel=1e-4)
    assert resized_map(np.zeros((3, 4), np.float32), *size).sum() == 0


@pytest.mark.parametrize("mapped", [True, False], ids=["with a map", "without a map"])
def test_sheet_and_plot_are_drawn_even_where_nobody_is(mapped: bool, tmp_path: Path) -> None:
    density = np.zeros((48, 64), np.float32) if mapped else None
    name = r"cash$_and_$\foo"  # no mathematics
    found = Measured(name, 0, {"count": 0.0}, (0, 0, 0, 0) if mapped else (), density)
    picture = np.random.default_rng(1).integers(0, 255, (60, 200, 3), np.uint8)
    scene = Scene(Annotated(name, picture, np.zeros((0, 2), np.float32)), found)
    draw_sheet([Group(name, [scene])], name, tmp_path / "w.png")
    draw_scatter([found], name, tmp_path / "s.png")
    for path in ("w.png", "s.png"):
        assert (tmp_path / path).read_bytes().startswith(b"\x89PNG")


def test_a_jpeg_sheet_of_two_groups_is_wide_and_small(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    scenes = []
    for place in range(12):  # of noise, which no quality packs well
        found = Measured(f"a very long name of a data set/picture {place}", 30, {"count": 34.0}, (), None)
        pixels = rng.integers(0, 255, (300, 400 if place % 2 else 200, 3), np.uint8)
        scenes.append(Scene(Annotated(found.name, pixels, rng.random((30, 2), np.float32) * 200), found))
    heights = []
    for groups in ([Group("bad", scenes[:4])], [Group("bad", scenes[:4]), Group("usual", scenes[4:])]):
        draw_sheet(groups, "a model", tmp_path / "sheet.jpg")
        assert (tmp_path / "sheet.jpg").read_bytes().startswith(b"\xff\xd8")
        heights.append(cv2.imread(str(tmp_path / "sheet.jpg")).shape[0])
        assert cv2.imread(str(tmp_path / "sheet.jpg")).shape[1] == 1600
    assert heights[1] > 2 * heights[0]
    assert (tmp_path / "sheet.jpg").stat().st_size <= LARGEST_JPEG


def test_the_csv_has_a_line_for_every_picture(tmp_path: Path) -> None:
    write_csv(FOUND, tmp_path / "found.csv")
    with (tmp_path / "found.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [
            ["picture", "annotated", "count", "density"],
            ["a", "10", "13.000", "10.000"],
            ["b", "20", "16.000", "19.000"],
        ]
    assert len(list(tmp_path.iterdir())) == 1


def test_a_long_title_of_a_sheet_ends_before_its_legend(tmp_path: Path) -> None:
    for name, title in (("short", "a model"), ("long", "light on " + " + ".join(["a data set of pictures"] * 9))):
        draw_sheet([], title, tmp_path / f"{name}.png")
    short, long = (np.asarray(cv2.imread(str(tmp_path / f"{name}.png"))) for name in ("short", "long"))
    assert np.array_equal(short[:, 1200:], long[:, 1200:])
    assert not np.array_equal(short, long)
