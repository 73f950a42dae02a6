"""Pictures are counted as other cameras send them, and what that changes is told for each data set."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from trainer.cli import main
from trainer.datasets import Annotated
from trainer.evaluation.cameras import CAMERAS, by_camera, camera_table
from trainer.evaluation.counters import Counted, TileCounter
from trainer.evaluation.evaluate import Measured


def brightness(tiles: NDArray[np.uint8]) -> Counted:
    return Counted({"count": tiles.mean(axis=(1, 2, 3), dtype=np.float32)}, np.zeros((len(tiles), 3, 4), np.float32))


def lawn(height: int, width: int) -> Annotated:
    picture = np.random.default_rng(2).integers(0, 250, (height, width, 3), dtype=np.uint8) // (1, 1, 2)
    return Annotated("lawn", picture.astype(np.uint8), np.zeros((0, 2), np.float32))


@pytest.mark.parametrize("size", [(384, 512), (385, 511)], ids=["even", "odd"])
def test_every_camera_sends_another_picture_of_the_same_size_and_the_same_one_again(size: tuple[int, int]) -> None:
    picture = lawn(*size).picture
    before, sent = picture.copy(), {name: seen(picture, 3) for name, seen in CAMERAS.items()}
    np.testing.assert_array_equal(picture, before)
    assert all(each.shape == picture.shape and each.dtype == np.uint8 for each in sent.values())
    assert len({each.tobytes() for each in sent.values()}) == len(CAMERAS)
    for name, seen in CAMERAS.items():
        np.testing.assert_array_equal(seen(picture, 3), sent[name])


def test_a_picture_is_counted_as_each_sends_it() -> None:
    found = by_camera(TileCounter(brightness), [lawn(384, 512)])
    counts = {name: pictures[0].counts["count"] for name, pictures in found.items()}
    assert counts["dusk"] < counts["own"] / 2
    assert counts["crf 36"] == pytest.approx(counts["own"], rel=0.05)
    assert all(pictures[0].density is None for pictures in found.values())


def test_the_table_has_a_line_for_every_set_and_a_column_for_every_camera() -> None:
    def counted(count: float) -> dict[str, list[Measured]]:
        return {"rooms": [Measured("a", 10, {"count": count})]}

    found = {name: counted(12.0 if name == "own" else 6.0) for name in CAMERAS}
    head, rooms, mean, change = (line.split() for line in camera_table(found).splitlines())
    assert head[-6:] == ["own", "grey", "dusk", "interlaced", "crf", "36"]
    assert rooms == ["rooms", "0.200", *["0.400"] * 4]
    assert mean[-5:] == rooms[1:]
    assert change[-5:] == ["0.0%", *["50.0%"] * 4]


def test_evaluate_tells_it(exported: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["evaluate", str(exported), "--data", str(data), "--cameras", "--sample", "1", "--out", str(tmp_path)])
        == 0
    )
    assert "MAE/people, as sent" in capsys.readouterr().out
    assert "interlaced" in (tmp_path / "scores.txt").read_text("utf-8")
