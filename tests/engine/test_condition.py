import av
import cv2
import numpy as np
import pytest

from engine.paths import DEMO_CLIP
from engine.picture.condition import Condition, Inspector

RNG = np.random.default_rng(0)
SCENE = np.kron(RNG.integers(40, 200, (18, 32, 3), dtype=np.uint8), np.ones((10, 10, 1), np.uint8))
KEY_EVERY = 10  # frames


def noisy(scene=SCENE, sigma=2.0):
    return np.clip(scene + RNG.normal(0, sigma, scene.shape), 0, 255).astype(np.uint8)


def smeared():
    picture = noisy()
    picture[120:] = picture[120]
    return picture


def half_received():
    picture = noisy()
    picture[80:] = 130
    return picture


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        pytest.param(noisy(), Condition.CLEAR, id="a scene"),
        pytest.param(noisy(SCENE // 4), Condition.CLEAR, id="a scene by night"),
        pytest.param(np.full_like(SCENE, 130), Condition.GREY, id="grey"),
        pytest.param(np.full_like(SCENE, 240), Condition.GREY, id="flat white"),
        pytest.param(half_received(), Condition.GREY, id="grey below"),
        pytest.param(np.zeros_like(SCENE), Condition.DARK, id="black"),
        pytest.param(noisy(np.full_like(SCENE, 16)), Condition.DARK, id="noise in the dark"),
        pytest.param(smeared(), Condition.TORN, id="one row repeated"),
    ],
)
def test_one_picture_tells_its_condition_in_colour_and_as_luma(picture, expected):
    assert Inspector().inspect(picture, 0.0) == expected
    assert Inspector().inspect(np.ascontiguousarray(picture[..., 1]), 0.0) == expected


def test_identical_pictures_are_frozen_after_a_while_and_clear_again_on_a_change():
    inspector = Inspector(frozen_after_s=3.0)
    picture = noisy()
    found = [inspector.inspect(picture.copy(), t) for t in range(5)]
    assert found == [Condition.CLEAR] * 3 + [Condition.FROZEN] * 2
    assert inspector.inspect(noisy(), 5.0) == Condition.CLEAR


def test_a_still_scene_with_sensor_noise_is_not_frozen():
    inspector = Inspector(frozen_after_s=1.0)
    assert {inspector.inspect(noisy(SCENE // 4, sigma=0.5), t) for t in range(20)} == {Condition.CLEAR}


def test_a_running_clock_in_the_picture_is_enough_not_to_be_frozen():
    inspector = Inspector(frozen_after_s=1.0)
    for second in range(5):
        picture = SCENE.copy()
        picture[4:16, 4:12] = second * 20
        assert inspector.inspect(picture, second) == Condition.CLEAR


def test_a_clock_that_jumps_back_does_not_freeze_a_picture():
    inspector = Inspector(frozen_after_s=3.0)
    assert [inspector.inspect(SCENE, t) for t in (100.0, 5.0, 7.0)] == [Condition.CLEAR] * 3


def test_damage_lasts_until_the_next_key_frame_or_some_seconds():
    inspector = Inspector()
    seen = [(0.0, False, True), (1.0, True, False), (2.0, False, False), (3.0, False, True), (4.0, True, True)]
    found = [inspector.inspect(noisy(), t, damaged=damaged, is_key=is_key) for t, damaged, is_key in seen]
    assert [c == Condition.TORN for c in found] == [False, True, True, False, True]
    assert inspector.inspect(noisy(), 20.0) == Condition.CLEAR


def encoded():
    """Packets of a moving scene in H.264."""
    context = av.CodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt, context.framerate = 320, 176, "yuv420p", 10
    context.options = {"g": str(KEY_EVERY), "bf": "0", "keyint_min": str(KEY_EVERY), "tune": "zerolatency"}
    packets = []
    for number in range(3 * KEY_EVERY):
        picture = np.roll(noisy(SCENE[:176]), 6 * number, axis=1)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts = number
        packets += context.encode(frame)
    return packets + context.encode(None)


def conditions(packets):
    """Decodes packets and returns the condition of each picture that comes out, by its number."""
    decoder, inspector, found = av.CodecContext.create("h264", "r"), Inspector(), {}
    decoder.thread_count = 1
    failed = False
    for packet in packets:
        try:
            frames = decoder.decode(packet)
        except av.FFmpegError:
            failed = True
            continue
        for frame in frames:
            damaged, failed = failed or frame.is_corrupt, False
            luma = frame.to_ndarray(format="gray")
            found[frame.pts] = inspector.inspect(luma, frame.pts / 10, damaged=damaged, is_key=frame.key_frame)
    return found


def cut(packet):
    part = av.Packet(bytes(packet)[: packet.size // 2])
    part.pts, part.dts, part.time_base = packet.pts, packet.dts, packet.time_base
    return part


def test_whole_h264_is_clear():
    assert set(conditions(encoded()).values()) == {Condition.CLEAR}


def test_damaged_h264_is_torn_until_its_next_key_frame():
    packets = encoded()
    packets[5] = cut(packets[5])
    found = conditions(packets)
    torn = [number for number, condition in found.items() if condition == Condition.TORN]
    assert torn
    assert torn == list(range(torn[0], KEY_EVERY))
    assert torn[0] in (5, 6)


@pytest.fixture(scope="module")
def street():
    """Some pictures of the demonstration clip, luma."""
    with av.open(str(DEMO_CLIP)) as clip:
        pictures = [frame.to_ndarray(format="gray") for frame in clip.decode(video=0)]
    return pictures[::100]


def blurred(picture):
    return cv2.GaussianBlur(picture, (0, 0), picture.shape[1] / 100)


def blackened(picture):
    covered = picture.copy()
    covered[: round(0.85 * picture.shape[0])] = 60
    covered[:20] = np.arange(20)[:, None]  # or it would be flat grey
    return covered


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(lambda picture: picture, Condition.CLEAR, id="as it is"),
        pytest.param(lambda picture: cv2.resize(picture, None, fx=2, fy=2), Condition.CLEAR, id="enlarged"),
        pytest.param(lambda picture: cv2.resize(picture, (256, 192)), Condition.CLEAR, id="small"),
        pytest.param(lambda picture: cv2.GaussianBlur(picture, (0, 0), 1.0), Condition.CLEAR, id="a little soft"),
        pytest.param(blurred, Condition.BLURRED, id="out of focus"),
        pytest.param(blackened, Condition.COVERED, id="mostly covered"),
    ],
)
def test_a_real_picture_is_covered_or_blurred_only_where_it_is(street, change, expected):
    assert {Inspector().inspect(change(picture), 0.0) for picture in street} == {expected}
