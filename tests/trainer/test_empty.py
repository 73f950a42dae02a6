"""Parts of photographs that show nobody are found where they are, at random, and are cut as all tiles are."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.random import default_rng

from trainer.checkpoints import load_checkpoint
from trainer.config import load_config
from trainer.datasets import Annotated
from trainer.errors import TrainerError
from trainer.geometry import TILE_HEIGHT, TILE_WIDTH
from trainer.learning.loop import train
from trainer.learning.run import LAST, Run
from trainer.learning.training import Trainer
from trainer.tiles.augment import repeated
from trainer.tiles.crops import Sampler, random_tile
from trainer.tiles.device_tiles import DeviceTiles
from trainer.tiles.empty import ABOVE_PX, BELOW_PX, BESIDE_PX, are_empty, empty_window
from trainer.tiles.plan import CropConfig, random_plan

NOBODY = np.zeros((0, 2), np.float32)
HORIZON = 420
CPU = torch.device("cpu")


def street(height: int = 768, width: int = 1024, horizon: int = HORIZON, seed: int = 1) -> Annotated:
    """Draws a picture of noise whose people are all below the horizon, so close that no tile there shows none."""
    rng = default_rng(seed)
    grid = np.stack(np.meshgrid(np.arange(10, width, 60), np.arange(horizon, height, 60)), axis=-1).reshape(-1, 2)
    pixels = rng.integers(0, 255, (height, width, 3), np.uint8)
    return Annotated(f"street {seed}", pixels, grid.astype(np.float32))


def is_empty(*points: list[float]) -> bool:
    """Whether the part from 100, 500 to 400, 700 is said to show nobody."""
    heads = np.array(points, np.float32).reshape(-1, 2)
    found = are_empty(heads, tops=np.array([500]), lefts=np.array([100]), size=(200, 300))
    assert found.shape == (1, 1)
    return bool(found[0, 0])


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ([250, 600], False),
        ([250, 501 - ABOVE_PX], False),
        ([250, 499 - ABOVE_PX], True),
        ([250, 699 + BELOW_PX], False),
        ([250, 701 + BELOW_PX], True),
        ([101 - BESIDE_PX, 400], False),
        ([99 - BESIDE_PX, 400], True),
        ([399 + BESIDE_PX, 600], False),
        ([401 + BESIDE_PX, 600], True),
    ],
    ids=["inside", "above", "far above", "below", "far below", "left", "far left", "right", "far right"],
)
def test_a_part_is_empty_if_no_head_is_near_and_no_body_hangs_into_it(point: list[float], expected: bool) -> None:
    assert is_empty(point) is expected
    assert is_empty([5000, 5000], point) is expected


def test_a_picture_of_nobody_is_empty_everywhere() -> None:
    assert is_empty()


def test_parts_are_told_apart_by_row_and_column() -> None:
    head = np.array([[900.0, 100.0]], np.float32)
    found = are_empty(head, tops=np.array([0, 300, 600]), lefts=np.array([0, 700]), size=(192, 256))
    assert found.tolist() == [[True, False], [True, False], [True, True]]


def test_windows_are_empty_enlarged_one_to_two_times_and_everywhere() -> None:
    source, size = street(), (768, 1024)
    windows = [empty_window(source.points, size, default_rng(seed)) for seed in range(200)]
    assert None not in windows
    for window in filter(None, windows):
        assert TILE_HEIGHT / 2 <= window.height <= TILE_HEIGHT
        assert TILE_WIDTH / 2 <= window.width <= TILE_WIDTH
        assert window.top >= 0
        assert window.top + window.height + BELOW_PX <= HORIZON
        assert 0 <= window.left <= 1024 - window.width
    heights = [window.height for window in windows if window]
    assert max(heights) - min(heights) > 100
    assert {window.left % 16 for window in windows if window} == set(range(16))
    lefts = [window.left for window in windows if window]
    assert min(lefts) < 50
    assert max(lefts) > 500


def test_a_crowded_picture_has_none() -> None:
    assert empty_window(street(horizon=5).points, (768, 1024), default_rng(1)) is None


@pytest.mark.parametrize("size", [(384, 512), (100, 2000), (60, 80), (1, 1)], ids=str)
def test_a_small_picture_is_used_as_far_as_it_goes(size: tuple[int, int]) -> None:
    window = empty_window(NOBODY, size, default_rng(1))
    assert window is not None
    assert 1 <= window.height <= size[0] - window.top
    assert 1 <= window.width <= size[1] - window.left


def share_of_nobody(source: Annotated, config: CropConfig) -> float:
    rng = default_rng(1)
    return float(np.mean([len(random_tile(source, rng, config).points) == 0 for _ in range(200)]))


def test_as_many_tiles_are_empty_as_were_asked_for_and_the_rest_is_ordinary() -> None:
    with_sky, crowded = street(), street(horizon=5)
    plain, empty = CropConfig(), CropConfig(empty=0.5)
    of_nobody = share_of_nobody(with_sky, plain)
    assert share_of_nobody(with_sky, empty) == pytest.approx(0.5 + 0.5 * of_nobody, abs=0.1)
    assert share_of_nobody(crowded, empty) == 0


def test_an_empty_tile_counts_nobody_whatever_is_done_to_it() -> None:
    crops = replace(load_config("robust").crops, empty=1.0)
    batch = Sampler([street()], 1, 6, crops).batch(0)
    assert batch.counts.tolist() == [0] * 6
    assert all(float(density.abs().sum()) == 0 for density in batch.maps.values())
    assert len({tile.numpy().tobytes() for tile in batch.tiles}) == 6


def test_a_repeated_part_is_mirrored_at_every_seam() -> None:
    pixels = default_rng(1).integers(0, 255, (384, 512, 3), np.uint8)
    twice, thrice = (repeated(pixels, times) for times in (2, 3))
    half = cv2.resize(pixels, (256, 192), interpolation=cv2.INTER_AREA)
    np.testing.assert_array_equal(twice[:192, :256], half)
    np.testing.assert_array_equal(twice[192:, 256:], half[::-1, ::-1])
    assert thrice.shape == pixels.shape
    np.testing.assert_array_equal(thrice[:128], thrice[:127:-1][128:])
    np.testing.assert_array_equal(thrice[:, :171], thrice[:, 341:170:-1][:, -171:])


def test_so_many_tiles_show_a_part_of_any_picture_that_shows_nobody_as_were_asked_for() -> None:
    sky, crowded = street(), replace(street(horizon=5, seed=2), name="crowded")
    batches = {share: Sampler([sky, crowded], 1, 200, CropConfig(repeated=share)) for share in (0.0, 0.5)}
    drawn = list(batches[0.5]._plans(0))
    repeats = [plan.repeats for _, plan in drawn]
    assert set(repeats) == {1, 2, 3}
    assert np.mean(np.array(repeats) > 1) == pytest.approx(0.5 * 2 / 3, abs=0.08)
    assert {source.name for source, plan in drawn if plan.repeats > 1} == {sky.name}
    of_nobody = {share: float((sampler.batch(0).counts == 0).double().mean()) for share, sampler in batches.items()}
    assert of_nobody[0.5] == pytest.approx(0.5 + 0.5 * of_nobody[0.0], abs=0.1)


def test_where_every_picture_is_crowded_that_is_said() -> None:
    with pytest.raises(TrainerError, match=r"crops\.repeated is 0\.5, and no picture has a part without people"):
        Sampler([street(horizon=5)], 1, 20, CropConfig(repeated=0.5))


def test_asking_for_none_draws_the_numbers_of_before() -> None:
    config, rng = load_config("robust").crops, default_rng([1, 3])
    source = street()
    plans = [random_plan(768, 1024, rng, config) for _ in range(6)]
    drawn = [plan for _, plan in Sampler([source], 1, 6, config)._plans(3)]
    assert drawn == plans


def test_only_the_window_of_an_empty_tile_is_another() -> None:
    config = load_config("robust").crops
    (_, ordinary), (_, empty) = (
        next(Sampler([street()], 1, 1, replace(config, empty=share))._plans(0)) for share in (0.0, 1.0)
    )
    assert empty != ordinary
    assert replace(empty, window=ordinary.window) == ordinary


def test_the_shares_of_several_processes_make_up_the_batch() -> None:
    pictures, config = [street(seed=1), street(600, 800, 300, 2)], CropConfig(empty=0.5)
    whole = Sampler(pictures, 1, 6, config).batch(5)
    shares = [Sampler(pictures, 1, 6, config, (part, 3)).batch(5) for part in range(3)]
    assert torch.equal(torch.cat([share.tiles for share in shares]), whole.tiles)
    assert torch.equal(torch.cat([share.counts for share in shares]), whole.counts)


def test_a_device_cuts_them_as_the_host_does() -> None:
    pictures, config = [street(seed=1), street(600, 800, 300, 2)], CropConfig(empty=0.7, colour_jitter=0.2, grey=0.2)
    on_device = DeviceTiles(pictures, CPU)
    for step in range(3):
        ours = Sampler(pictures, 1, 4, config, cut=on_device.cut).batch(step)
        theirs = Sampler(pictures, 1, 4, config).batch(step)
        assert torch.equal(ours.counts, theirs.counts)
        assert (ours.tiles.float() - theirs.tiles.float()).abs().mean() < 1


def test_a_training_with_them_resumes_to_the_same_weights(tmp_path: Path) -> None:
    changes = ["model.width=0.03125", "batch=2", "evaluate_every=2", "crops.empty=0.5", "objective.bayesian=[1]"]
    pictures = [street(seed=1), street(600, 800, 300, 2)]
    ends = []
    for name, stops in (("straight", (4,)), ("stopped", (2, 4))):
        folder = tmp_path / name
        folder.mkdir()
        for steps in stops:
            trainer = Trainer(load_config(None, [*changes, f"steps={steps}"]), CPU)
            if (folder / LAST).exists():
                trainer.resume(load_checkpoint(folder / LAST))
            train(trainer, Run(folder, pictures, pictures[:1]))
        ends.append(load_checkpoint(folder / LAST))
    assert ends[0].step == ends[1].step == 4
    assert [name for name in ends[0].weights if not torch.equal(ends[0].weights[name], ends[1].weights[name])] == []


def test_a_share_above_all_tiles_is_refused() -> None:
    with pytest.raises(TrainerError, match=r"empty is 1.5, expected a share from 0 to 1"):
        load_config(None, ["crops.empty=1.5"])
