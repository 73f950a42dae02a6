"""What `bench` says of a machine: figures that add up, whatever they are."""

import re

import pytest
import torch
from torch import nn

from trainer.cli import main
from trainer.learning.pace import KINDS, OTHER, operations, peak, shares

CPU = torch.device("cpu")


def test_bench_says_the_pace_the_peak_and_where_time_goes(capfd: pytest.CaptureFixture[str]) -> None:
    small = [word for change in ("model.width=0.03125", "batch=1") for word in ("--set", change)]
    assert main(["bench", *small, "--steps", "1", "--device", "cpu"]) == 0
    told = capfd.readouterr()
    assert re.search(r"^training: \d+\.\d tiles a second \(1 steps of 1, \d+ threads, cpu\)$", told.out, re.MULTILINE)
    assert re.search(r"^\d+% of the peak: [\d,]+ of [\d,]+ billion operations a second$", told.out, re.MULTILINE)
    line = told.out.splitlines()[-1]
    assert line.startswith("where the time of a step goes: ")
    assert 95 <= sum(map(int, re.findall(r"(\d+)%", line))) <= 105
    assert not told.err


def test_each_multiply_add_of_forward_and_backward_is_two_operations() -> None:
    layer = nn.Conv2d(3, 5, 3, padding=1)
    tile = torch.rand(1, 3, 8, 8)
    once = 2 * 8 * 8 * 3 * 5 * 9
    assert operations(lambda: layer(tile)) == once
    assert operations(lambda: layer(tile).sum().backward()) == 2 * once  # the picture needs no gradient


@pytest.mark.parametrize(
    ("layer", "multiply_adds"),
    [
        (nn.Conv2d(16, 16, 3, padding=1, groups=16), 8 * 8 * 9 * 16),
        (nn.Conv2d(8, 16, 3, stride=2, padding=1, groups=4), 4 * 4 * 9 * 2 * 16),
        (nn.ConvTranspose2d(6, 4, 4, stride=2, padding=1), 8 * 8 * 16 * 6 * 4),
    ],
)
def test_gradients_take_as_many_operations_as_what_they_are_of(layer: nn.Conv2d, multiply_adds: int) -> None:
    tile = torch.rand(1, layer.in_channels, 8, 8, requires_grad=True)
    assert operations(lambda: layer(tile)) == 2 * multiply_adds
    assert operations(lambda: layer(tile).sum().backward()) == 3 * 2 * multiply_adds


def test_the_parts_of_a_step_are_all_of_it() -> None:
    layer = nn.Conv2d(3, 5, 3, padding=1)
    parts = shares(lambda: layer(torch.rand(1, 3, 32, 32)).relu().sum().backward(), CPU)
    assert sum(parts.values()) == pytest.approx(1)
    assert set(parts) <= {*KINDS, OTHER}
    assert list(parts.values()) == sorted(parts.values(), reverse=True)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_the_peak_is_a_rate(precision: str) -> None:
    assert peak(CPU, precision) > 0
