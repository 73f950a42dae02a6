"""Cuts a tile out of a picture and changes it as its plan says: pixels and head points alike.

Nothing is random here. The transforms of torchvision draw from PyTorch's one global generator, which a thread that
prepares batches would share with the training; so their functional form is used, with numbers from the plan. Where it
was measured to be slower, OpenCV does the same: crop, resize, mirror and colours 1.7 ms a tile against 5 to 8 ms,
blur 0.3 against 17 ms, one thread. torchvision also mirrors points about the centres of the border pixels (W - 1 - x);
here, as in its own resize and perspective, 0 is the picture's edge and not the first pixel's centre.
"""

from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from trainer.blank import blank_tile
from trainer.datasets import Annotated
from trainer.model import TILE_HEIGHT, TILE_WIDTH
from trainer.plan import Plan, Window

TILE_CORNERS = [[0.0, 0.0], [TILE_WIDTH, 0.0], [TILE_WIDTH, TILE_HEIGHT], [0.0, TILE_HEIGHT]]


class Tile(NamedTuple):
    """A training tile with the people whose heads it shows."""

    pixels: NDArray[np.uint8]
    """RGB, (384, 512, 3)."""
    points: NDArray[np.float32]
    """Head points (n, 2), x and y in the tile's pixels, all inside."""
    heads: NDArray[np.intp]
    """Which of the picture's head points they are, (n,)."""


def planned_tile(source: Annotated, plan: Plan) -> Tile:
    """Cuts the tile of a plan; its points are those of the people whose heads it still shows."""
    pixels, points, heads = _blank(plan.blank) if plan.blank else _photograph(source, plan)
    if plan.blur_px > 0:
        pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), plan.blur_px), np.uint8)
    if plan.quality > 0:
        pixels = _compressed(pixels, plan.quality)
    return Tile(pixels, points, heads)


def _photograph(source: Annotated, plan: Plan) -> Tile:
    pixels, points, heads = _cut(source, plan.window)
    if plan.mirrored:
        pixels, points = _mirrored(pixels, points)
    if plan.grey:
        pixels = np.repeat(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[:, :, None], 3, axis=2)
    pixels = np.ascontiguousarray(pixels)
    if plan.curve is not None:
        pixels = _recoloured(pixels, *plan.curve)
    if plan.corners is not None:
        pixels, points, left = turned(pixels, points, plan.corners)
        heads = heads[left]
    return Tile(pixels, points, heads)


def _blank(seed: int) -> Tile:
    return Tile(blank_tile(seed), np.zeros((0, 2), np.float32), np.zeros(0, np.intp))


def turned(pixels: NDArray[np.uint8], points: NDArray[np.float32], corners: NDArray[np.float64]) -> Tile:
    """Stretches the quadrangle `corners` (4, 2) of a tile over the whole tile; points outside of it are dropped.

    Its `heads` are those of the given points that are left.
    """
    from trainer.torchvision_loaded import KeyPoints, functional  # imported by those who need it: it takes a second

    size, start = (TILE_HEIGHT, TILE_WIDTH), corners.tolist()
    planes = torch.from_numpy(pixels).permute(2, 0, 1)
    seen = functional.perspective(planes, start, TILE_CORNERS).permute(1, 2, 0).contiguous().numpy()
    heads = KeyPoints(torch.from_numpy(points), canvas_size=size)
    moved = functional.perspective(heads, start, TILE_CORNERS).numpy()
    left = _inside(moved)
    return Tile(seen, moved[left], left)


def _cut(source: Annotated, window: Window) -> Tile:
    top, left, high, wide = window.top, window.left, window.height, window.width
    pixels = source.picture[top : top + high, left : left + wide]
    if pixels.shape[:2] != (TILE_HEIGHT, TILE_WIDTH):
        shrinks = high > TILE_HEIGHT or wide > TILE_WIDTH
        way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        pixels = np.asarray(cv2.resize(pixels, (TILE_WIDTH, TILE_HEIGHT), interpolation=way), np.uint8)
    zoom = np.array([TILE_WIDTH / wide, TILE_HEIGHT / high], np.float32)
    points = (source.points - np.array([left, top], np.float32)) * zoom
    heads = _inside(points)
    return Tile(pixels, points[heads], heads)


def _inside(points: NDArray[np.float32]) -> NDArray[np.intp]:
    return np.flatnonzero(np.all((points >= 0) & (points < (TILE_WIDTH, TILE_HEIGHT)), axis=1))


def _mirrored(pixels: NDArray[np.uint8], points: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    points = points * np.array([-1, 1], np.float32) + np.array([TILE_WIDTH, 0], np.float32)
    points[:, 0] = np.minimum(points[:, 0], np.nextafter(np.float32(TILE_WIDTH), np.float32(0)))
    return pixels[:, ::-1], points


def _recoloured(pixels: NDArray[np.uint8], gain: tuple[float, float, float], shift: float) -> NDArray[np.uint8]:
    curve = np.clip(np.arange(256)[:, None] * np.array(gain) + shift, 0, 255).astype(np.uint8)  # a table per channel
    return np.asarray(cv2.LUT(pixels, curve[None]), np.uint8)


def _compressed(pixels: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    _, file = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    seen = np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR), np.uint8)
    return np.asarray(cv2.cvtColor(seen, cv2.COLOR_BGR2RGB), np.uint8)
