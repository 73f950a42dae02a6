"""Checked frames propose a correction of their camera, which nobody applies in silence."""

import numpy as np
import pytest

from engine.checks.kept import keep, new_uid
from engine.checks.spot_check import SpotCheck
from engine.cli import main
from engine.counting.correction import AS_IT_IS, LEAST_CHECKS, Checked, Correction, proposed
from engine.counting.counter import Counted, Counter
from engine.counting.trust import Trust
from engine.inference.error_table import ErrorTable, Interval
from engine.log.database import open_database
from engine.monitor.trusting import correction_of
from engine.picture.frame import Frame
from engine.settings.config import CameraSettings
from engine.settings.config_file import load_config

TABLE = ErrorTable((0.0, 100.0), (0.0, 80.0), (5.0, 130.0), 74)


def checks(gain, offset, number=20, spread=0.03):
    """Frames on which so many were counted of `gain * counted + offset` people."""
    generator = np.random.default_rng(5)
    counted = np.linspace(10, 90, number)
    people = np.round(gain * counted * generator.normal(1, spread, number) + offset)
    return [Checked(float(c), max(0.0, float(p))) for c, p in zip(counted, people, strict=True)]


@pytest.mark.parametrize(
    ("gain", "offset"),
    [pytest.param(1.4, 0.0, id="a factor"), pytest.param(1.0, 12.0, id="an offset"), pytest.param(0.7, 9.0, id="both")],
)
def test_a_correction_is_found_that_halves_the_error(gain, offset):
    found = proposed(checks(gain, offset))
    assert found.after < found.before / 2
    assert found.correction.corrected(50.0) == pytest.approx(gain * 50 + offset, rel=0.05)
    assert f"from {found.before:.1f} to {found.after:.1f} people" in found.sentence


def test_nothing_is_proposed_where_nothing_helps():
    assert proposed(checks(1.4, 0.0, number=LEAST_CHECKS - 1)) is None
    generator = np.random.default_rng(2)
    noise = [Checked(float(c), float(c + generator.normal(0, 9))) for c in np.linspace(30, 60, 30)]
    noise = [Checked(each.counted, each.people - np.mean([n.people - n.counted for n in noise])) for each in noise]
    assert proposed(noise) is None
    assert proposed([Checked(0.0, 0.0)] * 20) is None


def test_a_correction_is_undone_and_never_leaves_less_than_nobody():
    correction = Correction(1.5, -6.0)
    assert correction.corrected(2.0) == 0.0
    assert correction.undone(correction.corrected(40.0)) == pytest.approx(40.0)
    assert correction.words == "times 1.5, -6.0 people"


def test_a_corrected_count_has_a_corrected_interval_and_keeps_what_the_model_said():
    counter = Counter(trust=Trust(correction=Correction(2.0, 1.0)))
    frame = Frame.of(0, 0.0, np.zeros((384, 512, 3), np.uint8))
    reading = counter.reading(frame, Counted(np.array([50.0], np.float32), errors=TABLE))
    assert (reading.count, reading.uncorrected) == (101.0, 50.0)
    assert reading.interval == Interval(2 * 40.0 + 1, 2 * 67.5 + 1)
    assert counter.held(frame).count == 101.0
    assert Counter().reading(frame, Counted(np.array([50.0], np.float32))).uncorrected == 50.0


def test_a_correction_holds_for_the_model_that_it_was_found_for():
    camera = CameraSettings(name="gate", address="webcam:0", correction={"gain": 1.2, "model": "ab"})
    assert correction_of(camera, "ab") == Correction(1.2)
    assert correction_of(camera, "cd") == AS_IT_IS


@pytest.fixture
def log(tmp_path):
    """A configuration with a camera of which twelve frames were checked."""
    engine = open_database(tmp_path / "deepcount.db")
    for place in range(12):
        points = tuple(((n + 0.5) / 40, 0.5) for n in range(10 + place))
        check = SpotCheck(new_uid(), "gate", 100.0 + place, (90, 160), points, (10 + place) / 1.5, "light", "ab", "me")
        keep(engine, check, None)
    engine.dispose()
    path = tmp_path / "cameras.toml"
    path.write_text('# ours\ndatabase = "deepcount.db"\n\n[[cameras]]\nname = "gate"\naddress = "webcam:0"\n', "utf-8")
    return path


def test_the_command_line_says_takes_over_and_takes_out_a_correction(log, capsys):
    assert main(["checks", "--config", str(log)]) == 0
    assert "a correction of times 1.5" in " ".join(capsys.readouterr().out.split())
    assert load_config(log).cameras[0].correction is None
    assert main(["checks", "correct", "--config", str(log), "--camera", "gate"]) == 0
    correction = load_config(log).cameras[0].correction
    assert (correction.gain, correction.checks, correction.model) == (pytest.approx(1.5), 12, "ab")
    assert correction.after < correction.before
    assert main(["checks", "correct", "--config", str(log), "--camera", "gate", "--off"]) == 0
    assert load_config(log).cameras[0].correction is None
    assert log.read_text("utf-8").startswith("# ours")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["--camera", "door"], "has no camera 'door'", id="another camera"),
        pytest.param([], "give --config FILE and --camera NAME", id="no camera"),
    ],
)
def test_a_correction_is_refused_with_the_remedy(log, words, said, capsys):
    assert main(["checks", "correct", "--config", str(log), *words]) == 2
    assert said in capsys.readouterr().err
