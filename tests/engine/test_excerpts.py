"""A part of a recording as a file of its own: the same pictures, from the key frame before it on."""

from bisect import bisect_right

import av
import numpy as np
import pytest

from engine.errors import OutputError
from engine.picture.masks import Mask
from engine.picture.view import View
from engine.recording.excerpt import Excerpt, write_excerpt
from engine.recording.identity import identity_of
from test_seeking import CODECS, decoded, written


@pytest.mark.parametrize(("name", "codec", "options", "varies"), CODECS)
def test_a_part_has_the_very_pictures_of_the_recording(tmp_path, name, codec, options, varies):
    path = written(tmp_path / name, codec, options, varies=varies, frames=110)
    times, pictures = decoded(path)
    begin_s, end_s = times[60], times[80] + 1e-4
    steps: list[float] = []
    out = tmp_path / "part.mkv"
    start_s = write_excerpt(out, Excerpt(path, begin_s, end_s), on_step=steps.append)
    first, last = bisect_right(times, start_s + 1e-6) - 1, bisect_right(times, end_s) - 1
    part_times, part = decoded(out)
    assert start_s <= begin_s
    assert first <= 60
    assert len(part) >= last - first + 1
    assert all(np.array_equal(*pair) for pair in zip(part, pictures[first:], strict=False))
    expected = np.array(times[first : first + len(part)]) - times[first]
    assert part_times == pytest.approx(expected, abs=0.002)
    assert len(part) <= last - first + 6
    assert (steps == sorted(steps), steps[-1]) == (True, 1.0)


@pytest.fixture
def recording(tmp_path):
    return written(tmp_path / "a.mp4", "libx264", {"bf": "2", "g": "12"}, varies=False, frames=60)


def test_a_part_in_mp4_is_coded_as_the_recording_and_holds_no_sound(recording, tmp_path):
    write_excerpt(tmp_path / "part.mp4", Excerpt(recording, 1.0, 2.0), on_step=lambda share: None)
    with av.open(str(tmp_path / "part.mp4")) as part, av.open(str(recording)) as whole:
        assert [stream.type for stream in part.streams] == ["video"]
        assert part.streams.video[0].codec_context.name == whole.streams.video[0].codec_context.name == "h264"
        assert part.streams.video[0].frames < 45


@pytest.mark.parametrize(
    ("name", "words"), [("part.gif", "expected one that ends in"), ("no/part.mp4", "cannot be written")]
)
def test_a_part_that_cannot_be_written_is_refused(recording, tmp_path, name, words):
    with pytest.raises(OutputError, match=words):
        write_excerpt(tmp_path / name, Excerpt(recording, 0.0, 1.0), on_step=lambda share: None)


def test_what_is_masked_is_never_copied(recording, tmp_path):
    masked = View(private=Mask((((0.0, 0.0), (0.5, 0.0), (0.5, 0.5)),)))
    with pytest.raises(OutputError, match="privacy masks"):
        write_excerpt(tmp_path / "part.mp4", Excerpt(recording, 0.0, 1.0, masked), on_step=lambda share: None)
    assert list(tmp_path.iterdir()) == [recording]


def test_nothing_is_left_of_a_part_that_is_given_up(recording, tmp_path):
    steps: list[float] = []
    before = identity_of(recording)
    with pytest.raises(OutputError, match="given up"):
        write_excerpt(
            tmp_path / "part.mp4", Excerpt(recording, 0.0, 2.0), is_wanted=lambda: len(steps) < 5, on_step=steps.append
        )
    assert list(tmp_path.iterdir()) == [recording]
    assert identity_of(recording) == before
