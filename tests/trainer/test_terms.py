"""An objective is a list of terms; what older configurations say in other keys is worth the same to the bit."""

import dataclasses
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import huber_loss

from trainer.config import from_table, load_config, preset_names
from trainer.errors import TrainerError
from trainer.networks.outputs import Outputs
from trainer.objective.bayesian import bayesian
from trainer.objective.blocks import bins_of, heads_per_cell
from trainer.objective.differences import Difference
from trainer.objective.distances import dense_squared, ssim
from trainer.objective.loss import loss
from trainer.objective.settings import ObjectiveConfig
from trainer.objective.terms import TERMS, Term
from trainer.objective.transport import transport
from trainer.tiles.batch import Batch

TILE = 96, 128
SIZES = {1: (12, 16), 2: (6, 8), 3: (3, 4)}
STRIDES = {1: 8, 2: 16, 3: 32}
TILES = 3
FEATURES = {"early": (TILES, 8, 12, 16), "late": (TILES, 6, 3, 4)}
BINS = (0, 1, 2, 3, 5)


def drawn(people: tuple[int, ...] = (0, 4, 40), seed: int = 1) -> Batch:
    """Returns a batch whose heads lie at the centres of the finest cells, and maps with one person in each of them."""
    rng = torch.Generator().manual_seed(seed)
    points = [
        8 * torch.stack((torch.randint(16, (n,), generator=rng), torch.randint(12, (n,), generator=rng)), 1) + 4.0
        for n in people
    ]
    maps = {
        STRIDES[number]: torch.stack([heads_per_cell(heads, size, TILE).float() for heads in points])
        for number, size in SIZES.items()
    }
    tiles = torch.zeros(len(people), *TILE, 3, dtype=torch.uint8)
    counts = torch.tensor([float(n) for n in people])
    return Batch(tiles, counts, maps, ("a",) * len(people), tuple(points), labels=torch.tensor([1, 0, 2]))


def named(maps: Mapping[int, Tensor]) -> dict[str, Tensor]:
    return {f"branch {number}": maps[stride] for number, stride in STRIDES.items()}


def right(batch: Batch) -> Outputs:
    """Returns outputs that say what is true."""
    blocks = bins_of(torch.stack([heads_per_cell(heads, SIZES[2], TILE) for heads in batch.points]), BINS)
    sure = 100 * torch.nn.functional.one_hot(blocks, len(BINS)).permute(0, 3, 1, 2).float()
    assert batch.labels is not None
    logits = {"blocks": sure, "classes": 100 * torch.nn.functional.one_hot(batch.labels, 3).float()}
    rng = torch.Generator().manual_seed(2)
    features = {name: torch.rand(shape, generator=rng) for name, shape in FEATURES.items()}
    return Outputs(batch.counts, named(batch.maps), logits, features)


def wrong(batch: Batch) -> Outputs:
    """Returns outputs that differ from the truth everywhere, and need gradients."""
    rng = torch.Generator().manual_seed(3)
    truth = right(batch)

    def off(values: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {name: torch.rand(x.shape, generator=rng).requires_grad_() for name, x in values.items()}

    return Outputs((batch.counts + 2).requires_grad_(), *map(off, (truth.maps, truth.logits, truth.features)))


EXAMPLES: dict[str, dict[str, object]] = {
    "l1": {"of": "branch 1"},
    "mse": {"of": "count"},
    "huber": {"of": "branch 2", "delta": 0.5},
    "ssim": {"of": "branch 1"},
    "dense-mse": {"of": "branch 1", "dense": 2.0},
    "bayesian": {"of": "branch 1", "sigma": 1.0},
    "transport": {"of": "branch 1"},
    "nobody": {"of": "branch 1", "reach": 8.0},
    "sum": {"of": "branch 1"},
    "cross-entropy": {"of": "blocks", "bins": BINS},
    "cosine": {"of": "early"},
    "relation": {"of": "early", "to": "late"},
}


def example(kind: str, **changes: object) -> Term:
    made: Term = TERMS[kind](**(EXAMPLES[kind] | changes))
    return made


def before(count: Tensor, maps: dict[int, Tensor], batch: Batch, config: ObjectiveConfig) -> Tensor:
    """Equation 6 as it was computed before there were terms."""
    people = count.detach().float().clamp(min=0)
    weight = (1 + people / config.damping).rsqrt() if config.damping else torch.ones_like(people)

    def distance(kind: str, found: Tensor, truth: Tensor) -> Tensor:
        if kind == "huber":
            return huber_loss(found, truth, reduction="sum")
        other = {"ssim": ssim, "dense-mse": dense_squared}
        if kind in other:
            return other[kind](found, truth)
        return (found - truth).abs().sum() if kind == "l1" else (found - truth).square().sum()

    total = config.beta * distance(config.count, weight * count.float(), weight * batch.counts)
    for number, density in maps.items():
        if number in config.bayesian:
            background = config.bayesian_background * min(TILE)
            tiles = [
                bayesian(one, heads, sigma=config.bayesian_sigma, background=background, tile=TILE)
                for one, heads in zip(density, batch.points, strict=True)
            ]
            total = total + config.bayesian_weight * (weight * torch.stack(tiles)).sum()
            continue
        found, truth = weight[:, None, None] * density.float(), weight[:, None, None] * batch.maps[STRIDES[number]]
        if number in config.squared:
            total = total + config.squared_scale / 4 ** (number - 1) * distance("mse", found, truth)
        else:
            total = total + config.maps_weight * distance(config.maps, found, truth)
    return total * config.omega / (2 * len(count))


OLD_KEYS = [
    *(pytest.param(name, [], id=name) for name in preset_names() if not load_config(name).objective.terms),
    pytest.param("light", ["damping=32", "beta=4", "squared_scale=64"], id="light, damped"),
    pytest.param("paper", ["bayesian=[2]", "squared=[3]", "bayesian_weight=0.3", "damping=7"], id="all kinds"),
    *(pytest.param("paper", [f"maps='{kind}'", "maps_weight=0.7"], id=kind) for kind in ("huber", "ssim", "dense-mse")),
    pytest.param("paper", ["count='huber'", "omega=0.3"], id="huber of the count"),
]


@pytest.mark.parametrize(("preset", "changes"), OLD_KEYS)
def test_what_older_configurations_say_is_worth_the_same_to_the_bit(preset: str, changes: list[str]) -> None:
    config = load_config(preset, [f"objective.{change}" for change in changes]).objective
    batch = drawn()
    found = wrong(batch)
    assert found.count is not None
    found = dataclasses.replace(found, count=found.count * 0.37)
    assert found.count is not None
    now = loss(found, batch, config)
    then = before(found.count, {number: found.maps[f"branch {number}"] for number in SIZES}, batch, config)
    assert torch.equal(now, then)
    (grad,) = torch.autograd.grad(then, found.maps["branch 1"], retain_graph=True)
    assert torch.equal(torch.autograd.grad(now, found.maps["branch 1"])[0], grad)


@pytest.mark.parametrize("name", [name for name in preset_names() if not load_config(name).objective.terms])
def test_the_terms_that_a_preset_stands_for_are_worth_as_much_as_itself(name: str) -> None:
    config, batch = load_config(name).objective, drawn()
    found = wrong(batch)
    as_terms = dataclasses.replace(
        ObjectiveConfig(omega=config.omega, decay=config.decay, damping=config.damping),
        terms=config.for_maps(list(found.maps)),
    )
    assert torch.equal(loss(found, batch, as_terms), loss(found, batch, config))


def test_every_kind_has_an_example_here() -> None:
    assert EXAMPLES.keys() == TERMS.keys()


@pytest.mark.parametrize("kind", TERMS)
def test_a_term_is_zero_where_all_is_right_and_above_it_elsewhere(kind: str) -> None:
    batch = drawn()
    config = ObjectiveConfig(omega=2.0, terms=(example(kind),))
    assert loss(right(batch), batch, config, teacher=right(batch)).item() == pytest.approx(0, abs=5e-3)
    assert loss(wrong(batch), batch, config, teacher=right(batch)).item() > 1e-4


@pytest.mark.parametrize("kind", TERMS)
def test_a_term_has_a_finite_value_and_gradient_where_nothing_is(kind: str) -> None:
    batch = drawn(people=(0, 0, 5))
    full = right(batch)

    def empty(values: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {name: torch.zeros_like(x).requires_grad_() for name, x in values.items()}

    found = Outputs(torch.zeros(TILES).requires_grad_(), *map(empty, (full.maps, full.logits, full.features)))
    value = loss(found, batch, ObjectiveConfig(terms=(example(kind),)), teacher=full)
    assert torch.isfinite(value)
    inputs = [found.count, *found.maps.values(), *found.logits.values(), *found.features.values()]
    gradients = torch.autograd.grad(value, [x for x in inputs if x is not None], allow_unused=True)
    assert all(torch.isfinite(gradient).all() for gradient in gradients if gradient is not None)


@pytest.mark.parametrize("kind", TERMS)
def test_a_term_weighs_what_it_is_told_to(kind: str) -> None:
    batch = drawn()
    found, full = wrong(batch), right(batch)
    once, thrice = (
        loss(found, batch, ObjectiveConfig(terms=(example(kind, weight=weight),)), teacher=full).item()
        for weight in (1.0, 3.0)
    )
    assert thrice == pytest.approx(3 * once, rel=1e-5)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=3), st.integers(0, 1000), st.floats(0, 3))
def test_carrying_people_is_finite_and_never_below_the_difference_of_the_counts(
    people: list[int], seed: int, scale: float
) -> None:
    batch = drawn(tuple(people), seed) if len(people) == TILES else drawn((*people, 0, 0, 0)[:TILES], seed)
    density = torch.rand(SIZES[1], generator=torch.Generator().manual_seed(seed)) * scale
    for heads in batch.points:
        value = transport(density, heads, tile=TILE, iterations=20)
        assert torch.isfinite(value)
        assert value.item() >= abs(density.sum().item() - len(heads)) - 1e-3


def test_carrying_costs_the_squared_distance() -> None:
    density = torch.zeros(SIZES[1])
    density[5, 2] = 1.0  # its centre is at 20, 44
    head = torch.tensor([[20.0 + 40.0, 44.0]])
    assert transport(density, head, tile=TILE, carried=1.0, variation=0.0).item() == pytest.approx(40.0**2, rel=1e-4)
    assert transport(density, head, tile=TILE, carried=0.0, variation=1.0).item() == pytest.approx(1.0, rel=1e-4)


def test_descending_the_transport_carries_people_to_the_heads() -> None:
    batch = drawn((0, 6, 0))
    density = torch.full(SIZES[1], 0.05, requires_grad=True)
    optimiser = torch.optim.Adam([density], 0.05)
    for _ in range(60):
        optimiser.zero_grad()
        transport(density, batch.points[1], tile=TILE, iterations=10).backward()
        optimiser.step()
    assert density.clamp(min=0).sum().item() == pytest.approx(6, abs=1)
    assert (density.clamp(min=0) * (batch.maps[8][1] > 0)).sum().item() > 4


def test_people_near_a_head_are_not_held_to_be_nobody() -> None:
    batch = drawn((0, 1, 0))
    (head,) = batch.points[1]
    x, y = ((torch.arange(cells) * 8 + 4.0) for cells in SIZES[1][::-1])
    distance = (x[None, :] - head[0]).square().add((y[:, None] - head[1]).square()).sqrt()
    found = {"branch 1": torch.where(distance <= 20, 3.0, -0.5)[None].repeat(TILES, 1, 1)}
    config = ObjectiveConfig(omega=2.0 * TILES, terms=(TERMS["nobody"](of="branch 1", reach=20.0),))
    near = (distance <= 20).sum().item()
    expected = 0.5 * (12 * 16 - near) * TILES + 2 * 3.0 * near  # two tiles show nobody
    assert loss(Outputs(None, found), batch, config).item() == pytest.approx(expected)


def test_a_sum_is_compared_as_it_is_counted() -> None:
    batch = drawn((0, 4, 40))
    found = torch.full((TILES, *SIZES[1]), -1.0)  # as many below zero count as nobody
    found[:, 0, 0] = 5.0
    config = ObjectiveConfig(omega=2.0 * TILES, terms=(TERMS["sum"](of="branch 1"),))
    assert loss(Outputs(None, {"branch 1": found}), batch, config).item() == 5**2 + 1**2 + 35**2


def test_blocks_are_put_into_bins_of_whole_numbers() -> None:
    counts = torch.tensor([[0, 1, 2], [4, 5, 99]])
    assert bins_of(counts, BINS).tolist() == [[0, 1, 2], [3, 4, 4]]
    heads = torch.tensor([[0.0, 0.0], [127.9, 95.9], [127.9, 95.9], [64.0, 0.0]])
    assert heads_per_cell(heads, (2, 2), TILE).tolist() == [[1, 1], [0, 2]]


def test_maps_that_no_term_names_are_all_the_others() -> None:
    batch = drawn()
    found = wrong(batch)
    some = ObjectiveConfig(terms=(TERMS["mse"](of="branch 2"), TERMS["l1"](of="maps")))
    each = ObjectiveConfig(terms=(TERMS["mse"](of="branch 2"), *(TERMS["l1"](of=f"branch {k}") for k in (1, 3))))
    assert loss(found, batch, some).item() == pytest.approx(loss(found, batch, each).item())


def test_a_count_is_the_sum_of_the_map_where_a_network_has_no_other() -> None:
    batch = drawn()
    density = torch.full((TILES, *SIZES[1]), 0.01)
    config = ObjectiveConfig(omega=2.0, terms=(TERMS["l1"](of="count"),))
    expected = (density.sum((1, 2)) - batch.counts).abs().mean().item()
    assert loss(Outputs(None, {"map": density}), batch, config).item() == pytest.approx(expected)


def test_soft_ground_truth_is_a_teachers_map_of_any_name() -> None:
    batch = drawn()
    teacher = Outputs(None, {"map": batch.maps[8] + 0.5})
    config = ObjectiveConfig(omega=2.0, terms=(TERMS["l1"](of="branch 1", against="teacher map"),))
    value = loss(right(batch), batch, config, teacher)
    assert value.item() == pytest.approx(0.5 * 12 * 16)


@pytest.mark.parametrize(
    ("term", "teacher", "message"),
    [
        (TERMS["l1"](of="branch 7"), None, "compares 'branch 7', which this network does not give; it gives branch 1"),
        (TERMS["l1"](of="branch 1", against="teacher"), None, "compares with a teacher and none is given"),
        (
            TERMS["l1"](of="branch 1", against="teacher map"),
            Outputs(None, {"map": torch.zeros(TILES, *SIZES[2])}),
            r"'branch 1' has cells of 8x8 pixels, the teacher's 'map' has cells of 16x16 pixels; compare maps of one",
        ),
        (
            TERMS["cosine"](of="early"),
            Outputs(None, {}, {}, {"early": torch.zeros(TILES, 8, 3, 4)}),
            r"feature 'early' is \(8, 12, 16\) in the student and \(8, 3, 4\) in the teacher",
        ),
        (TERMS["cross-entropy"](of="blocks", bins=(0, 1)), None, "has 2 bins, the network's 'blocks' 5"),
    ],
    ids=["no such output", "no teacher", "another stride", "features of another stride", "other bins"],
)
def test_what_cannot_be_compared_is_refused(term: Term, teacher: Outputs | None, message: str) -> None:
    batch = drawn()
    with pytest.raises(TrainerError, match=message):
        loss(right(batch), batch, ObjectiveConfig(terms=(term,)), teacher)


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("terms = [{kind = 'l2'}]", "'objective.terms 1' is of kind 'l2', expected one of l1, mse, huber, ssim, "),
        ("terms = [{kind = 'l1'}, {of = 'map'}]", "'objective.terms 2' is of kind '', expected one of l1"),
        ("terms = [{kind = 'l1', sigma = 3}]", "no 'objective.terms 1.sigma'; there are: kind, of, weight, against"),
        ("terms = [{kind = 'huber', delta = 0}]", "delta is 0.0, expected a number above 0"),
        ("terms = [{kind = 'l1', weight = -1}]", "weight is -1.0, expected a number from 0 up"),
        (
            "terms = [{kind = 'ssim', of = 'count'}]",
            "ssim is of 'count', it compares maps only; use l1 or mse or huber",
        ),
        ("terms = [{kind = 'l1', against = 'pupil'}]", "against is 'pupil', expected truth, teacher, or teacher NAME"),
        ("terms = [{kind = 'cross-entropy', bins = [1, 2]}]", r"bins are \[1, 2\], expected rising numbers from 0"),
        ("terms = ['l1']", "'objective.terms' is .*, expected a list of tables, each with a kind"),
        (
            "terms = [{kind = 'l1', of = 'branch 7'}]",
            "l1 is of 'branch 7', this deepcount gives count, maps, bra",
        ),
        (
            "terms = [{kind = 'relation', of = 'smooth 1', to = 'x'}]",
            "is of 'x', this deepcount gives smooth 1",
        ),
        ("terms = [{kind = 'cross-entropy', of = 'map'}]", "cross-entropy is of 'map', this deepcount gives none"),
        ("beta = 4\nterms = [{kind = 'l1'}]", "beta and terms are both given; say it as a term, of l1, mse"),
    ],
)
def test_a_wrong_term_is_refused_by_name(toml: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(f"[objective]\n{toml}\n", "utf-8")
    with pytest.raises(TrainerError, match=message):
        load_config(str(file))


def test_bins_of_a_term_are_those_of_the_network() -> None:
    bins = ["model.bins=[0, 1, 2]", "objective.terms=[{kind='cross-entropy', of='branch 1', bins=[0, 1]}]"]
    with pytest.raises(TrainerError, match=r"cross-entropy are \[0, 1\], those of the model \[0, 1, 2\]"):
        load_config(None, bins)


def test_terms_survive_being_written(tmp_path: Path) -> None:
    terms = ", ".join(
        f"{{kind = '{kind}', "
        + ", ".join(f"{k} = {list(v) if isinstance(v, tuple) else v!r}" for k, v in keys.items())
        + "}"
        for kind, keys in EXAMPLES.items()
    )
    table = {"objective": tomllib.loads(f"terms = [{terms}]") | {"damping": 3}, "like_start": True}
    config = from_table(table)
    assert [term.kind for term in config.objective.terms] == list(TERMS)
    assert isinstance(config.objective.terms[0], Difference)
    file = tmp_path / "again.toml"
    file.write_text(config.to_toml(), "utf-8")
    assert load_config(str(file)) == config
