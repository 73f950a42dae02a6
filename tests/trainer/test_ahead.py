"""Batches that several threads prepare: the same ones, in their order, and nothing is drawn once nobody wants it."""

import os
import threading
from itertools import islice
from pathlib import Path

import pytest
import torch

from trainer.config import load_config
from trainer.datasets import Annotated, Choice, load_all, open_dataset
from trainer.errors import TrainerError
from trainer.learning.ahead import MOST, prepared, threads_for
from trainer.learning.loop import drawer
from trainer.learning.training import Trainer
from trainer.tiles.batch import Batch

CPU = torch.device("cpu")
SMALL = ["model.width=0.03125", "batch=2", "crops.perspective=0.5", "crops.coarse=0.5", "ground_truth.kernel=adaptive"]


@pytest.fixture(scope="module")
def pictures(data: Path) -> list[Annotated]:
    return load_all(open_dataset(data, Choice("train")))


def test_threads_draw_the_batches_of_one_in_their_order(pictures: list[Annotated]) -> None:
    draw = drawer(Trainer(load_config(None, SMALL), CPU), pictures)
    with prepared(draw, 5, 4) as theirs:
        for step, found in enumerate(islice(theirs, 9), 5):
            expected = draw(step)
            assert torch.equal(found.tiles, expected.tiles)
            assert torch.equal(found.counts, expected.counts)
            assert found.names == expected.names
            assert all(torch.equal(found.maps[stride], expected.maps[stride]) for stride in expected.maps)
            assert [points.tolist() for points in found.points] == [points.tolist() for points in expected.points]


def test_as_many_batches_are_drawn_at_once_as_there_are_threads_and_none_afterwards() -> None:
    together, drawn = threading.Barrier(3), list[int]()
    nothing = torch.zeros(1)

    def draw(step: int) -> Batch:
        if step < 3:
            together.wait(30)  # broken unless three are drawn at once
        drawn.append(step)
        return Batch(nothing, nothing, {}, (str(step),))

    with prepared(draw, 0, 3) as batches:
        assert [batch.names for batch in islice(batches, 4)] == [("0",), ("1",), ("2",), ("3",)]
    assert max(drawn) <= 6
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ThreadPoolExecutor")]


def test_what_a_thread_cannot_draw_is_said_at_its_step() -> None:
    nothing = torch.zeros(1)

    def draw(step: int) -> Batch:
        if step == 4:
            raise TrainerError("step 4 cannot be drawn")
        return Batch(nothing, nothing, {}, ())

    with prepared(draw, 3, 2) as batches:
        next(batches)
        with pytest.raises(TrainerError, match="step 4 cannot be drawn"):
            next(batches)


def test_several_threads_draw_for_a_card_only() -> None:
    assert threads_for(CPU) == 1
    assert threads_for(torch.device("cuda")) == max(1, min(MOST, (os.cpu_count() or 1) - 1))
