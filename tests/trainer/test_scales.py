"""Pictures are counted at several times their size, and what that changes is told for each data set."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from trainer.cli import main
from trainer.datasets import Annotated, Choice, Combined, Sampled, open_dataset
from trainer.evaluation.counters import Counted, TileCounter
from trainer.evaluation.evaluate import Measured
from trainer.evaluation.scales import SCALES, at_scales, resized, scale_table
from trainer.evaluation.variants import median_change


def number_of_tiles(tiles: NDArray[np.uint8]) -> Counted:
    return Counted({"count": np.ones(len(tiles), np.float32)}, np.zeros((len(tiles), 3, 4), np.float32))


def annotated(name: str, height: int, width: int) -> Annotated:
    return Annotated(name, np.zeros((height, width, 3), np.uint8), np.array([[width - 1, height - 1]], np.float32))


def test_a_picture_is_counted_at_every_size_that_it_can_have() -> None:
    found = at_scales(TileCounter(number_of_tiles), [annotated("a", 768, 1024), annotated("wide", 600, 3000)])
    assert [len(found[scale]) for scale in SCALES] == [2, 2, 2, 2, 1, 1]
    assert [found[scale][0].counts["count"] for scale in SCALES] == [4, 4, 4, 4, 9, 16]  # few in one tile: enlarged
    assert all(each.density is None and each.truth == 1 for each in found[2.0])


def test_heads_stay_where_they_are_when_a_picture_is_resized() -> None:
    half = resized(annotated("a", 300, 401), 0.5)
    assert half.picture.shape == (150, 200, 3)
    np.testing.assert_allclose(half.points, [[200, 149.5]])


def test_what_hardly_counts_anybody_does_not_change() -> None:
    before = [Measured("a", 9, {"count": 10.0}), Measured("b", 0, {"count": 0.2}), Measured("c", 5, {"count": 5.0})]
    after = [Measured("a", 9, {"count": 12.0}), Measured("b", 0, {"count": 2.0}), Measured("c", 5, {"count": 2.0})]
    assert median_change(before, after) == pytest.approx(0.4)
    assert np.isnan(median_change(before[1:2], after))


def test_the_table_has_a_line_for_every_set_and_a_column_for_every_size() -> None:
    own = {"rooms": [Measured("a", 10, {"count": 12.0})], "streets": [Measured("b", 100, {"count": 90.0})]}
    found = {scale: own if scale <= 1 else {"rooms": [Measured("a", 10, {"count": 6.0})]} for scale in SCALES}
    lines = [line.split() for line in scale_table(found).splitlines()]
    assert lines[1] == ["rooms", *["0.200"] * 4, "0.400", "0.400"]
    assert lines[2] == ["streets", *["0.100"] * 4, "-", "-"]
    assert lines[3][-6:] == [*["0.150"] * 4, "0.400", "0.400"]
    assert lines[4][-6:] == [*["0.0%"] * 4, "50.0%", "50.0%"]


def test_a_sample_has_the_same_pictures_of_each_set_again(data: Path) -> None:
    whole = open_dataset(data, Choice("all"))
    both = Sampled(Combined([whole, open_dataset(data, Choice("held-out"))]), 3)
    names = [both[place].name for place in range(len(both))]
    assert len(both) == len(set(names)) == 5  # two are held out
    assert names == [Sampled(Combined([whole, open_dataset(data, Choice("held-out"))]), 3)[i].name for i in range(5)]
    assert len(Sampled(whole, 99)) == len(whole)


def test_evaluate_tells_it(exported: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["evaluate", str(exported), "--data", str(data), "--scales", "--sample", "1", "--out", str(tmp_path)]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert ": 1 pictures," in said
    assert "median change" in said
    assert "median change" in (tmp_path / "scores.txt").read_text("utf-8")
    assert main(["evaluate", str(exported), "--data", str(data), "--sample", "0"]) == 2
    assert "--sample is 0, expected at least 1" in capsys.readouterr().err
