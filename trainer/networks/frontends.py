"""Pretrained feature extractors that stand before a backend.

Each takes RGB pixels normalised with its own mean and deviation and returns features at stride 8, and at stride 16
where the network has them (None otherwise). A registry is a dictionary: `FRONTENDS[name](width)`.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import pad, relu6

VGG16_STAGES = ((64, 2), (128, 2), (256, 3), (512, 3))
"""Channels and convolutions between two poolings, of the first ten layers."""
VGG19_STAGES = ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4))
# Expansion, channels, blocks, stride of the first block, kernel; all to stride 16: Sandler et al., "MobileNetV2",
# Table 2; Tan and Le, "EfficientNet", Table 1, of which the lite ones drop the gates and keep ReLU6.
MOBILENET_V2_STAGES = ((1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 32, 3, 2, 3), (6, 64, 4, 2, 3), (6, 96, 3, 1, 3))
EFFICIENTNET_LITE0_STAGES = ((1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5))


class Frontend(nn.Module):
    """What the networks need to know of their frontend."""

    channels: tuple[int, int]
    """Channels at stride 8 and at stride 16, 0 where there is none."""
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    """Of red, green and blue, from 0 to 1, subtracted from the pixels; the defaults are torchvision's for ImageNet."""
    deviation: tuple[float, float, float] = (0.229, 0.224, 0.225)
    """What the difference is divided by."""
    torchvision: str = ""
    """What torchvision calls the network whose weights fit; empty where none do."""
    is_whole: bool = False
    """Whether it is all of the network whose weights it takes: a file with more layers is then of another depth."""

    def layers(self) -> list[nn.Module]:
        """Returns the layers from the picture on, for freezing the first ones."""
        raise NotImplementedError

    def feature_layers(self) -> dict[str, nn.Module]:
        """Returns the layers whose output is of use to others, by name; none unless a frontend says so."""
        return {}


class Normalisation(nn.Module):
    """Pixels as the frontend's weights were trained to see them; it holds no parameters."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, frontend: Frontend) -> None:
        super().__init__()
        self.register_buffer("mean", 255 * torch.tensor(frontend.mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("deviation", 255 * torch.tensor(frontend.deviation).view(1, 3, 1, 1), persistent=False)

    def forward(self, tiles: Tensor) -> Tensor:
        """Tiles uint8 (N, H, W, 3), RGB, to float (N, 3, H, W)."""
        return (tiles.permute(0, 3, 1, 2).to(self.mean.dtype) - self.mean) / self.deviation


class Vgg(Frontend):
    """The convolutions of a VGG network (Simonyan and Zisserman, 2015), numbered as torchvision's `features`."""

    stages: tuple[tuple[int, int], ...]

    def __init__(self, width: float) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        entering = 3
        for stage, (channels, convolutions) in enumerate(self.stages):
            layers += [nn.MaxPool2d(2)] if stage else []
            for _ in range(convolutions):
                leaving = round(channels * width)
                layers += [he_initialised(nn.Conv2d(entering, leaving, 3, padding=1)), nn.ReLU(inplace=True)]
                entering = leaving
        self.features = nn.Sequential(*layers)
        self.channels = (round(512 * width), round(512 * width) if len(self.stages) > 4 else 0)

    def layers(self) -> list[nn.Module]:
        """Returns the convolutions from the picture on."""
        return [layer for layer in self.features if isinstance(layer, nn.Conv2d)]

    def feature_layers(self) -> dict[str, nn.Module]:
        """Returns the activation of each convolution, by the name that the paper's readers know it by: conv3_2."""
        activations = [layer for layer in self.features if isinstance(layer, nn.ReLU)]
        return dict(zip(vgg_features(self.stages), activations, strict=True))


def vgg_features(stages: tuple[tuple[int, int], ...]) -> dict[str, int]:
    """Returns the names of a VGG's convolutions, from the picture on, and the stride of each."""
    return {
        f"conv{stage + 1}_{number + 1}": 2**stage
        for stage, (_, convolutions) in enumerate(stages)
        for number in range(convolutions)
    }


class Vgg16(Vgg):
    """The first ten convolutions of VGG-16, as in CSRNet and DeepCount: stride 8."""

    stages = VGG16_STAGES
    torchvision = "vgg16"

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor | None]:
        """Normalised RGB (N, 3, H, W) to features (N, 512w, H/8, W/8)."""
        return self.features(pixels), None


class Vgg19(Vgg):
    """All sixteen convolutions of VGG-19, as in the network of the Bayesian loss: stride 16."""

    stages = VGG19_STAGES
    torchvision = "vgg19"
    last_at_8 = 27  # the pooling after conv4_4

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor | None]:
        """Normalised RGB (N, 3, H, W) to features (N, 512w, H/8, W/8) and (N, 512w, H/16, W/16)."""
        at_8 = self.features[: self.last_at_8](pixels)
        return at_8, self.features[self.last_at_8 :](at_8)


def he_initialised(layer: nn.Conv2d) -> nn.Conv2d:
    """Initialises a layer before a ReLU; with PyTorch's own values nothing of the picture is left after ten layers."""
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


class InvertedResidual(nn.Module):
    """Expand, depthwise, project; batch norm is folded into the convolutions."""

    def __init__(self, entering: int, leaving: int, expansion: int, stride: int, kernel: int) -> None:
        super().__init__()
        hidden, self.reach = entering * expansion, kernel // 2
        self.expand = nn.Conv2d(entering, hidden, 1) if expansion > 1 else None
        self.dw = nn.Conv2d(hidden, hidden, kernel, stride, padding=self.reach if stride == 1 else 0, groups=hidden)
        self.project = nn.Conv2d(hidden, leaving, 1)
        self.stride = stride
        self.residual = stride == 1 and entering == leaving

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Returns (output, expanded features before the depthwise convolution)."""
        wide = relu6(self.expand(x), inplace=True) if self.expand is not None else x
        # These weights were trained with stride-2 windows that overhang by a pixel more on the right and at the bottom.
        around = (self.reach - 1, self.reach) * 2
        deep = relu6(self.dw(wide if self.stride == 1 else pad(wide, around)), inplace=True)
        out = self.project(deep)
        return (x + out if self.residual else out), wide


class InvertedResiduals(Frontend):
    """A stem and inverted residuals up to stride 16; always of width 1, for that is what is pretrained."""

    stages: tuple[tuple[int, int, int, int, int], ...]

    def __init__(self, width: float) -> None:
        super().__init__()
        del width
        self.stem = nn.Conv2d(3, 32, 3, stride=2)
        entering, edge = 32, 2
        blocks: list[InvertedResidual] = []
        for expansion, leaving, repeats, stride, kernel in self.stages:
            edge *= stride
            if stride == 2 and edge == 16:
                self.last_at_8 = len(blocks)  # the block whose expansion is the deepest feature at stride 8
                at_8 = entering * expansion
            for index in range(repeats):
                blocks.append(InvertedResidual(entering, leaving, expansion, stride if index == 0 else 1, kernel))
                entering = leaving
        self.blocks = nn.ModuleList(blocks)
        self.channels = (at_8, entering)

    def layers(self) -> list[nn.Module]:
        """Returns the stem and the blocks from the picture on."""
        return [self.stem, *self.blocks]

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor | None]:
        """Normalised RGB (N, 3, H, W) to features (N, c, H/8, W/8) and (N, d, H/16, W/16), (c, d) = `channels`."""
        x = relu6(self.stem(pad(pixels, (0, 1, 0, 1))), inplace=True)
        at_8 = x
        for index, block in enumerate(self.blocks):
            x, wide = block(x)
            if index == self.last_at_8:
                at_8 = wide
        return at_8, x


class MobileNetV2(InvertedResiduals):
    """MobileNetV2 (Sandler et al., 2018): features of 192 and 96 channels."""

    stages = MOBILENET_V2_STAGES


class EfficientNetLite0(InvertedResiduals):
    """EfficientNet-lite0 (Google, 2020): features of 240 and 112 channels."""

    stages = EFFICIENTNET_LITE0_STAGES
    mean = (127 / 255,) * 3
    deviation = (128 / 255,) * 3


FRONTENDS: dict[str, type[Vgg16 | Vgg19 | MobileNetV2 | EfficientNetLite0]] = {
    "vgg16": Vgg16,
    "vgg19": Vgg19,
    "mobilenet_v2": MobileNetV2,
    "efficientnet_lite0": EfficientNetLite0,
}
