"""Tiles cut on a device are those cut on the host: the same code runs here on CPU tensors."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.random import default_rng
from numpy.typing import NDArray

from trainer.checkpoints import load_checkpoint
from trainer.config import load_config
from trainer.datasets import Annotated, Choice, load_all, open_dataset
from trainer.errors import TrainerError
from trainer.geometry import TILE_HEIGHT, TILE_WIDTH
from trainer.learning.loop import train
from trainer.learning.run import LAST, Run
from trainer.learning.training import Trainer
from trainer.tiles.augment import planned_pixels
from trainer.tiles.crops import Sampler, cut_on_host
from trainer.tiles.device_tiles import DeviceTiles, cutter_for, shortage
from trainer.tiles.plan import Comb, CropConfig, Dark, Plan, Window

CPU = torch.device("cpu")
WHOLE = Window(5, 9, TILE_HEIGHT, TILE_WIDTH)
CORNERS = np.array([[40.0, 10], [500, 40], [470, 350], [5, 380]])
EVERYTHING = CropConfig(
    scale_jitter=2.0,
    edges=0.5,
    colour_jitter=0.25,
    grey=0.3,
    perspective=0.4,
    blur=0.4,
    coarse=0.3,
    dark=0.2,
    interlaced=0.2,
    jpeg=0.3,
    video=0.2,
    blank=0.2,
)


def scene(height: int, width: int, seed: int = 1) -> Annotated:
    """Draws a picture as rich in detail as a photograph: clouds at three scales, and a spot at each head."""
    rng = default_rng(seed)
    picture = np.zeros((height, width, 3))
    for cell, weight in ((64, 70), (16, 30), (4, 12)):
        few = rng.uniform(-1, 1, (height // cell + 2, width // cell + 2, 3))
        picture += weight * cv2.resize(few, (width, height), interpolation=cv2.INTER_CUBIC)
    pixels = np.clip(picture + 128, 0, 255).astype(np.uint8)
    points = rng.uniform((0, 0), (width, height), (60, 2)).astype(np.float32)
    for x, y in points:
        cv2.circle(pixels, (int(x), int(y)), 3, (20, 20, 30), -1)
    return Annotated(str(seed), pixels, points)


def difference(ours: NDArray[np.uint8], theirs: NDArray[np.uint8]) -> NDArray[np.float64]:
    return np.abs(ours.astype(np.float64) - theirs)


SAME = {
    "cut": Plan(WHOLE),
    "mirrored": Plan(WHOLE, mirrored=True),
    "repeated": Plan(WHOLE, mirrored=True, repeats=3),
    "recoloured": Plan(WHOLE, curve=((1.3, 0.8, 1.0), -20.0)),
    "turned": Plan(WHOLE, corners=CORNERS),
    "compressed": Plan(WHOLE, quality=40),
    "coarse": Plan(WHOLE, coarseness=2.0, quality=40),
    "as a camera sends it": Plan(WHOLE, dark=Dark(1.5, 0.4, 5.0, 8), comb=Comb(3.0, 9), crf=33),
    "drawn": Plan(WHOLE, blank=12),
}


@pytest.mark.parametrize("plan", SAME.values(), ids=SAME.keys())
def test_what_is_exact_is_the_same_to_the_bit(plan: Plan) -> None:
    source = scene(500, 640)
    (found,) = DeviceTiles([source], CPU).cut([(source, plan)])
    np.testing.assert_array_equal(found.numpy(), planned_pixels(source.picture, plan))


NEARLY: dict[str, tuple[Plan, float, float]] = {  # largest mean and largest single difference, of 255
    "grey": (Plan(WHOLE, grey=True), 0.02, 1),
    "blurred": (Plan(WHOLE, blur_px=1.3), 0.1, 1),
    "enlarged": (Plan(Window(20, 30, 200, 266)), 0.2, 1),
    "shrunk a little": (Plan(Window(0, 0, 450, 600)), 0.02, 1),
    "shrunk to half": (Plan(Window(0, 0, 768, 1024)), 0.2, 1),
    "shrunk one way": (Plan(Window(0, 0, 768, 300)), 3.0, 60),
}


@pytest.mark.parametrize(("plan", "mean", "most"), NEARLY.values(), ids=NEARLY.keys())
def test_what_is_not_exact_differs_by_little(plan: Plan, mean: float, most: float) -> None:
    source = scene(768, 1024)
    (found,) = DeviceTiles([source], CPU).cut([(source, plan)])
    apart = difference(found.numpy(), planned_pixels(source.picture, plan))
    assert apart.mean() < mean
    assert apart.max() <= most


def test_what_is_shrunk_is_averaged_and_not_skipped() -> None:
    lines = np.zeros((2 * TILE_HEIGHT, 2 * TILE_WIDTH, 3), np.uint8)
    lines[::2] = 200
    source = Annotated("lines", lines, np.zeros((0, 2), np.float32))
    (found,) = DeviceTiles([source], CPU).cut([(source, Plan(Window(0, 0, *lines.shape[:2])))])
    assert np.abs(found[2:-2].numpy() - 100.0).max() <= 1


@pytest.mark.parametrize("crops", [EVERYTHING, CropConfig(patches="nine")], ids=["everything", "nine patches"])
def test_batches_of_a_device_have_the_hosts_people_and_nearly_its_pixels(crops: CropConfig) -> None:
    pictures = [scene(500, 640), scene(768, 1024, 2), scene(90, 130, 3), scene(400, 1500, 4)]
    on_device = DeviceTiles(pictures, CPU)
    for step in range(4):
        ours = Sampler(pictures, 1, 6, crops, cut=on_device.cut).batch(step)
        theirs = Sampler(pictures, 1, 6, crops).batch(step)
        assert torch.equal(ours.counts, theirs.counts)
        assert ours.names == theirs.names
        assert all(torch.equal(ours.maps[k], theirs.maps[k]) for k in theirs.maps)
        assert (ours.tiles.shape, ours.tiles.dtype) == (theirs.tiles.shape, torch.uint8)
        assert difference(ours.tiles.numpy(), theirs.tiles.numpy()).mean() < 1


def test_a_picture_that_comes_twice_is_kept_once() -> None:
    source = scene(400, 520)
    again = replace(source, name="again")
    assert len(DeviceTiles([source, again, source], CPU)._kept) == 1


@pytest.mark.parametrize(("needed", "free", "fits"), [(0, 0, True), (50, 100, True), (51, 100, False)])
def test_pictures_may_take_half_of_the_free_memory(needed: int, free: int, fits: bool) -> None:
    assert (shortage(needed * 10**9, free * 10**9) == "") is fits


def test_a_shortage_says_what_is_needed_and_what_there_is() -> None:
    assert shortage(3 * 10**9, 4 * 10**9) == "pictures take 3.0 GB, 50% of the GPU's free memory is 2.0 GB"


@pytest.mark.parametrize(("place", "is_host"), [("auto", True), ("host", True), ("device", False)])
def test_without_a_gpu_tiles_are_cut_on_the_host_unless_asked_otherwise(place: str, is_host: bool) -> None:
    assert (cutter_for([scene(90, 120)], CPU, place) is cut_on_host) is is_host


def test_an_unknown_place_is_refused() -> None:
    with pytest.raises(TrainerError, match="pictures is 'cloud', expected one of auto, host, device"):
        load_config(None, ["pictures=cloud"])


def test_a_training_on_device_tiles_resumes_to_the_same_weights_and_may_change_place(
    data: Path, tmp_path: Path
) -> None:
    changes = ["model.width=0.03125", "batch=2", "steps=4", "evaluate_every=2", "crops.scale_jitter=1.5"]
    pictures, held_out = (load_all(open_dataset(data, Choice(split))) for split in ("train", "held-out"))
    ends = []
    for name, stops in (("straight", (4,)), ("stopped", (2, 4))):
        folder = tmp_path / name
        folder.mkdir()
        for steps in stops:
            trainer = Trainer(load_config(None, [*changes, "pictures=device", f"steps={steps}"]), CPU)
            if (folder / LAST).exists():
                trainer.resume(load_checkpoint(folder / LAST))
            train(trainer, Run(folder, pictures, held_out))
        ends.append(load_checkpoint(folder / LAST))
    for mine, yours in ((ends[0].weights, ends[1].weights), (ends[0].state, ends[1].state)):
        assert [name for name in mine if not torch.equal(mine[name], yours[name])] == []
    elsewhere = Trainer(load_config(None, [*changes, "pictures=host", "steps=5"]), CPU)
    elsewhere.resume(ends[0])
    assert elsewhere.steps_done == 4
