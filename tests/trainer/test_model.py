"""The network has the sizes and shapes of Table 1 of the paper."""

import pytest
import torch
from torch import nn

from trainer.frontends import FRONTENDS
from trainer.model import BRANCH_SIZES, TILE_HEIGHT, TILE_WIDTH, DeepCount, ModelConfig


def parameters(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


@pytest.fixture(scope="module")
def paper() -> DeepCount:
    with torch.device("meta"):
        return DeepCount()


def test_full_width_has_the_papers_number_of_parameters(paper: DeepCount) -> None:
    assert parameters(paper) == 58_109_766
    assert parameters(paper.backbone) == 21_403_201
    assert parameters(paper.backbone.frontend) == 7_635_264


@pytest.mark.parametrize(
    ("branch", "millions"),
    [(1, 11.54), (2, 9.44), (3, 7.34), (4, 5.24), (5, 3.15)],
    ids=str,
)
def test_finer_branches_are_larger(paper: DeepCount, branch: int, millions: float) -> None:
    assert parameters(paper.branches[str(branch)]) / 1e6 == pytest.approx(millions, abs=0.005)


@pytest.mark.parametrize("frontend", list(FRONTENDS))
@pytest.mark.parametrize("width", [1.0, 0.35, 0.25, 1 / 64])
def test_every_branch_has_its_own_size_at_every_width(frontend: str, width: float) -> None:
    with torch.device("meta"):
        network = DeepCount(ModelConfig(frontend=frontend, width=width))
        count, maps = network(torch.zeros(2, TILE_HEIGHT, TILE_WIDTH, 3, dtype=torch.uint8))
    assert count.shape == (2,)
    assert [tuple(maps[k].shape) for k in range(1, 6)] == [(2, *size) for size in BRANCH_SIZES]


@pytest.mark.parametrize("branches", [(), (5,), (1, 3)], ids=str)
def test_only_the_configured_branches_are_built(branches: tuple[int, ...]) -> None:
    with torch.device("meta"):
        network = DeepCount(ModelConfig(branches=branches))
        _, maps = network(torch.zeros(1, TILE_HEIGHT, TILE_WIDTH, 3, dtype=torch.uint8))
    assert tuple(maps) == branches


def test_frozen_layers_get_no_gradient_and_the_rest_does() -> None:
    network = DeepCount(ModelConfig(width=1 / 32))
    network.freeze(3)
    count, maps = network(torch.full((1, TILE_HEIGHT, TILE_WIDTH, 3), 90, dtype=torch.uint8))
    (count.sum() + sum(density.sum() for density in maps.values())).backward()
    layers = network.backbone.frontend.layers()
    assert [layer.weight.grad is not None for layer in layers] == [False] * 3 + [True] * 7
    frontend, rest = network.parameter_groups()
    assert len(frontend) == 2 * 7
    assert all(p.grad is not None for p in rest)


def test_pixels_are_normalised_as_the_frontend_was_trained() -> None:
    network = DeepCount(ModelConfig(width=1 / 32, branches=()))
    seen: list[torch.Tensor] = []
    network.backbone.frontend.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    tiles = torch.zeros(1, TILE_HEIGHT, TILE_WIDTH, 3, dtype=torch.uint8)
    tiles[..., 0] = 255  # red
    network(tiles)
    expected = torch.tensor([(1 - 0.485) / 0.229, -0.456 / 0.224, -0.406 / 0.225])
    torch.testing.assert_close(seen[0][0, :, 0, 0], expected)
