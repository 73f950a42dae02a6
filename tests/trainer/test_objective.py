"""The loss is equation 6 of the paper."""

from dataclasses import replace

import pytest
import torch

from trainer.networks.outputs import Outputs
from trainer.objective.loss import loss
from trainer.objective.settings import COUNT_KINDS, MAP_KINDS, ObjectiveConfig
from trainer.tiles.batch import Batch


@pytest.fixture
def batch() -> Batch:
    maps = {64: torch.tensor([[[1.0, 0.0]], [[2.0, 1.0]]]), 128: torch.tensor([[[1.0]], [[3.0]]])}
    return Batch(torch.zeros(2, 1, 1, 3, dtype=torch.uint8), torch.tensor([1.0, 3.0]), maps, ("a", "b"))


COUNT = torch.tensor([1.5, 1.0])  # off by 0.5 and 2
MAPS = {
    "branch 4": torch.tensor([[[0.0, 0.5]], [[2.0, 4.0]]]),
    "branch 5": torch.tensor([[[2.0]], [[3.0]]]),
}  # off by 1, .5, 0, 3; 1, 0
FOUND = Outputs(COUNT, MAPS)


def right(batch: Batch) -> Outputs:
    """Returns what a network would find that is right."""
    return Outputs(batch.counts, {f"of {stride} pixels": density for stride, density in batch.maps.items()})


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (ObjectiveConfig(), (16 * 2.5 + 4.5 + 1) * 0.01 / 4),
        (ObjectiveConfig(beta=1, omega=1), (2.5 + 4.5 + 1) / 4),
        (ObjectiveConfig(squared=(4,), squared_scale=8), (16 * 2.5 + 8 / 64 * 10.25 + 1) * 0.01 / 4),
        (ObjectiveConfig(beta=0, omega=1, maps="mse", maps_weight=3), 3 * (10.25 + 1) / 4),
        (ObjectiveConfig(beta=0, omega=1, maps="huber"), (0.5 + 0.125 + 2.5 + 0.5) / 4),
        (ObjectiveConfig(beta=0, omega=1, maps="dense-mse"), (5 + 0.25 + (1 + 4 / 2) * 9 + 5) / 4),
        (ObjectiveConfig(beta=2, omega=1, count="huber", maps_weight=0), 2 * (0.125 + 1.5) / 4),
    ],
    ids=["paper", "without weights", "one map squared", "mse", "huber", "dense-mse", "huber of the count"],
)
def test_the_loss_equals_a_computation_by_hand(batch: Batch, config: ObjectiveConfig, expected: float) -> None:
    assert loss(FOUND, batch, config).item() == pytest.approx(expected)


def test_a_right_answer_costs_nothing(batch: Batch) -> None:
    assert loss(right(batch), batch, ObjectiveConfig()).item() == 0


def test_damped_tiles_are_compared_in_units_of_their_deviation(batch: Batch) -> None:
    first, second = 1 + 1.5 / 2, 1 + 1 / 2  # by the counts found
    damped = ObjectiveConfig(beta=1, omega=1, damping=2)
    expected = (0.5 + 1.5 + 1) / first**0.5 + (2 + 3) / second**0.5
    assert loss(FOUND, batch, damped).item() == pytest.approx(expected / 4)
    squares = ObjectiveConfig(beta=0, omega=1, maps="mse", damping=2)
    expected = (1.25 + 1) / first + 9 / second
    assert loss(FOUND, batch, squares).item() == pytest.approx(expected / 4)


def test_counting_more_only_to_be_compared_less_gains_nothing(batch: Batch) -> None:
    for found in (COUNT, -COUNT):
        count = found.clone().requires_grad_()
        loss(replace(right(batch), count=count), batch, ObjectiveConfig(beta=1, omega=1, damping=1)).backward()
        assert count.grad is not None
        share = 1 / (1 + found.clamp(min=0)).sqrt()
        assert torch.allclose(count.grad, (found - batch.counts).sign() * share / 4)


def test_the_paper_weighs_the_count_sixteen_times() -> None:
    assert (ObjectiveConfig().beta, ObjectiveConfig().omega, ObjectiveConfig().decay) == (16, 1e-2, 1e-5)


@pytest.mark.parametrize("name", MAP_KINDS)
@pytest.mark.parametrize("size", [(48, 64), (3, 4)], ids=str)
def test_every_distance_of_maps_is_finite_where_nobody_is(name: str, size: tuple[int, int]) -> None:
    empty = torch.zeros(2, *size)
    found = torch.zeros(2, *size, requires_grad=True)
    value = MAP_KINDS[name]().distance(found, empty)
    assert value.item() == pytest.approx(0, abs=1e-6)
    value.backward()
    assert found.grad is not None
    assert torch.isfinite(found.grad).all()
    wrong = MAP_KINDS[name]().distance(torch.full((2, *size), 0.5), empty)
    assert 0 < wrong.item() < float("inf")


@pytest.mark.parametrize("name", MAP_KINDS)
def test_every_distance_of_maps_falls_as_the_map_gets_better(name: str) -> None:
    torch.manual_seed(1)
    truth = torch.rand(2, 12, 16)
    wrong = torch.rand(2, 12, 16)
    values = [MAP_KINDS[name]().distance(wrong.lerp(truth, part), truth).item() for part in (0, 0.25, 0.5, 0.75, 1)]
    assert values == sorted(values, reverse=True)
    assert values[-1] == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("name", COUNT_KINDS)
def test_every_distance_of_counts_is_zero_for_nobody(name: str) -> None:
    assert COUNT_KINDS[name]().distance(torch.zeros(3), torch.zeros(3)).item() == 0


def test_ssim_tells_a_lost_pattern_from_a_lost_level() -> None:
    """The same squared error costs more where the local pattern is gone."""
    torch.manual_seed(1)
    truth = torch.rand(1, 48, 64)
    shifted = truth + 0.1
    error = (shifted - truth).square().sum().sqrt()
    flattened = truth + error * torch.nn.functional.normalize(truth.mean() - truth, dim=(1, 2))
    assert (flattened - truth).square().sum().item() == pytest.approx((shifted - truth).square().sum().item(), rel=1e-3)
    assert MAP_KINDS["ssim"]().distance(flattened, truth) > MAP_KINDS["ssim"]().distance(shifted, truth)


def test_a_batch_in_which_nobody_is_has_a_loss(batch: Batch) -> None:
    nobody = Batch(batch.tiles, torch.zeros(2), {k: torch.zeros_like(m) for k, m in batch.maps.items()}, batch.names)
    for maps in MAP_KINDS:
        value = loss(right(nobody), nobody, ObjectiveConfig(maps=maps))
        assert value.item() == pytest.approx(0, abs=1e-6)
