"""A study trains what one file describes, goes on where it was stopped, and puts all into one table."""

import csv
import re
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.io import savemat

from trainer.checkpoints import load_checkpoint
from trainer.cli import main
from trainer.config import load_config
from trainer.errors import TrainerError
from trainer.evaluation.spread import Outcome, Row, Spread, rows_of
from trainer.learning.licences import TEACHER
from trainer.learning.run import BEST
from trainer.learning.study import Study, Variant, read_study, study_names
from trainer.learning.teacher import named_with_hash

TINY = ["model.width=0.03125", "optimiser.name=adamw"]
CHANGES = [*TINY, "steps=1", "evaluate_every=1", "batch=1", "model.branches=[5]"]
HEIGHT, WIDTH = 48, 64


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def lines(folder: Path) -> list[dict[str, str]]:
    with (folder / "study.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def fifty(tmp_path: Path) -> Path:
    """UCF_CC_50 in miniature."""
    folder = tmp_path / "ucf"
    folder.mkdir()
    for number in range(1, 51):
        rng = np.random.default_rng(number)
        cv2.imwrite(str(folder / f"{number}.jpg"), rng.integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8))
        savemat(folder / f"{number}_ann.mat", {"annPoints": rng.uniform((0, 0), (WIDTH, HEIGHT), (number, 2))})
    return folder


@pytest.mark.parametrize("name", study_names())
def test_every_study_that_comes_along_is_of_configurations_that_load(name: str) -> None:
    study = read_study(name)
    for run in study.planned():
        words = study.words(run)
        values = {key: [value for at, value in pairwise(words) if at == key] for key in words[::2]}
        assert load_config(values["--preset"][0], values.get("--set", [])).steps > 0


def test_a_path_has_the_seed_of_its_training() -> None:
    study = Study(over={"seed": (4,)}, variants=(Variant(teacher="taught-{seed}"),))
    assert study.words(study.planned()[0])[-2:] == ["--teacher", "taught-4"]


def test_every_combination_is_one_training_and_repeats_share_a_row() -> None:
    over = {"model.width": (0.25, 0.5), "fold": (1, 2), "seed": (1, 2, 3)}
    study = Study(preset="paper", set=("batch=4",), over=over, variants=(Variant("a"), Variant("b", set=("ema=0.9",))))
    planned = study.planned()
    assert len(planned) == len({run.folder for run in planned}) == 24
    assert len({run.row for run in planned}) == 4
    last = planned[-1]
    assert (last.row, last.repeat, last.folder) == ("b, width 0.5", "fold 2, seed 3", "b-width-0.5-fold-2-seed-3")
    changes = ["batch=4", "ema=0.9", "model.width=0.5", "seed=3"]
    assert study.words(last) == ["--preset", "paper", *(word for change in changes for word in ("--set", change))]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("presets = 'a'", "there is no 'presets'; there are: title, task, preset, split"),
        ("task = 'guessing'", "task is 'guessing', expected counting or classification"),
        ("[over]\nseed = 3", r"over is no table of lists, such as seed = \[1, 2, 3\]"),
        ("split = 'half'", "split is 'half', expected one of train, held-out, all, test"),
        ("minutes = 'few'", "minutes is 'few', expected something like 0.0"),
        ("[[variants]]\nnames = 'a'", "variant 1: there is no 'names'; there are: name, preset, set"),
        ("[[variants]]\npublished = {count = 'low'}", "variant 1: published is .*, expected something like {}"),
        ("variants = []", "variants is no list of tables"),
        ("a = ", "cannot be read"),
    ],
)
def test_a_wrong_file_is_refused_by_key(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match=message):
        read_study(str(written(tmp_path / "own.toml", text)))


def test_two_trainings_of_one_name_are_refused() -> None:
    with pytest.raises(TrainerError, match="study has 2 trainings called 'all'; name variants"):
        Study(variants=(Variant(), Variant(set=("seed=2",)))).planned()


def test_an_unknown_study_is_answered_with_the_known_ones() -> None:
    with pytest.raises(TrainerError, match=r"study 'sum' does not exist; there are: .*ucf-cc-50"):
        read_study("sum")


def test_mean_and_deviation_are_over_what_repeats() -> None:
    outcomes = [Outcome("a", f"seed {n}", 4, {"count": mae}, {"count": 2 * mae}) for n, mae in ((1, 3.0), (2, 5.0))]
    rows = rows_of([*outcomes, Outcome("b", "", 4, {"count": 1.0}, {"count": 1.5})], {"a": {"count": 4.5}})
    assert [row.name for row in rows] == ["a", "b"]
    assert rows[0].mae() == Spread(4.0, pytest.approx(2**0.5))
    assert str(rows[0].rmse()) == "8.00 ± 2.83"
    assert str(rows[1].mae()) == "1.00"
    assert Row("c", [Outcome("c", "", 1, {"count": 1, "map": 2}, {}), outcomes[0]]).outputs == ["count"]


def test_a_study_trains_each_once_and_tables_all(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"""
    title = "widths"
    publisher = "elsewhere"
    set = {[change.replace("'", '"') for change in CHANGES]}
    [over]
    seed = [1, 2]
    [[variants]]
    name = "coarse"
    published = {{ count = 7.2, "branch 5" = 9.7 }}
    """
    study, folder = written(tmp_path / "widths.toml", text), tmp_path / "runs"
    command = ["study", str(study), "--data", str(data), "--run", str(folder), "--device", "cpu", "--threads", "1"]
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "training 2 of 2: coarse, seed 2 (about" in said
    assert "elsewhere" in said
    found = lines(folder)
    mean = {(line["what"], line["output"]): line for line in found if line["of"] == "mean"}
    each = [float(line["mae"]) for line in found if line["output"] == "count" and line["of"] != "mean"]
    assert float(mean["coarse", "count"]["mae"]) == pytest.approx(sum(each) / 2, abs=1e-3)
    assert mean["coarse", "branch 5"]["published"] == "9.7"
    assert mean["coarse", "count"]["mae_deviation"]
    assert cv2.imread(str(folder / "study.png")).shape[0] > 300
    (folder / "coarse-seed-2" / "measured.csv").unlink()
    assert main(command) == 0
    again = capsys.readouterr().out
    assert "training 2 of 2" in again
    assert "training 1 of 2" not in again
    assert lines(folder) == found


def test_folds_are_trained_without_their_own_pictures(fifty: Path, tmp_path: Path) -> None:
    changes = [word for change in CHANGES for word in ("--set", change)]
    own = written(tmp_path / "one.toml", 'split = "test"\n[over]\nfold = [2]\n')
    command = ["study", str(own), "--data", str(fifty), "--run", str(tmp_path / "folds")]
    assert main([*command, "--device", "cpu", "--threads", "1", *changes]) == 0
    found = lines(tmp_path / "folds")
    assert [(line["of"], line["pictures"]) for line in found if line["output"] == "count"] == [
        ("fold 2", "10"),
        ("mean", "10"),
    ]
    with (tmp_path / "folds" / "all-fold-2" / "measured.csv").open(encoding="utf-8") as file:
        assert [row["picture"] for row in csv.DictReader(file)] == [str(n) for n in range(11, 21)]


def test_those_that_compare_with_a_teacher_get_the_one_that_is_given(best: Path, fifty: Path, tmp_path: Path) -> None:
    changes = [word for change in CHANGES for word in ("--set", change)]
    taught = """set = ["objective.terms=[{kind = 'l1', of = 'count', against = 'teacher'}]"]"""
    own = written(tmp_path / "two.toml", f'[[variants]]\nname = "alone"\n[[variants]]\nname = "taught"\n{taught}\n')
    command = ["study", str(own), "--data", str(fifty), "--run", str(tmp_path / "runs"), "--teacher", str(best)]
    assert main([*command, "--device", "cpu", "--threads", "1", *changes]) == 0
    facts = {name: load_checkpoint(tmp_path / "runs" / name / BEST).facts for name in ("alone", "taught")}
    assert facts["taught"][TEACHER] == named_with_hash(best)
    assert TEACHER not in facts["alone"]


@pytest.mark.parametrize(
    ("text", "more", "message"),
    [
        ("[over]\nfold = [5, 6]", [], "fold 6 of .* was asked for; it has 1 to 5"),
        ("[over]\nfold = [1]", ["--fold", "2"], r"--fold 2 is given, and the study takes folds \[1\]"),
        ("preset = 'heavy'", [], "preset 'heavy' does not exist"),
        ('[over]\n"model.depth" = [1]', [], "has no 'model.depth'"),
        ("preset = 'taught'", [], "compares with a teacher and none is given; name one with --teacher"),
        ("preset = 'taught'", ["--teacher", "none.onnx"], "teacher none.onnx does not exist"),
    ],
    ids=["fold", "fold twice", "preset", "key", "no teacher", "lost teacher"],
)
def test_what_cannot_be_trained_is_said_before_anything_is(
    text: str, more: list[str], message: str, fifty: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = written(tmp_path / "own.toml", text)
    assert main(["study", str(study), "--data", str(fifty), "--run", str(tmp_path / "runs"), *more]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert re.search(message, said)
    assert not (tmp_path / "runs").exists()
