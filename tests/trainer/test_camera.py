"""Tiles as cameras send them: dark, interlaced, as H.264; each a function of its numbers alone."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.random import default_rng
from numpy.typing import NDArray

from trainer.tiles.camera import Pixels, combed, darkened, filmed, is_changed, sent
from trainer.tiles.plan import Comb, Dark, Plan, Window

SHAPE = (96, 128, 3)
WHOLE = Window(0, 0, *SHAPE[:2])


def photograph(shape: tuple[int, int, int] = SHAPE) -> Pixels:
    rows, columns, channels = np.indices(shape)
    wave = 120 + 60 * np.sin(rows / 7 + channels) + 40 * np.cos(columns / 3)
    return np.clip(wave + default_rng(1).normal(0, 5, shape), 0, 255).astype(np.uint8)


def lost(seen: NDArray[np.uint8], picture: NDArray[np.uint8]) -> float:
    return float(np.abs(seen.astype(int) - picture).mean())


def test_little_light_darkens_by_its_curve_and_adds_its_noise() -> None:
    grey = np.full((200, 200, 3), 128, np.uint8)
    seen = darkened(grey, Dark(gamma=2.0, light=0.8, noise=3.0, seed=5)).astype(float)
    assert seen.mean() == pytest.approx(255 * 0.8 * (128 / 255) ** 2, abs=0.1)
    assert seen.std() == pytest.approx(3.0, abs=0.1)
    assert darkened(np.zeros((200, 200, 3), np.uint8), Dark(2.0, 0.8, 3.0, 5)).min() == 0  # and not 255


def test_only_the_later_lines_move_and_not_all_of_them_alike() -> None:
    picture = photograph()
    seen = combed(picture, Comb(px=3.0, seed=2))
    np.testing.assert_array_equal(seen[::2], picture[::2])
    aside = [lost(seen[1::2, part], picture[1::2, part]) for part in (slice(0, 20), slice(50, 70), slice(100, 128))]
    assert max(aside) > 5
    assert max(aside) > 1.3 * min(aside)
    stripes = np.broadcast_to(photograph()[:, :1], SHAPE).copy()  # whatever moves aside looks the same
    np.testing.assert_array_equal(combed(stripes, Comb(3.0, 2)), stripes)


def test_video_loses_the_more_the_less_it_is_given() -> None:
    picture = photograph()
    losses = [lost(filmed(picture, crf), picture) for crf in (20, 30, 40, 50)]
    assert losses == sorted(losses)
    assert losses[0] < 6 < losses[-1] / 2


@pytest.mark.parametrize("shape", [(97, 129, 3), (2, 2, 3), (3, 2, 3)], ids=str)
def test_pictures_of_odd_sides_can_be_filmed(shape: tuple[int, int, int]) -> None:
    picture = photograph(shape)
    seen = filmed(picture, 30)
    assert seen.shape == shape
    np.testing.assert_array_equal(seen[shape[0] // 2 * 2 :], picture[shape[0] // 2 * 2 :])


CHANGES: dict[str, tuple[Plan, Callable[[Pixels], Pixels]]] = {
    "dark": (Plan(WHOLE, dark=Dark(1.5, 0.5, 4.0, 3)), lambda picture: darkened(picture, Dark(1.5, 0.5, 4.0, 3))),
    "interlaced": (Plan(WHOLE, comb=Comb(2.0, 3)), lambda picture: combed(picture, Comb(2.0, 3))),
    "video": (Plan(WHOLE, crf=35), lambda picture: filmed(picture, 35)),
    "all": (
        Plan(WHOLE, dark=Dark(1.5, 0.5, 4.0, 3), comb=Comb(2.0, 3), crf=35),
        lambda picture: filmed(combed(darkened(picture, Dark(1.5, 0.5, 4.0, 3)), Comb(2.0, 3)), 35),
    ),
}


@pytest.mark.parametrize(("plan", "expected"), CHANGES.values(), ids=CHANGES.keys())
def test_a_plan_is_carried_out_and_the_picture_stays(plan: Plan, expected: Callable[[Pixels], Pixels]) -> None:
    picture = photograph()
    assert is_changed(plan)
    np.testing.assert_array_equal(sent(picture, plan), expected(picture))
    np.testing.assert_array_equal(picture, photograph())


def test_a_camera_of_few_pixels_has_noise_and_lines_of_its_own_size() -> None:
    grey = np.full(SHAPE, 90, np.uint8)
    seen = sent(grey, Plan(WHOLE, coarseness=3.0, dark=Dark(1.0, 1.0, 6.0, 3))).astype(float)
    beside, apart = np.abs(np.diff(seen, axis=1)).mean(), np.abs(seen[:, 3:] - seen[:, :-3]).mean()
    assert beside < apart / 2


def test_an_ordinary_camera_changes_nothing() -> None:
    assert not is_changed(Plan(WHOLE))
    np.testing.assert_array_equal(sent(photograph(), Plan(WHOLE)), photograph())
