"""Any time of a recording leads to the picture that a full decode shows then, pixel by pixel."""

from bisect import bisect_right
from contextlib import closing
from fractions import Fraction
from threading import Event

import av
import numpy as np
import pytest

from engine.errors import SourceError
from engine.monitor.looking import Looking
from engine.picture.view import PLAIN
from engine.recording.cache import Cache
from engine.recording.glimpse import NEAR_S, Glimpse
from engine.recording.identity import identity_of
from engine.recording.index import index_of, read_index
from engine.recording.seeker import Seeker
from engine.sources import FileSource
from logged import waited_for
from media import stamped, with_damaged_packets

TIMES = 40
"""Random times that are tried in each recording."""
FEW_BYTES = 120_000  # about ten pictures, so that nearly every time is sought
TICK = Fraction(1, 1000)
SIZE = (72, 96)
X265 = "bframes=3:keyint=40:min-keyint=40:scenecut=0:log-level=none"
CODECS = [
    pytest.param("a.mp4", "libx264", {"bf": "3", "g": "48", "sc_threshold": "0"}, True, id="h264 in mp4"),
    pytest.param("b.mkv", "libx265", {"x265-params": X265}, True, id="hevc in mkv"),
    pytest.param("c.avi", "mpeg4", {"bf": "2", "g": "30", "sc_threshold": "1000000000"}, False, id="mpeg4 in avi"),
    pytest.param("d.webm", "libvpx-vp9", {"g": "60", "deadline": "realtime", "cpu-used": "8"}, True, id="vp9 in webm"),
    pytest.param("e.ts", "libx264", {"bf": "3", "g": "50", "sc_threshold": "0"}, True, id="h264 in ts"),
    pytest.param("f.ts", "mpeg2video", {"bf": "2", "g": "15", "sc_threshold": "1000000000"}, False, id="mpeg2 in ts"),
]


def written(path, codec, options, *, varies, frames=130):
    """Writes a recording whose pictures are all different, of a rate that varies or not."""
    rng = np.random.default_rng(3)
    noise = rng.integers(0, 256, (SIZE[0] // 8, SIZE[1] // 8, 3), dtype=np.uint8)
    picture, ticks = noise.repeat(8, axis=0).repeat(8, axis=1), 0
    try:
        av.codec.Codec(codec, "w")
    except av.FFmpegError:
        pytest.skip(f"there is no encoder {codec} here")
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options)
        stream.height, stream.width, stream.pix_fmt = *SIZE, "yuv420p"
        if varies:
            stream.codec_context.time_base = TICK
        for number in range(frames):
            drawn = np.roll(picture, 3 * number, axis=1)
            drawn[:8, : number % SIZE[1]] = 255
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(drawn), format="rgb24")
            if varies:
                frame.pts, frame.time_base = ticks, TICK
                ticks += int(rng.choice([20, 40, 110]))
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def decoded(path):
    """Returns times and pictures of a full decode."""
    with FileSource(path) as source:
        frames = [(frame.time_s, frame.picture.copy()) for frame in source.frames()]
    times, pictures = zip(*frames, strict=True)
    return list(times), list(pictures)


def tried(path, times):
    """Seeks so many random times in a recording, beside its ends; raises where one leads elsewhere."""
    expected = decoded(path)
    end_s = expected[0][-1]
    assert read_index(path).times.tolist() == expected[0]  # to the last digit
    check(path, [0.0, end_s, end_s + 9, *np.random.default_rng(7).uniform(0, end_s, times)], expected)


def check(path, times_s, expected):
    """Compares what is found at some times with a full decode."""
    times, pictures = expected
    seeker = Seeker(path, read_index(path), most_bytes=FEW_BYTES)
    try:
        for time_s in times_s:
            place = max(0, bisect_right(times, time_s + 1e-9) - 1)
            frame = seeker.frame(time_s)
            assert frame.time_s == pytest.approx(times[place], abs=1e-6), f"at {time_s} s"
            assert np.array_equal(frame.picture, pictures[place]), f"at {time_s} s"
    finally:
        seeker.close()


@pytest.mark.parametrize(("name", "codec", "options", "varies"), CODECS)
def test_any_time_leads_to_the_picture_of_a_full_decode(tmp_path, name, codec, options, varies):
    tried(written(tmp_path / name, codec, options, varies=varies), TIMES)


@pytest.mark.parametrize(("name", "codec", "options", "varies"), CODECS)
def test_step_by_step_forwards_and_backwards(tmp_path, name, codec, options, varies):
    path = written(tmp_path / name, codec, options, varies=varies, frames=40)
    expected = decoded(path)
    check(path, [*expected[0], *reversed(expected[0])], expected)


@pytest.mark.parametrize("name", ["joined.ts", "joined.mpg"])
def test_time_stamps_that_start_again(tmp_path, name):
    options = {"bf": "2", "g": "15", "sc_threshold": "1000000000"}
    path = written(tmp_path / name, "mpeg2video", options, varies=False, frames=40)
    path.write_bytes(path.read_bytes() * 2)
    expected = decoded(path)
    assert len(expected[0]) == 80
    check(path, np.random.default_rng(5).uniform(0, expected[0][-1], TIMES), expected)


def test_a_gap_of_an_hour_and_time_stamps_that_come_twice(tmp_path):
    path = stamped(tmp_path / "a.mkv", [0, 0.1, 0.1, 0.2, 0.3, 20, 20.1, 20.2])
    expected = decoded(path)
    check(path, [*expected[0], 10.0, 0.15, 19.9, 0.05], expected)


def test_behind_a_damaged_middle_everything_is_reached(tmp_path):
    options = {"bf": "0", "g": "10", "sc_threshold": "0"}
    path = written(tmp_path / "a.mp4", "libx264", options, varies=False, frames=60)
    with_damaged_packets(path, *range(20, 30))
    expected = decoded(path)
    assert len(expected[0]) == 50
    check(path, np.random.default_rng(5).uniform(0, expected[0][-1], TIMES), expected)


def test_the_nearest_picture_comes_first_and_nothing_after_it_is_no_longer_wanted(tmp_path):
    path = written(tmp_path / "a.mp4", "libx264", {"bf": "3", "g": "60", "sc_threshold": "0"}, varies=False)
    seeker = Seeker(path, read_index(path))
    near, exact = seeker.frames(4.0)
    assert (near.is_exact, exact.is_exact) == (False, True)
    assert near.frame.time_s == pytest.approx(60 / 25)
    assert exact.frame.time_s == pytest.approx(4.0)
    assert [found.is_exact for found in seeker.frames(1.0, lambda: False)] == [False]
    assert [found.is_exact for found in seeker.frames(4.0)] == [True]
    seeker.close()


def test_what_is_kept_of_decoded_pictures_has_a_bound(tmp_path):
    path = written(tmp_path / "a.mp4", "libx264", {"g": "60"}, varies=False)
    seeker = Seeker(path, read_index(path), most_bytes=40_000)
    for number in range(60):
        seeker.frame(number / 25)
    assert 1 <= len(seeker._kept) <= 4
    seeker.close()


def test_an_index_is_kept_and_one_that_is_damaged_is_made_anew(tmp_path, caplog):
    path, cache = stamped(tmp_path / "a.mp4", [n / 10 for n in range(20)]), Cache(tmp_path / "cache")
    index = index_of(path, identity_of(path), cache)
    (entry,) = (tmp_path / "cache").iterdir()
    kept = index_of(path, identity_of(path), cache)
    assert np.array_equal(index.times, kept.times)
    assert kept.duration_s == pytest.approx(2.0)
    entry.write_bytes(b"\0" * 100)
    assert np.array_equal(index_of(path, identity_of(path), cache).times, index.times)
    assert caplog.text.count("is damaged, and is made anew") == 1


def test_what_is_no_video_has_no_index(tmp_path):
    (tmp_path / "a.mp4").write_text("notes" * 50)
    with pytest.raises(SourceError, match=r"a\.mp4 is no video"):
        read_index(tmp_path / "a.mp4")


@pytest.mark.parametrize(("name", "codec", "options", "varies"), CODECS)
def test_before_it_is_indexed_its_own_table_leads_to_a_picture_near_a_time(tmp_path, name, codec, options, varies):
    path = written(tmp_path / name, codec, options, varies=varies)
    times, pictures = decoded(path)
    with closing(Glimpse(path, PLAIN)) as glimpse:
        for time_s in (0.0, times[-1], 0.4 * times[-1]):
            *_, frame = glimpse.frames(time_s)
            assert abs(frame.time_s - time_s) < 0.2
            near = [picture for at, picture in zip(times, pictures, strict=True) if abs(at - time_s) < 0.4]
            assert any(np.array_equal(frame.picture, picture) for picture in near)


def test_what_leads_nowhere_near_a_time_shows_nothing(tmp_path):
    path = written(tmp_path / "a.mp4", "libx264", {"g": "60"}, varies=False)
    with closing(Glimpse(path, PLAIN)) as glimpse:
        assert list(glimpse.frames(60 / 25 + 2 * NEAR_S)) == []
        assert len(list(glimpse.frames(1.0, lambda: False))) == 1


def test_while_a_recording_is_still_read_through_something_is_shown_and_the_exact_picture_follows(tmp_path):
    path = written(tmp_path / "a.mp4", "libx264", {"bf": "3", "g": "48", "sc_threshold": "0"}, varies=False)
    is_read, shown = Event(), []

    def opening(is_wanted):
        while is_wanted() and not is_read.is_set():
            pass
        return Seeker(path, read_index(path))

    looking = Looking("a", opening, shown.append, glimpsing=lambda: Glimpse(path, PLAIN))
    looking.look(1.0)
    assert waited_for(lambda: len(shown) == 2)
    looking.look(4.0)
    assert waited_for(lambda: len(shown) == 4)
    assert not looking.looked.is_exact
    is_read.set()
    assert waited_for(lambda: looking.looked.is_exact)
    looking.close()
    assert not any(found.is_exact for found in shown[:4])
    assert [shown[place].frame.time_s for place in (1, 3, -1)] == pytest.approx([1.0, 4.0, 4.0])
    assert np.array_equal(shown[3].frame.picture, shown[-1].frame.picture)
