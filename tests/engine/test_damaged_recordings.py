"""Recordings whose time stamps, packets or headers are not what they should be."""

from itertools import pairwise

import av
import cv2
import numpy as np
import pytest
from av.stream import Disposition

from engine.errors import SourceError
from engine.sources import FileSource, FolderSource
from engine.sources.flaws import Jump
from media import copied, stamped, with_damaged_packets

HOUR = 3600.0


def read(path):
    """Returns the frames of a recording, and its flaws once it is read."""
    with FileSource(path) as source:
        return list(source.frames()), source.flaws


def test_two_recordings_joined_are_read_to_the_end_with_one_time(clip):
    path = clip(frames=20, rate=10, name="a.ts")
    path.write_bytes(path.read_bytes() * 2)
    frames, flaws = read(path)
    assert [frame.index for frame in frames] == list(range(40))
    assert [frame.time_s for frame in frames] == pytest.approx([n / 10 for n in range(40)], abs=1e-3)
    assert frames[20].own_s == frames[0].own_s
    assert flaws.noted == (Jump(frames[20].time_s, frames[19].own_s, frames[0].own_s),)
    assert flaws.as_dict["whole"]


@pytest.mark.parametrize("name", ["jump.ts", "jump.mkv", "jump.mp4"])
def test_a_jump_of_ten_hours_is_closed(tmp_path, name):
    times = [n / 10 for n in range(10)]
    frames, flaws = read(stamped(tmp_path / name, [*times, *(time + 10 * HOUR for time in times)]))
    assert [frame.time_s for frame in frames] == pytest.approx([n / 10 for n in range(20)], abs=1e-3)
    assert frames[-1].own_s - frames[0].own_s == pytest.approx(10 * HOUR + 0.9, abs=1e-3)
    assert (flaws.jumps, flaws.holes, flaws.undecoded) == (1, 0, 0)


@pytest.mark.parametrize(
    ("name", "rate", "times"),
    [
        pytest.param("fast.mp4", 240, [n / 240 for n in range(48)], id="240 fps"),
        pytest.param("slow.mp4", 10, [n * HOUR for n in range(5)], id="one frame an hour"),
        pytest.param("slow.mkv", 10, [n * HOUR for n in range(5)], id="one frame an hour, without an index"),
    ],
)
def test_time_stamps_that_rise_are_taken_as_they_are(tmp_path, name, rate, times):
    frames, flaws = read(stamped(tmp_path / name, times, rate=rate))
    assert [frame.time_s for frame in frames] == pytest.approx(times, abs=1e-3)
    assert flaws.as_dict["whole"]
    assert not flaws.noted


def test_time_stamps_that_come_twice_or_not_at_all_still_give_rising_times(tmp_path):
    twice = copied(
        stamped(tmp_path / "sound.mkv", [n / 10 for n in range(10)]),
        tmp_path / "twice.mkv",
        lambda number, packet: _set(packet, packet.pts // 200 * 200),
    )
    frames, _ = read(twice)
    assert [frame.own_s for frame in frames] == pytest.approx([n // 2 / 5 for n in range(10)])
    assert len(frames) == 10
    assert all(a.time_s < b.time_s for a, b in pairwise(frames))
    bare, _ = read(copied(tmp_path / "sound.mkv", tmp_path / "bare.h264"))
    assert {frame.own_s for frame in bare} == {None}
    assert [frame.time_s for frame in bare] == pytest.approx([n / 25 for n in range(10)])


def _set(packet, pts):
    packet.pts = packet.dts = pts
    return True


def test_a_header_that_promises_ten_hours_is_not_believed(tmp_path):
    path = stamped(tmp_path / "long.mp4", [n / 10 for n in range(10)])
    content = path.read_bytes()
    for box in (b"mvhd", b"tkhd", b"mdhd"):
        place = content.index(box) + 4 + (20 if box == b"tkhd" else 16)
        content = content[:place] + (36_000_000).to_bytes(4, "big") + content[place + 4 :]
    path.write_bytes(content)
    frames, flaws = read(path)
    assert len(frames) == 10
    assert flaws.as_dict["whole"]


@pytest.mark.parametrize("threads", [1, 4, 17])
@pytest.mark.parametrize("lost", [(9,), (18,), (19,), (5, 19)], ids=str)
def test_damaged_packets_are_passed_over_whatever_the_number_of_threads(clip, lost, threads):
    path = with_damaged_packets(clip(frames=20, rate=10, faststart=True), *lost)
    with FileSource(path) as source:
        source._stream.codec_context.thread_count = threads
        frames = list(source.frames())
        flaws = source.flaws
    assert len(frames) == 20 - len(lost)
    assert flaws.undecoded == len(lost)
    assert flaws.holes == len(lost)
    assert not flaws.as_dict["whole"]
    assert "could not be decoded; nothing is known of" in flaws.warnings[0]


def test_a_frame_after_a_lost_one_keeps_its_number_and_its_time(tmp_path):
    path = with_damaged_packets(stamped(tmp_path / "a.mp4", [n / 10 for n in range(20)]), 9)
    frames, flaws = read(path)
    assert [frame.index for frame in frames] == [n for n in range(20) if n != 9]
    assert [frame.time_s for frame in frames] == pytest.approx([n / 10 for n in range(20) if n != 9], abs=1e-3)
    assert flaws.as_dict["holes"] == [{"from_s": 0.9, "to_s": 1.0}]


def test_what_is_missing_in_a_transport_stream_is_noted(clip):
    path = clip(frames=30, rate=10, size=(192, 256), name="a.ts")
    content = path.read_bytes()
    start = len(content) // 2 // 188 * 188
    path.write_bytes(content[:start] + content[start + 188 * 300 :])
    frames, flaws = read(path)
    assert 25 < len(frames) < 30
    assert frames[-1].index == 29
    assert flaws.holes == 1
    assert not flaws.breaks_off


@pytest.mark.parametrize("name", ["cut.mp4", "cut.mkv", "cut.ts", "cut.flv"])
def test_a_recording_that_is_cut_off_says_so(clip, name):
    path = clip(frames=30, rate=10, size=(192, 256), name=name, faststart=name.endswith("mp4"))
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3 // 188 * 188 + 50])
    with FileSource(path) as source, pytest.raises(SourceError, match=r"breaks off after .* are kept"):
        list(source.frames())
    assert source.flaws.as_dict["breaks_off"]


def test_a_fragmented_recording_is_read_whole_and_said_to_break_off_where_it_does(clip, tmp_path):
    sound = clip(frames=30, rate=10, size=(192, 256))
    path = copied(sound, tmp_path / "fragments.mp4", movflags="frag_keyframe+empty_moov")
    frames, flaws = read(path)
    assert len(frames) == 30
    assert flaws.as_dict["whole"]
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    with FileSource(path) as source, pytest.raises(SourceError, match="breaks off after"):
        list(source.frames())


def test_an_index_that_names_what_is_not_there_is_a_break(clip):
    """Cut between two packets, where nothing that was read is damaged."""
    path = clip(frames=30, rate=10, faststart=True)
    with FileSource(path) as source:
        entry = source._stream.index_entries[20]
    path.write_bytes(path.read_bytes()[: entry.pos])
    with FileSource(path) as source, pytest.raises(SourceError, match=r"after 20 frames .*rest of it is missing"):
        list(source.frames())


def test_an_edit_list_hides_frames_without_a_complaint(tmp_path):
    """As `ffmpeg -ss 0.5 -c copy` leaves it: the packets from the key frame on, shown from the middle."""
    sound = stamped(tmp_path / "sound.mp4", [n / 10 for n in range(20)])
    with FileSource(sound) as source:
        tick = source._stream.time_base
    path = copied(sound, tmp_path / "edited.mp4", lambda _, packet: _set(packet, packet.pts - round(0.5 / tick)))
    frames, flaws = read(path)
    assert len(frames) < 20
    assert not flaws.warnings
    assert flaws.as_dict["whole"]


def test_an_avi_with_dropped_frames_is_whole(clip, tmp_path):
    path = copied(
        clip(frames=20, rate=10, name="all.avi", codec="mpeg4"),
        tmp_path / "dropped.avi",
        lambda number, _: number not in (7, 8, 13),
    )
    frames, flaws = read(path)
    assert len(frames) == 17
    assert flaws.as_dict["whole"]


@pytest.mark.parametrize("name", ["sound.ts", "sound.mkv"])
def test_sound_that_is_longer_than_the_picture_is_no_break(tmp_path, name):
    path = tmp_path / name
    with_sound(path, pictures=10, seconds=4)
    frames, flaws = read(path)
    assert len(frames) == 10
    assert flaws.as_dict["whole"]


def with_sound(path, *, pictures, seconds):
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=10)
        video.height, video.width, video.pix_fmt = 96, 128, "yuv420p"
        audio = container.add_stream("aac", rate=44_100)
        for _ in range(pictures):
            container.mux(video.encode(av.VideoFrame.from_ndarray(np.zeros((96, 128, 3), np.uint8), format="rgb24")))
        for number in range(seconds * 44_100 // 1024):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 44_100, number * 1024
            container.mux(audio.encode(frame))
        container.mux([*video.encode(None), *audio.encode(None)])


def test_a_cover_picture_is_no_video(tmp_path):
    path = tmp_path / "song.mp3"
    with av.open(str(path), "w") as container:
        audio, cover = container.add_stream("mp3", rate=44_100), container.add_stream("mjpeg")
        cover.height, cover.width, cover.pix_fmt = 96, 128, "yuvj420p"
        cover.disposition = Disposition.attached_pic
        for number in range(80):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1152), np.float32), format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 44_100, number * 1152
            container.mux(audio.encode(frame))
        picture = av.VideoFrame.from_ndarray(np.zeros((96, 128, 3), np.uint8), format="rgb24")
        container.mux([*cover.encode(picture), *cover.encode(None), *audio.encode(None)])
    with pytest.raises(SourceError, match="holds no video, only a cover picture"):
        FileSource(path)


def test_a_cover_picture_beside_a_video_is_left_alone(tmp_path):
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as container:
        video, cover = container.add_stream("mpeg4", rate=10), container.add_stream("mjpeg")
        for stream, form in ((video, "yuv420p"), (cover, "yuvj420p")):
            stream.height, stream.width, stream.pix_fmt = 96, 128, form
        cover.disposition = Disposition.attached_pic
        picture = av.VideoFrame.from_ndarray(np.zeros((96, 128, 3), np.uint8), format="rgb24")
        container.mux([*cover.encode(picture), *cover.encode(None)])
        for _ in range(5):
            container.mux(video.encode(av.VideoFrame.from_ndarray(np.zeros((96, 128, 3), np.uint8), format="rgb24")))
        container.mux(video.encode(None))
    assert len(read(path)[0]) == 5


def test_a_picture_of_a_folder_that_cannot_be_read_is_passed_over(tmp_path):
    for name in ("1.png", "2.png", "3.png"):
        cv2.imwrite(str(tmp_path / name), np.zeros((48, 64, 3), np.uint8))
    (tmp_path / "2.png").write_bytes(b"no picture")
    source = FolderSource(tmp_path)
    assert [(frame.index, frame.time_s) for frame in source.frames()] == [(0, 0.0), (2, 2.0)]
    assert source.flaws.warnings == [
        "pictures are damaged or lost: 1 could not be decoded; not to be read: 2.png; nothing is known of 1.0 to 2.0 s"
    ]
    for name in ("1.png", "3.png"):
        (tmp_path / name).write_bytes(b"no picture")
    with pytest.raises(SourceError, match=r"1\.png cannot be read"):
        list(FolderSource(tmp_path).frames())
