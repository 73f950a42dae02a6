"""Cuts a tile out of a picture and changes it as its plan says: pixels and head points alike.

Nothing is random here. The transforms of torchvision draw from PyTorch's one global generator, which a thread that
prepares batches would share with the training; so their functional form is used, with numbers from the plan. Where it
was measured to be slower, OpenCV does the same: crop, resize, mirror and colours 1.7 ms a tile against 5 to 8 ms,
blur 0.3 against 17 ms, one thread. torchvision also mirrors points about the centres of the border pixels (W - 1 - x);
here, as in its own resize and perspective, 0 is the picture's edge and not the first pixel's centre.
"""

from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainer.datasets import Annotated
from trainer.tiles.blank import blank_tile
from trainer.tiles.camera import sent
from trainer.tiles.pasting import paste, paste_points
from trainer.tiles.plan import Plan, Window


class Tile(NamedTuple):
    """A training tile with the people whose heads it shows."""

    pixels: NDArray[np.uint8]
    """RGB, (H, W, 3)."""
    points: NDArray[np.float32]
    """Head points (n, 2), x and y in the tile's pixels, all inside."""
    heads: NDArray[np.intp]
    """Which of the picture's head points they are, (n,)."""


def planned_tile(source: Annotated, plan: Plan) -> Tile:
    """Cuts the tile of a plan; its points are those of the people whose heads it still shows."""
    return Tile(planned_pixels(source.picture, plan), *planned_points(source.points, plan))


def planned_points(points: NDArray[np.float32], plan: Plan) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Moves the head points of a picture (n, 2) as a plan says; returns those inside the tile, and which they are."""
    if plan.blank:
        return np.zeros((0, 2), np.float32), np.zeros(0, np.intp)
    window, (high, wide) = plan.window, plan.tile
    zoom = np.array([wide / window.width, high / window.height], np.float32)
    points = (points - np.array([window.left, window.top], np.float32)) * zoom
    heads = _inside(points, plan.tile)
    points = points[heads]
    if plan.mirrored:
        points = points * np.array([-1, 1], np.float32) + np.array([wide, 0], np.float32)
        points[:, 0] = np.minimum(points[:, 0], np.nextafter(np.float32(wide), np.float32(0)))
    points, heads = paste_points(points, heads, plan.tile, plan.pastes)
    if plan.corners is None:
        return points, heads
    functional, key_points = _torchvision()
    canvas = key_points(torch.from_numpy(points), canvas_size=plan.tile)
    points = functional.perspective(canvas, plan.corners.tolist(), corners_of(plan.tile)).numpy()
    left = _inside(points, plan.tile)
    return points[left], heads[left]


def planned_pixels(picture: NDArray[np.uint8], plan: Plan) -> NDArray[np.uint8]:
    """Cuts the pixels of a plan's tile out of a picture, RGB (H, W, 3)."""
    pixels = blank_tile(plan.blank, plan.tile) if plan.blank else _photograph(picture, plan)
    if plan.blur_px > 0:
        pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), plan.blur_px), np.uint8)
    return sent(pixels, plan)


def _photograph(picture: NDArray[np.uint8], plan: Plan) -> NDArray[np.uint8]:
    pixels = _cut(picture, plan.window, plan.tile)
    if plan.repeats > 1:
        pixels = repeated(pixels, plan.repeats)
    if plan.mirrored:
        pixels = pixels[:, ::-1]
    pixels = paste(pixels, plan.pastes)
    if plan.grey:
        pixels = np.repeat(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[:, :, None], 3, axis=2)
    pixels = np.ascontiguousarray(pixels)
    if plan.curve is not None:
        pixels = _recoloured(pixels, *plan.curve)
    return pixels if plan.corners is None else np.asarray(turned(torch.from_numpy(pixels), plan.corners), np.uint8)


def repeated(pixels: NDArray[np.uint8], times: int) -> NDArray[np.uint8]:
    """Returns a tile that shows another one so many times each way, smaller and mirrored at every seam, (H, W, 3)."""
    high, wide = pixels.shape[:2]
    size = -(-wide // times), -(-high // times)
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return np.pad(small, ((0, high - size[1]), (0, wide - size[0]), (0, 0)), "symmetric")


def turned(pixels: Tensor, corners: NDArray[np.float64]) -> Tensor:
    """Stretches the quadrangle `corners` (4, 2) of a tile, uint8 (H, W, 3) on any device, over the whole tile."""
    functional, _ = _torchvision()
    seen: Tensor = functional.perspective(
        pixels.permute(2, 0, 1), corners.tolist(), corners_of((pixels.shape[0], pixels.shape[1]))
    )
    return seen.permute(1, 2, 0).contiguous()


def corners_of(tile: tuple[int, int]) -> list[list[float]]:
    """Returns the corners of a tile of so many pixels high and wide, clockwise from the upper left."""
    high, wide = map(float, tile)
    return [[0.0, 0.0], [wide, 0.0], [wide, high], [0.0, high]]


def _torchvision() -> tuple[Any, Any]:
    from trainer.torchvision_loaded import KeyPoints, functional  # imported by those who need it: it takes a second

    return functional, KeyPoints


def _cut(picture: NDArray[np.uint8], window: Window, tile: tuple[int, int]) -> NDArray[np.uint8]:
    top, left, high, wide = window.top, window.left, window.height, window.width
    pixels = picture[top : top + high, left : left + wide]
    if pixels.shape[:2] == tile:
        return pixels
    way = cv2.INTER_AREA if high > tile[0] or wide > tile[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, tile[::-1], interpolation=way), np.uint8)


def _inside(points: NDArray[np.float32], tile: tuple[int, int]) -> NDArray[np.intp]:
    return np.flatnonzero(np.all((points >= 0) & (points < tile[::-1]), axis=1))


def _recoloured(pixels: NDArray[np.uint8], gain: tuple[float, float, float], shift: float) -> NDArray[np.uint8]:
    return np.asarray(cv2.LUT(pixels, curve_table(gain, shift)[None]), np.uint8)


def curve_table(gain: tuple[float, float, float], shift: float) -> NDArray[np.uint8]:
    """Returns what becomes of each value of each channel, (256, 3)."""
    return np.asarray(np.clip(np.arange(256)[:, None] * np.array(gain) + shift, 0, 255), np.uint8)
