"""The ONNX file is the contract: what the trainer writes, the engine reads, and both count the same."""

import numpy as np
import pytest

import engine.inference.contract
import engine.picture.tiling
import trainer.contract
from engine.counting.counter import Counter, Due, count_frames
from engine.inference.variants import load_model
from engine.paths import LIGHT_MODEL
from engine.picture.frame import Frame
from trainer.evaluation.counters import onnx_counter
from trainer.evaluation.tiling import cut


@pytest.fixture(scope="module")
def picture():
    return np.random.default_rng(5).integers(0, 256, (600, 900, 3), dtype=np.uint8)


def test_both_sides_mean_the_same_contract():
    assert trainer.contract.CONTRACT == engine.inference.contract.CONTRACT
    assert trainer.contract.KEY == engine.inference.contract.KEY
    assert set(trainer.contract.FACTS) == set(engine.inference.contract.REQUIRED)


@pytest.mark.parametrize(
    "size", [(384, 512), (576, 768), (1080, 1920), (1280, 720), (50, 3000), (200, 300), (960, 1280)]
)
def test_both_sides_divide_a_picture_alike(size):
    picture = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    np.testing.assert_array_equal(Frame.of(0, 0.0, picture).take_tiles(), cut(picture))


def test_both_sides_count_a_picture_alike(picture):
    theirs = onnx_counter(LIGHT_MODEL)(cut(picture)).people
    due = Due(Counter(), Frame.of(0, 0.0, picture), with_density=True)
    reading = count_frames(load_model(provider="cpu"), [due])[0]
    assert reading.count == pytest.approx(float(theirs["count"].sum()), rel=1e-3)
    assert float(reading.density.sum()) == pytest.approx(float(theirs["density"].sum()), rel=1e-3)
