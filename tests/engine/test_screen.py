"""A screen gets pictures of the cameras that are visible, at the size at which they are shown."""

from types import SimpleNamespace

import numpy as np
import pytest

from cameras import ScriptedCamera, number_of
from constant import write_constant
from engine.counting.reading import Reading
from engine.monitor.maps import ZONES_INTERVAL_S, Maps
from engine.monitor.monitor import Monitor
from engine.monitor.screen import Screen, Wish
from engine.picture.frame import Frame
from engine.picture.layout import fitted
from engine.picture.masks import BLACK
from engine.picture.shot import Still
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
        hidden = pictures(screen, 1, lambda pixels: (pixels[:, :160] == BLACK).all())[0].pixels
        assert not (hidden[:, 160:] == BLACK).all()
        assert (pictures(screen, 1)[0].pixels[:, :160] == BLACK).all()


def test_any_number_of_screens_look_at_a_monitor_each_at_its_own_size(watched):
    monitor, _ = watched
    capture = monitor.sessions[0].capture
    with Screen(monitor) as one:
        with Screen(monitor) as other:
            one.want({"gate": Wish((240, 320))})
            other.want({"gate": Wish((120, 160))})
            assert pictures(one, 3)[0].pixels.shape == (240, 320, 3)
            assert pictures(other, 3)[0].pixels.shape == (120, 160, 3)
        assert pictures(one, 3)
        assert capture.onlookers
    assert not capture.onlookers


def test_a_map_is_made_while_a_screen_shows_it_and_no_longer(watched):
    monitor, apply = watched
    apply(max_fps=None, density_interval_s=0.0)
    session = monitor.sessions[0]
    with Screen(monitor) as screen:
        screen.want({"gate": Wish((240, 320))})
        bare = pictures(screen, 3)
        assert all(picture.heat is picture.heads is picture.density is picture.consistency is None for picture in bare)
        assert session.maps.schedule.interval_s is None
        screen.want({"gate": Wish((240, 320), "heat")})
        shown = the_next(screen, lambda picture: picture.heat)
        assert shown.heat.colours.shape == (48, 64, 4)
        assert shown.heat.cell == pytest.approx(5.0)
        assert shown.density.sum() == pytest.approx(7.0)
        assert shown.consistency == pytest.approx(1.0)
        assert 0 <= shown.arrived_s - shown.heat.made_s < 3
        screen.want({"gate": Wish((240, 320), "heat", most=0.5)})
        assert the_next(screen, lambda picture: picture.heat and picture.heat.most == 0.5)
        screen.want({"gate": Wish((240, 320), "heads")})
        assert the_next(screen, lambda picture: picture.heads is not None).heads.shape[1] == 2
        screen.want({"gate": Wish((240, 320))})
        assert the_next(screen, lambda picture: picture.consistency is None)
        assert session.maps.schedule.interval_s is None
    assert not session.capture.onlookers


def the_next(screen, holds):
    """Waits for a picture of which something holds."""
    found = []

    def is_there():
        picture = screen.newest("gate")
        found.extend([picture] if picture and holds(picture) else [])
        return bool(found)

    assert waited_for(is_there)
    return found[0]


def test_a_camera_whose_maps_are_never_wanted_has_none_but_for_its_zones():
    maps, viewer = Maps(None), object()
    maps.want(viewer, wanted=True)
    assert maps.schedule.interval_s is None
    maps.expect(None, for_zones=True)
    assert maps.schedule.interval_s == ZONES_INTERVAL_S
    maps.expect(0.5, for_zones=False)
    assert maps.schedule.interval_s == 0.5
    maps.want(viewer, wanted=False)
    assert maps.schedule.interval_s is None


def test_a_map_is_shown_over_pictures_that_come_soon_after_it_or_in_which_nothing_moves():
    maps = Maps(2.0)
    maps.put(reading_at(10.0, np.ones((2, 2), np.float32)))
    assert maps.newest(16.0).count == 4.0
    assert maps.newest(16.1) is None
    for second in range(11, 30):
        maps.put(reading_at(float(second), None, is_held=True))
    assert maps.newest(35.0).made_s == 10.0
    maps.put(reading_at(36.0, None))
    assert maps.newest(36.0) is None


def reading_at(arrived_s, density, **more):
    frame = Frame(0, 0.0, Still(np.zeros((4, 4, 3), np.uint8)), arrived_s=arrived_s)
    return Reading(frame, 4.0, density, **more)


def test_a_picture_that_cannot_be_made_is_said_not_to_be_shown_and_the_count_goes_on(watched, monkeypatch):
    monitor, apply = watched
    apply(max_fps=None)
    session = monitor.sessions[0]
    monkeypatch.setattr(Frame, "picture_within", lambda *_: 1 / 0)
    with Screen(monitor) as screen:
        screen.want({"gate": Wish((240, 320))})
        words = "camera 'gate': a frame could not be shown (ZeroDivisionError)"
        assert waited_for(lambda: session.capture.health.problem == words)
        before = session.tally.total.readings
        assert waited_for(lambda: session.tally.total.readings > before)
        assert screen.failure is None
    assert session.capture.health.decode_errors == 0


def test_a_screen_that_died_says_why(watched):
    monitor, _ = watched
    with Screen(monitor) as screen:
        screen.want({"gate": SimpleNamespace(overlay="none", is_large=False)})  # no wish, as a defect makes one
        assert waited_for(lambda: "could not be shown" in monitor.sessions[0].capture.health.problem)
        assert screen.failure is None
        screen.want({"gate": object()})
        assert waited_for(lambda: isinstance(screen.failure, AttributeError))


def test_a_camera_that_sends_no_more_is_drawn_again_where_it_is_shown_in_another_way(tmp_path):
    model = write_constant(tmp_path / "seven.onnx", people=7.0)
    with ScriptedCamera(rate=20.0) as camera, Monitor() as monitor, Screen(monitor) as screen:
        gate = {"name": "gate", "address": camera.address, "read_timeout_s": 60.0}
        monitor.apply(checked(Config, {"model": str(model), "cameras": [gate]}, "a test"))
        screen.want({"gate": Wish((240, 320))})
        assert pictures(screen, 1)
        camera.stall()
        screen.want({"gate": Wish((120, 160))})
        assert pictures(screen, 1, lambda pixels: pixels.shape == (120, 160, 3))
        table = gate | {"privacy": [LEFT]}
        monitor.apply(checked(Config, {"model": str(model), "cameras": [table]}, "a test"))
        assert pictures(screen, 1, lambda pixels: (pixels[:, :80] == BLACK).all())
