"""Pictures decoded once and kept on the GPU as uint8, tiles cut there: hardly more than numbers crosses the bus.

Plans and head points are those of the CPU, bit for bit. Cut and resized pixels differ from its by one of 255 levels at
most, but where a tile is stretched one way and shrunk the other. Tiles into which people are
set, coarse pixels, JPEG noise, drawn tiles and the truth maps are made on the host.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from trainer.datasets import Annotated
from trainer.errors import TrainerError
from trainer.tiles.augment import curve_table, planned_pixels, repeated, turned
from trainer.tiles.blank import blank_tile
from trainer.tiles.camera import is_changed, sent
from trainer.tiles.crops import Cutter, Drawn, cut_on_host
from trainer.tiles.plan import Plan, Window

SHARE = 0.5
"""Of the GPU's free memory that pictures may take; the rest is for the network."""
GREY = (0.299, 0.587, 0.114)  # ITU-R BT.601, as OpenCV has it
_log = logging.getLogger(__name__)


def cutter_for(pictures: Sequence[Annotated], device: torch.device, place: str) -> Cutter:
    """Chooses where pictures are kept and tiles are cut.

    Args:
        pictures: of the training; one that comes more than once is kept once.
        device: of the training.
        place: device, host, or auto: on a GPU where they fit into `SHARE` of its free memory, on the host elsewhere.

    Raises:
        TrainerError: they shall be on the device and do not fit.
    """
    if place == "host" or (place == "auto" and device.type != "cuda"):
        return cut_on_host
    needed = sum(found.picture.nbytes for found in {id(item.picture): item for item in pictures}.values())
    said = shortage(needed, torch.cuda.mem_get_info(device)[0]) if device.type == "cuda" else ""
    if said and place == "device":
        raise TrainerError(f"{said}; choose pictures=auto or host")
    if said:
        _log.warning("%s; they stay on the host", said)
        return cut_on_host
    return DeviceTiles(pictures, device).cut


def shortage(needed: int, free: int) -> str:
    """Says that pictures of so many bytes do not fit a GPU with so many free ones; nothing if they do."""
    if needed <= SHARE * free:
        return ""
    return f"pictures take {needed / 1e9:.1f} GB, {SHARE:.0%} of the GPU's free memory is {SHARE * free / 1e9:.1f} GB"


@dataclass(frozen=True, slots=True)
class DeviceTiles:
    """Pictures on a device."""

    pictures: Sequence[Annotated] = field(repr=False)
    device: torch.device
    _kept: dict[int, Tensor] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        for item in self.pictures:
            if id(item.picture) not in self._kept:
                self._kept[id(item.picture)] = self._sent(item.picture)

    def cut(self, drawn: Sequence[Drawn]) -> Tensor:
        """Cuts the tiles of N plans, uint8 (N, H, W, 3) on the device; every picture must be one of those kept."""
        return torch.stack([self._tile(source, plan) for source, plan in drawn])

    def _tile(self, source: Annotated, plan: Plan) -> Tensor:
        if plan.pastes:
            return self._sent(planned_pixels(source.picture, plan))
        pixels = self._sent(blank_tile(plan.blank, plan.tile)) if plan.blank else self._photograph(source, plan)
        if plan.blur_px > 0:
            pixels = _blurred(pixels, plan.blur_px)
        return self._sent(sent(pixels.cpu().numpy(), plan)) if is_changed(plan) else pixels

    def _photograph(self, source: Annotated, plan: Plan) -> Tensor:
        pixels = _resized(self._kept[id(source.picture)], plan.window, plan.tile)
        if plan.repeats > 1:
            pixels = self._sent(repeated(pixels.cpu().numpy(), plan.repeats))
        if plan.mirrored:
            pixels = pixels.flip(1)
        if plan.grey:
            shares = torch.tensor(GREY, device=self.device)
            pixels = (pixels.float() @ shares).round().byte()[:, :, None].expand(-1, -1, 3)
        if plan.curve is not None:
            table = self._sent(curve_table(*plan.curve))
            pixels = table.gather(0, pixels.reshape(-1, 3).long()).view(*plan.tile, 3)
        return pixels if plan.corners is None else turned(pixels, plan.corners)

    def _sent(self, array: np.ndarray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self.device)


def _resized(picture: Tensor, window: Window, tile: tuple[int, int]) -> Tensor:
    """Cuts a window out of a picture (H, W, 3) and resizes it to a tile, averaging where it shrinks."""
    part = picture[window.top : window.top + window.height, window.left : window.left + window.width]
    if part.shape[:2] == tile:
        return part
    planes = part.permute(2, 0, 1).float()
    if window.height >= tile[0] and window.width >= tile[1]:
        down, along = (_shares(*pair, part.device) for pair in zip(part.shape[:2], tile, strict=True))
        resized = down @ planes @ along.T
    else:
        (resized,) = interpolate(planes[None], tile, mode="bilinear", align_corners=False, antialias=True)
    return resized.round().clamp(0, 255).byte().permute(1, 2, 0)


def _shares(length: int, shorter: int, device: torch.device) -> Tensor:
    """Returns what each of `length` pixels gives to each of fewer ones, (shorter, length): their overlap, in pixels."""
    pixel, ratio = torch.arange(length, device=device), length / shorter
    start = torch.arange(shorter, device=device)[:, None] * ratio
    overlap = torch.minimum(pixel + 1, start + ratio) - torch.maximum(pixel, start)
    return overlap.clamp(min=0) / ratio


def _blurred(pixels: Tensor, sigma: float) -> Tensor:
    from trainer.torchvision_loaded import functional  # imported by those who need it: it takes a second

    edge = round(6 * sigma + 1) | 1  # as wide as OpenCV makes it
    seen: Tensor = functional.gaussian_blur(pixels.permute(2, 0, 1), [edge, edge], [sigma, sigma])
    return seen.permute(1, 2, 0)
