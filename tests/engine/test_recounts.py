"""A recording counted once more in another way, and kept so."""

import numpy as np
import pytest

from engine.counting.batch import Due, count_tiles
from engine.counting.counter import Counter
from engine.errors import ModelError, SourceError
from engine.history.footage import footage_of
from engine.paths import LIGHT_MODEL
from engine.picture.masks import Mask
from engine.picture.tiling import Grid
from engine.picture.view import View
from engine.recording.footage import FileFootage
from engine.recording.recount import Recount, recounted
from engine.recording.segments import camera_folder
from engine.sources import FileSource
from kept import write_segment
from test_seeking import written

START_S = 1_700_000_000.0


@pytest.fixture
def recording(tmp_path):
    return written(tmp_path / "a.mp4", "libx264", {"g": "5"}, varies=False, frames=12)


def all_of(order, is_wanted=lambda: True):
    parts = list(recounted(order, is_wanted))
    times = np.concatenate([np.empty(0), *(part.counts.times for part in parts)])
    return times, np.concatenate([np.empty(0), *(part.counts.people for part in parts)]), parts


def test_it_is_counted_as_that_grid_has_it(recording, model):
    times, people, parts = all_of(Recount(FileFootage(recording), LIGHT_MODEL, grid=(1, 2)))
    expected, counter = [], Counter()
    with FileSource(recording, view=View(Grid(1, 2))) as source:
        for frame in source.frames():
            due = Due(counter, frame)
            while due.left:
                count_tiles(model, [due])
            expected.append((frame.time_s, due.reading().count))
    assert np.column_stack([times, people]) == pytest.approx(np.array(expected), rel=1e-3, abs=1e-3)
    assert (parts[-1].share, parts[-1].model) == (1.0, "light on cpu")


def test_what_was_counted_so_is_not_counted_again_and_another_way_is(recording, monkeypatch):
    order = Recount(FileFootage(recording), LIGHT_MODEL, grid=(1, 1))
    first = all_of(order)
    counted = []
    monkeypatch.setattr("engine.recording.recount.count_tiles", lambda *args: counted.append(1) or count_tiles(*args))
    again = all_of(order)
    assert (counted, np.array_equal(first[1], again[1]), len(again[2])) == ([], True, 2)
    all_of(Recount(FileFootage(recording), LIGHT_MODEL, grid=(2, 1)))
    assert len(counted) == 12


def test_one_that_is_given_up_goes_on_where_it_was(recording, monkeypatch):
    order, counted = Recount(FileFootage(recording), LIGHT_MODEL, grid=(1, 1)), []
    monkeypatch.setattr("engine.recording.recount.count_tiles", lambda *args: counted.append(1) or count_tiles(*args))
    all_of(order, lambda: len(counted) < 5)
    assert len(counted) == 5
    times, _, _ = all_of(order)
    assert (len(counted), len(times)) == (12, 12)


def test_what_cannot_be_counted_is_told(recording, tmp_path):
    with pytest.raises(SourceError, match="does not exist"):
        all_of(Recount(FileFootage(tmp_path / "missing.mp4"), LIGHT_MODEL))
    with pytest.raises(ModelError):
        all_of(Recount(FileFootage(recording), recording))


@pytest.fixture
def counting(monkeypatch):
    """Notes how often something is counted."""
    counted = []
    monkeypatch.setattr("engine.recording.recount.count_tiles", lambda *args: counted.append(1) or count_tiles(*args))
    return counted


def test_a_camera_s_segments_are_counted_as_one_and_each_is_kept_for_other_spans(tmp_path, counting):
    folder = camera_folder(tmp_path, "north")
    for at_s in (0.0, 5.0):
        write_segment(folder, START_S + at_s, 6, bframes=0)
    whole = footage_of("north", tmp_path, (START_S, START_S + 60))
    times, people, parts = all_of(Recount(whole, LIGHT_MODEL))
    assert times == pytest.approx([*np.arange(6) / 10, *(5 + np.arange(6) / 10)])
    assert (len(people), len(counting), parts[-1].share) == (12, 12, 1.0)
    part = footage_of("north", tmp_path, (START_S + 0.25, START_S + 5.25))
    again, known, _ = all_of(Recount(part, LIGHT_MODEL))
    assert again == pytest.approx([*np.arange(3) / 10, *(4.7 + np.arange(3) / 10)])
    assert (known == people[3:9]).all()
    assert len(counting) == 12
    view = View(included=Mask((((0.0, 0.0), (1.0, 0.0), (1.0, 0.5), (0.0, 0.5)),)))
    all_of(Recount(footage_of("north", tmp_path, (START_S, START_S + 1), view=view), LIGHT_MODEL))
    assert len(counting) == 18


def test_a_segment_that_is_gone_or_damaged_is_left_out(tmp_path, counting):
    folder = camera_folder(tmp_path, "north")
    segments = [write_segment(folder, START_S + at_s, 5, bframes=0) for at_s in (0.0, 5.0)]
    footage = footage_of("north", tmp_path, (START_S, START_S + 60))
    footage.reel()
    segments[0].path.write_bytes(segments[0].path.read_bytes()[:64])
    times, _, parts = all_of(Recount(footage, LIGHT_MODEL))
    assert (times[0], len(times), parts[-1].share) == (5.0, 5, 1.0)
