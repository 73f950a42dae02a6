"""A recording counted once more in another way, and kept so."""

import numpy as np
import pytest

from engine.counting.counter import Counter, Due, count_tiles
from engine.errors import ModelError, SourceError
from engine.paths import LIGHT_MODEL
from engine.picture.tiling import Grid
from engine.picture.view import View
from engine.recording.recount import Recount, recounted
from engine.sources import FileSource
from test_seeking import written


@pytest.fixture
def recording(tmp_path):
    return written(tmp_path / "a.mp4", "libx264", {"g": "5"}, varies=False, frames=12)


def all_of(order, is_wanted=lambda: True):
    parts = list(recounted(order, is_wanted))
    times = np.concatenate([part.counts.times for part in parts])
    return times, np.concatenate([part.counts.people for part in parts]), parts


def test_it_is_counted_as_that_grid_has_it(recording, model):
    times, people, parts = all_of(Recount(recording, LIGHT_MODEL, grid=(1, 2)))
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
    order = Recount(recording, LIGHT_MODEL, grid=(1, 1))
    first = all_of(order)
    counted = []
    monkeypatch.setattr("engine.recording.recount.count_tiles", lambda *args: counted.append(1) or count_tiles(*args))
    again = all_of(order)
    assert (counted, np.array_equal(first[1], again[1]), len(again[2])) == ([], True, 1)
    all_of(Recount(recording, LIGHT_MODEL, grid=(2, 1)))
    assert len(counted) == 12


def test_one_that_is_given_up_goes_on_where_it_was(recording, monkeypatch):
    order, counted = Recount(recording, LIGHT_MODEL, grid=(1, 1)), []
    monkeypatch.setattr("engine.recording.recount.count_tiles", lambda *args: counted.append(1) or count_tiles(*args))
    all_of(order, lambda: len(counted) < 5)
    assert len(counted) == 5
    times, _, _ = all_of(order)
    assert (len(counted), len(times)) == (12, 12)


def test_what_cannot_be_counted_is_told(recording, tmp_path):
    with pytest.raises(SourceError, match="cannot be read"):
        all_of(Recount(tmp_path / "missing.mp4", LIGHT_MODEL))
    with pytest.raises(ModelError):
        all_of(Recount(recording, recording))
