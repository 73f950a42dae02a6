"""Tiles on their way through a model that counts several side by side."""

from threading import Event

import numpy as np

from engine.counting.batch import Batch, Due
from engine.counting.counter import Counter
from engine.inference import onnxruntime_session
from engine.inference.model import Model
from engine.inference.session import RunOptions
from engine.picture.frame import Frame


def frame():
    return Frame.of(0, 0.0, np.zeros((96, 128, 3), np.uint8))


def test_what_a_tile_takes_is_told_also_where_one_that_was_begun_later_is_done_earlier(model_file, monkeypatch):
    model, later_is_done = Model(model_file, RunOptions(threads=2)), Event()
    run = model._session.run

    def held_up(tiles, with_density, **how):
        assert with_density or later_is_done.wait(10)
        return run(tiles, with_density, **how)

    monkeypatch.setattr(model._session, "run", held_up)
    plain, mapped = (Due(Counter(), frame(), with_density=kind) for kind in (False, True))
    earlier, later = Batch(model, [plain], beside=True), Batch(model, [mapped], beside=True)
    later.wait()
    later_is_done.set()
    assert earlier.finish()[False] > 0
    assert later.finish()[True] > 0
    assert mapped.reading().elapsed_s > 0


def test_what_a_tile_takes_is_told_alike_whether_others_are_counted_beside_it(model_file, monkeypatch):
    model = Model(model_file, RunOptions(threads=2))
    monkeypatch.setattr("engine.inference.model.monotonic", iter(range(0, 1000, 10)).__next__)
    assert Batch(model, [Due(Counter(), frame())]).finish() == {False: 10}
    assert Batch(model, [Due(Counter(), frame())], beside=True).finish() == {False: 5}  # the other lane is free


def test_tiles_that_are_spread_over_all_threads_are_counted_one_after_the_other(model_file, monkeypatch):
    model, most = Model(model_file, RunOptions(threads=4)), list[int]()
    start = onnxruntime_session._start

    def started(*given):
        provider, session = start(*given)
        run, running = session.run, []

        def noted(*asked):
            running.append(asked)
            most.append(len(running))
            found = run(*asked)
            running.pop()
            return found

        monkeypatch.setattr(session, "run", noted)
        return provider, session

    monkeypatch.setattr(onnxruntime_session, "_start", started)
    due = [Due(Counter(), frame()) for _ in range(2)]  # two lanes would be idle
    Batch(model, due).finish()
    assert most == [1, 1]
