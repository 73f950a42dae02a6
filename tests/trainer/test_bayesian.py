"""Bayesian loss compares a map with the heads: nought if each has its person, one for each that is missed."""

from dataclasses import replace

import pytest
import torch
from numpy.random import default_rng
from torch import Tensor

from trainer.config import load_config
from trainer.datasets import Annotated
from trainer.errors import TrainerError
from trainer.geometry import BRANCH_STRIDES, TILE_HEIGHT, TILE_WIDTH
from trainer.learning.training import Trainer
from trainer.networks.outputs import Outputs
from trainer.objective.bayesian import bayesian
from trainer.objective.loss import loss
from trainer.objective.settings import ObjectiveConfig
from trainer.tiles.batch import Batch
from trainer.tiles.crops import Sampler
from trainer.tiles.plan import CropConfig

CELLS = (48, 64)
HEADS = torch.tensor([[20.0, 20.0], [100.0, 60.0], [300.0, 200.0], [505.0, 380.0]])
NOBODY = torch.zeros(0, 2)
ONLY_BAYESIAN = ObjectiveConfig(beta=0, omega=1, bayesian=(1,))


def map_of(heads: Tensor, cells: tuple[int, int] = CELLS) -> Tensor:
    """Returns a map with one person in the cell of each head."""
    density = torch.zeros(cells)
    columns, rows = (heads / torch.tensor([TILE_WIDTH / cells[1], TILE_HEIGHT / cells[0]])).long().T
    return density.index_put((rows, columns), torch.ones(len(heads)), accumulate=True)


def value(density: Tensor, heads: Tensor, sigma: float = 8.0, background: float = 57.6) -> Tensor:
    return bayesian(density, heads, sigma=sigma, background=background)


def crowd(people: int) -> Annotated:
    rng = default_rng(people)
    points = rng.uniform((0, 0), (640, 500), (people, 2)).astype("float32")
    return Annotated("crowd", rng.integers(0, 255, (500, 640, 3), "uint8"), points)


@pytest.mark.parametrize(
    ("density", "heads", "expected"),
    [
        (map_of(HEADS), HEADS, 0.0),
        (torch.zeros(CELLS), HEADS, 4.0),
        (map_of(HEADS[1:]), HEADS, 1.0),
        (3 * map_of(HEADS[:1]), HEADS[:1], 2.0),
        (map_of(HEADS), HEADS[1:], 1.0),
        (map_of(HEADS), NOBODY, 4.0),
        (-map_of(HEADS), NOBODY, 4.0),
        (torch.zeros(CELLS), NOBODY, 0.0),
        (2 * map_of(HEADS[:1]), HEADS[:1].repeat(2, 1), 0.0),
        (map_of(HEADS) - map_of(HEADS + torch.tensor([-150.0, 0.0]).clamp(min=-15)), HEADS[2:3], 3.0 + 4.0),
    ],
    ids=[
        "a person at each head",
        "an empty map",
        "one missed",
        "three for one",
        "one too many",
        "people where nobody is",
        "fewer than nobody",
        "nobody",
        "two heads in one place",
        "people made up for beside them",
    ],
)
def test_the_value_is_that_of_a_computation_by_hand(density: Tensor, heads: Tensor, expected: float) -> None:
    assert value(density, heads).item() == pytest.approx(expected, abs=2e-3)


def test_posteriors_are_those_of_the_paper() -> None:
    """A cell with one person, 30 px from one head and 10 from another: three Gaussians share it."""
    sigma, background = 20.0, 25.0
    density = torch.zeros(CELLS)
    density[10, 10] = 1.0  # its centre is at 84, 84
    heads = torch.tensor([[84.0, 114.0], [94.0, 84.0]])
    near, nearest, dummy = (torch.tensor(-(d**2) / (2 * sigma**2)).exp() for d in (30.0, 10.0, background - 10.0))
    total = near + nearest + dummy
    expected = (1 - near / total) + (1 - nearest / total) + dummy / total
    assert value(density, heads, sigma, background).item() == pytest.approx(expected.item(), rel=1e-5)


@pytest.mark.parametrize("cells", [(48, 64), (24, 32), (12, 16)], ids=str)
def test_every_branch_is_compared_at_its_own_cells(cells: tuple[int, int]) -> None:
    centres = torch.tensor([[80.0, 80.0], [240.0, 208.0]])
    assert value(map_of(centres, cells), centres).item() == pytest.approx(0, abs=2e-2)
    assert value(map_of(centres, cells), centres + torch.tensor([0.0, 120.0])).item() == pytest.approx(4, abs=2e-2)


def test_a_person_costs_more_the_further_it_is_from_its_head() -> None:
    head = torch.tensor([[100.0, 100.0]])
    away = [value(map_of(head + distance), head).item() for distance in (0.0, 16.0, 24.0, 80.0)]
    assert away == sorted(away)
    assert away[0] == pytest.approx(0, abs=1e-3)
    assert away[-1] == pytest.approx(2, abs=1e-3)


@pytest.mark.parametrize("people", [0, 1, 2000])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_value_and_gradient_are_numbers(people: int, dtype: torch.dtype) -> None:
    torch.manual_seed(1)
    heads = torch.rand(people, 2) * torch.tensor([TILE_WIDTH, TILE_HEIGHT])
    density = torch.zeros(CELLS, dtype=dtype, requires_grad=True)
    found = value(density, heads)
    assert found.dtype == torch.float32
    assert found.item() == pytest.approx(people)
    found.backward()
    assert density.grad is not None
    assert torch.isfinite(density.grad).all()


def test_half_precision_outside_does_not_reach_the_computation() -> None:
    density = map_of(HEADS) + 0.001
    with torch.autocast("cpu", torch.bfloat16):
        assert value(density, HEADS).item() == pytest.approx(value(density.double(), HEADS).item(), rel=1e-6)


def test_descending_puts_a_person_at_each_head() -> None:
    density = torch.full(CELLS, 0.01, requires_grad=True)
    optimiser = torch.optim.Adam([density], 0.02)
    cooling = torch.optim.lr_scheduler.ExponentialLR(optimiser, 0.95)
    for _ in range(150):
        optimiser.zero_grad()
        value(density, HEADS).backward()
        optimiser.step()
        cooling.step()
    assert density.sum().item() == pytest.approx(4, abs=0.2)
    for x, y in HEADS.tolist():
        row, column = int(y / 8), int(x / 8)
        around = density[max(0, row - 4) : row + 5, max(0, column - 4) : column + 5]
        assert around.sum().item() == pytest.approx(1, abs=0.2)


def test_a_batch_carries_the_heads_that_its_tiles_show() -> None:
    batch = Sampler([crowd(60)], 1, 4, load_config("robust").crops).batch(0)
    assert [len(points) for points in batch.points] == batch.counts.tolist()
    for points, density in zip(batch.points, batch.maps[8], strict=True):
        assert points.dtype == torch.float32
        assert (points >= 0).all()
        assert (points < torch.tensor([TILE_WIDTH, TILE_HEIGHT])).all()
        assert (value(density, points) < 0.5 * len(points)).all()  # the drawn map is of these heads


def test_branches_that_are_named_are_compared_so_and_no_others() -> None:
    batch = Sampler([crowd(60)], 1, 2, CropConfig()).batch(0)
    nobody = Outputs(batch.counts, {"branch 1": torch.zeros_like(batch.maps[8])})
    people = batch.counts.sum().item()
    one, weighted = ONLY_BAYESIAN, replace(ONLY_BAYESIAN, bayesian_weight=3.0)
    assert loss(nobody, batch, one).item() == pytest.approx(people / 4, rel=1e-4)
    assert loss(nobody, batch, weighted).item() == pytest.approx(3 * people / 4, rel=1e-4)
    damped = replace(ONLY_BAYESIAN, damping=10.0)
    expected = (batch.counts * (1 + batch.counts / 10).rsqrt()).sum().item()
    assert loss(nobody, batch, damped).item() == pytest.approx(expected / 4, rel=1e-4)
    others = {f"branch {k}": batch.maps[stride] for k, stride in enumerate(BRANCH_STRIDES[1:], 2)}
    assert loss(Outputs(batch.counts, others), batch, one).item() == 0


def test_the_loss_of_shares_averages_to_that_of_the_batch() -> None:
    pictures, config = [crowd(60), replace(crowd(9), name="few")], CropConfig()
    whole = Sampler(pictures, 1, 4, config).batch(0)
    shares = [Sampler(pictures, 1, 4, config, (part, 2)).batch(0) for part in (0, 1)]
    assert torch.equal(torch.cat([points for share in shares for points in share.points]), torch.cat(whole.points))
    found = torch.full((4, *CELLS), 0.01)
    halves = [Outputs(share.counts, {"branch 1": found[:2]}) for share in shares]
    parts = [loss(half, share, ONLY_BAYESIAN).item() for half, share in zip(halves, shares, strict=True)]
    both = Outputs(whole.counts, {"branch 1": found})
    assert sum(parts) / 2 == pytest.approx(loss(both, whole, ONLY_BAYESIAN).item(), rel=1e-5)


def test_a_batch_without_points_is_refused() -> None:
    maps = {8: torch.zeros(2, *CELLS)}
    batch = Batch(torch.zeros(2, 1, 1, 3, dtype=torch.uint8), torch.zeros(2), maps, ("a", "b"))
    with pytest.raises(ValueError, match="zip"):
        loss(Outputs(batch.counts, {"branch 1": maps[8]}), batch, ONLY_BAYESIAN)


@pytest.mark.parametrize("precision", ["precision=bf16", "precision=fp32", "precision=fp16"])
def test_steps_of_a_training_lower_it(precision: str) -> None:
    changes = ["model.width=0.03125", "optimiser.name=adamw", "optimiser.rate=3e-3", "objective.bayesian=[1]"]
    trainer = Trainer(load_config(None, [*changes, precision]), torch.device("cpu"))
    batch = Sampler([crowd(60), crowd(0)], 1, 2, trainer.config.crops).batch(0)
    losses = [trainer.step(batch) for _ in range(5)]
    assert losses[-1] < losses[0]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("objective.bayesian=[0]", r"bayesian is \[0\], expected branches from 1 to 5"),
        ("objective.bayesian_sigma=0", r"bayesian_sigma is 0.0, expected a number above 0"),
        ("objective.bayesian_background=-1", r"bayesian_background is -1.0, expected a number above 0"),
        ("objective.bayesian=1", r"'objective.bayesian' is 1, expected a list of whole numbers"),
    ],
    ids=lambda text: text if "=" in text else "",
)
def test_a_wrong_value_is_refused_by_name(override: str, message: str) -> None:
    with pytest.raises(TrainerError, match=message):
        load_config(None, [override])


def test_a_branch_is_compared_in_one_way() -> None:
    with pytest.raises(TrainerError, match="branch 1 is in squared and in bayesian; take it out of one of them"):
        load_config("light", ["objective.bayesian=[1]"])
    assert load_config("light", ["objective.bayesian=[1]", "objective.squared=[2, 3]"]).objective.bayesian == (1,)
