"""Pictures that are too large are refused by name before anything is decoded, wherever they come from."""

import struct
import zlib
from dataclasses import replace
from time import monotonic

import cv2
import numpy as np
import pytest

from cameras import Clip, WebCamera
from engine.capture.backoff import Backoff
from engine.capture.health import State
from engine.capture.live import LiveCapture
from engine.errors import SourceError
from engine.settings.address import camera_address
from engine.sources import FileSource, FolderSource
from engine.sources.opening import LiveOrder
from engine.sources.picture_header import picture_size
from media import swollen

HUGE = "holds pictures of 30000x30000 (900 megapixels), expected at most 64"
SOON_S = 20.0


def bomb(height=30_000, width=30_000):
    """A grey PNG that promises far more pixels than it holds."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    pixels = zlib.compress(bytes(100_000))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def noise(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def encoded(ending, picture, *parameters):
    return cv2.imencode(ending, picture, list(parameters))[1].tobytes()


PICTURES = [
    pytest.param(".jpg", (), 3, id="jpeg"),
    pytest.param(".jpg", (cv2.IMWRITE_JPEG_PROGRESSIVE, 1), 3, id="progressive jpeg"),
    pytest.param(".png", (), 3, id="png"),
    pytest.param(".bmp", (), 3, id="bmp"),
    pytest.param(".webp", (cv2.IMWRITE_WEBP_QUALITY, 80), 3, id="webp"),
    pytest.param(".webp", (cv2.IMWRITE_WEBP_QUALITY, 101), 3, id="lossless webp"),
    pytest.param(".webp", (cv2.IMWRITE_WEBP_QUALITY, 80), 4, id="webp with alpha"),
    pytest.param(".tif", (), 3, id="tiff"),
]


@pytest.mark.parametrize(("ending", "parameters", "channels"), PICTURES)
def test_the_header_tells_the_size(ending, parameters, channels):
    assert picture_size(encoded(ending, noise(97, 131, channels), *parameters)) == (97, 131)


@pytest.mark.parametrize(("ending", "parameters", "channels"), PICTURES)
def test_a_header_that_is_cut_off_tells_nothing_and_raises_nothing(ending, parameters, channels):
    whole = encoded(ending, noise(97, 131, channels), *parameters)
    assert {picture_size(whole[:length]) for length in range(0, len(whole), 7)} <= {None, (97, 131), (1, 1), (1, 131)}


def test_what_begins_otherwise_has_no_size():
    assert picture_size(b"") is None
    assert picture_size(b"\xff\xd8\xff" + b"\xff" * 100_000) is None
    assert picture_size(b"RIFF1234WAVEfmt 12345678901234567890") is None


@pytest.mark.parametrize(
    ("name", "content"), [("1.png", bomb()), ("1.jpg", swollen(encoded(".jpg", noise(48, 64, 3))))], ids=["png", "jpeg"]
)
def test_a_huge_picture_in_a_folder_is_refused_by_name(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError) as caught:
        list(FolderSource(tmp_path).frames())
    assert name in str(caught.value)
    assert HUGE in str(caught.value)


def test_a_huge_file_in_a_folder_is_not_read(tmp_path):
    with (tmp_path / "1.png").open("wb") as file:
        file.truncate(40 * 2**30)
    with pytest.raises(SourceError, match=r"1\.png has more than 512 MB"):
        list(FolderSource(tmp_path).frames())


def test_a_thin_picture_in_a_folder_has_few_tiles(tmp_path):
    (tmp_path / "1.png").write_bytes(encoded(".png", np.zeros((60_000, 1, 3), np.uint8)))
    assert len(next(FolderSource(tmp_path).frames()).take_tiles()) == 64


def test_a_picture_that_opencv_refuses_is_refused_by_name(tmp_path):
    (tmp_path / "1.png").write_bytes(bomb(2**21, 1))
    with pytest.raises(SourceError, match=r"1\.png cannot be read"):
        list(FolderSource(tmp_path).frames())


def test_a_picture_of_another_kind_is_no_picture_whatever_its_name(tmp_path):
    (tmp_path / "1.png").write_bytes(encoded(".ppm", noise(48, 64, 3)))
    with pytest.raises(SourceError, match="damaged or no picture"):
        list(FolderSource(tmp_path).frames())


def test_a_huge_picture_as_a_recording_is_refused_by_name(tmp_path):
    (tmp_path / "bomb.png").write_bytes(bomb())
    with pytest.raises(SourceError) as caught:
        FileSource(tmp_path / "bomb.png")
    assert "bomb.png" in str(caught.value)
    assert HUGE in str(caught.value)


def test_a_recording_whose_pictures_are_too_large_is_refused_before_one_is_decoded(tmp_path):
    (tmp_path / "clip.mjpeg").write_bytes(3 * swollen(encoded(".jpg", noise(48, 64, 3))))
    with pytest.raises(SourceError) as caught:
        FileSource(tmp_path / "clip.mjpeg")
    assert HUGE in str(caught.value)


@pytest.mark.parametrize("begins_well", [True, False], ids=["in mid-stream", "from the start"])
def test_a_camera_that_sends_huge_pictures_fails_by_name(begins_well):
    drawn = Clip.drawn("mjpeg")
    huge = [replace(unit, nals=(swollen(unit.nals[0]),)) for unit in drawn.units]
    clip = replace(drawn, units=(*drawn.units, *huge) if begins_well else tuple(huge))
    with WebCamera("mjpeg", clip, rate=50.0) as camera:
        order = LiveOrder("gate", camera_address(camera.address), open_timeout_s=3.0, read_timeout_s=3.0)
        capture = LiveCapture(order, backoff=Backoff(scale=0.02))
        capture.start()
        try:
            end_s = monotonic() + SOON_S
            while HUGE not in (report := capture.health).problem:
                assert monotonic() < end_s, report
                capture.frames.get(0.02)
        finally:
            capture.stop()
    assert report.state is State.FAILED
    assert "camera 'gate'" in report.problem
    assert (report.frames > 0) == begins_well
