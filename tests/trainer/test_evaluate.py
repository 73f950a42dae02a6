"""Errors are those of the literature, and a picture's count is the sum of its tiles."""

import csv
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from trainer.dataset import Annotated
from trainer.evaluate import Picture, Scores, measure, score_table, scores, write_csv

FOUND = [Picture("a", 10, {"count": 13.0, "density": 10.0}), Picture("b", 20, {"count": 16.0, "density": 19.0})]


def test_scores_equal_equations_8_and_9() -> None:
    assert scores(FOUND) == Scores(2, 3.5, pytest.approx(12.5**0.5), -0.5)
    assert scores(FOUND, "density") == Scores(2, 0.5, pytest.approx(0.5**0.5), -0.5)


def test_a_pictures_count_is_the_sum_of_its_tiles() -> None:
    def brightness(tiles: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        return {"count": tiles.mean((1, 2, 3), dtype=np.float32)}

    picture = np.zeros((768, 1024, 3), np.uint8)
    picture[:384, :512], picture[384:, 512:] = 7, 5
    (found,) = measure(brightness, [Annotated("a", picture, np.ones((3, 2), np.float32))])
    assert found == Picture("a", 3, {"count": 12.0})


def test_the_table_has_a_line_for_every_output() -> None:
    assert [line.split() for line in score_table(FOUND).splitlines()] == [
        ["output", "MAE", "RMSE", "bias"],
        ["count", "3.50", "3.54", "-0.50"],
        ["density", "0.50", "0.71", "-0.50"],
    ]


def test_the_csv_has_a_line_for_every_picture(tmp_path: Path) -> None:
    write_csv(FOUND, tmp_path / "found.csv")
    with (tmp_path / "found.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [
            ["picture", "annotated", "count", "density"],
            ["a", "10", "13.000", "10.000"],
            ["b", "20", "16.000", "19.000"],
        ]
    assert len(list(tmp_path.iterdir())) == 1
