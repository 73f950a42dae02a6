"""People set into other tiles are where their points say; who is behind them counts no more, and a thing is nobody."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.random import default_rng

from trainer.datasets import Annotated, open_dataset
from trainer.errors import TrainerError
from trainer.geometry import TILE, TILE_HEIGHT, TILE_WIDTH
from trainer.tiles.augment import planned_points, planned_tile
from trainer.tiles.crops import Sampler
from trainer.tiles.density import GroundTruthConfig
from trainer.tiles.device_tiles import DeviceTiles
from trainer.tiles.pasting import LARGEST_ZOOM, LONGEST, cut_outs, drawn_pastes
from trainer.tiles.plan import CropConfig, Pasted, Plan, Window

WHOLE = Window(0, 0, TILE_HEIGHT, TILE_WIDTH)
GROUND, COAT, FACE = (90, 120, 90), (30, 40, 160), (240, 200, 180)
HEAD_PX = 20
CROWD_X = (500, 524, 548)
"""Three who stand so close that none of them can be cut out alone."""
SCENE = Annotated("scene", np.full((500, 700, 3), 150, np.uint8), np.zeros((0, 2), np.float32))


def street() -> Annotated:
    """Draws two people who stand free, and three who do not."""
    picture = np.full((400, 640, 3), GROUND, np.uint8)
    heads = [(120, 80), (320, 120), *((x, 100) for x in CROWD_X)]
    for x, y in heads:
        cv2.rectangle(picture, (x - 18, y + 8), (x + 18, y + 130), COAT, -1)
        cv2.circle(picture, (x, y), HEAD_PX // 2, FACE, -1)
    return Annotated("street", picture, np.array(heads, np.float32), sizes=np.full(len(heads), HEAD_PX, np.float32))


def set_in(**changes: object) -> Pasted:
    source = street()
    (person, *_) = cut_outs([source])
    window = Window(58, 91, 162, 58)
    assert person.head == 0
    return replace(
        Pasted(source, window, (29.0, 22.0), (200.0, 150.0), 1.0, HEAD_PX, True, True, False, 1.0), **changes
    )  # type: ignore[arg-type]


def test_only_those_are_cut_out_who_stand_free() -> None:
    found = cut_outs([street(), street()])
    assert [person.head for person in found] == [0, 1, 0, 1]
    assert all(person.below == pytest.approx(LONGEST) for person in found)
    assert cut_outs([replace(street(), sizes=None)]) == []
    assert cut_outs([replace(street(), sizes=np.full(5, np.nan, np.float32))]) == []


def test_nobody_is_cut_out_with_a_part_of_a_large_head_beside() -> None:
    source = street()
    beside = np.array([[170, 90]], np.float32)
    for size, free in ((20, [0, 1]), (60, [1])):
        sizes = np.append(np.full(5, HEAD_PX), size).astype(np.float32)
        crowd = replace(source, points=np.concatenate([source.points, beside]), sizes=sizes)
        assert [person.head for person in cut_outs([crowd]) if person.head < 2] == free


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("is_cut_out", [False, True])
@pytest.mark.parametrize("zoom", [0.5, 1.0, 1.5])
def test_the_head_is_where_its_point_is(zoom: float, is_cut_out: bool, mirrored: bool) -> None:
    item = set_in(zoom=zoom, is_cut_out=is_cut_out, mirrored=mirrored)
    tile = planned_tile(SCENE, Plan(WHOLE, pastes=(item,)))
    (point,) = tile.points.tolist()
    assert point == pytest.approx((200, 150), abs=0.5)
    assert tile.heads.tolist() == [-1]
    like_face = np.abs(tile.pixels.astype(int) - FACE).max(2) < 30
    rows, columns = np.nonzero(like_face)
    assert rows.mean() + 0.5 == pytest.approx(point[1] + zoom / 2, abs=0.3)  # a drawn head is half a pixel further
    assert columns.mean() + 0.5 == pytest.approx(point[0] + (-zoom / 2 if mirrored else zoom / 2), abs=0.3)
    assert rows.size == pytest.approx(np.pi * (HEAD_PX * zoom / 2) ** 2, rel=0.35)
    assert (tile.pixels[:60] == 150).all(), "nothing else is touched"


def test_who_is_covered_counts_no_more_and_who_is_beside_does() -> None:
    behind = replace(SCENE, points=np.array([[200, 190], [200, 400], [260, 150]], np.float32))
    nearer = set_in(at=(203.0, 180.0))
    plan = Plan(Window(0, 0, *SCENE.picture.shape[:2]), tile=SCENE.picture.shape[:2], pastes=(set_in(), nearer))
    points, heads = planned_points(behind.points, plan)
    assert points.tolist() == [[200, 400], [260, 150], [200, 150], [203, 180]]
    assert heads.tolist() == [1, 2, -1, -1]
    covering = replace(nearer, at=(203.0, 130.0))
    points, _ = planned_points(behind.points, replace(plan, pastes=(set_in(), covering)))
    assert [203, 130] in points.tolist()
    assert [200, 150] not in points.tolist()


def test_a_thing_covers_but_does_not_count() -> None:
    thing = set_in(is_person=False, is_cut_out=False)
    points, _ = planned_points(np.array([[205, 160]], np.float32), Plan(WHOLE, pastes=(thing,)))
    assert len(points) == 0


@pytest.mark.parametrize(
    "at", [(-3.0, 100.0), (TILE_WIDTH + 5.0, 10.0), (100.0, TILE_HEIGHT + 9.0), (-400.0, -400.0), (900.0, 900.0)]
)
def test_a_head_beyond_the_border_is_not_counted(at: tuple[float, float]) -> None:
    tile = planned_tile(SCENE, Plan(WHOLE, pastes=(set_in(at=at),)))
    assert len(tile.points) == 0
    assert tile.pixels.shape == (*TILE, 3)


def test_what_is_drawn_is_of_the_sizes_that_were_asked_for() -> None:
    people = cut_outs([street()])
    drawn = [item for seed in range(40) for item in drawn_pastes(people, default_rng(seed), TILE)]
    things = [item for item in drawn if not item.is_person]
    assert all(4 <= round(item.zoom * HEAD_PX, 3) <= 44 for item in drawn)
    assert 0.4 < len(things) / len(drawn) < 0.6
    assert max(item.zoom for item in drawn) <= LARGEST_ZOOM
    assert min(item.zoom for item in drawn) < 0.4
    heads = street().points
    for item in things:
        inside = (heads - [item.window.left, item.window.top]) / [item.window.width, item.window.height]
        assert not np.any(np.all((inside >= 0) & (inside < 1), axis=1)), "a thing shows no head"


def test_tiles_of_a_training_have_people_set_in_and_a_truth_that_sums_to_them() -> None:
    sampler = Sampler([SCENE, street()], 3, 8, CropConfig(pasted=1.0, perspective=0.3))
    batch = sampler.batch(5)
    assert torch.equal(batch.tiles, sampler.batch(5).tiles), "the same seed and step, the same tiles"
    assert set(batch.names) == {"scene"}, "the street has no part that shows nobody"
    assert batch.counts.sum() >= 8
    assert torch.allclose(batch.maps[min(batch.maps)].sum((1, 2)), batch.counts, atol=1e-3)


def test_people_are_set_among_others_too() -> None:
    pictures = [street()]
    plain, among = (Sampler(pictures, 3, 8, CropConfig(among=share)).batch(2) for share in (0.0, 1.0))
    assert set(among.names) == {"street"}, "the tiles stay those of their pictures"
    changed = (plain.tiles != among.tiles).flatten(1).any(1)
    assert changed.sum() >= 6
    assert not torch.equal(plain.counts, among.counts)
    assert torch.allclose(among.maps[min(among.maps)].sum((1, 2)), among.counts, atol=1e-3)


def test_on_a_device_they_look_as_on_the_host() -> None:
    plan = Plan(WHOLE, pastes=(set_in(),), quality=60)
    (found,) = DeviceTiles([SCENE], torch.device("cpu")).cut([(SCENE, plan)])
    assert np.array_equal(found.numpy(), planned_tile(SCENE, plan).pixels)


def test_who_cannot_be_set_in_is_said() -> None:
    with pytest.raises(TrainerError, match=r"crops\.pasted is 0\.5, and no picture has anybody who stands free"):
        Sampler([SCENE], 1, 2, CropConfig(pasted=0.5))
    with pytest.raises(TrainerError, match=r"crops\.among is 0\.2, and no picture.*set crops\.among to 0"):
        Sampler([SCENE], 1, 2, CropConfig(among=0.2))
    for name in ("pasted", "repeated", "among"):
        with pytest.raises(ValueError, match=f"^{name} is 0.5 and patches is 'nine', expected patches to be random"):
            CropConfig(patches="nine", **{name: 0.5})
    with pytest.raises(TrainerError, match="kernel is 'adaptive'"):
        Sampler([street()], 1, 2, CropConfig(pasted=0.5), ground_truth=GroundTruthConfig(kernel="adaptive"))


def test_sizes_come_from_boxes(tmp_path: Path) -> None:
    for name, table in (("boxes", "x,y,width,height\n8,20,20,20\n"), ("points", "x,y\n18,30\n")):
        folder = tmp_path / name
        folder.mkdir()
        cv2.imwrite(str(folder / "a.jpg"), np.full((60, 80, 3), 9, np.uint8))
        (folder / "a.csv").write_text(table)
    (boxed,), (pointed,) = (open_dataset(tmp_path / name) for name in ("boxes", "points"))
    assert boxed.points.tolist() == pointed.points.tolist() == [[18, 30]]
    assert boxed.sizes is not None
    assert boxed.sizes.tolist() == [20.0]
    assert pointed.sizes is None
