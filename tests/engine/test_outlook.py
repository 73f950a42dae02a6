"""A camera that was turned since its calibration is known by what it sees; light and people do not matter."""

import cv2
import numpy as np
import pytest

from engine.calibration.outlook import EVERY_S, LOOKS, Outlook, Watch
from engine.paths import DEMO_CLIP
from engine.sources import FileSource

EVERY = 36  # frames of the clip


@pytest.fixture(scope="module")
def pictures():
    with FileSource(DEMO_CLIP) as source:
        return [frame.picture.copy() for frame in source.frames() if frame.index % EVERY == 0]


def turned(picture, across=0.0, down=0.0, zoom=1.0):
    height, width = picture.shape[:2]
    change = np.float32([[zoom, 0, across * width], [0, zoom, down * height]])
    return cv2.warpAffine(picture, change, (width, height), borderMode=cv2.BORDER_REFLECT)


def has_moved(pictures, change):
    watch = Watch(Outlook.of(pictures[0]))
    for number, picture in enumerate(pictures[1:]):
        watch.look(change(picture), number * EVERY_S)
    return watch.has_moved


def lit(share, power):
    def change(picture):
        shade = np.linspace(share, 1.0, picture.shape[1])[None, :, None]
        return np.clip(255 * (picture / 255.0) ** power * shade, 0, 255).astype(np.uint8)

    return change


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda picture: picture, id="people come and go"),
        pytest.param(lit(1.0, 0.5), id="brighter"),
        pytest.param(lit(1.0, 2.0), id="darker"),
        pytest.param(lit(0.4, 1.0), id="lit from one side"),
        pytest.param(lambda picture: cv2.resize(picture, (320, 240)), id="smaller"),
        pytest.param(lambda picture: turned(picture, across=0.01), id="shaken by wind"),
    ],
)
def test_a_camera_that_stays_has_not_moved(pictures, change):
    assert not has_moved(pictures, change)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda picture: turned(picture, across=0.1), id="turned"),
        pytest.param(lambda picture: turned(picture, across=0.5), id="turned far"),
        pytest.param(lambda picture: turned(picture, down=0.06), id="tilted"),
        pytest.param(lambda picture: picture[:, ::-1].copy(), id="another view"),
    ],
)
def test_a_camera_that_was_turned_has_moved(pictures, change):
    assert has_moved(pictures, change)


def test_one_picture_among_others_says_nothing_and_a_view_that_comes_back_holds_again(pictures):
    watch, elsewhere = Watch(Outlook.of(pictures[0])), turned(pictures[1], across=0.5)
    said = []
    for number, picture in enumerate([*pictures[1:4], elsewhere, *[elsewhere] * LOOKS, *[pictures[1]] * LOOKS]):
        watch.look(picture, number * EVERY_S)
        said.append(watch.has_moved)
    assert not any(said[:4])
    assert said[3 + LOOKS]
    assert not said[-1]


def test_looks_are_apart_and_begin_anew_when_the_clock_jumps_back(pictures):
    watch = Watch(Outlook.of(pictures[0]))
    assert watch.is_due(100.0)
    watch.look(pictures[0], 100.0)
    assert not watch.is_due(100.0 + EVERY_S / 2)
    assert watch.is_due(100.0 + EVERY_S)
    assert watch.is_due(3.0)
    assert not Watch(None).is_due(0.0)


def test_an_outlook_is_written_and_read_and_what_is_none_is_refused(pictures):
    outlook = Outlook.of(pictures[0])
    assert np.array_equal(Outlook.read(outlook.written).steps, outlook.steps)
    for text in ("", "AAAA", outlook.written[:-4], "not base 64", "ä" * len(outlook.written)):
        assert Outlook.read(text) is None
