from collections import deque

import numpy as np
import pytest

from engine.errors import SourceError
from engine.picture.frame import Frame
from engine.sources import FileSource


def test_every_frame_comes_with_its_presentation_time(clip):
    with FileSource(clip(frames=12, rate=6, size=(96, 128))) as source:
        frames = list(source.frames())
    assert [f.index for f in frames] == list(range(12))
    assert [f.time_s for f in frames] == pytest.approx([n / 6 for n in range(12)], abs=1e-3)
    assert frames[0].picture.shape == (96, 128, 3)
    assert frames[0].picture.dtype == np.uint8


def test_fewer_frames_are_kept_on_request_at_even_times(clip):
    with FileSource(clip(frames=30, rate=10), max_fps=2) as source:
        assert source.expected_frames == 6
        assert [f.index for f in source.frames()] == [0, 5, 10, 15, 20, 25]


def test_a_clip_of_one_frame_is_read(clip):
    with FileSource(clip(frames=1)) as source:
        assert [f.time_s for f in source.frames()] == [0.0]


def test_containers_without_an_index_are_read_whole(clip):
    with FileSource(clip(frames=12, name="clip.mkv")) as source:
        assert len(list(source.frames())) == 12


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param("missing.mp4", None, "does not exist", id="missing"),
        pytest.param("empty.mp4", b"", "is empty", id="empty"),
        pytest.param("text.mp4", b"this is a shopping list\n" * 50, "is no video", id="text"),
        pytest.param("noise.avi", bytes(range(256)) * 40, "is no video", id="noise"),
    ],
)
def test_what_is_no_video_is_refused_in_one_sentence(tmp_path, name, content, message):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError, match=message) as caught:
        FileSource(path)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(SourceError, match="is a folder"):
        FileSource(tmp_path)


@pytest.mark.parametrize("name", ["cut.mp4", "cut.mkv", "cut.avi"])
def test_a_clip_cut_off_in_the_middle_gives_its_frames_then_says_so(clip, name):
    path = clip(frames=60, rate=6, size=(192, 256), name=name, faststart=name.endswith("mp4"),
                codec="mpeg4" if name.endswith("avi") else "libx264")  # fmt: skip
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with FileSource(path) as source:
        frames: deque[Frame] = deque()
        with pytest.raises(SourceError, match="readings up to there are kept"):
            frames.extend(source.frames())
    assert 10 < len(frames) < 50


def test_a_clip_whose_index_is_cut_off_is_refused(clip):
    path = clip(frames=60)
    path.write_bytes(path.read_bytes()[:-3000])
    with pytest.raises(SourceError, match="is no video"):
        FileSource(path)
