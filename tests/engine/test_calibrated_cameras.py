"""A calibration in the configuration: read, written and refused, and the people per square metre that it gives."""

import json
from math import radians

import numpy as np
import pytest

from constant import write_constant
from engine.calibration.fitting import Distance, Person, fitted
from engine.calibration.ground import Ground
from engine.calibration.outlook import Outlook
from engine.cli import main
from engine.errors import ConfigError
from engine.monitor.crowding import stale_words
from engine.paths import DEMO_CLIP
from engine.settings.calibration import CalibrationSettings, DistanceSettings, PersonSettings, calibration_of
from engine.settings.config_file import load_config, save_config
from engine.sources import FileSource

WIDE = 16 / 9
GROUND = Ground.of(field_of_view=radians(80), tilt=radians(20), height=6.0, aspect=4 / 3)
FOUND = {"picture": 1.333333, "focal": round(GROUND.focal, 6), "tilt": round(GROUND.tilt, 6), "height": 6.0}
YARD = ((0.25, 0.6), (0.7, 0.58), (0.85, 0.92), (0.15, 0.95))
ZONES = """
[[cameras.zones]]
name = "yard"
polygon = [[0.25, 0.6], [0.7, 0.6], [0.85, 0.9], [0.15, 0.9]]
[[cameras.zones]]
name = "sky"
polygon = [[0.0, 0.0], [1.0, 0.0], [1.0, 0.5], [0.0, 0.5]]
"""


def toml(**values):
    lines = [f"{key} = {value}" for key, value in (FOUND | values).items()]
    return "\n".join(["[cameras.calibration]", *lines, ""])


@pytest.fixture
def written(tmp_path):
    def write(address, calibration, zones=ZONES):
        path = tmp_path / "cameras.toml"
        model = write_constant(tmp_path / "twelve.onnx", people=12.0)
        path.write_text(
            f'model = "{model}"\n[[cameras]]\nname = "gate"\naddress = "{address}"\nloop = true\n{calibration}{zones}'
        )
        return path

    return write


def test_every_setting_tells_its_title_and_description():
    for kind in (CalibrationSettings, PersonSettings, DistanceSettings):
        for key, field in kind.model_fields.items():
            assert field.title, key
            assert (field.description or "").endswith("."), key


def test_what_was_marked_and_found_is_the_same_after_it_was_written_and_read(written, tmp_path):
    feet = [(0.2, 0.95), (0.5, 0.9), (0.8, 0.7)]
    people = tuple(Person(foot, tuple(map(float, GROUND.head_of(foot, 1.8))), 1.8) for foot in feet)
    a, b = GROUND.on_ground(YARD[:2])
    distances = (Distance(*YARD[:2], round(float(((a - b) ** 2).sum() ** 0.5), 3)),)
    found = calibration_of(people, distances, fitted(people, distances, 4 / 3))
    path = written("yard.mp4", "")
    before = load_config(path)
    camera = before.cameras[0].model_copy(update={"calibration": found})
    save_config(before.model_copy(update={"cameras": (camera,)}), path)
    after = load_config(path)
    assert after.cameras[0].calibration == found
    assert [person.tall for person in found.marked_people] == [1.8] * 3
    assert found.marked_distances == distances
    assert found.ground.area(YARD) == pytest.approx(GROUND.area(YARD), rel=0.03)
    assert "[cameras.calibration]" in path.read_text()
    text = path.read_text()
    save_config(after, path)
    assert path.read_text() == text
    save_config(before, path)
    assert "calibration" not in path.read_text()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"tilt": 4.0}, "camera 'gate', calibration: tilt is 4, expected less than 1.57"),
        ({"height": 0}, "calibration: height is 0, expected greater than 0"),
        (
            {"view": '"AAAA"'},
            "has a view that no calibration wrote; take it out, or calibrate the camera anew",
        ),
        ({"heigth": 2}, "calibration: has no setting 'heigth'"),
        (
            {"people": "[{foot = [0.5, 0.9], head = [0.5, 0.7], tall = 20.0}]"},
            "camera 'gate', calibration, person 1: tall is 20, expected less than or equal to 2.5",
        ),
        (
            {"people": "[{foot = [0.5, 1.9], head = [0.5, 0.7]}]"},
            "person 1: foot lies outside of the picture, expected coordinates from 0 to 1",
        ),
        ({"people": "[{foot = [0.5, 0.05], head = [0.5, 0.0]}]"}, "has person 1 above the horizon"),
        ({"people": "[{foot = [0.5, 0.9], head = [0.5, 0.9]}]"}, "with foot and head at the same point"),
        ({"distances": "[{start = [0.5, 0.9], end = [0.6, 0.9]}]"}, "distance 1: has no metres"),
        ({"distances": "[{start = [0.5, 0.9], end = [0.5, 0.05], metres = 3.0}]"}, "has distance 1 above the horizon"),
        ({"distances": "[{start = [0.5, 0.9], end = [0.5, 0.9], metres = 3.0}]"}, "both ends at the same point"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place_in_the_file(written, values, sentence):
    path = written("yard.mp4", toml(**values))
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert sentence in str(caught.value)


def test_watch_tells_people_per_square_metre_where_the_calibration_holds(clip, written, capsys):
    film = clip(frames=10, rate=10).name
    path = written(film, toml())
    other = f'[[cameras]]\nname = "other"\naddress = "{film}"\nloop = true\n{toml(picture=WIDE)}{ZONES}'
    path.write_text(path.read_text() + other)
    assert main(["watch", "--config", str(path), "--json", "--duration", "3"]) == 0
    lines = [json.loads(text, parse_constant=pytest.fail) for text in capsys.readouterr().out.splitlines()]
    gate, wide = (next(each for each in reversed(lines) if each["camera"] == name) for name in ("gate", "other"))
    yard = gate["per_m2"]["yard"]
    assert yard > 0
    assert gate["per_m2"] == {"yard": yard, "sky": None}
    assert gate["densest_per_m2"] >= yard * 0.9
    assert gate["calibration_problem"] == ""
    assert wide["per_m2"] == {"yard": None, "sky": None}
    assert wide["densest_per_m2"] is None
    assert "was made for a picture of 1.78:1, but now it is 1.33:1" in wide["calibration_problem"]


def test_watch_says_that_a_camera_was_turned_since_it_was_calibrated(written, capsys):
    with FileSource(DEMO_CLIP) as source:
        first = next(iter(source.frames())).picture
    views = [f'"{Outlook.of(picture).written}"' for picture in (first, np.roll(first, 250, axis=1))]
    path = written(DEMO_CLIP, toml(view=views[0]))
    other = f'[[cameras]]\nname = "turned"\naddress = "{DEMO_CLIP}"\nloop = true\n{toml(view=views[1])}{ZONES}'
    path.write_text(path.read_text() + other)
    assert main(["watch", "--config", str(path), "--json", "--duration", "3"]) == 0
    lines = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    gate, turned = (next(each for each in reversed(lines) if each["camera"] == name) for name in ("gate", "turned"))
    assert gate["per_m2"]["yard"] > 0
    assert "elsewhere" not in gate["doubt"]
    assert turned["per_m2"] == {"yard": None, "sky": None}
    assert turned["densest_per_m2"] is None
    assert "the camera looks elsewhere than when it was calibrated" in turned["calibration_problem"]
    assert turned["reliable"] is False


def test_shapes_that_differ_by_rounding_are_the_same():
    calibration = CalibrationSettings(**FOUND)
    assert stale_words(calibration, 768 / 576) == stale_words(calibration, 768 / 577) == ""
    assert "1.78:1" in stale_words(calibration, 1280 / 720)
