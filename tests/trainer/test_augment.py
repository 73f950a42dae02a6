"""Whatever is done to a tile, its head points stay on the heads and its count is that of the people it shows."""

import threading
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from numpy.random import default_rng
from numpy.typing import NDArray

from trainer.config import load_config
from trainer.datasets import Annotated
from trainer.geometry import TILE_HEIGHT, TILE_WIDTH
from trainer.tiles.augment import planned_pixels, planned_points, planned_tile
from trainer.tiles.crops import Sampler
from trainer.tiles.plan import NINE, Comb, CropConfig, Plan, Window, nine_patches, random_plan

WHOLE = Window(0, 0, TILE_HEIGHT, TILE_WIDTH)
PART = Window(100, 60, 2 * TILE_HEIGHT // 3, 2 * TILE_WIDTH // 3)
TURNED = np.array([[40.0, 10], [500, 40], [470, 350], [5, 380]])
RADIUS_PX = 3
LIGHT_B_WINDOWS = [Window(387, 516, 381, 508), Window(240, 320, 528, 704), Window(151, 0, 469, 625)]
LIGHT_B_FLAGS = [(True, False), (False, False), (False, False)]
LIGHT_B_CURVE = (1.06417212, 1.06133131, 1.02606431, 2.63851876)


def dotted(height: int = TILE_HEIGHT, width: int = TILE_WIDTH) -> Annotated:
    """Draws a grey picture with a black dot at each head, none of them close to another."""
    grid = np.stack(np.meshgrid(np.arange(20, width - 10, 40), np.arange(20, height - 10, 40)), axis=-1)
    points = (grid.reshape(-1, 2) + default_rng(1).uniform(-8, 8, (grid.size // 2, 2))).astype(np.float32)
    picture = np.full((height, width, 3), 200, np.uint8)
    for x, y in points:
        cv2.circle(picture, (int(x), int(y)), RADIUS_PX, (0, 0, 0), -1)
    return Annotated("dots", picture, points)


def centre_of_dot(pixels: NDArray[np.uint8], x: float, y: float) -> tuple[float, float]:
    """Returns where the darkness around a point has its centre."""
    half = 9
    top, left = max(0, round(y) - half), max(0, round(x) - half)
    patch = pixels[top : round(y) + half, left : round(x) + half].astype(np.float64).mean(2)
    dark = np.clip(0.6 * np.median(patch) - patch, 0, None)
    assert dark.sum() > 0, f"there is no dot at {x:.1f}, {y:.1f}"
    rows, columns = np.indices(patch.shape) + 0.5
    return left + (columns * dark).sum() / dark.sum(), top + (rows * dark).sum() / dark.sum()


PLANS = {
    "cut": Plan(Window(37, 85, TILE_HEIGHT, TILE_WIDTH)),
    "enlarged": Plan(PART),
    "shrunk": Plan(Window(0, 0, 500, 640)),
    "mirrored": Plan(WHOLE, mirrored=True),
    "grey": Plan(WHOLE, grey=True),
    "recoloured": Plan(WHOLE, curve=((1.2, 0.9, 1.0), -10.0)),
    "turned": Plan(WHOLE, corners=TURNED),
    "blurred": Plan(WHOLE, blur_px=1.5),
    "compressed": Plan(WHOLE, quality=40),
    "coarse": Plan(WHOLE, coarseness=2.0),
    "coarse and compressed": Plan(WHOLE, coarseness=1.5, quality=60),
    "filmed": Plan(WHOLE, crf=30),
    "combed": Plan(WHOLE, comb=Comb(0.8, 4)),
    "everything": Plan(PART, True, grey=True, curve=((1.1, 1.0, 0.9), 12.0), corners=TURNED, blur_px=0.8, quality=50),
}


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS.keys())
def test_every_dot_moves_with_its_point(plan: Plan) -> None:
    tile = planned_tile(dotted(500, 640), plan)
    assert tile.pixels.shape == (TILE_HEIGHT, TILE_WIDTH, 3)
    assert tile.pixels.dtype == np.uint8
    within = [(x, y) for x, y in tile.points if 12 < x < TILE_WIDTH - 12 and 12 < y < TILE_HEIGHT - 12]
    assert len(within) > 20
    for x, y in within:
        assert centre_of_dot(tile.pixels, x, y) == pytest.approx((x, y), abs=1.5)


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS.keys())
def test_the_count_is_the_number_of_dots_inside(plan: Plan) -> None:
    source = dotted(500, 640)
    tile = planned_tile(source, plan)
    assert (tile.points >= 0).all()
    assert (tile.points < (TILE_WIDTH, TILE_HEIGHT)).all()
    dark = (tile.pixels.max(2) < 90).astype(np.uint8)
    _, _, _, centres = cv2.connectedComponentsWithStats(dark)
    distance = np.linalg.norm(centres[1:, None] - tile.points[None], axis=2).min(axis=1)
    beside_the_border = np.any((centres[1:] < 6) | (centres[1:] > (TILE_WIDTH - 6, TILE_HEIGHT - 6)), axis=1)
    assert distance[~beside_the_border].max() < 2  # each dot that is seen is counted


def test_a_turned_tile_drops_those_who_leave_it() -> None:
    inner = np.array([[100.0, 100], [400, 100], [400, 300], [100, 300]])
    points = np.array([[50, 200], [100.5, 100.5], [250, 200], [399, 299], [410, 200], [250, 350]], np.float32)
    left, heads = planned_points(points, Plan(WHOLE, corners=inner))
    assert heads.tolist() == [1, 2, 3]
    np.testing.assert_allclose(left[1], [256, 192], atol=1e-2)


def test_nobody_stays_nobody() -> None:
    source = replace(dotted(), points=np.zeros((0, 2), np.float32))
    assert planned_tile(source, PLANS["everything"]).points.shape == (0, 2)


def test_a_tile_is_a_function_of_its_plan_whatever_else_draws_random_numbers() -> None:
    """The thread that prepares batches shares PyTorch's generator with the training, so it must not use it."""
    config = load_config("robust").crops
    sampler = Sampler([dotted(500, 640)], 1, 6, replace(config, perspective=1.0, blur=0.5, jpeg=0.5))
    torch.manual_seed(1)
    state, first = torch.get_rng_state(), sampler.batch(3)
    assert torch.equal(torch.get_rng_state(), state)
    found = []
    thread = threading.Thread(target=lambda: found.append(sampler.batch(3)))
    thread.start()
    while thread.is_alive():
        torch.rand(1000)
    thread.join()
    assert torch.equal(found[0].tiles, first.tiles)
    assert torch.equal(found[0].counts, first.counts)


def test_a_coarse_tile_shows_nothing_finer_than_its_pixels() -> None:
    lines = np.zeros((TILE_HEIGHT, TILE_WIDTH, 3), np.uint8)
    lines[:, ::2] = 200
    seen = planned_pixels(lines, Plan(WHOLE, coarseness=2.0))
    assert (seen.shape, seen.dtype) == (lines.shape, np.uint8)
    assert np.abs(seen - 100.0).max() <= 1


@pytest.mark.parametrize(
    ("option", "chosen"),
    [
        ("perspective", "corners"),
        ("blur", "blur_px"),
        ("coarse", "coarseness"),
        ("dark", "dark"),
        ("interlaced", "comb"),
        ("jpeg", "quality"),
        ("video", "crf"),
        ("grey", "grey"),
    ],
)
def test_an_option_changes_its_share_of_the_tiles(option: str, chosen: str) -> None:
    as_it_is = Plan(WHOLE)
    config = replace(CropConfig(), **{option: 0.4})
    plans = [random_plan(768, 1024, default_rng(seed), config) for seed in range(500)]
    share = sum(not np.array_equal(getattr(plan, chosen), getattr(as_it_is, chosen)) for plan in plans) / len(plans)
    assert share == pytest.approx(0.4, abs=0.07)


def test_the_numbers_of_the_shipped_models_configuration_stay_the_same() -> None:
    """Whoever trains it again draws the same tiles: what is added to a plan must not shift what was there."""
    config = load_config("light-b").crops
    rng = default_rng([1, 0])
    plans = [random_plan(768, 1024, rng, config) for _ in range(3)]
    assert [plan.window for plan in plans] == LIGHT_B_WINDOWS
    assert [(plan.mirrored, plan.grey) for plan in plans] == LIGHT_B_FLAGS
    curve = plans[2].curve
    assert curve is not None
    assert (*curve[0], curve[1]) == pytest.approx(LIGHT_B_CURVE)


def test_the_paper_crops_and_mirrors_and_nothing_else() -> None:
    config = load_config("paper").crops
    plans = [random_plan(768, 1024, default_rng(seed), config) for seed in range(40)]
    assert {plan.mirrored for plan in plans} == {False, True}
    for plan in plans:
        assert (plan.window.height, plan.window.width) == (TILE_HEIGHT, TILE_WIDTH)
        assert plan == Plan(plan.window, plan.mirrored)


def test_nine_patches_are_four_quarters_and_five_at_random_each_mirrored() -> None:
    size = (768, 1024)
    plans = [nine_patches(Plan(WHOLE), size, (1, 0), number) for number in range(2 * NINE)]
    windows = [plan.window for plan in plans]
    assert windows[:NINE] == windows[NINE:]
    assert [plan.mirrored for plan in plans] == [False] * NINE + [True] * NINE
    assert windows[:4] == [Window(top, left, 384, 512) for top in (0, 384) for left in (0, 512)]
    assert len(set(windows)) == NINE
    for window in windows:
        assert window.height * window.width == size[0] * size[1] / 4
        assert window.top + window.height <= size[0]
        assert window.left + window.width <= size[1]
    assert windows[4:9] != [nine_patches(Plan(WHOLE), size, (1, 1), number).window for number in range(4, 9)]


def test_an_epoch_of_nine_patches_has_every_patch_of_every_picture_once() -> None:
    source = dotted(768, 1024)
    pictures = [replace(source, name=name) for name in "ab"]
    sampler = Sampler(pictures, 1, 6, load_config("csrnet").crops)
    batches = [sampler.batch(step) for step in range(6)]
    names = [name for batch in batches for name in batch.names]
    assert sorted(names) == ["a"] * 18 + ["b"] * 18
    seen = {
        (name, tile.numpy().tobytes()) for batch in batches for name, tile in zip(batch.names, batch.tiles, strict=True)
    }
    assert len(seen) == 36
    quarters = sum(float(batch.counts.sum()) for batch in batches)
    assert quarters > 8 * 2 * len(source.points) / 4


@pytest.mark.parametrize("size", [(1, 1), (50, 2000), (97, 131)], ids=str)
def test_nine_patches_of_an_odd_picture_are_whole_tiles(size: tuple[int, int]) -> None:
    source = Annotated("odd", np.zeros((*size, 3), np.uint8), np.zeros((1, 2), np.float32))
    for batch in (Sampler([source], 1, 9, CropConfig(patches="nine")).batch(step) for step in range(2)):
        assert batch.tiles.shape == (9, TILE_HEIGHT, TILE_WIDTH, 3)


@pytest.mark.parametrize("parts", [1, 2, 3, 6])
def test_the_shares_of_several_processes_make_up_the_batch(parts: int) -> None:
    pictures = [dotted(500, 640), dotted(768, 1024), dotted(400, 700)]
    config = load_config("light-b").crops
    whole = Sampler(pictures, 1, 6, config).batch(5)
    shares = [Sampler(pictures, 1, 6, config, (part, parts)).batch(5) for part in range(parts)]
    assert torch.equal(torch.cat([share.tiles for share in shares]), whole.tiles)
    assert torch.equal(torch.cat([share.counts for share in shares]), whole.counts)
    assert sum((share.names for share in shares), ()) == whole.names
