"""What a training and an evaluation take as data: several sets at once, and sets in which nobody is."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from trainer.checking.duplicates import apart
from trainer.checking.learnable import learnable
from trainer.checkpoints import load_checkpoint
from trainer.cli import main
from trainer.datasets import Annotated, Choice, load_all, open_dataset, open_datasets
from trainer.errors import TrainerError

TINY = ("model.width=0.03125", "model.branches=[5]", "batch=4", "steps=2", "evaluate_every=2", "precision=fp32")
Annotate = Callable[..., None]


def run(*words: str, run_folder: Path, changes: tuple[str, ...] = ()) -> int:
    settings = [word for change in (*TINY, *changes) for word in ("--set", change)]
    return main(["train", *words, "--run", str(run_folder), "--device", "cpu", *settings])


def test_a_set_in_which_nobody_is_trains_and_is_evaluated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "empty square"
    folder.mkdir()
    lines = ["name,x,y"]
    for number in range(1, 11):
        Image.new("RGB", (64, 48), (10 * number, 90, 90)).save(folder / f"{number}.png")
        lines.append(f"{number}.png,,")
    (folder / "heads.csv").write_text("\n".join(lines))
    assert run("--data", str(folder), run_folder=tmp_path / "run") == 0
    assert "empty square: 9 pictures, 0 people (0 moved to the border)" in capsys.readouterr().out
    assert main(["evaluate", str(tmp_path / "run" / "best.safetensors"), "--data", str(folder)]) == 0
    assert "empty square, held-out: 1 pictures, 0 people" in capsys.readouterr().out


def test_several_sets_are_trained_on_together_and_named(
    data: Path, tmp_path: Path, annotate: Annotate, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(1, 11):
        annotate(tmp_path / "part_A" / "train_data", number, np.ones((2, 2)))
    words = ["--data", str(data), "--data", str(tmp_path / "part_A")]
    changes = ("balanced=true", "ground_truth.kernel=adaptive")
    assert run(*words, run_folder=tmp_path / "run", changes=changes) == 0
    assert "ShanghaiTech part B + ShanghaiTech part A: 26 pictures" in capsys.readouterr().out
    checkpoint = load_checkpoint(tmp_path / "run" / "last.safetensors")
    assert checkpoint.facts["data"] == "ShanghaiTech part B + ShanghaiTech part A"
    assert checkpoint.config.balanced
    assert checkpoint.config.ground_truth.kernel == "adaptive"
    assert main(["evaluate", str(tmp_path / "run" / "best.safetensors"), *words]) == 0
    assert "held-out: 3 pictures" in capsys.readouterr().out


def test_pictures_without_head_points_are_not_trained_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("RGB", (64, 48)).save(tmp_path / "a.png")
    assert run("--data", str(tmp_path), run_folder=tmp_path / "run") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "holds pictures without head points: they can be counted, but not be learnt from or measured on" in line
    assert not (tmp_path / "run").exists()


def clouds(seed: int, height: int = 240, width: int = 320) -> np.ndarray:
    """Draws a smooth picture, as photographs are; noise has no low frequencies to tell it by."""
    noise = np.random.default_rng(seed).integers(0, 255, (12, 16, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def annotated(name: str, picture: np.ndarray) -> Annotated:
    return Annotated(name, picture, np.zeros((1, 2), np.float32))


def write(folder: Path, pictures: dict[str, np.ndarray]) -> Path:
    folder.mkdir()
    for name, picture in pictures.items():
        Image.fromarray(picture).save(folder / f"{name}.png")
        (folder / f"{name}.csv").write_text("x,y\n5,5\n")
    return folder


def test_training_says_what_it_learns_from_and_what_it_leaves_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = cv2.resize(clouds(29), (200, 150), interpolation=cv2.INTER_AREA)
    first = write(tmp_path / "first", {f"{n}": clouds(n) for n in range(1, 11)} | {"5": copy})
    second = write(tmp_path / "second", {f"{n}": clouds(n) for n in range(20, 30)})
    assert run("--data", str(first), "--data", str(second), run_folder=tmp_path / "run") == 0
    lines = (
        "left out, for they are nearly the same as held-out pictures of another set: first/5\n"
        "first + second: 17 pictures, 17 people (0 moved to the border)\n"
    )
    assert lines in capsys.readouterr().out


SETS = (("first", 1), ("second", 40))
COPIES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "the same": lambda picture: picture,
    "smaller": lambda picture: cv2.resize(picture, (200, 150), interpolation=cv2.INTER_AREA),
    "grey": lambda picture: np.repeat(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[:, :, None], 3, 2),
}


@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES.keys())
def test_a_copy_of_a_held_out_picture_is_kept_out_of_training(copied: Callable[[np.ndarray], np.ndarray]) -> None:
    training = [annotated(str(seed), clouds(seed)) for seed in range(6)]
    training[3] = annotated("copy", np.ascontiguousarray(copied(clouds(50))))
    assert apart(training, [annotated("aside", clouds(50)), annotated("other", clouds(51))]) == [0, 1, 2, 4, 5]


def test_where_nothing_is_held_out_all_is_learnt_from() -> None:
    assert apart([annotated("a", clouds(1)), annotated("b", clouds(1))], []) == [0, 1]


def test_sets_are_drawn_from_equally_often_though_one_lost_a_copy(tmp_path: Path) -> None:
    """The tenth of the second set is held out, and the first set has it too: smaller, and by another name."""
    copy = cv2.resize(clouds(39), (200, 150), interpolation=cv2.INTER_AREA)
    first = {f"{n}": clouds(n) for n in range(1, 11)} | {"5": copy}
    second = {f"{n}": clouds(n) for n in range(20, 40)}
    folders = [write(tmp_path / "first", first), write(tmp_path / "second", second)]
    training, held_out = (open_datasets(folders, Choice(split)) for split in ("train", "held-out"))
    aside = load_all(held_out)
    assert [item.name for item in aside] == ["first/10", "second/29", "second/39"]
    found = learnable(training, aside)
    assert found.left_out == ["first/5"]
    names = Counter(item.name for item in found.balanced())
    assert set(names) == {f"first/{n}" for n in (1, 2, 3, 4, 6, 7, 8, 9)} | {
        f"second/{n}" for n in range(20, 39) if n != 29
    }
    drawn = {part: sum(n for name, n in names.items() if name.startswith(part)) for part in ("first/", "second/")}
    assert drawn == {"first/": 18, "second/": 18}
    assert Counter(item.name for item in found.pictures) == dict.fromkeys(names, 1)


def test_pictures_of_a_camera_that_does_not_move_are_all_learnt_from(tmp_path: Path) -> None:
    frames = {}
    for number in range(1, 11):
        frames[f"{number}"] = clouds(1)
        cv2.circle(frames[f"{number}"], (20 * number, 120), 4, (0, 0, 0), -1)
    folder = write(tmp_path / "square", frames)
    held_out = load_all(open_dataset(folder, Choice("held-out")))
    assert len(held_out) == 1
    assert len(learnable(open_dataset(folder, Choice("train")), held_out).balanced()) == 9


def test_a_set_of_nothing_but_copies_drops_out(tmp_path: Path) -> None:
    folders = [write(tmp_path / name, {f"{n}": clouds(n) for n in range(first, first + 10)}) for name, first in SETS]
    training, held_out = (open_datasets(folders, Choice(split)) for split in ("train", "held-out"))
    aside = [*load_all(held_out), *(annotated(f"others/{n}", clouds(n)) for n in range(40, 50))]
    names = {item.name for item in learnable(training, aside).balanced()}
    assert names == {f"first/{n}" for n in range(1, 10)}
    aside += [annotated(f"others/{n}", clouds(n)) for n in range(1, 11)]
    with pytest.raises(
        TrainerError, match=r"first \+ second has no picture to learn from: other data sets hold them out"
    ):
        learnable(training, aside)
