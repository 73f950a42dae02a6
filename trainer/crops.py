"""Random training tiles: where to cut, at what scale, mirrored or not, and the change of colours.

A tile is a pure function of (picture, generator), and a batch one of (seed, step): nothing else has to be saved for an
interrupted training to go on exactly where it stopped.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.random import Generator, default_rng
from numpy.typing import NDArray
from torch import Tensor

from trainer.dataset import Annotated
from trainer.density import density_map, pyramid
from trainer.model import BRANCH_SIZES, TILE_HEIGHT, TILE_WIDTH

FINEST_CELL_PX = TILE_HEIGHT // BRANCH_SIZES[0][0]


@dataclass(frozen=True, slots=True)
class CropConfig:
    """How tiles are drawn. The defaults are the paper's: plain crops and mirror images (section 4)."""

    scale_jitter: float = 1.0
    """Tiles are cut 1/s to s times as large as the network sees them, then resized."""
    edges: float = 0.0
    """How far beyond the border a tile may be drawn, in tiles, before it is moved back inside. At 0 every place inside
    is as likely, so corners are drawn rarely; at 0.5 often, as a picture that is counted has tiles in its corners."""
    mirror: bool = True
    colour_jitter: float = 0.0
    """Largest relative change of contrast, brightness and the balance of colours."""
    grey: float = 0.0
    """Share of the tiles turned grey."""

    def __post_init__(self) -> None:
        if not 1 <= self.scale_jitter <= 4:
            raise ValueError(f"scale_jitter is {self.scale_jitter}, expected a factor from 1 to 4")
        for name in ("colour_jitter", "grey"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is {getattr(self, name)}, expected a share from 0 to 1")


@dataclass(frozen=True, slots=True)
class Batch:
    """Tiles uint8 (N, 384, 512, 3), counts (N,), maps of branches 1 to 5 (N, h, w), and the pictures' names."""

    tiles: Tensor
    counts: Tensor
    maps: dict[int, Tensor]
    names: tuple[str, ...]


def random_tile(source: Annotated, rng: Generator, config: CropConfig) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Cuts a random tile: pixels uint8 (384, 512, 3) and the head points (n, 2) inside it, in its pixels."""
    height, width = source.picture.shape[:2]
    scale = float(np.exp(rng.uniform(-1, 1) * np.log(config.scale_jitter)))
    scale = max(scale, TILE_HEIGHT / height, TILE_WIDTH / width)  # never look outside the picture
    high, wide = min(round(TILE_HEIGHT / scale), height), min(round(TILE_WIDTH / scale), width)
    top, left = _place(height, high, rng, config), _place(width, wide, rng, config)
    tile = source.picture[top : top + high, left : left + wide]
    if tile.shape[:2] != (TILE_HEIGHT, TILE_WIDTH):
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        tile = np.asarray(cv2.resize(tile, (TILE_WIDTH, TILE_HEIGHT), interpolation=way), np.uint8)
    zoom = np.array([TILE_WIDTH / wide, TILE_HEIGHT / high], np.float32)
    points = (source.points - np.array([left, top], np.float32)) * zoom
    inside = np.all((points >= 0) & (points < (TILE_WIDTH, TILE_HEIGHT)), axis=1)
    return _mirrored(tile, points[inside], rng, config)


def _place(length: int, extent: int, rng: Generator, config: CropConfig) -> int:
    beyond = round(config.edges * extent)
    return int(np.clip(rng.integers(-beyond, length - extent + beyond + 1), 0, length - extent))


def _mirrored(
    tile: NDArray[np.uint8], points: NDArray[np.float32], rng: Generator, config: CropConfig
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    if config.mirror and rng.random() < 0.5:
        tile = tile[:, ::-1]
        points = points * np.array([-1, 1], np.float32) + np.array([TILE_WIDTH, 0], np.float32)
        points[:, 0] = np.minimum(points[:, 0], np.nextafter(np.float32(TILE_WIDTH), np.float32(0)))
    return recoloured(tile, rng, config), points


def recoloured(tile: NDArray[np.uint8], rng: Generator, config: CropConfig) -> NDArray[np.uint8]:
    """Changes contrast, brightness and colour balance at random, or turns the tile grey; shape and dtype stay."""
    if rng.random() < config.grey:
        tile = np.repeat(cv2.cvtColor(tile, cv2.COLOR_RGB2GRAY)[:, :, None], 3, axis=2)
    if config.colour_jitter == 0:
        return np.ascontiguousarray(tile)
    amount = config.colour_jitter
    gain = (1 + amount * rng.uniform(-1, 1)) * (1 + 0.3 * amount * rng.uniform(-1, 1, 3))
    shift = 128 * amount * rng.uniform(-1, 1)
    curve = np.clip(np.arange(256)[:, None] * gain + shift, 0, 255).astype(np.uint8)  # one look-up table per channel
    return np.asarray(cv2.LUT(np.ascontiguousarray(tile), curve[None]), np.uint8)


def random_batch(pictures: Sequence[Annotated], *, seed: int, step: int, size: int, config: CropConfig) -> Batch:
    """Draws the batch of one training step; every picture is used once before any is used again."""
    rng = default_rng([seed, step])
    tiles, counts, names = [], [], []
    levels: list[list[NDArray[np.float32]]] = []
    for place in range(step * size, (step + 1) * size):
        order = default_rng([seed, place // len(pictures), 1]).permutation(len(pictures))
        source = pictures[order[place % len(pictures)]]
        tile, points = random_tile(source, rng, config)
        finest = density_map(points, height=TILE_HEIGHT, width=TILE_WIDTH, cell=FINEST_CELL_PX)
        tiles.append(tile)
        counts.append(len(points))
        names.append(source.name)
        levels.append(pyramid(finest, len(BRANCH_SIZES)))
    maps = {k: torch.from_numpy(np.stack([level[k - 1] for level in levels])) for k in range(1, len(BRANCH_SIZES) + 1)}
    return Batch(torch.from_numpy(np.stack(tiles)), torch.tensor(counts, dtype=torch.float32), maps, tuple(names))
