"""The network has the sizes and shapes of Table 1 of the paper."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from trainer.errors import TrainerError
from trainer.geometry import BRANCH_SIZES, TILE_HEIGHT, TILE_WIDTH
from trainer.networks.csrnet import CSRNet, CSRNetConfig
from trainer.networks.deepcount import BEHIND, DeepCount, DeepCountConfig
from trainer.networks.families import begun
from trainer.networks.frontends import EfficientNetLite0, InvertedResidual, MobileNetV2, Normalisation, Vgg16, Vgg19
from trainer.networks.model import ModelConfig
from trainer.networks.outputs import Outputs, counted_of, density_in, people_in, said_counted
from trainer.networks.pretrained import LEVELS, TORCHVISION, load_pretrained


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


@pytest.mark.parametrize("frontend", BEHIND)
@pytest.mark.parametrize("width", [1.0, 0.35, 0.25, 1 / 64])
def test_every_branch_has_its_own_size_at_every_width(frontend: str, width: float) -> None:
    with torch.device("meta"):
        network = DeepCount(DeepCountConfig(frontend=frontend, width=width))
        found = network(torch.zeros(2, TILE_HEIGHT, TILE_WIDTH, 3, dtype=torch.uint8))
    assert found.count.shape == (2,)
    assert [tuple(found.maps[f"branch {k}"].shape) for k in range(1, 6)] == [(2, *size) for size in BRANCH_SIZES]


@pytest.mark.parametrize("branches", [(), (5,), (1, 3)], ids=str)
def test_only_the_configured_branches_are_built(branches: tuple[int, ...]) -> None:
    with torch.device("meta"):
        network = DeepCount(DeepCountConfig(branches=branches))
        found = network(torch.zeros(1, TILE_HEIGHT, TILE_WIDTH, 3, dtype=torch.uint8))
    assert tuple(found.maps) == tuple(f"branch {k}" for k in branches) == tuple(network.config.outputs.maps)


def test_frozen_layers_get_no_gradient_and_the_rest_does() -> None:
    network = DeepCount(DeepCountConfig(width=1 / 32))
    network.freeze(3)
    found = network(torch.full((1, TILE_HEIGHT, TILE_WIDTH, 3), 90, dtype=torch.uint8))
    (found.count.sum() + sum(density.sum() for density in found.maps.values())).backward()
    layers = network.backbone.frontend.layers()
    assert [layer.weight.grad is not None for layer in layers] == [False] * 3 + [True] * 7
    frontend, rest = network.parameter_groups()
    assert len(frontend) == 2 * 7
    assert all(p.grad is not None for p in rest)


def test_pixels_are_normalised_as_the_frontend_was_trained() -> None:
    network = DeepCount(DeepCountConfig(width=1 / 32, branches=()))
    seen: list[torch.Tensor] = []
    network.backbone.frontend.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    tiles = torch.zeros(1, TILE_HEIGHT, TILE_WIDTH, 3, dtype=torch.uint8)
    tiles[..., 0] = 255  # red
    network(tiles)
    expected = torch.tensor([(1 - 0.485) / 0.229, -0.456 / 0.224, -0.406 / 0.225])
    torch.testing.assert_close(seen[0][0, :, 0, 0], expected)


def test_a_relu_network_keeps_nothing_below_zero() -> None:
    network = DeepCount(DeepCountConfig(width=1 / 32, leak=0.0))
    found = network(torch.randint(0, 255, (2, TILE_HEIGHT, TILE_WIDTH, 3), dtype=torch.uint8))
    assert all(values.min() >= 0 for values in (found.count, *found.maps.values()))


def test_csrnet_has_the_papers_number_of_parameters() -> None:
    with torch.device("meta"):
        network = CSRNet()
        found = network(torch.zeros(2, TILE_HEIGHT, TILE_WIDTH, 3, dtype=torch.uint8))
    assert parameters(network) == 16_263_489
    assert found.count is None
    assert {name: tuple(density.shape) for name, density in found.maps.items()} == {"map": (2, 48, 64)}


def test_csrnets_count_is_the_sum_of_its_map_and_it_learns() -> None:
    network = CSRNet(CSRNetConfig(width=1 / 16))
    network.freeze(2)
    found = network(torch.randint(0, 255, (2, TILE_HEIGHT, TILE_WIDTH, 3), dtype=torch.uint8))
    torch.testing.assert_close(found.people, found.maps["map"].sum((1, 2)))
    found.maps["map"].square().sum().backward()
    frontend, rest = network.parameter_groups()
    assert len(frontend) == 2 * 8
    assert len(rest) == 2 * 7
    assert all(p.grad is not None for p in (*frontend, *rest))


def test_people_are_cut_off_at_zero_once() -> None:
    maps = {"map": torch.tensor([[[2.0, -0.5]], [[1.0, -3.0]]])}
    assert people_in(Outputs(None, maps), ["count"]).tolist() == [1.5, 0.0]
    assert people_in(Outputs(None, maps), ["map"]).tolist() == [2.0, 1.0]
    assert people_in(Outputs(torch.tensor([4.0, -1.0]), maps), ["count", "map"]).tolist() == [3.0, 0.5]
    assert density_in(Outputs(None, maps), "map").min() == 0
    assert Outputs(None, maps).people.tolist() == [1.5, -2.0]


@pytest.mark.parametrize("counted", [("count",), ("branch 3",), ("count", "branch 1", "branch 5"), ("map",)], ids=str)
def test_what_is_counted_from_is_said_and_understood(counted: tuple[str, ...]) -> None:
    assert counted_of(said_counted(counted)) == counted


def test_features_are_kept_where_they_are_asked_for_and_not_else() -> None:
    network = CSRNet(CSRNetConfig(width=1 / 32))
    tiles = torch.zeros(1, 64, 96, 3, dtype=torch.uint8)
    assert network(tiles).features == {}
    network.keep_features(["backend 1", "backend 6"])
    for _ in range(2):
        features = network(tiles).features
        assert {name: tuple(kept.shape) for name, kept in features.items()} == {
            "backend 1": (1, 16, 8, 12),
            "backend 6": (1, 2, 8, 12),
        }
    with pytest.raises(TrainerError, match=r"csrnet has no features 'conv9'; there are: .*backend 1"):
        network.keep_features(["conv9"])


def test_older_files_name_keys_that_csrnet_never_used() -> None:
    old = {"family": "csrnet", "frontend": "vgg16", "width": 0.5, "branches": [1, 2, 3, 4, 5], "leak": 0.2}
    config, rest = begun(old)
    assert config == CSRNetConfig()
    assert rest == {"width": 0.5}


@pytest.mark.parametrize(
    ("family", "values", "message"),
    [
        (DeepCountConfig, {"frontend": "mcnn"}, "frontend is 'mcnn', expected one of vgg16, mobilenet_v2"),
        (DeepCountConfig, {"branches": (1, 1)}, "expected different numbers from 1 to 5"),
        (DeepCountConfig, {"leak": 1.0}, "leak is 1.0, expected a slope from 0"),
        (CSRNetConfig, {"width": 0.0}, "width is 0.0, expected a factor from 1/64 to 4"),
        (CSRNetConfig, {"tile": (100, 512)}, "size is 100x512, csrnet takes multiples of 8 pixels"),
        (CSRNetConfig, {"tile": (512,)}, "expected height and width in pixels"),
    ],
    ids=["frontend", "branch twice", "leak", "width", "no whole cells", "one length"],
)
def test_a_model_that_cannot_be_built_is_refused(
    family: type[ModelConfig], values: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        family(**values)


def test_frontend_weights_are_taken_from_a_file_with_deeper_layers_too(tmp_path: Path) -> None:
    donor, ours = Vgg16(1 / 32), Vgg16(1 / 32)
    deeper = {"features.24.weight": torch.ones(3), "classifier.0.bias": torch.ones(3)}
    save_file({name: tensor.half() for name, tensor in donor.state_dict().items()} | deeper, tmp_path / "w.safetensors")
    load_pretrained(ours, tmp_path / "w.safetensors")
    torch.testing.assert_close(ours.state_dict(), donor.state_dict(), atol=1e-3, rtol=1e-2)


def test_frontend_weights_that_do_not_fit_are_named(tmp_path: Path) -> None:
    save_file(Vgg16(1 / 32).state_dict(), tmp_path / "w.safetensors")
    with pytest.raises(
        ValueError, match=r"'features.0.weight' is \(2, 3, 3, 3\), Vgg16 of this width and depth expects \(4, 3"
    ):
        load_pretrained(Vgg16(1 / 16), tmp_path / "w.safetensors")
    with pytest.raises(ValueError, match=r"lack 'stem.weight' of MobileNetV2, the first layer that differs"):
        load_pretrained(MobileNetV2(1.0), tmp_path / "w.safetensors")


@pytest.mark.parametrize("prefix", ["block", "blocks."])
def test_blocks_are_found_under_either_name(prefix: str, tmp_path: Path) -> None:
    donor, ours = EfficientNetLite0(1.0), EfficientNetLite0(1.0)
    stored = {name.replace("blocks.", prefix, 1): value for name, value in donor.state_dict().items()}
    save_file(stored, tmp_path / "w.safetensors")
    load_pretrained(ours, tmp_path / "w.safetensors")
    torch.testing.assert_close(ours.state_dict(), donor.state_dict())
    with pytest.raises(ValueError, match=r"'blocks\.3\.dw\.weight'|'blocks\.3\.expand\.weight'"):
        load_pretrained(MobileNetV2(1.0), tmp_path / "w.safetensors")


@pytest.mark.parametrize("kernel", [3, 5])
def test_windows_that_halve_a_picture_lie_as_their_weights_expect(kernel: int) -> None:
    """Of 8 pixels, TensorFlow's SAME has windows of 3 begin at 0, and those of 5 at one before, every second pixel."""
    block = InvertedResidual(1, 1, 1, 2, kernel)
    with torch.no_grad():
        for layer in (block.dw, block.project):
            layer.weight.fill_(1)
            layer.bias.zero_()
        row = torch.zeros(1, 1, 8, 8)
        row[0, 0, 0] = torch.arange(8.0) / 40
        found = block(row)[0][0, 0, 0] * 40
    first = 0 if kernel == 3 else -1
    assert found.round().int().tolist() == [
        sum(x for x in range(start, start + kernel) if 0 <= x < 8) for start in range(first, first + 8, 2)
    ]


def test_weights_in_eight_bits_that_want_blue_first_are_turned_to_red_first(tmp_path: Path) -> None:
    donor, ours, pixels = Vgg19(1 / 32), Vgg19(1 / 32), torch.randint(0, 256, (1, 48, 64, 3), dtype=torch.uint8)
    stored = {}
    for name, value in donor.state_dict().items():
        scale = (value.max() - value.min()).clamp(min=1e-6) / 255
        stored[f"{name}.q"] = ((value - value.min()) / scale).round().byte()
        stored[f"{name}.scale"], stored[f"{name}.min"] = scale.view(1), value.min().view(1)
        value.copy_(stored[f"{name}.q"] * scale + stored[f"{name}.min"])
    path = tmp_path / "w.safetensors"
    save_file(stored, path, {"input": "BGR 0..255 minus (103.939,116.779,123.68)"})
    load_pretrained(ours, path)
    bgr = pixels.flip(-1).permute(0, 3, 1, 2).float() - torch.tensor([103.939, 116.779, 123.68]).view(1, 3, 1, 1)
    theirs, found = donor.features[:1](bgr), ours.features[:1](Normalisation(ours)(pixels))
    first = theirs / LEVELS[0]
    torch.testing.assert_close(found[..., 1:-1, 1:-1], first[..., 1:-1, 1:-1], rtol=1e-4, atol=1e-3)
    torch.testing.assert_close(
        ours.features[1:](first.clone()) * LEVELS[-1], donor.features[1:](theirs.clone()), rtol=1e-3, atol=1e-4
    )
    del stored["features.0.bias.scale"]
    save_file(stored, path)
    with pytest.raises(ValueError, match=r"are damaged: 'features.0.bias.q' has no 'features.0.bias.scale'"):
        load_pretrained(ours, path)


def test_vgg16s_weights_are_not_vgg19s(tmp_path: Path) -> None:
    save_file(Vgg16(1 / 32).state_dict(), tmp_path / "w.safetensors")
    with pytest.raises(ValueError, match=r"lack 'features.16.weight' of Vgg19, the first layer that differs"):
        load_pretrained(Vgg19(1 / 32), tmp_path / "w.safetensors")


def test_torchvisions_weights_are_refused_where_they_do_not_fit() -> None:
    with pytest.raises(ValueError, match="weights 'torchvision' are not to be had for MobileNetV2"):
        load_pretrained(MobileNetV2(1.0), TORCHVISION)


def test_torchvisions_weights_that_cannot_be_fetched_are_answered_with_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # where nobody listens
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(ValueError, match=r"weights 'torchvision' cannot be fetched: .*; give a safetensors"):
        load_pretrained(Vgg16(1.0), TORCHVISION)
