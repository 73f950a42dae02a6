"""Exported models are put side by side by their size, their error and their time."""

import csv
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from trainer.cli import main
from trainer.commands.compare import show_table
from trainer.datasets import Choice, load_all, open_dataset
from trainer.evaluation.comparison import Compared, change_of, costs_of, reference_of
from trainer.evaluation.counters import onnx_counter
from trainer.evaluation.evaluate import measure
from trainer.evaluation.plots import draw_comparison
from trainer.evaluation.scores import scores
from trainer.evaluation.speed import ms_per_tile
from trainer.exporting.export import metadata_of
from trainer.networks.deepcount import DeepCountConfig
from trainer.networks.describe import layers_of, total

ROW = Compared("light", "fp32", 10.9, None, {"B": 10.0}, {"B": 15.0}, 10.0, 15.0, 37.0)
ROWS = [
    ROW,
    replace(ROW, name="light.int8", precision="int8", mae=10.5, ms_per_tile=20.0),
    replace(ROW, name="full.fp16", precision="fp16", mae=8.0),
    replace(ROW, name="other", mae=5.0),
    replace(ROW, name="somewhere/other.int8", precision="int8", mae=6.0),
]


@pytest.fixture
def folders(data: Path, tmp_path: Path, annotate: Callable[[Path, int, NDArray[np.float64]], None]) -> list[Path]:
    """Part B in miniature, and a part A of which one picture with seven people is held out."""
    other = tmp_path / "part_A" / "train_data"
    for number in range(1, 11):
        annotate(other, number, np.full((7, 2), 40.0))
    return [data, other]


def mae_on(model: Path, folder: Path) -> float:
    return scores(list(measure(onnx_counter(model), load_all(open_dataset(folder, Choice("held-out")))))).mae


def test_each_model_has_a_row_with_its_error_on_each_data_set(
    exported: Path, folders: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    variant = tmp_path / "tiny.copy.onnx"
    shutil.copy(exported, variant)
    data = [word for folder in folders for word in ("--data", str(folder))]
    capsys.readouterr()
    out = tmp_path / "found"
    assert main(["compare", str(exported), str(variant), *data, "--threads", "1", "--out", str(out)]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert re.search(r" tiny\.copy +fp32 .* \+0\.0% ", printed.out)
    assert "3 pictures\n1 thread of " in printed.out
    with (out / "comparison.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["model"] for row in rows] == ["tiny", "tiny.copy"]
    assert {row["against"] for row in rows} == {"tiny"}
    for row in rows:
        assert float(row["MAE ShanghaiTech part B"]) == pytest.approx(mae_on(exported, folders[0]), abs=1e-3)
        assert float(row["MAE ShanghaiTech part A"]) == pytest.approx(mae_on(exported, folders[1]), abs=1e-3)
        part_b, part_a = float(row["MAE ShanghaiTech part B"]), float(row["MAE ShanghaiTech part A"])
        assert float(row["MAE"]) == pytest.approx((2 * part_b + part_a) / 3, abs=1e-3)
        part_b, part_a = float(row["RMSE ShanghaiTech part B"]), float(row["RMSE ShanghaiTech part A"])
        assert float(row["RMSE"]) == pytest.approx(((2 * part_b**2 + part_a**2) / 3) ** 0.5, abs=1e-2)
        assert float(row["megabytes"]) == pytest.approx(exported.stat().st_size / 1e6, abs=1e-3)
        assert float(row["ms per tile"]) > 0
        assert row["threads"] == "1"
    assert (out / "comparison.png").read_bytes().startswith(b"\x89PNG")


def test_files_of_the_same_name_are_told_apart(
    exported: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(exported, tmp_path / exported.name)
    words = ["compare", str(exported), str(tmp_path / exported.name), "--data", str(data), "--out", str(tmp_path)]
    assert main(words) == 0
    with (tmp_path / "comparison.csv").open(newline="") as file:
        names = [row["model"] for row in csv.DictReader(file)]
    assert names == [str(exported.with_suffix("")), str(tmp_path / "tiny")]


@pytest.mark.parametrize(
    ("place", "reference", "change"),
    [(0, "light", None), (1, "light", 0.05), (2, "light", -0.2), (3, "other", None), (4, "other", 0.2)],
    ids=[row.name for row in ROWS],
)
def test_a_model_is_measured_against_its_own_in_fp32_or_else_the_first(
    place: int, reference: str, change: float | None
) -> None:
    assert reference_of(ROWS[place], ROWS).name == reference
    assert change_of(ROWS[place], ROWS) == (None if change is None else pytest.approx(change))


def test_costs_are_those_of_what_counts(exported: Path) -> None:
    facts = metadata_of(exported)
    assert costs_of(facts) == total(layers_of(DeepCountConfig(width=1 / 32, branches=())))
    counting = facts | {"count": "the backbone and branch 3 and branch 5"}
    del counting["model"]  # as files of earlier releases are
    assert costs_of(counting) == total(layers_of(DeepCountConfig(width=1 / 32, branches=(3, 5))))
    csrnet = {"architecture": "csrnet-vgg16", "width": "1.0", "count": "the backbone"}
    found = costs_of(csrnet)
    assert found is not None
    assert found.parameters == 16_263_489


@pytest.mark.parametrize(
    "facts", [{}, {"architecture": "deepcount-vgg16"}, {"architecture": "transformer", "width": "1"}], ids=str
)
def test_costs_of_an_unknown_network_are_left_out(facts: dict[str, str]) -> None:
    assert costs_of(facts) is None


def test_every_model_is_timed(exported: Path) -> None:
    times = ms_per_tile([exported, exported], 1, range(3))
    assert len(times) == 2
    assert min(times) > 0


def test_no_figure_is_cut_off_where_there_is_no_screen(capsys: pytest.CaptureFixture[str]) -> None:
    errors = {f"a collection of pictures called {number}": 100.0 + number for number in range(9)}
    show_table([replace(ROW, maes=errors, rmses=errors, normalised=0.5, ms_per_tile=16.25, megabytes=123.4)])
    said = capsys.readouterr().out
    assert all(figure in said for figure in ("108.00", "0.500", "15.00", "16.2", "123.4"))


def test_one_model_and_several_can_be_drawn(tmp_path: Path) -> None:
    for rows in (ROWS[:1], ROWS, [replace(ROW, mae=0.0)]):
        draw_comparison(rows, "drawn", tmp_path / "a.png")
        assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
        (tmp_path / "a.png").unlink()


WRONG = {
    "a checkpoint": ("{best}", [], "model .*best.safetensors is no ONNX model"),
    "missing": ("{tmp}/none.onnx", [], "model .*none.onnx cannot be read"),
    "no threads": ("{exported}", ["--threads", "0"], "--threads is 0, expected at least 1"),
}


@pytest.mark.parametrize(("model", "more", "message"), WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_compared_is_answered_with_one_sentence_before_any_work(
    model: str,
    more: list[str],
    message: str,
    best: Path,
    exported: Path,
    data: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    path = model.format(best=best, exported=exported, tmp=tmp_path)
    capfd.readouterr()
    words = ["compare", str(exported), path, "--data", str(data), "--out", str(tmp_path / "out"), *more]
    assert main(words) == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert re.search(message, line)
    assert list(tmp_path.iterdir()) == []
