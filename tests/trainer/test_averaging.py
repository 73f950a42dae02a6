"""The mean of networks' weights answers as strongly as the networks did."""

import pytest
import torch
from torch import Tensor, nn

from trainer.learning.averaging import repaired_mean
from trainer.networks.deepcount import DeepCountConfig
from trainer.networks.families import built

SMALL = DeepCountConfig(width=0.0625, branches=(3,))
Statistics = dict[str, tuple[Tensor, Tensor]]


@pytest.fixture(scope="module")
def tiles() -> Tensor:
    generator = torch.Generator().manual_seed(1)
    coarse = torch.rand((6, 3, 12, 16), generator=generator) * torch.linspace(0.2, 1, 6)[:, None, None, None]
    return (
        (255 * nn.functional.interpolate(coarse, (384, 512), mode="bilinear")).byte().permute(0, 2, 3, 1).contiguous()
    )


def weights(seed: int) -> dict[str, Tensor]:
    torch.manual_seed(seed)
    return built(SMALL).state_dict()


def channels(own: dict[str, Tensor], tiles: Tensor) -> Statistics:
    """Measures mean and deviation of every channel of every layer with weights."""
    network, found = built(SMALL).eval(), Statistics()
    network.load_state_dict(own)

    def watch(name: str, layer: nn.Module) -> None:
        def note(_layer: nn.Module, _entering: object, given: Tensor) -> None:
            flat = given.transpose(0, 1).flatten(1)
            found[name] = flat.mean(1), flat.std(1, correction=0)

        layer.register_forward_hook(note)

    for name, layer in network.named_modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            watch(name, layer)
    with torch.inference_mode():
        network(tiles)
    return found


def test_every_channel_has_the_mean_and_deviation_that_it_had_on_average(tiles: Tensor) -> None:
    both = [weights(1), weights(2)]  # strangers, whose plain mean is weak
    repaired = channels(repaired_mean(SMALL, both, [tiles], bf16=False), tiles)
    first, second = (channels(own, tiles) for own in both)
    plain = channels({name: (both[0][name] + both[1][name]) / 2 for name in both[0]}, tiles)
    deep = "backbone.vector"
    assert (plain[deep][1] < (first[deep][1] + second[deep][1]) / 4).all()
    near = 0
    for name, (level, deviation) in repaired.items():
        torch.testing.assert_close(level, (first[name][0] + second[name][0]) / 2, rtol=0.02, atol=1e-4)
        ratio = deviation / ((first[name][1] + second[name][1]) / 2)
        near += int(((ratio - 1).abs() < 0.02).sum())
    assert near > 0.8 * sum(
        len(level) for level, _ in repaired.values()
    )  # no channel is made more than twice as strong


def test_the_mean_of_a_network_and_itself_is_the_network(tiles: Tensor) -> None:
    own = weights(1)
    mean = repaired_mean(SMALL, [own, own], [tiles], bf16=True)
    assert mean.keys() == own.keys()
    assert [name for name in own if not torch.equal(mean[name], own[name])] == []


def test_layers_that_one_alone_has_learnt_anew_are_repaired_and_no_others(tiles: Tensor) -> None:
    one, other = weights(1), weights(2)
    name = "backbone.down.1"
    changed = one | {f"{name}.{kind}": other[f"{name}.{kind}"] for kind in ("weight", "bias")}
    mean = repaired_mean(SMALL, [one, changed], [tiles], bf16=False)
    assert {key.rpartition(".")[0] for key in one if not torch.equal(mean[key], one[key])} == {name}


def test_what_the_weights_lack_stays_out(tiles: Tensor) -> None:
    both = [{k: v for k, v in weights(seed).items() if not k.startswith("branches")} for seed in (1, 2)]
    assert repaired_mean(SMALL, both, [tiles], bf16=False).keys() == both[0].keys()


def test_batches_that_differ_are_as_good_as_one_large_one(tiles: Tensor) -> None:
    one = weights(1)
    both = [one, {name: value * (1 + 0.1 * torch.randn(value.shape)) for name, value in one.items()}]
    by_light = list(tiles.split(2))
    assert by_light[0].float().mean() < 0.6 * by_light[-1].float().mean()
    whole, parts = (channels(repaired_mean(SMALL, both, each, bf16=False), tiles) for each in ([tiles], by_light))
    for name, (level, deviation) in whole.items():
        torch.testing.assert_close(parts[name][0], level, rtol=0.05, atol=0.05 * float(deviation.max()))
