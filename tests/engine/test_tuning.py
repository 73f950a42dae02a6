"""A model learns from the checked frames of one camera, in a process, and is judged before it is offered."""

import json
from dataclasses import asdict

import cv2
import numpy as np
import pytest

from constant import write_constant
from engine.checks.judging import Verdict, drawn_empty, judged
from engine.checks.spot_check import SpotCheck
from engine.checks.tuning import LACK, LEAST_FRAMES, RESULT, Tuning, TuningOrder, folder_of
from engine.errors import EngineError
from engine.inference.contract import WHOLE, read_model_file
from engine.paths import LIGHT_MODEL
from engine.picture.tiling import TILE_HEIGHT, TILE_WIDTH


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """Checks of frames with more and more heads, and the folder of their pictures."""
    folder, generator, checks = tmp_path_factory.mktemp("pictures"), np.random.default_rng(4), []
    for number in range(LEAST_FRAMES):
        uid = f"{number:032x}"
        picture = generator.integers(90, 150, (TILE_HEIGHT // 2, TILE_WIDTH // 2, 3), dtype=np.uint8)
        points = tuple((float(x), float(y)) for x, y in generator.uniform(0.1, 0.9, (number + 1, 2)))
        cv2.imwrite(str(folder / f"{uid}.png"), picture)
        frame = "gate", 60.0 * number, picture.shape[:2], points, None, "light", "ab", "me"
        checks.append(SpotCheck(uid, *frame, picture=f"{uid}.png"))
    return checks, folder


def order(tmp_path, **more):
    return TuningOrder("gate", folder_of(tmp_path, "gate"), LIGHT_MODEL, **more)


@pytest.mark.parametrize(
    ("verdict", "is_better"),
    [
        pytest.param(Verdict(4, 9.0, 5.0, 3.0, 3.05), True, id="better here, nearly the same elsewhere"),
        pytest.param(Verdict(4, 9.0, 5.0, 3.0, 3.2), False, id="worse elsewhere"),
        pytest.param(Verdict(4, 9.0, 9.0, 3.0, 2.0), False, id="no better here"),
    ],
)
def test_only_what_is_better_here_and_no_worse_elsewhere_is_offered(verdict, is_better):
    assert verdict.is_better is is_better
    assert ("not offered" in verdict.sentence) is not is_better


def test_drawn_pictures_are_tiles_without_anybody():
    pictures = list(drawn_empty())
    assert {picture.shape for picture in pictures} == {(TILE_HEIGHT, TILE_WIDTH, 3)}
    assert len({picture.tobytes() for picture in pictures}) == len(pictures)


def test_few_frames_are_refused(checked, tmp_path):
    checks, pictures = checked
    with pytest.raises(
        EngineError, match=f"5 checked frames of 'gate' have a picture, expected at least {LEAST_FRAMES}"
    ):
        list(Tuning(order(tmp_path)).steps(checks[1:], pictures))


def test_without_the_trainer_it_says_the_one_command(checked, tmp_path, monkeypatch):
    monkeypatch.setattr("engine.checks.tuning.find_spec", lambda name: None)
    with pytest.raises(EngineError) as raised:
        next(Tuning(order(tmp_path)).steps(*checked))
    assert str(raised.value) == LACK


def test_both_models_are_judged_on_the_same_pictures(checked, tmp_path, monkeypatch):
    monkeypatch.setattr("engine.checks.judging.STEP", 220)  # two frames of the clip are enough here
    checks, pictures = checked
    tuning = Tuning(order(tmp_path))
    tuning._write_pictures(checks, pictures)
    assert len(tuning._held_out()) == LEAST_FRAMES // 3
    four, six = (write_constant(tmp_path / f"{n}.onnx", people=float(n)) for n in (4, 6))
    verdict = judged(four, six, tuning.order.folder / "pictures", tuning._held_out())
    assert verdict.frames == 2
    assert verdict.standard_after > verdict.standard_before
    assert "worse elsewhere" in verdict.sentence or "no better here" in verdict.sentence


def test_what_learns_anew_leaves_the_model_that_counts_where_it_is(checked, tmp_path):
    first = Tuning(order(tmp_path))
    first.model.parent.mkdir(parents=True)
    first.model.write_bytes(b"counts now")
    facts = asdict(Verdict(4, 9.0, 5.0, 3.0, 3.0))
    (first.order.folder / RESULT).write_text(json.dumps({"model": first.model.name, **facts}))
    assert first.verdict == Verdict(4, 9.0, 5.0, 3.0, 3.0)
    again = Tuning(order(tmp_path, counts=first.model, used=frozenset({first.model})))
    assert again.model == first.model  # it is the one that was found better
    again._write_pictures(*checked)
    assert again.model != first.model
    assert again.verdict is None
    assert first.model.read_bytes() == b"counts now"


def test_what_learns_from_a_model_that_counts_whole_people_does_so_too(checked, tmp_path, monkeypatch):
    pytest.importorskip("torch", reason="PyTorch is not installed")
    monkeypatch.setattr("engine.checks.judging.STEP", 220)
    tuning = Tuning(order(tmp_path, settings=("steps=1", "batch=1", "evaluate_every=1")))
    *_, verdict = tuning.steps(*checked)
    assert isinstance(verdict, Verdict)
    assert WHOLE in read_model_file(LIGHT_MODEL).facts
    assert WHOLE in read_model_file(tuning.model).facts


@pytest.mark.parametrize("text", ["", "[]", '{"model": "../gate.onnx"}', "no JSON"])
def test_a_damaged_result_is_none(tmp_path, text):
    tuning = Tuning(order(tmp_path))
    tuning.order.folder.mkdir(parents=True)
    (tuning.order.folder / RESULT).write_text(text)
    assert tuning.verdict is None
    assert tuning.model == tuning.order.folder / "gate.onnx"
