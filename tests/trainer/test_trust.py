"""Exported models are told how far their counts are to be trusted."""

import re
from hashlib import sha256

import cv2
import numpy as np
import onnx
import pytest

from engine.inference.contract import read_model_file
from engine.paths import LIGHT_MODEL
from trainer.cli import main
from trainer.evaluation.errors import LEAST_PICTURES, crossed_coverage, errors_of, left_out_coverage
from trainer.evaluation.evaluate import Measured


def drawn(number, spread, seed):
    """Pictures counted with errors that are a share of their people."""
    generator = np.random.default_rng(seed)
    truth = generator.integers(5, 900, number)
    counted = truth * generator.lognormal(0.05, spread, number)
    return [Measured(f"{k}", int(t), {"count": float(c)}) for k, (t, c) in enumerate(zip(truth, counted, strict=True))]


def test_an_interval_holds_as_often_as_it_says():
    groups = {"wide": drawn(150, 0.3, 1), "narrow": drawn(150, 0.25, 2)}
    crossed = {each.name: each for each in crossed_coverage(groups)}
    assert 0.86 <= crossed["all"].share <= 0.94
    assert crossed["all"].pictures == 300
    alone = left_out_coverage(groups)
    assert [each.name for each in alone] == ["wide", "narrow"]
    assert all(0.75 <= each.share <= 1 for each in alone)
    fresh = drawn(2000, 0.275, 3)
    low, high = errors_of([*groups["wide"], *groups["narrow"]]).bounds(np.array([p.counts["count"] for p in fresh]))
    truth = np.array([p.truth for p in fresh])
    assert 0.86 <= ((truth >= low) & (truth <= high)).mean() <= 0.94


def test_few_pictures_say_nothing():
    assert errors_of(drawn(LEAST_PICTURES - 1, 0.2, 1)) is None


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Small pictures of noise, each with some heads."""
    folder, generator = tmp_path_factory.mktemp("pictures"), np.random.default_rng(1)
    for number in range(2 * LEAST_PICTURES):
        cv2.imwrite(str(folder / f"{number:03}.png"), generator.integers(0, 256, (96, 128, 3), dtype=np.uint8))
        points = generator.uniform(2, 90, (1 + number, 2))
        np.savetxt(folder / f"{number:03}.csv", points, "%.1f", ",", header="x,y", comments="")
    return folder


def test_a_file_gets_its_table_and_its_graph_stays(pictures, tmp_path, capsys):
    path, card = tmp_path / "light.onnx", tmp_path / "light.md"
    path.write_bytes(LIGHT_MODEL.with_suffix(".int8.onnx").read_bytes())
    card.write_text(f"# light\n\nSHA-256 of `light.onnx`: `{'0' * 64}`\n\n## Figures\n\nsome\n", "utf-8")
    before = onnx.load(path).graph.SerializeToString()
    words = ["trust", str(path), "--data", str(pictures), "--hold-out", "2"]
    for _ in range(2):  # the second takes the place of the first
        assert main(words) == 0
    assert onnx.load(path).graph.SerializeToString() == before
    errors = read_model_file(path).errors
    assert errors is not None
    assert errors.pictures == LEAST_PICTURES
    assert read_model_file(path).likeness is not None
    told = card.read_text("utf-8")
    assert f"`{sha256(path.read_bytes()).hexdigest()}`" in told
    assert told.count("## How far to trust a count") == 1
    assert "## Figures\n\nsome\n" in told
    assert re.search(r"all +20 +\d+\.\d%", capsys.readouterr().out)


@pytest.mark.parametrize(("each", "few"), [(10, 4), (40, 1)])
def test_too_few_pictures_are_refused_and_nothing_is_written(each, few, pictures, tmp_path, capsys):
    path = tmp_path / "light.onnx"
    path.write_bytes(LIGHT_MODEL.with_suffix(".int8.onnx").read_bytes())
    before = path.read_bytes()
    assert main(["trust", str(path), "--data", str(pictures), "--hold-out", str(each)]) == 2
    assert f"{few} pictures are held out, expected at least 20" in capsys.readouterr().err
    assert path.read_bytes() == before
