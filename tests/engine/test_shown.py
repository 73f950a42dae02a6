"""Pictures are counted and shown as people see them: with square pixels and upright, wherever they come from."""

import io
import struct
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from time import monotonic

import av
import cv2
import numpy as np
import pytest
from av.bitstream import BitStreamFilterContext

from cameras import Clip, ScriptedCamera, WebCamera
from cameras.clip import nal_type, nal_units
from engine.capture.health import State
from engine.capture.live import LiveCapture
from engine.counting.batch import Due, count_tiles
from engine.counting.counter import Counter
from engine.paths import DEMO_CLIP
from engine.picture.masks import BLACK, Mask
from engine.picture.view import PLAIN, View
from engine.settings.address import camera_address
from engine.sources import FileSource, FolderSource
from engine.sources.opening import LiveOrder

SOON_S = 20.0
RIGHT = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
CORNER = (255, 255, 255)


def marked(height=96, width=128):
    """A dark picture with a bright top left quarter, by which it is seen which way up it is."""
    picture = np.full((height, width, 3), 40, np.uint8)
    picture[: height // 2, : width // 2] = CORNER
    return picture


def bright_quarter(picture):
    """Says which quarter of a picture is bright, as 'top left'."""
    height, width = picture.shape[:2]
    quarters = {
        "top left": picture[: height // 2, : width // 2],
        "top right": picture[: height // 2, width // 2 :],
        "bottom left": picture[height // 2 :, : width // 2],
        "bottom right": picture[height // 2 :, width // 2 :],
    }
    return max(quarters, key=lambda name: quarters[name].mean())


def encoded(pictures, pixel=None):
    """Pictures as H.264 in packets, with the shape of their pixels if one is given."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.height, encoder.width = pictures[0].shape[:2]
    encoder.pix_fmt, encoder.framerate, encoder.time_base = "yuv420p", Fraction(25), Fraction(1, 25)
    encoder.gop_size = 1  # a key frame each, which tells all that there is to tell
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "crf": "16", "x264-params": "log-level=none"}
    if pixel is not None:
        encoder.sample_aspect_ratio = pixel
    packets = []
    for number, picture in enumerate(pictures):
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts = number
        packets += encoder.encode(frame)
    return [*packets, *encoder.encode(None)]


def stream_of(pictures, pixel=None):
    return b"".join(map(bytes, encoded(pictures, pixel)))


@pytest.fixture
def written(tmp_path):
    def write(content, name="clip.h264"):
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return write


def first_frame(address, **parts):
    """Returns the first frame of a live camera, and its health."""
    parts = {"open_timeout_s": 5.0, "read_timeout_s": 5.0} | parts
    capture = LiveCapture(LiveOrder("gate", camera_address(str(address)), **parts))
    capture.start()
    try:
        end_s = monotonic() + SOON_S
        while (frame := capture.frames.get(0.1)) is None or capture.health.state is not State.LIVE:
            assert monotonic() < end_s, capture.health
        return frame, capture.health
    finally:
        capture.stop()


@pytest.mark.parametrize(
    ("pixel", "size"),
    [(None, (96, 128)), (Fraction(1), (96, 128)), (Fraction(2), (96, 256)), (Fraction(6, 11), (176, 128))],
)
def test_a_recording_is_shown_with_square_pixels(written, pixel, size):
    with FileSource(written(stream_of([marked()] * 3, pixel))) as source:
        frame = next(source.frames())
    assert frame.size == frame.picture.shape[:2] == size
    assert bright_quarter(frame.picture) == bright_quarter(frame.take_tiles()[0]) == "top left"
    assert frame.layout.remark == ""


def test_the_container_may_tell_the_shape_of_pixels_alone(clip, tmp_path):
    with av.open(str(clip())) as given, av.open(str(tmp_path / "told.mp4"), "w") as told:
        stream = told.add_stream_from_template(given.streams.video[0])
        stream.sample_aspect_ratio = Fraction(2)
        for packet in given.demux(video=0):
            if packet.size:
                packet.stream = stream
                told.mux(packet)
    with FileSource(tmp_path / "told.mp4") as source:
        assert {frame.size for frame in source.frames()} == {(96, 256)}


def test_the_shape_of_pixels_may_change_in_mid_stream(written):
    parts = [stream_of([marked()] * 3, pixel) for pixel in (None, Fraction(2), Fraction(3))]
    with FileSource(written(b"".join(parts))) as source:
        sizes = [frame.size for frame in source.frames()]
    assert sizes == 3 * [(96, 128)] + 3 * [(96, 256)] + 3 * [(96, 384)]


def test_a_live_camera_is_shown_with_square_pixels():
    with ScriptedCamera(clip_of(encoded([marked()] * 5, Fraction(2))), rate=50.0) as camera:
        frame, report = first_frame(camera.address)
    assert frame.size == report.size == (96, 256)
    assert frame.picture.shape == (96, 256, 3)


def test_a_live_camera_that_squeezes_its_picture_is_stretched_and_its_health_says_so(caplog):
    with ScriptedCamera(Clip.drawn(size=(288, 704)), rate=50.0) as camera:
        frame, report = first_frame(camera.address)
        wide, told = first_frame(camera.address, view=View(aspect=Fraction(16, 9)))
    assert frame.size == report.size == (528, 704)
    assert "its pictures of 704x288 are shown as 704x528" in report.remark
    assert sum("are shown as 704x528" in record.getMessage() for record in caplog.records) == 1
    assert wide.size == (396, 704)
    assert told.remark == ""


def test_a_folder_is_shown_in_the_aspect_that_is_asked_for(tmp_path):
    cv2.imwrite(str(tmp_path / "1.png"), marked())
    frame = next(FolderSource(tmp_path, view=View(aspect=Fraction(16, 6))).frames())
    assert frame.picture.shape == (96, 256, 3)


def test_masks_refer_to_the_picture_as_shown(written):
    with FileSource(written(stream_of([marked()] * 2, Fraction(2))), view=View(private=Mask((RIGHT,)))) as source:
        frame = next(source.frames())
    assert (frame.picture[:, 128:] == BLACK).all()
    assert not (frame.picture[:, :128] == BLACK).all(axis=2).any()


@pytest.mark.parametrize("kind", ["h264", "mjpeg"])
@pytest.mark.parametrize(
    ("turn", "orientation", "quarter"),
    [(90, 8, "bottom left"), (180, 3, "bottom right"), (270, 6, "top right")],
    ids=["left", "over", "right"],
)
def test_a_live_camera_that_tells_its_rotation_is_shown_upright(kind, turn, orientation, quarter):
    turned = WebCamera("mjpeg", turned_jpegs(orientation)) if kind == "mjpeg" else ScriptedCamera(turned_h264(turn))
    with turned as camera:
        frame, report = first_frame(camera.address)
    assert frame.size == report.size == ((96, 128) if turn == 180 else (128, 96))
    assert bright_quarter(frame.picture) == bright_quarter(frame.take_tiles()[0]) == quarter


def test_a_turned_picture_has_turned_pixels_too(written):
    units = turned_h264(90, pixel=Fraction(2)).units
    with FileSource(written(b"".join(unit.annex_b for unit in units))) as source:
        frame = next(source.frames())
    assert frame.size == (256, 96)
    assert bright_quarter(frame.picture) == "bottom left"
    bottom = frame.take_tiles()[frame.grid.tiles // 2 :]
    assert (bottom[:, :, :256].mean(), bottom[:, :, 256:].mean()) == pytest.approx((255, 40), abs=5)


@pytest.mark.parametrize(
    ("orientation", "quarter"),
    [(1, "top left"), (2, "top right"), (3, "bottom right"), (4, "bottom left"),
     (5, "top left"), (6, "top right"), (7, "bottom right"), (8, "bottom left")],
)  # fmt: skip
def test_pictures_of_a_folder_are_upright_by_their_exif(tmp_path, orientation, quarter):
    (tmp_path / "1.jpg").write_bytes(jpeg(orientation))
    frame = next(FolderSource(tmp_path).frames())
    assert frame.size == ((96, 128) if orientation < 5 else (128, 96))
    assert bright_quarter(frame.picture) == quarter


def test_the_demonstration_clip_squeezed_to_half_its_width_is_counted_as_it_was(model, written):
    """Taken for square pixels, the squeezed one is counted less than three quarters."""
    with FileSource(DEMO_CLIP) as source:
        whole = list(islice(source.frames(), 10, 220, 35))
    small = [cv2.resize(frame.picture, (384, 576), interpolation=cv2.INTER_CUBIC) for frame in whole]
    with FileSource(written(stream_of(small, Fraction(2)))) as source:
        squeezed = list(source.frames())
    assert [frame.size for frame in squeezed] == [(576, 768)] * len(whole)
    usual = mean_count(model, whole)
    assert mean_count(model, squeezed) == pytest.approx(usual, rel=0.08)
    untold = written(stream_of(small), "untold.h264")
    with FileSource(untold, view=View(aspect=Fraction(4, 3))) as source:
        assert mean_count(model, source.frames()) == pytest.approx(usual, rel=0.08)
    with FileSource(untold) as source:
        assert mean_count(model, source.frames()) < 0.75 * usual


def mean_count(model, frames):
    counts = []
    for due in (Due(Counter(), frame) for frame in frames):
        count_tiles(model, [due])
        counts.append(due.reading().count)
    return np.mean(counts)


def turned_h264(degrees, pixel=None):
    """A clip that says, beside each picture, by how much to turn it anticlockwise."""
    with av.open(io.BytesIO(stream_of([marked()] * 6, pixel)), format="h264") as container:
        stream = container.streams.video[0]
        turning = BitStreamFilterContext(f"h264_metadata=display_orientation=insert:rotate={degrees}", stream)
        return clip_of([done for packet in container.demux(stream) if packet.size for done in turning.filter(packet)])


def clip_of(packets):
    """H.264 packets of pictures of 96 x 128 as a clip for a camera."""
    drawn = Clip.drawn()
    slices_last = [sorted(nal_units(bytes(packet)), key=lambda nal: nal_type(nal, "h264") == 5) for packet in packets]
    units = [replace(drawn.units[0], nals=tuple(nals), shown=number) for number, nals in enumerate(slices_last)]
    return replace(drawn, size=(96, 128), units=tuple(units))


def jpeg(orientation):
    """A JPEG whose EXIF tells how it was held."""
    plain = cv2.imencode(".jpg", marked(), [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()
    entry = struct.pack(">HHIHH", 0x112, 3, 1, orientation, 0)
    exif = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1) + entry + bytes(4)
    return plain[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + plain[2:]


def turned_jpegs(orientation):
    drawn = Clip.drawn("mjpeg")
    return replace(drawn, units=(replace(drawn.units[0], nals=(jpeg(orientation),)),))


def test_square_pixels_cost_nothing(written):
    with FileSource(written(stream_of([marked(384, 512)] * 2))) as source:
        frame = next(source.frames())
    assert frame.layout is PLAIN.layout(frame.shot)


@pytest.mark.parametrize("size", [(570, 760), (398, 530), (288, 384), (206, 274), (102, 136)], ids=str)
def test_what_people_see_is_made_quickly_and_looks_like_what_is_shrunk_exactly(size):
    with FileSource(DEMO_CLIP) as source:
        frame = next(source.frames())
    quick = frame.picture_within(*size)
    exact = frame.shot.rgb(*quick.shape[:2])
    assert min(size[0] - quick.shape[0], size[1] - quick.shape[1]) < 2
    assert np.abs(quick.astype(int) - exact).mean() < 3  # of 255
    assert np.abs(quick.astype(int).mean((0, 1)) - exact.mean((0, 1))).max() < 1
