"""Pictures and head points are read as they were annotated, and a tenth is kept apart."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from trainer.dataset import ShanghaiTech, load_all
from trainer.errors import TrainerError

Annotate = Callable[..., None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "part_A" / "train_data"


def test_every_tenth_picture_by_number_is_held_out(data: Path) -> None:
    assert [a.name for a in load_all(ShanghaiTech(data, "held-out"))] == ["IMG_10", "IMG_20"]


def test_the_splits_are_disjoint_and_make_up_the_whole(data: Path) -> None:
    train, held_out, everything = (set(ShanghaiTech(data, split).pictures) for split in ("train", "held-out", "all"))
    assert not train & held_out
    assert train | held_out == everything
    assert len(everything) == 20


def test_pictures_come_with_their_own_people(data: Path) -> None:
    dataset = ShanghaiTech(data)
    assert dataset.name == "ShanghaiTech part B"
    for number, annotated in enumerate(load_all(dataset), 1):
        assert annotated.name == f"IMG_{number}"
        assert annotated.points.shape == (number, 2)
        x, y = annotated.points[0].astype(int)
        assert annotated.picture[y, x].max() < 110  # drawn dark on a bright ground


def test_the_name_does_not_depend_on_how_the_folder_was_given(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(data.parent)
    assert ShanghaiTech(Path("train_data")).name == "ShanghaiTech part B"


def test_points_outside_are_moved_to_the_border_and_counted(folder: Path, annotate: Annotate) -> None:
    outside = [(-3, 10), (50, 96), (128, 96), (500, -2), (64, 48), (0, 0)]
    annotate(folder, 1, np.array(outside, float))
    annotated = ShanghaiTech(folder)[0]
    assert annotated.moved == 4
    assert len(annotated.points) == len(outside)
    assert (annotated.points >= 0).all()
    assert (annotated.points < (128, 96)).all()
    np.testing.assert_allclose(annotated.points, np.clip(outside, 0, (128, 96)), atol=1e-4)


@pytest.mark.parametrize("shape", [(0, 2), (0, 0)], ids=str)
def test_a_picture_may_hold_nobody(folder: Path, annotate: Annotate, shape: tuple[int, int]) -> None:
    annotate(folder, 1, np.zeros(shape))
    annotated = ShanghaiTech(folder)[0]
    assert annotated.points.shape == (0, 2)
    assert annotated.moved == 0


@pytest.mark.parametrize("length", [0, 1, 127, 128, 200, 300], ids=lambda length: f"{length} bytes")
def test_half_an_annotation_is_named(folder: Path, annotate: Annotate, length: int) -> None:
    annotate(folder, 1, np.ones((4, 2)))
    file = folder / "ground-truth" / "GT_IMG_1.mat"
    file.write_bytes(file.read_bytes()[:length])
    with pytest.raises(TrainerError, match=r"annotation .*GT_IMG_1.mat holds no image_info.location"):
        ShanghaiTech(folder)[0]


def test_a_missing_annotation_is_named(folder: Path, annotate: Annotate) -> None:
    annotate(folder, 1, np.ones((4, 2)))
    (folder / "ground-truth" / "GT_IMG_1.mat").unlink()
    with pytest.raises(TrainerError, match=r"GT_IMG_1.mat is missing, but its picture is there"):
        ShanghaiTech(folder)[0]


def test_points_that_are_not_numbers_are_refused(folder: Path, annotate: Annotate) -> None:
    annotate(folder, 1, np.array([[1, 2], [np.nan, 3]]))
    with pytest.raises(TrainerError, match=r"GT_IMG_1.mat holds points that are not numbers"):
        ShanghaiTech(folder)[0]


def test_a_damaged_picture_is_named(folder: Path, annotate: Annotate) -> None:
    annotate(folder, 1, np.ones((4, 2)))
    (folder / "images" / "IMG_1.jpg").write_bytes(b"no picture")
    with pytest.raises(TrainerError, match=r"picture .*IMG_1.jpg cannot be read"):
        ShanghaiTech(folder)[0]


def test_too_few_pictures_cannot_be_split(folder: Path, annotate: Annotate) -> None:
    for number in range(1, 10):
        annotate(folder, number, np.ones((1, 2)))
    assert len(ShanghaiTech(folder, "train")) == 9
    with pytest.raises(TrainerError, match="has 9 pictures, at least 10 are needed to hold one out"):
        ShanghaiTech(folder, "held-out")
