"""torchvision, made to load beside a build of PyTorch which its compiled part does not fit.

The CPU build of PyTorch lacks a library that torchvision's compiled operators want; torchvision then fails on import
while it describes `nms` and `qnms`, which do not exist. Once they are defined, all that is written in Python works:
models, datasets and transforms. Calling `ops.nms` or `encode_jpeg` still fails, as nothing stands behind them.
"""

import sys

import torch

# The operators last as long as this object.
_DEFINED = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
_SIGNATURE = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


def _define_operators() -> None:
    for name in ("nms", "qnms"):
        if not hasattr(torch.ops.torchvision, name):
            _DEFINED.define(name + _SIGNATURE)  # type: ignore[no-untyped-call]


try:
    import torchvision  # noqa: F401
except RuntimeError:  # operator torchvision::nms does not exist
    for module in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[module]  # half imported
    _define_operators()

from torchvision.models import get_model_weights  # noqa: E402
from torchvision.models.resnet import BasicBlock, Bottleneck  # noqa: E402
from torchvision.transforms.v2 import functional  # noqa: E402
from torchvision.tv_tensors import KeyPoints  # noqa: E402

__all__ = ["BasicBlock", "Bottleneck", "KeyPoints", "functional", "imagenet_weights"]


def imagenet_weights(name: str) -> dict[str, torch.Tensor]:
    """Fetches a network's first published weights or finds them in PyTorch's cache; nothing in the file is executed.

    Args:
        name: of the network as torchvision has it, such as vgg16, whose weights are 528 MB.

    Raises:
        OSError: no network, or a full disk.
        RuntimeError: the file has another hash than it should have.
    """
    weights = get_model_weights(name)["IMAGENET1K_V1"]
    tensors: dict[str, torch.Tensor] = weights.get_state_dict(weights_only=True, check_hash=True)
    return tensors
