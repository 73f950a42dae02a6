"""Exported models say how tall the heads are that they see, and count as they did."""

from pathlib import Path
from shutil import copy

import cv2
import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray
from onnxruntime import InferenceSession

from engine.inference.contract import read_model_file
from engine.inference.graphs import counting_graph, mapping_graph
from engine.inference.model import Model
from engine.inference.onnxruntime_session import Bound, plain
from engine.inference.session import RunOptions
from trainer.cli import main
from trainer.datasets import Annotated
from trainer.errors import TrainerError
from trainer.evaluation.counters import onnx_counter
from trainer.evaluation.grids import usual_head
from trainer.evaluation.tiling import Division, cut
from trainer.exporting.cascade import Cascade, cascaded
from trainer.exporting.heads import Readout, fitted, heads_of_tiles, with_heads
from trainer.geometry import TILE_HEIGHT, TILE_WIDTH
from trainer.learning.teacher import load_teacher

ASSETS = Path(__file__).parents[2] / "assets"
LIGHT, CLIP = ASSETS / "models/light.onnx", ASSETS / "demo/pets2009_s1l1.mp4"
HEAD_PX = 14.0
"""Of the people in the clip, about."""
SCALES = (0.7, 1.2, 2.0, 3.0)


@pytest.fixture(scope="module")
def frames() -> list[NDArray[np.uint8]]:
    """Every eighth picture of the clip, RGB."""
    clip, found = cv2.VideoCapture(str(CLIP)), []
    while (read := clip.read())[0]:
        found.append(np.ascontiguousarray(read[1][..., ::-1]))
    return found[::8]


@pytest.fixture(scope="module")
def boxes(frames: list[NDArray[np.uint8]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pictures at several sizes, with a box around a head wherever the model sees somebody."""
    folder, counter = tmp_path_factory.mktemp("boxes"), onnx_counter(LIGHT)
    for number, frame in enumerate(frames[::3]):
        density = counter(cut(frame, Division(shape=(1, 1)))).density
        assert density is not None
        rows, columns = np.nonzero(density[0] > 0.03)
        where = (np.column_stack([columns, rows]) + 0.5) / [64, 48]
        for scale in SCALES:
            size = round(frame.shape[1] * scale), round(frame.shape[0] * scale)
            path = folder / f"{number:02}_{scale:g}.png"
            cv2.imwrite(str(path), cv2.resize(frame[..., ::-1], size, interpolation=cv2.INTER_AREA))
            head = HEAD_PX * scale
            lines = (f"{x * size[0] - head / 2},{y * size[1] - head / 2},{head},{head}" for x, y in where)
            path.with_suffix(".csv").write_text("\n".join(["x,y,width,height", *lines]), "utf-8")
    return folder


@pytest.fixture(scope="module")
def told(boxes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped model, which learnt anew how tall heads are, with its card."""
    folder = tmp_path_factory.mktemp("told")
    for suffix in (".onnx", ".md"):
        copy(LIGHT.with_suffix(suffix), folder / f"light{suffix}")
    assert main(["heads", str(folder / "light.onnx"), "--data", str(boxes)]) == 0
    return folder / "light.onnx"


def test_heads_are_as_tall_as_their_boxes_say_where_they_lie() -> None:
    points = np.array([[10, 10], [300, 20], [590, 390], [1, 399]], np.float32)
    sizes = np.array([8, 18, 5, np.nan], np.float32)
    source = Annotated("a", np.zeros((400, 600, 3), np.uint8), points, sizes=sizes)
    logarithms, number = heads_of_tiles(source, Division(shape=(2, 2)))
    zoom = np.sqrt(4 * TILE_HEIGHT * TILE_WIDTH / (400 * 600))
    assert number.tolist() == [1, 1, 0, 1]
    np.testing.assert_allclose(np.exp(logarithms), [8 * zoom, 18 * zoom, 1, 5 * zoom], rtol=1e-5)


def test_what_is_counted_stays_as_it_is_to_the_bit(told: Path, frames: list[NDArray[np.uint8]]) -> None:
    before, after = (onnx_counter(path)(cut(frames[9])) for path in (LIGHT, told))
    np.testing.assert_array_equal(after.people["count"], before.people["count"])
    np.testing.assert_array_equal(after.density, before.density)
    assert after.heads is not None
    assert after.heads.shape == after.people["count"].shape


@pytest.mark.parametrize("scale", [0.9, 1.5, 2.5])
def test_sizes_between_those_that_were_learnt_are_told(
    scale: float, told: Path, frames: list[NDArray[np.uint8]]
) -> None:
    frame = cv2.resize(frames[15], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    rows, columns = 2, 2
    found = onnx_counter(told)(cut(np.asarray(frame, np.uint8), Division(shape=(rows, columns))))
    whole = HEAD_PX * rows * TILE_HEIGHT / frames[15].shape[0]
    assert usual_head(found.heads, found.people["count"]) == pytest.approx(whole, rel=0.25)


def test_taller_heads_are_told_to_be_taller(told: Path, frames: list[NDArray[np.uint8]]) -> None:
    counter, picture = onnx_counter(told), frames[15]
    heads = []
    for grid in ((1, 1), (2, 2), (3, 3)):
        found = counter(cut(picture, Division(shape=grid)))
        heads.append(usual_head(found.heads, found.people["count"]))
    assert heads[1] / heads[0] == pytest.approx(2, rel=0.3)
    assert heads[2] / heads[1] == pytest.approx(1.5, rel=0.3)


def test_the_engine_reads_it_in_every_way(told: Path, frames: list[NDArray[np.uint8]]) -> None:
    file, tiles = read_model_file(told), cut(frames[9])
    theirs = onnx_counter(told)(tiles).heads
    assert file.has_heads
    model = Model(file, RunOptions(provider="cpu"))
    np.testing.assert_allclose(model.count_and_map(tiles).heads, theirs, rtol=1e-3)
    session = InferenceSession(file.content)
    bound = Bound(session, device="cpu", facts=file.facts)
    for found, expected in zip(bound(tiles, False), plain(session)(tiles, False), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5)
    for graph, outputs in ((counting_graph(file), 2), (mapping_graph(file), 3)):
        *others, heads = InferenceSession(graph).run(None, {"tiles": tiles})
        assert len(others) + 1 == outputs
        np.testing.assert_allclose(heads, theirs, rtol=1e-3)


def test_a_model_is_told_once_however_often_it_is_done() -> None:
    model = onnx.load(LIGHT)
    readout = Readout(np.zeros(64, np.float32), float(np.log(17.0)))
    once = with_heads(model, readout)
    twice = with_heads(once, readout)
    assert twice.SerializeToString() == once.SerializeToString()
    session = InferenceSession(with_heads(once, Readout(readout.weights, 99.0)).SerializeToString())
    tiles = np.zeros((2, TILE_HEIGHT, TILE_WIDTH, 3), np.uint8)
    (heads,) = session.run(["heads"], {"tiles": tiles, "with_density": np.array(False)})
    np.testing.assert_allclose(heads, TILE_HEIGHT, rtol=1e-5)  # never more than a tile
    assert once.metadata_props == model.metadata_props


def test_a_file_that_tells_it_teaches_and_counts_first_as_one_that_does_not(told: Path) -> None:
    tiles = torch.from_numpy(np.random.default_rng(1).integers(0, 255, (2, TILE_HEIGHT, TILE_WIDTH, 3), np.uint8))
    ours, theirs = (load_teacher(path, (), torch.device("cpu")).run(0, tiles) for path in (told, LIGHT))
    assert torch.equal(ours.people, theirs.people)
    model = cascaded(Cascade(onnx.load(told), (1.0, 2.0)), onnx.load(told))
    assert [output.name for output in model.graph.output] == ["count", "density"]
    assert not any("heads" in name for node in model.graph.node for name in node.output)


def test_the_card_says_it_once_with_the_hash_of_the_file(told: Path, boxes: Path) -> None:
    assert main(["heads", str(told), "--data", str(boxes)]) == 0
    card = told.with_suffix(".md").read_text("utf-8")
    assert read_model_file(told).sha256 in card
    assert card.count("## How tall heads are") == 1
    assert "of the usual head is off by" in " ".join(card.split())


def test_nothing_is_written_on_a_trial(told: Path, boxes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = told.read_bytes()
    assert main(["heads", str(told), "--data", str(boxes), "--dry-run", "--hold-out", "4"]) == 0
    assert told.read_bytes() == before
    assert "of the usual head is off by" in capsys.readouterr().out


def test_what_cannot_be_told_is_said(
    exported: Path, boxes: Path, data: Path, told: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = exported.read_bytes()
    assert main(["heads", str(exported), "--data", str(boxes)]) == 2
    assert "does not count by its map" in capsys.readouterr().err
    assert exported.read_bytes() == before
    with pytest.raises(TrainerError, match="0 tiles show people with boxes around their heads, expected more than 0"):
        fitted(onnx.load(told), [])
    assert main(["heads", str(told), "--data", str(data)]) == 2
    assert "give --data with boxes around heads" in capsys.readouterr().err
    assert main(["heads", str(tmp_path / "a.safetensors"), "--data", str(boxes)]) == 2
    assert "expected an exported file" in capsys.readouterr().err
