"""Pictures and head points are read as they were annotated, from every layout, and a tenth is kept apart."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest
from scipy.io import savemat

from trainer.datasets import DATASETS, Choice, Combined, Pictures, balanced, load_all, open_dataset, open_datasets
from trainer.errors import TrainerError

Annotate = Callable[..., None]
HEIGHT, WIDTH = 48, 64
SHARED = Path(__file__).parents[3] / "shared" / "data"
A_LEAKS = {f"IMG_{number}" for number in (2, 60, 97, 121, 139, 154)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "part_A" / "train_data"


def draw(path: Path, seed: int = 1) -> Path:
    """Writes a small picture of noise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.random.default_rng(seed).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8))
    return path


def save_points(path: Path, key: str, people: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    savemat(path, {key: np.tile([[3.0, 4.0]], (people, 1))})


def ucf_cc_50(folder: Path) -> None:
    for number in range(1, 51):
        draw(folder / f"{number}.jpg", number)
        save_points(folder / f"{number}_ann.mat", "annPoints", number)


def ucf_qnrf(folder: Path) -> None:
    for half, count in (("Train", 20), ("Test", 5)):
        for number in range(1, count + 1):
            draw(folder / half / f"img_{number:04}.jpg", number)
            save_points(folder / half / f"img_{number:04}_ann.mat", "annPoints", number)


def mall(folder: Path) -> None:
    frames = np.empty((1, 805), object)
    for number in range(1, 806):
        frames[0, number - 1] = {"loc": np.tile([[3.0, 4.0]], (number % 7, 1))}
        if number <= 20 or number > 800:
            draw(folder / "frames" / f"seq_{number:06}.jpg", number)
    savemat(folder / "mall_gt.mat", {"frame": frames})


def beijing_brt(folder: Path) -> None:
    for half, count in (("train", 20), ("test", 5)):
        for number in range(1, count + 1):
            draw(folder / half / "frame" / f"{number}_2015.jpg", number)
            save_points(folder / half / "ground_truth" / f"{number}_2015.mat", "loc", number)


LAYOUTS = {
    "ucf-cc-50": (ucf_cc_50, "UCF_CC_50", 49, 0),
    "ucf-qnrf": (ucf_qnrf, "UCF-QNRF", 20, 5),
    "mall": (mall, "Mall", 20, 5),
    "beijing-brt": (beijing_brt, "Beijing-BRT", 20, 5),
}


@pytest.mark.parametrize(("layout", "written"), LAYOUTS.items(), ids=LAYOUTS.keys())
def test_a_layout_is_recognised_and_read(layout: str, written: tuple, tmp_path: Path) -> None:
    write, name, training, test = written
    write(tmp_path)
    dataset = open_dataset(tmp_path)
    assert type(dataset) is DATASETS[layout]
    assert dataset.name == name
    assert len(dataset) == training
    assert [len(dataset[index].points) for index in range(3)] == [1, 2, 3]
    assert dataset[0].picture.shape == (HEIGHT, WIDTH, 3)
    held_out = open_dataset(tmp_path, Choice("held-out"), layout=layout)
    assert held_out.pictures == dataset.listed(dataset.training_folder)[9::10]
    if test:
        assert len(open_dataset(tmp_path, Choice("test"))) == test


def test_every_tenth_picture_by_number_is_held_out(data: Path) -> None:
    assert [a.name for a in load_all(open_dataset(data, Choice("held-out")))] == ["IMG_10", "IMG_20"]


def test_the_splits_are_disjoint_and_make_up_the_whole(data: Path) -> None:
    parts = (set(open_dataset(data, Choice(split)).pictures) for split in ("train", "held-out", "all"))
    train, held_out, everything = parts
    assert not train & held_out
    assert train | held_out == everything
    assert len(everything) == 20


def test_pictures_come_with_their_own_people(data: Path) -> None:
    dataset = open_dataset(data)
    assert dataset.name == "ShanghaiTech part B"
    for number, annotated in enumerate(load_all(dataset), 1):
        assert annotated.name == f"IMG_{number}"
        assert annotated.points.shape == (number, 2)
        x, y = annotated.points[0].astype(int)
        assert annotated.picture[y, x].max() < 110  # drawn dark on a bright ground


@pytest.mark.parametrize(
    ("path", "given", "name"),
    [
        ("part_B/train_data", "part_B/train_data", "ShanghaiTech part B"),
        ("part_B/train_data", "part_B", "ShanghaiTech part B"),
        ("part_A_final/train_data", "part_A_final/train_data", "ShanghaiTech part A"),
        ("part_A_final/test_data", "part_A_final/test_data", "ShanghaiTech part A, test half"),
        ("station/train_data", "station/train_data", "ShanghaiTech (station)"),
    ],
    ids=lambda value: value.replace("/", "-"),
)
def test_the_part_is_known_by_the_folders_name(
    tmp_path: Path, annotate: Annotate, path: str, given: str, name: str
) -> None:
    annotate(tmp_path / path, 1, np.ones((1, 2)))
    assert open_dataset(tmp_path / given).name == name


def test_the_name_does_not_depend_on_how_the_folder_was_given(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(data.parent)
    assert open_dataset(Path("train_data")).name == "ShanghaiTech part B"


def test_pictures_of_part_a_that_leak_are_left_out_and_the_split_stays(tmp_path: Path, annotate: Annotate) -> None:
    names = {}
    for part in ("part_A", "part_B"):
        for number in range(1, 161):
            annotate(tmp_path / part / "train_data", number, np.ones((1, 2)))
        folder = tmp_path / part / "train_data"
        names[part] = {split: {p.stem for p in open_dataset(folder, Choice(split)).pictures} for split in SPLITS_OF}
    assert names["part_B"]["all"] - names["part_A"]["all"] == A_LEAKS
    assert names["part_B"]["held-out"] - names["part_A"]["held-out"] == {"IMG_60"}
    assert names["part_A"]["held-out"] < names["part_B"]["held-out"]
    with_leaks = open_dataset(tmp_path / "part_A" / "train_data", Choice(leaks=True))
    assert {p.stem for p in with_leaks.pictures} == names["part_B"]["all"]


SPLITS_OF = ("train", "held-out", "all")


def test_the_test_half_of_part_a_is_whole(tmp_path: Path, annotate: Annotate) -> None:
    for half, numbers in (("train_data", range(1, 4)), ("test_data", range(1, 4))):
        for number in numbers:
            annotate(tmp_path / "part_A" / half, number, np.ones((1, 2)))
    assert len(open_dataset(tmp_path / "part_A")) == 2
    assert len(open_dataset(tmp_path / "part_A", Choice("test"))) == 3
    assert len(open_dataset(tmp_path / "part_A" / "test_data")) == 3


@pytest.mark.parametrize("fold", range(1, 6))
def test_a_fold_of_ucf_cc_50_is_ten_consecutive_pictures(tmp_path: Path, fold: int) -> None:
    ucf_cc_50(tmp_path)
    parts = {
        split: {int(p.stem) for p in open_dataset(tmp_path, Choice(split, fold=fold)).pictures}
        for split in ("train", "held-out", "all", "test")
    }
    first = 10 * (fold - 1) + 1
    assert parts["test"] == set(range(first, first + 10))
    assert parts["all"] == parts["train"] | parts["held-out"] == set(range(1, 51)) - parts["test"] - {45}
    assert parts["held-out"] == {10, 20, 30, 40, 50} - parts["test"]
    assert open_dataset(tmp_path, Choice(fold=fold)).name == f"UCF_CC_50 without fold {fold}"


def test_points_outside_are_moved_to_the_border_and_counted(folder: Path, annotate: Annotate) -> None:
    outside = [(-3, 10), (50, 96), (128, 96), (500, -2), (64, 48), (0, 0)]
    annotate(folder, 1, np.array(outside, float))
    annotated = open_dataset(folder)[0]
    assert annotated.moved == 4
    assert len(annotated.points) == len(outside)
    assert (annotated.points >= 0).all()
    assert (annotated.points < (128, 96)).all()
    np.testing.assert_allclose(annotated.points, np.clip(outside, 0, (128, 96)), atol=1e-4)


@pytest.mark.parametrize("shape", [(0, 2), (0, 0)], ids=str)
def test_a_picture_may_hold_nobody(folder: Path, annotate: Annotate, shape: tuple[int, int]) -> None:
    annotate(folder, 1, np.zeros(shape))
    annotated = open_dataset(folder)[0]
    assert annotated.points.shape == (0, 2)
    assert annotated.moved == 0


@pytest.mark.parametrize("length", [0, 1, 127, 128, 200, 300], ids=lambda length: f"{length} bytes")
def test_half_an_annotation_is_named(folder: Path, annotate: Annotate, length: int) -> None:
    annotate(folder, 1, np.ones((4, 2)))
    file = folder / "ground-truth" / "GT_IMG_1.mat"
    file.write_bytes(file.read_bytes()[:length])
    with pytest.raises(TrainerError, match=r"annotation .*GT_IMG_1.mat holds no image_info.location"):
        open_dataset(folder)[0]


DEADLY = {
    "of no type": (192, 0),
    "of another type": (192, 45),
    "of too large a type": (193, 1),
}
"""Places in UCF's annotation, and the byte that kills SciPy's reader there."""


@pytest.mark.parametrize(("place", "byte"), DEADLY.values(), ids=DEADLY.keys())
def test_an_annotation_that_kills_its_reader_is_refused_and_the_next_is_read(
    tmp_path: Path, place: int, byte: int
) -> None:
    for number in (1, 2):
        draw(tmp_path / f"{number}.jpg", number)
        save_points(tmp_path / f"{number}_ann.mat", "annPoints", 7)
    content = bytearray((tmp_path / "1_ann.mat").read_bytes())
    content[place] = byte
    (tmp_path / "1_ann.mat").write_bytes(content)
    dataset = open_dataset(tmp_path)
    with pytest.raises(TrainerError, match=r"1_ann.mat holds no annPoints as UCF's: it is damaged, so that reading"):
        dataset[0]
    assert len(dataset[1].points) == 7


def test_an_annotation_whose_reading_takes_for_ever_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ucf_cc_50(tmp_path)
    dataset = open_dataset(tmp_path)
    assert len(dataset[1].points) == 2
    (reader,) = [child for child in psutil.Process().children() if child.cmdline()[-1].endswith("matlab.py")]
    reader.suspend()
    with monkeypatch.context() as impatient:
        impatient.setattr("trainer.datasets.matlab.PATIENCE_S", 0.2)
        with pytest.raises(TrainerError, match=r"comes to no end; save it again"):
            dataset[0]
    assert len(dataset[1].points) == 2


WRONG_POINTS = {
    "three columns": (np.ones((4, 3)), r"points of shape 4x3, expected one line of x and y per person"),
    "turned": (np.ones((2, 4)), r"points of shape 2x4, expected one line of x and y"),
    "one line": (np.ones((1, 8)), r"points of shape 1x8, expected one line of x and y"),
    "not a number": (np.array([[1, 2], [np.nan, 3]]), "points that are not numbers; remove them"),
    "endless": (np.array([[1, np.inf]]), "points that are not numbers; remove them"),
    "text": (np.array([["a", "b"]]), "points that are not numbers: "),
}


@pytest.mark.parametrize(("points", "message"), WRONG_POINTS.values(), ids=WRONG_POINTS.keys())
def test_points_that_are_none_are_refused(tmp_path: Path, points: np.ndarray, message: str) -> None:
    draw(tmp_path / "1.jpg")
    savemat(tmp_path / "1_ann.mat", {"annPoints": points})
    with pytest.raises(TrainerError, match=rf"annotation .*1_ann.mat holds {message}"):
        open_dataset(tmp_path)[0]


def test_a_missing_annotation_is_named(folder: Path, annotate: Annotate) -> None:
    annotate(folder, 1, np.ones((4, 2)))
    (folder / "ground-truth" / "GT_IMG_1.mat").unlink()
    with pytest.raises(TrainerError, match=r"GT_IMG_1.mat is missing, but its picture is there"):
        open_dataset(folder)[0]


def test_a_frame_that_malls_annotation_lacks_is_named(tmp_path: Path) -> None:
    mall(tmp_path)
    draw(tmp_path / "frames" / "seq_000806.jpg")
    dataset = open_dataset(tmp_path, Choice("test"))
    with pytest.raises(TrainerError, match=r"mall_gt.mat holds no frame 806 with a loc as Mall's"):
        dataset[5]


def test_a_damaged_picture_is_named(folder: Path, annotate: Annotate) -> None:
    annotate(folder, 1, np.ones((4, 2)))
    (folder / "images" / "IMG_1.jpg").write_bytes(b"no picture")
    with pytest.raises(TrainerError, match=r"picture .*IMG_1.jpg cannot be read"):
        open_dataset(folder)[0]


def test_too_few_pictures_cannot_be_split(folder: Path, annotate: Annotate) -> None:
    for number in (1, 3, 4):
        annotate(folder, number, np.ones((1, 2)))
    assert len(open_dataset(folder, Choice("train"))) == 3
    with pytest.raises(TrainerError, match="has 3 pictures, at least 4 are needed to hold one out"):
        open_dataset(folder, Choice("held-out"))


def refusals(tmp_path: Path) -> dict[str, tuple[Callable[[], object], str]]:
    return {
        "no folder": (lambda: open_dataset(tmp_path / "none"), "data folder .*none does not exist"),
        "unknown layout": (
            lambda: open_dataset(tmp_path, layout="jhu"),
            "data set 'jhu' is unknown; there are: shanghaitech, ucf-cc-50",
        ),
        "nothing known": (
            lambda: open_dataset(tmp_path / "empty"),
            r"is no data set of a known layout \(shanghaitech, ",
        ),
        "no pictures": (
            lambda: open_dataset(tmp_path / "empty", layout="ucf-qnrf"),
            "empty holds no pictures where they are expected .*; is the archive unpacked",
        ),
        "no head points": (
            lambda: open_dataset(tmp_path / "plain"),
            "plain holds pictures without head points: they can be counted, but not be learnt from",
        ),
        "unknown split": (lambda: Choice("validation"), "split is 'validation', expected one of train, held-out"),
        "fold without folds": (lambda: open_dataset(tmp_path / "part_B", Choice(fold=1)), "its layout has none"),
        "fold too high": (lambda: open_dataset(tmp_path / "ucf", Choice(fold=6)), "fold 6 of .*; it has 1 to 5"),
        "no fold": (lambda: open_dataset(tmp_path / "ucf", Choice("test")), "holds no test pictures .*; choose a fold"),
        "no test half": (
            lambda: open_dataset(tmp_path / "part_B", Choice("test")),
            "holds no test pictures beside .*; give their folder itself, with the split all",
        ),
        "the same twice": (
            lambda: open_datasets([tmp_path / "part_B", tmp_path / "plain" / ".." / "part_B"]),
            "data folders .* name the same one twice",
        ),
    }


@pytest.mark.parametrize("what", refusals(Path()).keys())
def test_what_cannot_be_opened_is_refused_in_one_sentence(tmp_path: Path, annotate: Annotate, what: str) -> None:
    (tmp_path / "empty").mkdir()
    draw(tmp_path / "plain" / "a.jpg")
    annotate(tmp_path / "part_B" / "train_data", 1, np.ones((1, 2)))
    draw(tmp_path / "ucf" / "1.jpg")
    save_points(tmp_path / "ucf" / "1_ann.mat", "annPoints", 1)
    run, message = refusals(tmp_path)[what]
    with pytest.raises(TrainerError, match=message) as caught:
        run()
    assert "\n" not in str(caught.value)


def test_pictures_without_head_points_can_be_counted(tmp_path: Path) -> None:
    for name in ("b_2.png", "b_10.jpg", "a.JPG", ".hidden.jpg", "notes.txt"):
        draw(tmp_path / "images" / "x.png").rename(tmp_path / "images" / name)
    pictures = Pictures(tmp_path)
    assert [unannotated.name for unannotated in pictures] == ["a", "b_2", "b_10"]
    assert pictures[0].picture.shape == (HEIGHT, WIDTH, 3)
    with pytest.raises(TrainerError, match=r"holds no pictures, expected files ending in .jpg, "):
        Pictures(tmp_path / "none")


def test_several_folders_are_one_data_set(data: Path, tmp_path: Path) -> None:
    ucf_cc_50(tmp_path)
    both = open_datasets([data, tmp_path], Choice("train"))
    assert isinstance(both, Combined)
    assert both.name == "ShanghaiTech part B + UCF_CC_50"
    assert both.sizes == (18, 44)
    assert len(both) == 62
    assert [both[index].name for index in (0, 17, 18, 61)] == [
        "ShanghaiTech part B/IMG_1",
        "ShanghaiTech part B/IMG_19",
        "UCF_CC_50/1",
        "UCF_CC_50/49",
    ]
    with pytest.raises(IndexError):
        both[62]


def test_a_fold_is_chosen_of_the_sets_that_have_folds(data: Path, tmp_path: Path) -> None:
    ucf_cc_50(tmp_path)
    both = open_datasets([data, tmp_path], Choice("all", fold=2))
    assert isinstance(both, Combined)
    assert both.sizes == (20, 39)
    assert both.name == "ShanghaiTech part B + UCF_CC_50 without fold 2"
    with pytest.raises(TrainerError, match="its layout has none"):
        open_datasets([data], Choice(fold=2))


def test_sets_of_the_same_name_are_numbered(tmp_path: Path) -> None:
    folders = [tmp_path / place / "photos" for place in ("square", "station", "stadium")]
    for folder in folders:
        draw(folder / "1.png").with_suffix(".csv").write_text("x,y\n1,2\n")
    assert open_datasets(folders).name == "photos + photos #2 + photos #3"


def test_one_folder_stays_what_it_is(data: Path) -> None:
    assert open_datasets([data])[0].name == "IMG_1"


@pytest.mark.parametrize("sizes", [(3, 10), (10, 3), (4, 4), (1, 7, 3), (5,)], ids=str)
def test_balanced_sets_are_equally_long_and_whole(sizes: tuple[int, ...]) -> None:
    items = [(part, index) for part, size in enumerate(sizes) for index in range(size)]
    repeated = balanced(items, sizes)
    for part, size in enumerate(sizes):
        own = [index for p, index in repeated if p == part]
        assert len(own) == max(sizes)
        uses = [own.count(index) for index in range(size)]
        assert max(uses) - min(uses) <= 1


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not beside the repository")
def test_the_shared_sets_are_as_their_page_says() -> None:
    parts = {name: open_dataset(SHARED / "shanghaitech" / f"part_{name}" / "train_data") for name in "AB"}
    assert [len(parts[name]) for name in "AB"] == [294, 400]
    assert [len(open_dataset(p.folder, Choice("held-out"))) for p in parts.values()] == [29, 40]
    ucf = open_dataset(SHARED / "ucf_cc_50")
    assert sum(len(ucf.points_of(path)) for path, _ in ucf.members) == 63_974
