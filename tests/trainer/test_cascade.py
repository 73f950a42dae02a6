"""A small model in front of a large one, in one file."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, numpy_helper

from trainer.cli import main
from trainer.contract import CROWD
from trainer.datasets import load_all, open_dataset
from trainer.errors import TrainerError
from trainer.evaluation.comparison import costs_of
from trainer.evaluation.counters import onnx_counter, processor_session
from trainer.evaluation.speed import EVERY_TILE
from trainer.evaluation.tiling import sample_tiles
from trainer.exporting.cascade import Cascade, cascaded, read_small
from trainer.exporting.export import metadata_of
from trainer.learning.trained_weights import trained_weights

Export = Callable[..., Path]


@pytest.fixture(scope="module")
def tiles(data: Path) -> NDArray[np.uint8]:
    return sample_tiles(load_all(open_dataset(data)), 8)


@pytest.fixture(scope="module")
def written(data: Path, best: Path, tmp_path_factory: pytest.TempPathFactory) -> Export:
    """Exports the tiny checkpoint, under a name and with options."""
    folder = tmp_path_factory.mktemp("cascade")

    def export(name: str, *options: str) -> Path:
        path = folder / f"{name}.onnx"
        words = ["export", str(best), "--data", str(data), "--out", str(path), "--tiles", "2", "--no-behaviour"]
        assert main([*words, *options]) == 0
        return path

    return export


@pytest.fixture(scope="module")
def small(written: Export) -> Path:
    """Counts as the backbone does."""
    return written("small")


@pytest.fixture(scope="module")
def large(written: Export) -> Path:
    """Counts, and maps, as branch 3 does: elsewhere than the small one."""
    return written("large", "--count", "3")


@pytest.fixture(scope="module")
def people(small: Path, tiles: NDArray[np.uint8]) -> tuple[float, float]:
    """Numbers of people between which three of eight tiles lie, two of them below, as the small model counts."""
    found = np.sort(onnx_counter(small)(tiles).people["count"])
    assert np.ptp(found) > 1
    return float(found[1:3].mean()), float(found[5:7].mean())


@pytest.fixture(scope="module")
def both(written: Export, small: Path, people: tuple[float, float]) -> Path:
    return written("both", "--count", "3", "--after", str(small), "--take-over", ",".join(map(str, people)))


def ask(path: Path, tiles: NDArray[np.uint8], **more: object) -> list[NDArray[np.float32]]:
    found = processor_session(path.read_bytes()).run(None, {"tiles": tiles, "with_density": np.array(True)} | more)
    return [np.asarray(values) for values in found]


def test_the_large_model_takes_over_as_a_tile_fills(
    both: Path, small: Path, large: Path, people: tuple[float, float], tiles: NDArray[np.uint8]
) -> None:
    (counts, maps), (few, few_map), (many, many_map) = (ask(path, tiles) for path in (both, small, large))
    share = np.clip((few - people[0]) / (people[1] - people[0]), 0, 1)
    assert sorted(np.unique(np.sign(share) + (share == 1))) == [0, 1, 2]  # below, between, above
    assert np.abs(few - many).min() > 0.1
    np.testing.assert_allclose(counts, few + share * (many - few), rtol=1e-4)
    wide = share[:, None, None]
    np.testing.assert_allclose(maps, few_map + wide * (many_map - few_map), rtol=1e-3, atol=1e-5)


def test_a_count_without_density_is_the_same_count(both: Path, tiles: NDArray[np.uint8]) -> None:
    for size in (1, 3, 8):
        counts, maps = ask(both, tiles[:size])
        alone, none = ask(both, tiles[:size], with_density=np.array(False))
        np.testing.assert_array_equal(alone, counts)
        assert none.shape == (0, *maps.shape[1:])


def test_every_tile_can_be_said_to_be_crowded(both: Path, large: Path, tiles: NDArray[np.uint8]) -> None:
    for found, expected in zip(ask(both, tiles, crowd=EVERY_TILE), ask(large, tiles), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5)


def test_a_tile_without_a_crowd_does_not_pay_for_the_large_model(
    small: Path, large: Path, people: tuple[float, float], tiles: NDArray[np.uint8], tmp_path: Path
) -> None:
    """A large model that can only return nan is not heard where there is no crowd."""
    broken = onnx.load(large)
    for tensor in weights_of(broken.graph):
        tensor.CopyFrom(numpy_helper.from_array(np.full_like(numpy_helper.to_array(tensor), np.nan), tensor.name))
    path = tmp_path / "broken.onnx"
    path.write_bytes(cascaded(Cascade(onnx.load(small), people), broken).SerializeToString())
    few, few_map = ask(small, tiles)
    for tile, count, density in zip(tiles, few, few_map, strict=True):
        (found,), (mapped,) = ask(path, tile[None])
        if count <= people[0]:
            assert found == count
            np.testing.assert_array_equal(mapped, density)
        else:
            assert np.isnan(found)


def weights_of(graph: GraphProto) -> list[onnx.TensorProto]:
    inner = [w for node in graph.node for a in node.attribute if a.HasField("g") for w in weights_of(a.g)]
    return [w for w in graph.initializer if w.name.endswith("weight")] + inner


@pytest.mark.parametrize("precision", ["fp16", "int8"])
def test_the_large_model_may_have_fewer_bits(
    precision: str, written: Export, both: Path, small: Path, people: tuple[float, float], tiles: NDArray[np.uint8]
) -> None:
    words = ["--after", str(small), "--take-over", ",".join(map(str, people)), "--count", "3", "--worsen", "30"]
    path = written(f"both.{precision}", "--precision", precision, *words)
    assert metadata_of(path)["precision"] == precision
    exact, found = (ask(model, tiles)[0] for model in (both, path))
    sparse = ask(small, tiles)[0] <= people[0]
    np.testing.assert_allclose(found[sparse], exact[sparse], rtol=1e-4)
    np.testing.assert_allclose(found, exact, rtol=0.3)


def test_the_file_and_its_card_tell_of_both(both: Path, small: Path, large: Path, people: tuple[float, float]) -> None:
    facts, own = metadata_of(both), metadata_of(small)
    assert facts["first_name"] == "small"
    assert facts["first_count"] == own["count"] == "the backbone"
    assert facts["count"] == "branch 3"
    assert facts[CROWD] == f"{people[0]:g} to {people[1]:g} people in a tile"
    text = " ".join(both.with_suffix(".md").read_text("utf-8").split())
    assert "two models in one: `small` (deepcount-vgg16, 0.03125 times the paper's channels) counts every tile" in text
    assert f"takes over from {facts[CROWD]}" in text
    assert "The small model inside is `small`: its own card tells where it comes from." in text
    assert "with all its branches" not in text
    assert "with all its branches" in large.with_suffix(".md").read_text("utf-8")
    costs, alone, first = (costs_of(metadata_of(path)) for path in (both, large, small))
    assert costs is not None
    assert alone is not None
    assert first is not None
    assert costs.multiply_adds == alone.multiply_adds + first.multiply_adds


def test_a_training_goes_on_from_the_large_one(both: Path, large: Path) -> None:
    theirs, ours = trained_weights(both).weights, trained_weights(large).weights
    assert theirs.keys() == ours.keys()
    assert all(bool((theirs[name] == ours[name]).all()) for name in ours)


def test_models_that_do_not_go_together_are_refused(
    both: Path, large: Path, written: Export, people: tuple[float, float]
) -> None:
    with pytest.raises(TrainerError, match=r"both\.onnx is two in one already; give the small one alone"):
        read_small(both)
    coarse = onnx.load(written("coarse", "--branch", "2"))
    with pytest.raises(TrainerError, match=r"maps of \[24, 32\] cells, the large one of \[48, 64\]"):
        cascaded(Cascade(coarse, people), onnx.load(large))
    older: ModelProto = onnx.load(large)
    older.opset_import[0].version = 17
    with pytest.raises(TrainerError, match=r"version 17 of ONNX's operators.*export the small one again"):
        cascaded(Cascade(older, people), onnx.load(large))


def test_nothing_to_take_over_from_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["export", "a.safetensors", "--data", "b", "--out", "c.onnx", "--take-over", "2,4"]
    assert main(words) == 2
    assert "--take-over says when this model takes over from a small one; name that with --after" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize("words", ["200", "400,200", "-1,5", "few,many", "nan,2"])
def test_numbers_of_people_that_make_no_sense_are_refused(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["export", "a.safetensors", "--data", "b", "--out", "c.onnx", f"--take-over={words}"])
    assert "expected two numbers of people, the second larger, such as 200,400" in capsys.readouterr().err
