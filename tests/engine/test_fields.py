"""Interlaced video: what moved between two fields shows no combs, what stood still keeps all of its lines."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from cameras import Clip, ScriptedCamera, WebCamera
from cameras.clip import Unit
from engine.alerts.clip import Scene, write_clip
from engine.capture.live import LiveCapture
from engine.evidence.order import Work
from engine.evidence.pictures import masked_clip
from engine.picture.fields import AGAIN, ENOUGH, MOST_LINES, OUT_OF_KEEPING, Fields, uncombed
from engine.picture.masks import Mask
from engine.picture.shot import Decoded
from engine.picture.tiling import TILE_HEIGHT, TILE_WIDTH, Grid, divide
from engine.picture.view import PLAIN, View
from engine.recording.cache import Cache
from engine.recording.glimpse import Glimpse
from engine.recording.identity import identity_of
from engine.recording.index import index_of
from engine.recording.track import Track
from engine.settings.address import camera_address
from engine.sources import FileSource
from engine.sources.connecting import connected
from engine.sources.hardware import SOFTWARE
from engine.sources.opening import LiveOrder
from engine.sources.playback import Playback
from engine.sources.waiting import Waiting
from logged import waited_for

CLIP = Path(__file__).parents[2] / "assets/demo/pets2009_s1l1.mp4"
SIZE = (288, 384)
FIELDS = {"flags": "+ilme+ildct", "x264-params": "tff=1:log-level=none", "crf": "10"}


def street(left: int) -> NDArray[np.uint8]:
    """Draws a wall of soft stripes, before which a light rectangle stands `left` pixels in."""
    rows, columns = np.indices(SIZE)
    wall = 90 + 30 * np.sin(rows / 3) + 20 * np.cos(columns / 5)
    wall[60:200, left : left + 50] = 230
    return np.repeat(wall.astype(np.uint8)[..., None], 3, axis=2)


def laced(early: NDArray[np.uint8], late: NDArray[np.uint8]) -> NDArray[np.uint8]:
    both = early.copy()
    both[1::2] = late[1::2]
    return both


def filmed(
    path: Path, frames: list[NDArray[np.uint8]], options: dict[str, str], form: str = "yuv420p", codec: str = "libx264"
) -> Iterator[av.VideoFrame]:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options)
        stream.height, stream.width, stream.pix_fmt = *frames[0].shape[:2], form
        for picture in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode(None))
    with av.open(str(path)) as container:
        yield from container.decode(video=0)


def off(seen: NDArray[np.uint8], expected: NDArray[np.uint8]) -> NDArray[np.int_]:
    return np.abs(seen.astype(int) - expected)


def test_what_moved_is_where_it_was_in_the_first_field() -> None:
    early, late = street(100), street(112)
    seen = uncombed(laced(early, late))
    assert off(laced(early, late), early).max() > 100
    assert off(seen, early)[62:198, 110:140].max() <= 10  # within what is out of keeping
    assert off(seen, early)[62:198].max() <= 45  # a corner of the wall that was hidden is made up
    assert off(seen, early).mean() < off(laced(early, late), early).mean() / 5


@pytest.mark.parametrize("shape", [(1, 5), (2, 5), (3, 5), (7, 6, 3), (8, 6, 3)], ids=str)
def test_a_picture_of_any_height_keeps_its_first_field(shape: tuple[int, ...]) -> None:
    picture = np.random.default_rng(3).integers(0, 256, shape, dtype=np.uint8)
    before, seen = picture.copy(), uncombed(picture)
    assert seen.shape == shape
    np.testing.assert_array_equal(seen[::2], picture[::2])
    np.testing.assert_array_equal(picture, before)


def test_what_stands_still_keeps_all_of_its_lines() -> None:
    np.testing.assert_array_equal(uncombed(street(100)), street(100))


def test_a_photograph_whose_lines_were_seen_at_once_loses_next_to_nothing() -> None:
    with av.open(str(CLIP)) as container:
        picture = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert off(uncombed(picture), picture).mean() < 1  # of 255
    assert (off(uncombed(picture), picture) > OUT_OF_KEEPING).mean() < 0.04


BOTTOM_FIRST = {**FIELDS, "x264-params": "bff=1:log-level=none"}


@pytest.mark.parametrize(
    ("options", "form", "codec"),
    [
        pytest.param(FIELDS, "yuv420p", "libx264", id="upper field first"),
        pytest.param(BOTTOM_FIRST, "yuv420p", "libx264", id="lower field first"),
        pytest.param(FIELDS, "yuv422p", "libx264", id="by the scaler"),
        pytest.param(FIELDS, "yuv420p10le", "libx264", id="ten bits"),
        pytest.param({"flags": "+ilme+ildct", "b": "4M"}, "yuv420p", "mpeg2video", id="MPEG-2"),
    ],
)
def test_frames_of_two_fields_are_freed_of_combs_however_they_are_asked_for(
    options: dict[str, str], form: str, codec: str, tmp_path: Path
) -> None:
    early, late = street(100), street(112)
    frame, *_ = filmed(tmp_path / "laced.ts", [laced(early, late)] * 2, options, form, codec)
    assert frame.interlaced_frame
    before = [bytes(plane) for plane in frame.planes]
    shot = Decoded(frame)
    for seen in (shot.rgb(*SIZE), shot.rgb(*SIZE, quick=True), np.repeat(shot.luma()[..., None], 3, axis=2)):
        assert np.median(off(seen, early)[62:198, 102:110]) < 25  # combed, every other line is off by 140
        assert off(seen, early)[62:198, 102:110].max() < 90
    tiles = np.empty((2, TILE_HEIGHT, TILE_WIDTH, 3), np.uint8)
    shot.tiles(Grid(1, 2), tiles)
    np.testing.assert_array_equal(tiles, divide(shot.rgb(TILE_HEIGHT, 2 * TILE_WIDTH), Grid(1, 2)))
    assert [bytes(plane) for plane in frame.planes] == before  # the decoder goes on from them


def stood(steps: int) -> list[NDArray[np.uint8]]:
    return [street(100)[..., 0]] * steps


def walked(steps: int, step: int = 6, start: int = 40) -> list[NDArray[np.uint8]]:
    return [street(start + step * number)[..., 0] for number in range(steps)]


def woven(seen: list[NDArray[np.uint8]], *, is_upper_first: bool = True) -> list[NDArray[np.uint8]]:
    pairs = zip(seen[::2], seen[1::2], strict=True)
    return [laced(early, late) if is_upper_first else laced(late, early) for early, late in pairs]


def noisy(pictures: list[NDArray[np.uint8]], deviation: float = 12.0) -> list[NDArray[np.uint8]]:
    """Returns pictures as a camera sees them at night."""
    rng = np.random.default_rng(5)
    return [np.clip(one + rng.normal(0, deviation, one.shape), 0, 255).astype(np.uint8) for one in pictures]


@pytest.mark.parametrize(
    ("pictures", "expected"),
    [
        pytest.param(woven(walked(24)), [False] * ENOUGH + [True] * (12 - ENOUGH), id="upper field first"),
        pytest.param(
            woven(walked(24), is_upper_first=False), [False] * ENOUGH + [True] * (12 - ENOUGH), id="lower field first"
        ),
        pytest.param(
            woven(stood(12) + walked(18, start=100)),
            [False] * (6 + ENOUGH) + [True] * (9 - ENOUGH),
            id="once something moves",
        ),
        pytest.param(walked(12), [False] * 12, id="lines that were seen at once"),
        pytest.param(walked(12) + woven(walked(40, 4)), [False] * 32, id="decided for some time"),
        pytest.param(noisy(stood(60)), [False] * 60, id="noise"),
        pytest.param(noisy(woven(walked(24))), [False] * ENOUGH + [True] * (12 - ENOUGH), id="fields with noise"),
        pytest.param([picture for one in walked(8) for picture in (one, one)], [False] * 16, id="each picture twice"),
        pytest.param(stood(12), [False] * 12, id="nothing moves"),
    ],
)
def test_fields_that_nobody_tells_of_are_found_by_their_combs(
    pictures: list[NDArray[np.uint8]], expected: list[bool]
) -> None:
    fields = Fields()
    assert [fields.are_in(picture, told=False) for picture in pictures] == expected


def test_fields_are_found_when_pictures_are_no_longer_left_out() -> None:
    fields, rng = Fields(), range(40, 220, 4)
    seen = [street(left)[..., 0] for left in (*rng, *reversed(rng))]
    film = woven((seen * 40)[: 2 * 1400])
    assert not any(fields.are_in(picture, told=False) for picture in film[:400:8])
    found = [fields.are_in(picture, told=False) for picture in film[400:]]
    assert not found[0]
    assert found[2 * ENOUGH * AGAIN + 2 * AGAIN]
    assert all(fields.are_in(picture, told=False) for picture in film[:400:8])  # and then stay found


@pytest.mark.parametrize("shape", [(0, 8), (1, 8), (2, 8), (3, 8), (8, 1), (8, 9), (5, 40)], ids=str)
def test_a_picture_of_any_size_is_looked_at(shape: tuple[int, int]) -> None:
    fields, rng = Fields(), np.random.default_rng(1)
    assert not any(fields.are_in(rng.integers(0, 256, shape, dtype=np.uint8), told=False) for _ in range(4))


@pytest.mark.parametrize(("lines", "expected"), [(MOST_LINES, True), (MOST_LINES + 2, False)])
def test_no_camera_is_held_to_send_more_lines_in_fields(lines: int, expected: bool) -> None:
    fields, more = Fields(), ((0, lines - SIZE[0]), (0, 0))
    film = [np.pad(picture, more, "reflect") for picture in woven(walked(24))]
    assert any(fields.are_in(picture, told=False) for picture in film) == expected
    assert not fields.are_in(np.zeros((MOST_LINES + 2, SIZE[1]), np.uint8), told=False)


def test_what_a_picture_tells_of_itself_is_believed() -> None:
    fields = Fields()
    assert fields.are_in(None, told=True)
    assert not fields.are_in(None, told=False)


def is_at(left: int, picture: NDArray[np.uint8]) -> bool:
    """Whether the first field shows the rectangle `left` pixels in."""
    return bool(picture[100, left + 3, 0] > 200 > picture[100, left - 3, 0])


MOVING = 62, 198, 160, 166  # top, bottom, left and right of what the first field alone shows of the rectangle


def woven_pictures() -> list[NDArray[np.uint8]]:
    return [np.repeat(picture[..., None], 3, axis=2) for picture in woven(walked(48))]


@pytest.fixture
def untold(tmp_path: Path) -> Path:
    """Returns a recording of fields that does not say so, in which a rectangle walks."""
    path = tmp_path / "untold.mp4"
    whole = {"crf": "10", "bf": "0", "g": "8", "x264-params": "log-level=none"}
    assert not any(frame.interlaced_frame for frame in filmed(path, woven_pictures(), whole))
    return path


def test_a_recording_of_fields_that_does_not_say_so_is_seen_without_combs(untold: Path) -> None:
    top, bottom, left, right = MOVING
    with closing(FileSource(untold)) as source:
        pictures = [frame.picture for frame in source.frames()]
    assert off(pictures[10], street(160))[top:bottom, left:right].max() < 90  # combed, every other line is off by 140
    assert off(pictures[0], street(40))[top:bottom, 40:46].max() < 90
    index = index_of(untold, identity_of(untold), Cache())
    with closing(Track(untold, index, PLAIN)) as track:  # wherever it is read from
        assert len(index.keys) == 3
        for place, picture in track.pictures(2):
            np.testing.assert_array_equal(track.frame(place, picture).picture, pictures[place])
    with closing(Glimpse(untold, PLAIN)) as glimpse:
        *_, near = glimpse.frames(10 / 25)
    np.testing.assert_array_equal(near.picture, pictures[10])


def test_a_recording_that_goes_after_it_was_opened_is_read_all_the_same(untold: Path) -> None:
    index = index_of(untold, identity_of(untold), Cache())
    with closing(Track(untold, index, PLAIN)) as track:
        untold.unlink()
        assert [track.frame(*each).index for each in track.pictures(0)] == list(range(24))


def over_rtsp(untold: Path) -> ScriptedCamera:
    return ScriptedCamera(Clip.of_file(untold), rate=50.0)


def as_jpegs(_: Path) -> WebCamera:
    coded = (cv2.imencode(".jpg", picture)[1].tobytes() for picture in woven_pictures())
    return WebCamera(clip=Clip("mjpeg", SIZE, tuple(Unit((each,), True, place) for place, each in enumerate(coded))))


@pytest.mark.parametrize("sending", [over_rtsp, as_jpegs])
def test_a_camera_of_fields_that_does_not_say_so_is_seen_without_combs(
    sending: Callable[[Path], ScriptedCamera | WebCamera], untold: Path
) -> None:
    top, bottom, left, right = MOVING
    with sending(untold) as camera:
        order = LiveOrder("gate", camera_address(camera.address), open_timeout_s=5.0, read_timeout_s=2.0)
        source = connected(order, SOFTWARE, Waiting(), Playback(own_speed=True))
        shots = [arrival.shot for _, arrival in zip(range(2 * 24), source.arrivals(), strict=False) if arrival]
        source.close()
    there = [picture for picture in (shot.rgb(*SIZE) for shot in shots[24:]) if is_at(160, picture)]
    assert len(there) == 1
    assert off(there[0], street(160))[top:bottom, left:right].max() < 90


CORNER = View(private=Mask((((0.0, 0.0), (0.1, 0.0), (0.1, 0.1), (0.0, 0.1)),)))


def test_what_is_encoded_anew_of_such_a_camera_shows_no_combs(untold: Path, tmp_path: Path) -> None:
    top, bottom, left, right = MOVING
    capture = LiveCapture(LiveOrder("gate", camera_address(str(untold)), loop=True))
    capture.preroll.is_wanted = True
    capture.start()
    try:
        assert waited_for(lambda: len(capture.preroll.since(0.0)[0]) >= 20)
        kept = capture.preroll.since(0.0)[0][:24]  # once, though it is played again and again
    finally:
        capture.stop()
    write_clip(tmp_path / "alert.mp4", Scene(kept, kept[0].arrived_s, kept[-1].arrived_s, CORNER))
    masked_clip(untold, tmp_path / "evidence.mp4", CORNER.private, Work())
    for name in ("alert.mp4", "evidence.mp4"):
        with av.open(str(tmp_path / name)) as container:
            seen = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        (there,) = [picture for picture in seen[5:] if is_at(160, picture)]
        assert off(there, street(160))[top:bottom, left:right].max() < 90


def test_frames_whose_lines_were_seen_at_once_stay_as_they_are(tmp_path: Path) -> None:
    picture = laced(street(100), street(112))  # it may be a fence
    (frame,) = filmed(tmp_path / "whole.mp4", [picture], {"crf": "10", "x264-params": "log-level=none"})
    assert not frame.interlaced_frame
    assert off(Decoded(frame).rgb(*SIZE), picture)[62:198, 102:110].max() < 40
