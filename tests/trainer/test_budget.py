"""Limited time is divided between steps and evaluations, and the rate is cooled when it is up."""

import math

import pytest

from trainer.config import load_config
from trainer.learning.budget import MARGIN, SAVING_S, Budget
from trainer.learning.optimiser import learning_rate


class Clock:
    """Seconds that are set."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_without_a_limit_nothing_is_ever_used_up() -> None:
    clock = Clock()
    budget = Budget(math.inf, 0.0, clock=clock)
    budget.evaluated(1e6)
    clock.now_s += 1e9
    assert (budget.spent(), budget.is_limited, budget.affords_evaluation()) == (0.0, False, True)


def test_the_last_evaluation_and_what_went_before_are_taken_from_the_minutes() -> None:
    clock = Clock()
    budget = Budget(2.0, 70.0, clock=clock)  # 30 of 120 s were needed to begin
    budget.evaluated(25.0 / MARGIN)
    spent = []
    for clock.now_s in (100.0, 115.0, 130.0, 190.0 - 25.0 - SAVING_S, 500.0):
        spent.append(budget.spent())
    assert spent == pytest.approx([0.0, 0.25, 0.5, 1.0, 1.0])


def test_a_start_that_takes_all_the_time_leaves_none() -> None:
    assert Budget(0.5, 60.0, clock=Clock()).spent() == 1.0


def test_evaluations_in_between_take_a_quarter_of_limited_time_at_most() -> None:
    clock = Clock()
    budget = Budget(60.0, 100.0, clock=clock)
    budget.evaluated(10.0)
    affords = []
    for clock.now_s in (101.0, 129.9, 130.1):
        affords.append(budget.affords_evaluation())
    assert affords == [False, False, True]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ((), {(0, 0.5): 1.0, (0, 0.8): 1.0, (10, 0.9): 0.505, (10, 1.0): 0.01}),
        (("optimiser.schedule=cosine",), {(0, 0.5): 0.505, (500, 0.2): 0.505, (3, 1.0): 0.01}),
        (("optimiser.schedule=step", "optimiser.drops=[500]"), {(3, 0.49): 1.0, (3, 0.51): 0.1, (3, 1.0): 0.001}),
    ],
    ids=["constant", "cosine", "a drop half-way"],
)
def test_the_rate_is_cooled_when_the_time_is_up(
    changes: tuple[str, ...], expected: dict[tuple[int, float], float]
) -> None:
    config = load_config(None, ["optimiser.rate=1.0", "steps=1000", *changes])
    found = {place: learning_rate(place[0], config, place[1]) for place in expected}
    assert found == pytest.approx(expected, rel=1e-4)
