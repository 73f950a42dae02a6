"""A screen gets pictures of the cameras that are visible, at the size at which they are shown."""

import pytest

from cameras import ScriptedCamera, number_of
from constant import write_constant
from engine.monitor.monitor import Monitor
from engine.monitor.screen import Screen, Wish
from engine.picture.layout import fitted
from engine.picture.masks import BLANK
from engine.settings.config import Config
from engine.settings.problems import checked
from logged import waited_for

LEFT = [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]


@pytest.fixture
def watched(tmp_path):
    """A camera at 20 frames a second of which hardly any is counted, its monitor, and how to change its settings."""
    model = write_constant(tmp_path / "seven.onnx", people=7.0)
    with ScriptedCamera(rate=20.0) as camera, Monitor() as monitor:

        def apply(**table):
            gate = {"name": "gate", "address": camera.address, "max_fps": 0.05, **table}
            return monitor.apply(checked(Config, {"model": str(model), "cameras": [gate]}, "a test"))

        apply()
        yield monitor, apply


def pictures(screen, number, holds=lambda pixels: True):
    """Waits for so many pictures of which something holds; returns them."""
    found = []

    def is_enough():
        picture = screen.newest("gate")
        found.extend([picture] if picture and holds(picture.pixels) else [])
        return len(found) >= number

    assert waited_for(is_enough)
    return found[:number]


@pytest.mark.parametrize(
    ("size", "within", "expected"),
    [
        pytest.param((240, 320), (1000, 1000), (240, 320), id="never enlarged"),
        pytest.param((1080, 1920), (540, 5000), (540, 960), id="as high as there is room"),
        pytest.param((1920, 1080), (5000, 333), (592, 332), id="even, and no larger than the room"),
        pytest.param((1080, 1920), (1, 1), (2, 2), id="never nothing"),
    ],
)
def test_a_picture_fits_into_its_room(size, within, expected):
    assert fitted(size, within) == expected


def test_pictures_come_at_the_cameras_pace_and_at_the_size_that_is_wanted(watched):
    monitor, _ = watched
    with Screen(monitor) as screen:
        screen.want({"gate": Wish((1000, 1000))})
        found = pictures(screen, 10)
        assert {picture.pixels.shape for picture in found} == {(240, 320, 3)}
        assert len({number_of(picture.pixels) for picture in found}) > 1
        assert len({picture.arrived_s for picture in found}) == 10
        assert monitor.sessions[0].tally.total.readings < 10
        screen.want({"gate": Wish((120, 200))})
        assert pictures(screen, 1, lambda pixels: pixels.shape == (120, 160, 3))[0].size == (240, 320)


def test_a_camera_that_is_not_visible_is_not_looked_at(watched):
    monitor, _ = watched
    capture = monitor.sessions[0].capture
    with Screen(monitor) as screen:
        screen.want({"gate": Wish((120, 160))})
        assert pictures(screen, 1)
        screen.want({})
        assert waited_for(lambda: not capture.onlookers)
        assert screen.newest("gate") is None
        screen.want({"gate": Wish((120, 160)), "unknown": Wish((120, 160))})
        assert pictures(screen, 1)
    assert not capture.onlookers


def test_pictures_go_on_where_a_camera_is_connected_anew_and_hide_what_is_private_from_then_on(watched):
    monitor, apply = watched
    with Screen(monitor) as screen:
        screen.want({"gate": Wish((240, 320))})
        assert pictures(screen, 1)
        assert apply(max_fps=0.04).reconnected == ("gate",)
        assert pictures(screen, 2)
        assert apply(max_fps=0.04, privacy=[LEFT]).recounted == ("gate",)
        hidden = pictures(screen, 1, lambda pixels: (pixels[:, :160] == BLANK).all())[0].pixels
        assert not (hidden[:, 160:] == BLANK).all()
        assert (pictures(screen, 1)[0].pixels[:, :160] == BLANK).all()
