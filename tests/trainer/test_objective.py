"""The loss is equation 6 of the paper."""

import pytest
import torch

from trainer.crops import Batch
from trainer.objective import ObjectiveConfig, loss


@pytest.fixture
def batch() -> Batch:
    maps = {4: torch.tensor([[[1.0, 0.0]], [[2.0, 1.0]]]), 5: torch.tensor([[[1.0]], [[3.0]]])}
    return Batch(torch.zeros(2, 1, 1, 3, dtype=torch.uint8), torch.tensor([1.0, 3.0]), maps, ("a", "b"))


COUNT = torch.tensor([1.5, 1.0])  # off by 0.5 and 2
MAPS = {4: torch.tensor([[[0.0, 0.5]], [[2.0, 4.0]]]), 5: torch.tensor([[[2.0]], [[3.0]]])}  # off by 1, .5, 0, 3; 1, 0


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (ObjectiveConfig(), (16 * 2.5 + 4.5 + 1) * 0.01 / 4),
        (ObjectiveConfig(beta=1, omega=1), (2.5 + 4.5 + 1) / 4),
        (ObjectiveConfig(squared=(4,), squared_scale=8), (16 * 2.5 + 8 / 64 * 10.25 + 1) * 0.01 / 4),
    ],
    ids=["paper", "without weights", "one map squared"],
)
def test_the_loss_equals_a_computation_by_hand(batch: Batch, config: ObjectiveConfig, expected: float) -> None:
    assert loss(COUNT, MAPS, batch, config).item() == pytest.approx(expected)


def test_a_right_answer_costs_nothing(batch: Batch) -> None:
    assert loss(batch.counts, batch.maps, batch, ObjectiveConfig()).item() == 0


def test_the_paper_weighs_the_count_sixteen_times() -> None:
    assert (ObjectiveConfig().beta, ObjectiveConfig().omega, ObjectiveConfig().decay) == (16, 1e-2, 1e-5)
