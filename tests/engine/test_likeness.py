"""A picture that is unlike all that the model learnt from makes its count doubtful."""

import json

import cv2
import numpy as np
import onnx
import pytest

from constant import write_constant
from engine.counting.batch import Due, count_tiles
from engine.counting.counter import Counter
from engine.counting.doubt import Doubt
from engine.inference.contract import read_model_file
from engine.inference.likeness import Likeness
from engine.inference.model import Model
from engine.inference.session import RunOptions
from engine.picture.features import FEATURES, features
from engine.picture.frame import Frame
from engine.picture.masks import Mask
from engine.picture.shot import Still
from engine.picture.view import View
from trainer.evaluation.likeness import likeness_of, separation
from trainer.evaluation.tiling import cut
from trainer.evaluation.unlike import UNLIKE

FACTS = {"centre": [0.0] * FEATURES, "inverse": np.eye(FEATURES).tolist(), "threshold": 4.0}


def scene(seed):
    """A picture with soft and sharp parts of many colours."""
    generator = np.random.default_rng(seed)
    picture = generator.uniform(60, 200, (24, 32, 3)).astype(np.float32)
    picture = cv2.resize(picture, (512, 384), interpolation=cv2.INTER_CUBIC)
    for _ in range(120):
        x, y = generator.integers(0, (500, 370))
        cv2.circle(picture, (int(x), int(y)), int(generator.integers(3, 9)), generator.uniform(0, 255, 3).tolist(), -1)
    return np.clip(picture + generator.normal(0, 3, picture.shape), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def table():
    return likeness_of(*(np.stack([features(cut(scene(s))) for s in seeds]) for seeds in (range(40), range(40, 80))))


@pytest.fixture(scope="module")
def model(table, tmp_path_factory):
    path = write_constant(tmp_path_factory.mktemp("model") / "six.onnx", people=6.0)
    proto = onnx.load(path)
    facts = {p.key: p.value for p in proto.metadata_props} | {"deepcount.likeness": table.text}
    onnx.helper.set_model_props(proto, facts)
    path.write_bytes(proto.SerializeToString())
    return Model(read_model_file(path), RunOptions(provider="cpu"))


def doubt_on(model, picture, view=None):
    frame = Frame.of(0, 0.0, picture) if view is None else Frame(0, 0.0, Still(picture), view)
    due = Due(Counter(), frame)
    while due.left:
        count_tiles(model, [due])
    return due.reading().doubt


@pytest.mark.parametrize("name", UNLIKE)
def test_pictures_made_unlike_are_told_from_those_that_are_like(table, name):
    generator, pictures = np.random.default_rng(1), [scene(seed) for seed in range(80, 92)]
    like, other = (
        table.distances(np.stack([features(cut(each)) for each in found]))
        for found in (pictures, [UNLIKE[name](picture, generator) for picture in pictures])
    )
    assert separation(like.tolist(), other.tolist()) >= 0.9


def test_a_camera_is_compared_once_a_second_and_by_another_model_anew(model):
    counter, unlike = Counter(), UNLIKE["noise"](scene(96), np.random.default_rng(2))
    doubts = []
    for time_s, picture in ((0.0, unlike), (0.9, scene(95)), (1.0, scene(95)), (1.5, unlike), (0.2, unlike)):
        due = Due(counter, Frame.of(0, time_s, picture))
        count_tiles(model, [due])
        doubts.append(due.reading().doubt is not Doubt.NONE)
    assert doubts == [True, True, False, False, True]
    counter.begin_anew()
    due = Due(counter, Frame.of(0, 0.3, scene(95)))
    count_tiles(model, [due])
    assert due.reading().doubt is Doubt.NONE


def test_pictures_are_compared_alike_while_those_before_are_still_counted(model):
    counter, unlike = Counter(), UNLIKE["noise"](scene(96), np.random.default_rng(2))
    due = [Due(counter, Frame.of(0, time_s, unlike if time_s < 1 else scene(95))) for time_s in (0.0, 1.0, 1.2)]
    due[0].cut(model.file.likeness)
    due[1].cut(model.file.likeness)
    count_tiles(model, due[:1])
    assert due[0].reading().doubt is Doubt.UNLIKE
    count_tiles(model, due[1:])
    assert [item.reading().doubt for item in due[1:]] == [Doubt.NONE, Doubt.NONE]


def test_a_count_on_one_is_doubted_and_that_on_others_is_not(model):
    assert doubt_on(model, scene(95)) is Doubt.NONE
    unlike = UNLIKE["noise"](scene(96), np.random.default_rng(2))
    assert doubt_on(model, unlike) is Doubt.UNLIKE
    masked = View(private=Mask((((0.0, 0.0), (0.5, 0.0), (0.5, 0.5)),)))
    assert doubt_on(model, unlike, masked) is Doubt.NONE  # what masks blank says nothing of the picture


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"centre": [0.0]}, id="another shape"),
        pytest.param({"inverse": [[float("nan")] * FEATURES] * FEATURES}, id="no numbers"),
        pytest.param({"threshold": 0}, id="everything is unlike"),
        pytest.param({"threshold": "far"}, id="words"),
        pytest.param({"centre": None}, id="nothing"),
    ],
)
def test_what_is_no_table_is_taken_for_none(change):
    assert Likeness.read(json.dumps(FACTS)) is not None
    assert Likeness.read(json.dumps(FACTS | change)) is None


def test_features_are_numbers_on_any_picture():
    tiles = np.stack([scene(seed) for seed in range(4)])
    assert features(tiles).shape == (FEATURES,)
    assert np.isfinite(features(np.zeros_like(tiles))).all()
