"""Exported models count whole people where people stand apart, and as they did where they do not."""

import re
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, numpy_helper
from onnxruntime import InferenceSession

from engine.inference.contract import read_model_file
from engine.inference.graphs import counting_graph, mapping_graph
from engine.inference.model import Model
from engine.inference.session import RunOptions
from trainer.cli import main
from trainer.contract import ERRORS, facts_of
from trainer.errors import TrainerError
from trainer.evaluation.counters import onnx_counter, processor_session, session_counter
from trainer.evaluation.errors import LEAST_PICTURES
from trainer.evaluation.tiling import cut
from trainer.exporting.cascade import Cascade, cascaded
from trainer.exporting.heads import Readout, with_heads
from trainer.exporting.whole import counts_whole_people, with_whole_people, without_whole_people

ASSETS = Path(__file__).parents[2] / "assets"
LIGHT, FULL, CLIP = (ASSETS / name for name in ("models/light.onnx", "models/full.int8.onnx", "demo/pets2009_s1l1.mp4"))
PICTURES = 2 * LEAST_PICTURES
MIDDLES = (10, 30), (25, 12), (33, 50)
"""Of blobs that are too far apart to touch."""


def counting(cells: NDArray[np.float32]) -> tuple[float, NDArray[np.float32]]:
    """Returns what a model that counts whole people makes of a map, (48, 64)."""
    given, density = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", 48, 64]) for name in ("cells", "density")
    )
    counted = helper.make_tensor_value_info("count", TensorProto.FLOAT, ["N"])
    nodes = [
        helper.make_node("Identity", ["cells"], ["density_counted"]),
        helper.make_node("ReduceSum", ["density_counted", "axes"], ["count"], keepdims=0),
        helper.make_node("Identity", ["density_counted"], ["density"]),
    ]
    axes = numpy_helper.from_array(np.array([1, 2], np.int64), "axes")
    graph = helper.make_graph(nodes, "sum", [given], [counted, density], [axes])
    plain = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    session = processor_session(with_whole_people(plain).SerializeToString())
    count, whole = session.run(["count", "density"], {"cells": cells[None]})
    return float(count[0]), whole[0]


def blobs(people: float, spread: float = 1.1) -> NDArray[np.float32]:
    """Returns a map with so many people in each of some blobs."""
    rows, columns = np.mgrid[:48, :64]
    found = np.zeros((48, 64))
    for row, column in MIDDLES:
        blob = np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / (2 * spread**2))
        found += people * blob / blob.sum()
    return found.astype(np.float32)


@pytest.mark.parametrize(
    ("shown", "counted"),
    [(0.1, 0.0), (0.3, 0.3), (0.4, 0.5), (0.65, 1.0), (0.9, 1.04), (1.15, 1.08), (1.5, 1.5), (3.0, 3.0)],
)
def test_who_stands_apart_is_a_whole_person_or_nobody(shown, counted):
    count, density = counting(blobs(shown))
    assert count == pytest.approx(counted * len(MIDDLES), abs=0.02)
    assert density.sum() == pytest.approx(count, rel=1e-5)
    row, column = MIDDLES[0]
    assert density[row - 5 : row + 6, column - 5 : column + 6].sum() == pytest.approx(counted, abs=0.01)


def test_a_crowd_stays_as_it_is_and_a_haze_is_nobody():
    crowd = blobs(40.0, spread=3.0)
    count, density = counting(crowd)
    assert count == pytest.approx(crowd.sum(), rel=0.03)
    assert density.max() == pytest.approx(crowd.max(), rel=0.01)
    assert counting(np.full((48, 64), 0.002, np.float32))[0] == pytest.approx(0.0, abs=1e-3)
    assert counting(np.zeros((48, 64), np.float32))[0] == 0.0


def test_more_at_a_peak_are_never_fewer():
    counts = [counting(blobs(people))[0] for people in np.linspace(0, 2.5, 26)]
    assert all(later >= earlier - 1e-4 for earlier, later in pairwise(counts))


@pytest.fixture(scope="module")
def models() -> dict[str, ModelProto]:
    """A single model, and one of two, which count by their maps as these are."""
    loaded = {path.stem: onnx.load(path, load_external_data=False) for path in (LIGHT, FULL)}
    return {name: without_whole_people(model) for name, model in loaded.items()}


@pytest.fixture(scope="module")
def tiles() -> NDArray[np.uint8]:
    """Of a picture of the clip in which people stand apart."""
    clip = cv2.VideoCapture(str(CLIP))
    clip.set(cv2.CAP_PROP_POS_FRAMES, 12)
    return cut(np.ascontiguousarray(clip.read()[1][..., ::-1]))


@pytest.mark.parametrize("name", ["light", "full.int8"])
def test_count_and_density_of_each_tile_agree_and_heads_are_told_as_before(models, tiles, name):
    model = models[name]
    before, after = (processor_session(each.SerializeToString()) for each in (model, with_whole_people(model)))
    given = {"tiles": tiles, "with_density": np.array(True)}
    plain, whole = (
        dict(zip(("count", "density", "heads"), session.run(["count", "density", "heads"], given), strict=True))
        for session in (before, after)
    )
    np.testing.assert_allclose(whole["density"].sum((1, 2)), whole["count"], rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(whole["heads"], plain["heads"])
    assert np.abs(whole["count"] - plain["count"]).max() > 0.01
    assert whole["count"].sum() == pytest.approx(plain["count"].sum(), rel=0.2)


@pytest.mark.parametrize("name", ["light", "full.int8"])
def test_it_can_be_taken_back_and_done_twice(models, name):
    whole = with_whole_people(models[name])
    assert counts_whole_people(whole)
    assert not counts_whole_people(models[name])
    assert without_whole_people(whole) == models[name]
    assert with_whole_people(whole) == whole


def test_heads_that_are_learnt_afterwards_read_the_map_as_it_was(models):
    light, readout = models["light"], Readout(np.zeros(64, np.float32), float(np.log(17.0)))
    assert without_whole_people(with_heads(with_whole_people(light), readout)) == with_heads(light, readout)


def test_a_file_of_two_keeps_the_whole_people_of_the_first(models, tiles):
    light = with_whole_people(models["light"])
    both = cascaded(Cascade(light, (500.0, 600.0)), models["light"])
    ours, theirs = (session_counter(processor_session(each.SerializeToString()))(tiles) for each in (both, light))
    np.testing.assert_allclose(ours.people["count"], theirs.people["count"], rtol=1e-5)
    np.testing.assert_allclose(ours.density, theirs.density, rtol=1e-5, atol=1e-6)
    again = with_whole_people(both)
    assert sorted(node.output[0] for node in again.graph.node) == sorted(node.output[0] for node in both.graph.node)
    assert not counts_whole_people(without_whole_people(both))


def test_the_engine_counts_as_the_file_does_in_every_way(models, tiles, tmp_path):
    path = tmp_path / "whole.onnx"
    path.write_bytes(with_whole_people(models["light"]).SerializeToString())
    file, expected = read_model_file(path), onnx_counter(path)(tiles)
    found = Model(file, RunOptions(provider="cpu")).count_and_map(tiles)
    np.testing.assert_allclose(found.people, expected.people["count"], rtol=1e-4)
    np.testing.assert_allclose(found.density, expected.density, rtol=1e-3, atol=1e-5)
    for graph in (counting_graph(file), mapping_graph(file)):
        count, *_ = InferenceSession(graph).run(None, {"tiles": tiles})
        np.testing.assert_allclose(count, expected.people["count"], rtol=1e-4)


def test_the_file_and_its_card_say_what_it_brings(pictures, models, tmp_path, capsys):
    path, card = tmp_path / "light.onnx", tmp_path / "light.md"
    onnx.save(models["light"], path)
    table = "| fact | value |\n| --- | --- |\n| tile | 384x512 |\n| validation_mae | 1.000 |\n| width | 0.25 |\n"
    card.write_text(f"# light\n\n{table}\nSHA-256 of `light.onnx`: `{'0' * 64}`\n", "utf-8")
    before = path.read_bytes()
    words = ["whole", str(path), "--data", str(pictures), "--hold-out", "2"]
    assert main([*words, "--dry-run"]) == 0
    assert path.read_bytes() == before
    for _ in range(2):  # the second takes the place of the first
        assert main(words) == 0
    found = onnx.load(path)
    assert counts_whole_people(found)
    said = re.search(r"on (\d+) held-out pictures its count errs by (\d+\.\d\d) people", capsys.readouterr().out)
    assert said is not None
    assert said[1] == str(PICTURES // 2)
    assert float(facts_of(found)["validation_mae"]) == pytest.approx(float(said[2]), abs=0.006)
    assert read_model_file(path).errors is not None
    assert facts_of(found)[ERRORS] != facts_of(models["light"])[ERRORS]
    told = card.read_text("utf-8")
    assert read_model_file(path).sha256 in told
    assert told.count("## Whole people") == 1
    rows = [line.split(" | ") for line in told.splitlines() if line.startswith("| ")][2:]
    assert [name for name, *_ in rows] == sorted(name for name, *_ in rows)
    assert ["| validation_mae", f"{facts_of(found)['validation_mae']} |"] in rows
    assert ["| whole_people", "where people stand apart |"] in rows


def test_what_does_not_count_by_a_map_of_small_cells_alone_is_refused(models):
    other = ModelProto()
    other.CopyFrom(models["light"])
    for node in other.graph.node:
        node.output[:] = [name.replace("density_counted", "something_else") for name in node.output]
    with pytest.raises(TrainerError, match=r"does not count by its map.*--count 1"):
        with_whole_people(other)
    helper.set_model_props(other, {"deepcount.count": "the backbone and branch 1"})
    with pytest.raises(TrainerError, match=r"the mean of the backbone and branch 1, expected its map alone"):
        with_whole_people(other)
    coarse = ModelProto()
    coarse.CopyFrom(models["light"])
    for place, cells in ((1, 12), (2, 16)):
        coarse.graph.output[1].type.tensor_type.shape.dim[place].dim_value = cells
    with pytest.raises(TrainerError, match="its map has 12x16 cells, expected 48x64 of 8 pixels"):
        with_whole_people(coarse)


def test_a_file_that_surely_counts_worse_so_stays_as_it_is(models, tmp_path, capsys, monkeypatch):
    folder, path = tmp_path / "one by one", tmp_path / "light.onnx"
    folder.mkdir()
    clip = cv2.VideoCapture(str(CLIP))
    for number in range(PICTURES):  # with more heads marked than are counted
        picture = clip.read()[1][200:392, 380:636]
        cv2.imwrite(str(folder / f"{number:03}.png"), picture)
        found = onnx_counter(LIGHT)(cut(np.ascontiguousarray(picture[..., ::-1]))).people["count"].sum()
        points = "\n".join(f"{5 + 10 * each},100" for each in range(3 * round(float(found)) + 9))
        (folder / f"{number:03}.csv").write_text(f"x,y\n{points}\n", "utf-8")
    onnx.save(models["light"], path)
    before = path.read_bytes()
    monkeypatch.setattr("trainer.exporting.whole.KNEES", ((0.5, 0.0), (1.0, 0.1), (1.5, 0.2), (30.0, 30.0)))
    assert main(["whole", str(path), "--data", str(folder), "--hold-out", "2"]) == 2
    assert "errs more by whole people, beyond the doubt of chance; it was left as it was" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_too_few_pictures_leave_no_table_of_errors_that_are_not_its_own(pictures, models, tmp_path):
    path = tmp_path / "light.onnx"
    onnx.save(models["light"], path)
    assert main(["whole", str(path), "--data", str(pictures), "--hold-out", "10"]) == 0
    assert read_model_file(path).errors is None
    assert facts_of(onnx.load(path))["validation_data"] == f"{pictures.name}, {PICTURES // 10} held-out pictures"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Small pictures of noise, with a head each."""
    folder, generator = tmp_path_factory.mktemp("pictures"), np.random.default_rng(1)
    for number in range(PICTURES):
        cv2.imwrite(str(folder / f"{number:03}.png"), generator.integers(0, 256, (96, 128, 3), dtype=np.uint8))
        (folder / f"{number:03}.csv").write_text("x,y\n50,40\n", "utf-8")
    return folder
