"""The frames of a file come from where somebody looks, with the numbers and times of a pass from the beginning."""

import shutil
from itertools import islice
from pathlib import Path

import numpy as np
import psutil
import pytest

from engine.errors import SourceError
from engine.picture.view import PLAIN
from engine.recording.footage import FileFootage
from engine.recording.spans import Spans
from engine.sources import FileSource
from engine.sources.playback import Playback
from media import copied, stamped, with_damaged_packets

RATE = 10


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    times = [n / RATE for n in range(300)]
    return stamped(tmp_path_factory.mktemp("clips") / "a.mp4", times, size=(48, 64), options={"bf": "2", "g": "12"})


@pytest.fixture
def clip(tmp_path, written):
    """A clip of 30 s with a key frame every 12 pictures."""
    return Path(shutil.copy(written, tmp_path / "a.mp4"))


def travel_of(path, known=()):
    travel = FileFootage(path).travel(PLAIN, Playback(own_speed=False))
    travel.leave_out(Spans(known))
    return travel


def numbers(frames):
    return [frame.index for frame in frames]


def passed(path):
    """Returns number, time and picture of each frame of a pass from the beginning."""
    with FileSource(path) as source:
        return {frame.index: (frame.time_s, frame.own_s, frame.picture.copy()) for frame in source.frames()}


def test_it_goes_where_somebody_looks_then_to_the_end_then_to_what_was_before(clip):
    travel = travel_of(clip)
    frames = travel.frames()
    first = numbers(islice(frames, 15))
    travel.go_to(20.55)
    rest = numbers(frames)
    turn = rest.index(200)
    assert [*first, *rest[:turn]] == list(range(20))  # the second that was begun is gone through
    assert rest[turn:] == [*range(200, 300), *range(20, 200)]
    assert (travel.total, travel.is_sequential, travel.is_flawless) == (300, False, True)
    travel.close()


def test_what_is_read_from_elsewhere_is_open_once(clip):
    travel = travel_of(clip)
    frames = travel.frames()
    numbers(islice(frames, 15))
    travel.go_to(20.55)
    assert 200 in numbers(islice(frames, 10))
    if psutil.LINUX:
        assert [file.path for file in psutil.Process().open_files()].count(str(clip)) == 1
    frames.close()
    travel.close()


def test_frames_are_the_same_wherever_it_began(clip):
    travel, expected = travel_of(clip), passed(clip)
    travel.go_to(17.3)
    found = {frame.index: (frame.time_s, frame.own_s, frame.picture) for frame in travel.frames()}
    travel.close()
    assert found.keys() == expected.keys()
    for number, (time_s, own_s, picture) in expected.items():
        assert found[number][:2] == (time_s, own_s)
        assert np.array_equal(found[number][2], picture)


def test_what_is_known_is_left_out(clip):
    travel = travel_of(clip, [(0, 55), (90, 250)])
    assert numbers(travel.frames()) == [*range(55, 90), *range(250, 300)]
    travel.close()
    travel = travel_of(clip, [(0, 55), (90, 250)])
    travel.go_to(12.0)  # known, so that nothing has to be done there
    assert numbers(travel.frames()) == [*range(250, 300), *range(55, 90)]
    travel.close()


def test_what_comes_soon_by_itself_is_waited_for(clip):
    travel = travel_of(clip)
    frames = travel.frames()
    next(frames)
    travel.go_to(4.0)
    assert numbers(frames) == list(range(1, 300))
    assert travel.is_sequential
    travel.close()


def test_behind_a_damaged_middle_it_goes_on_and_says_what_is_lost(clip):
    with_damaged_packets(clip, *range(120, 132))
    expected, travel = passed(clip), travel_of(clip)
    travel.go_to(25.0)
    found = {frame.index: frame.time_s for frame in travel.frames()}
    travel.close()
    assert found == {number: time_s for number, (time_s, _, _) in expected.items()}
    assert set(range(300)) - found.keys() == {number for span in travel.lost for number in range(*span)} != set()
    assert "nothing is known of" in travel.flaws.warnings[0]
    assert not travel.is_flawless


def test_a_file_that_grows_is_followed(tmp_path, clip):
    content, path = copied(clip, tmp_path / "b.mkv").read_bytes(), tmp_path / "c.mkv"
    path.write_bytes(content[: len(content) // 2])
    travel, found = travel_of(path), []
    for frame in travel.frames():
        found.append(frame)
        if len(found) == 3:
            with path.open("ab") as file:
                file.write(content[len(content) // 2 :])
    travel.close()
    assert sorted(set(numbers(found))) == list(range(300))
    assert [frame.time_s for frame in sorted(found, key=lambda frame: frame.index)] == pytest.approx(
        [n / RATE for n in range(300)]
    )
    assert travel.duration_s == pytest.approx(30.0)


def replaced(path):
    path.rename(path.with_suffix(".old"))
    path.write_bytes(b"0")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(lambda path: path.unlink(), "cannot be read", id="gone"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:5000]), "became shorter", id="shorter"),
        pytest.param(
            lambda path: (path.rename(path.with_suffix(".old")), path.write_bytes(b"0")), "replaced", id="new"
        ),
    ],
)
def test_a_file_that_is_no_longer_what_it_was_is_told(clip, change, words):
    travel = travel_of(clip, [(0, 1)])
    frames = travel.frames()
    next(frames)
    change(clip)
    travel.go_to(25.0)
    with pytest.raises(SourceError, match=words):
        list(frames)
    travel.close()
