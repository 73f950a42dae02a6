"""A model card shows pictures and figures that can be had again with the commands that stand in it."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from trainer.checkpoints import Checkpoint
from trainer.cli import main
from trainer.evaluation.behaviour import MapFigures
from trainer.evaluation.evaluate import Measured
from trainer.evaluation.examination import Examination
from trainer.exporting.markdown import LONGEST_LINE, command, table, wrapped
from trainer.exporting.origin import origin, recipe
from trainer.exporting.weaknesses import weaknesses

FACTS = {"name": "my model", "training_data": "ShanghaiTech part A + mine", "architecture": "deepcount-vgg16"}


@pytest.fixture(scope="module")
def card(exported: Path) -> str:
    return exported.with_suffix(".md").read_text("utf-8")


def code_after(card: str, words: str) -> list[str]:
    """Returns the lines which a command of the card printed."""
    return card.split(f"$ {words}")[1].split("\n```")[0].splitlines()[1:]


def test_it_shows_a_sheet_of_bad_and_of_typical_pictures(card: str, exported: Path) -> None:
    (name,) = re.findall(r"!\[[^]]+\]\(([^)]+)\)", card)
    assert name == "tiny.jpg"
    assert cv2.imread(str(exported.with_name(name))).shape[1] == 1600


def test_its_behaviour_is_what_examine_prints(
    card: str, exported: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["examine", str(exported), "--data", str(data)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert code_after(card, "deepcount-trainer examine tiny.onnx --data part_B/train_data") == printed
    assert "empty tiles: " in "\n".join(printed)


def test_its_figures_are_what_evaluate_prints(
    card: str, exported: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["evaluate", str(exported), "--data", str(data)]) == 0
    printed = capsys.readouterr().out.splitlines()[1:]
    assert code_after(card, "deepcount-trainer evaluate tiny.onnx --data part_B/train_data") == printed


def test_it_says_how_to_train_it_again(card: str) -> None:
    again = card.split("## Recipe")[1]
    assert "$ deepcount-trainer train --preset recipe.toml --data part_B/train_data --run runs/Tiny\n" in again
    assert "learned from random weights" in card


def test_its_lines_fit_a_screen(card: str) -> None:
    code = False
    for line in card.splitlines():
        code ^= line.startswith("```")
        assert code or line.startswith("|") or len(line) <= LONGEST_LINE


def test_each_data_set_has_its_figures(
    best: Path, data: Path, tmp_path: Path, annotate: Callable[[Path, int, NDArray[np.float64]], None]
) -> None:
    other = tmp_path / "part_A" / "train_data"
    for number in range(1, 11):
        annotate(other, number, np.full((7, 2), 40.0))
    words = [str(best), "--data", str(data), "--data", str(other), "--out", str(tmp_path / "a.onnx"), "--tiles", "2"]
    assert main(["export", *words, "--no-behaviour", "--show", str(other)]) == 0
    card = (tmp_path / "a.md").read_text("utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in card.splitlines() if line.startswith("|")]
    figures = {row[0]: row[1:3] for row in rows if len(row) == 7}
    assert "![Pictures of ShanghaiTech part A with head points" in card  # and none of those that were held out
    assert figures["ShanghaiTech part B"] == ["2", "30"]
    assert figures["ShanghaiTech part A"] == ["1", "7"]
    assert figures["all"] == ["3", "37"]
    assert "## Behaviour" not in card
    assert "## Known weaknesses" in card
    assert "--data 'ShanghaiTech part B'" in card.split("## Recipe")[1]  # it was not trained on both


def test_a_model_with_fewer_bits_has_a_short_card(best: Path, data: Path, tmp_path: Path) -> None:
    path = tmp_path / "tiny.fp16.onnx"
    words = [str(best), "--data", str(data), "--out", str(path), "--tiles", "2", "--precision", "fp16"]
    assert main(["export", *words, "--worsen", "50"]) == 0
    card = path.with_suffix(".md").read_text("utf-8")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["tiny.fp16.md", "tiny.fp16.onnx"]
    assert "same weights in `tiny.onnx`: see its card" in card
    assert re.findall(r"^## (.*)", card, re.MULTILINE) == ["Figures", "Data and licence"]
    assert "In fp16 the MAE is " in card


@pytest.mark.parametrize(
    ("weights", "option"),
    [
        ("none", ""),
        ("", ""),
        ("torchvision", "--weights torchvision"),
        ("mobilenet.safetensors", "--weights mobilenet.safetensors"),
        ("light.onnx, trained on ShanghaiTech part B", "--start light.onnx"),
        ("my model.onnx, trained on ", "--start 'my model.onnx'"),
    ],
)
def test_the_recipe_starts_where_the_training_did(weights: str, option: str, checkpoint: Checkpoint) -> None:
    found = Checkpoint(checkpoint.config, 4, {}, {"weights": weights})
    said = recipe(found, FACTS, None).split("$ ")[1].split("\n```")[0].replace("\\\n", "")
    options = shlex.split(option)
    assert shlex.split(said)[4:] == [
        *("--data", "ShanghaiTech part A", "--data", "mine", *options, "--run", "runs/my model")
    ]


def test_a_teacher_is_named_with_its_terms(checkpoint: Checkpoint) -> None:
    known = {"weights": "none", "teacher": "my light.onnx (0123456789ab)", "teacher_licence": "for research only"}
    found = Checkpoint(checkpoint.config, 4, {}, known)
    said = origin(found, FACTS | {"licence": "for research only"})
    assert "It learnt from a teacher too, my light.onnx (0123456789ab)" in said
    assert "these weights: for research only." in said
    assert "--teacher 'my light.onnx'" in recipe(found, FACTS, None)


def test_weaknesses_are_said_of_the_crowds_that_have_them() -> None:
    errors = {20: 1.0, 30: -1.0, 40: 1.0, 200: 30.0, 210: -30.0, 220: 10.0, 900: -200.0, 1000: -300.0, 1100: -10.0}
    found = [Measured(f"of {truth}", truth, {"count": truth + error}) for truth, error in errors.items()]
    empty = [(7.2, 3.0, "bricks"), (1.9, 0.0, "grey 0"), (0.0, 0.0, "grey 255")]
    changes = {0.5: 0.31, 2.0: 0.12, 4.0: float("nan")}
    said = weaknesses(found, FACTS, Examination(MapFigures(9, 0.1, 0.9), changes, empty))
    assert "| more than 500 | 3 | 170.0 | -170.0 | 87% |" in said
    assert "87% of all error is made in 3 of the 9 pictures, those with more than 500 people." in said
    assert "with more than 500 people are mostly counted too few: 3 of 3 are, on average all by 170.0." in said
    assert "with 51 to 500 people are mostly" not in said
    assert "Largest error (of 1000): 700 counted, 1,000 annotated." in said
    assert "Of 3 tiles with nobody in them, 1 count 2 people or more; the worst counts 7.2 (bricks)." in said
    assert "of pictures resized to 0.5 times their size it changes by 31%" in said
    assert "It learned from 2 collections" in said


def test_long_paragraphs_are_broken_and_nothing_else_is() -> None:
    words = " ".join(["people"] * 40)
    lines = wrapped(f"{words}\n\n* {words}\n| {words} |\n```\n{words}\n```\nshort").splitlines()
    assert max(map(len, lines[:3])) <= LONGEST_LINE
    assert lines[:3] == [lines[0], lines[0], lines[2]]
    bullets = [line for line in lines if line.startswith(("* ", "  "))]
    assert len(bullets) == 3
    assert lines[-5:] == [f"| {words} |", "```", words, "```", "short"]


def test_a_long_command_has_a_line_for_each_option() -> None:
    options = [f"--data folder_{number}/train_data" for number in range(5)]
    assert command("evaluate a.onnx", options[:1]) == "evaluate a.onnx --data folder_0/train_data"
    lines = command("evaluate a.onnx", options).splitlines()
    assert len(lines) == 6
    assert all(line.endswith(" \\") for line in lines[:-1])
    assert shlex.split("".join(line.removesuffix("\\") for line in lines)) == shlex.split(
        " ".join(["evaluate a.onnx", *options])
    )


def test_a_table_aligns_its_figures() -> None:
    assert table(("set", "MAE"), [("A", "9.1")]) == "| set | MAE |\n| --- | ---: |\n| A | 9.1 |"
