"""What a student takes over from a teacher's features: their patterns, and how layers go with each other.

Source: Liu et al., "Efficient Crowd Counting via Structured Knowledge Transfer", ACM MM 2020, sections 3.2 and 3.3.
Features are compared through 1x1 convolutions that give the student's as many channels as the teacher's has.
"""

import torch
from torch import Tensor
from torch.nn.functional import adaptive_max_pool2d, cosine_similarity, normalize


def pattern(found: Tensor, taught: Tensor) -> Tensor:
    """Intra-layer pattern transfer: one minus the cosine between both features, over all places, summed over tiles.

    Args:
        found: (N, C, h, w), of the student, with the teacher's channels.
        taught: likewise, of the teacher.
    """
    places = 1 - cosine_similarity(found.float(), taught.float(), dim=1)
    return places.mean((1, 2)).sum()


def relation(found: tuple[Tensor, Tensor], taught: tuple[Tensor, Tensor]) -> Tensor:
    """Inter-layer relation transfer: squared difference of both flow matrices, over all entries, summed over tiles."""
    return (flow(*found) - flow(*taught)).square().mean((1, 2)).sum()


def flow(first: Tensor, second: Tensor) -> Tensor:
    """Returns how the channels of two layers go with each other, (N, C1, C2): a flow matrix.

    Source: Yim et al., "A Gift from Knowledge Distillation", CVPR 2017, section 3.1; the larger map is pooled to the
    size of the smaller by its maximum. Channels are of length one at every place: no layer outweighs another.
    """
    height, width = min(first.shape[2], second.shape[2]), min(first.shape[3], second.shape[3])
    a, b = (normalize(adaptive_max_pool2d(x.float(), (height, width)), dim=1) for x in (first, second))
    return torch.einsum("nchw,ndhw->ncd", a, b) / (height * width)
