"""Tiles that show nobody, drawn: what a camera sees when it is covered, blinded, unlit or looks at a wall.

Photographs of crowds hold few of these, and a network that never saw one counts people in it.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from trainer.geometry import TILE

Size = tuple[int, int]
"""Height and width in pixels."""


def blank_tile(seed: int, size: Size = TILE) -> NDArray[np.uint8]:
    """Draws a tile that shows nobody, RGB (H, W, 3): one colour, a gradient, clouds, leaves, stripes or bricks."""
    rng = default_rng(seed)
    kinds = ("plain", *KINDS)
    return _tile_of(kinds[int(rng.integers(len(kinds)))], rng, size)


def blank_tile_of(kind: str, seed: int) -> NDArray[np.uint8]:
    """Draws a tile of one of `KINDS`, RGB (384, 512, 3)."""
    return _tile_of(kind, default_rng(seed), TILE)


def _tile_of(kind: str, rng: Generator, size: Size) -> NDArray[np.uint8]:
    picture = KINDS[kind](rng, size)
    if rng.random() < 0.5:
        picture = picture + rng.normal(0, rng.uniform(1, 40), (*size, 3))
    return np.clip(picture, 0, 255).astype(np.uint8)


def _colour(rng: Generator) -> NDArray[np.float64]:
    grey = rng.choice([0.0, 255.0, rng.uniform(0, 255)])
    return np.asarray(grey + rng.choice([0.0, 40.0]) * rng.normal(size=3))


def _plain(rng: Generator, size: Size) -> NDArray[np.float64]:
    return np.broadcast_to(_colour(rng), (*size, 3))


def _gradient(rng: Generator, size: Size) -> NDArray[np.float64]:
    down, right = np.linspace(0, 1, size[0])[:, None, None], np.linspace(0, 1, size[1])[None, :, None]
    share = rng.random()
    return _colour(rng) + (share * down + (1 - share) * right) * (_colour(rng) - _colour(rng))


def _octaves(rng: Generator, size: Size, coarsest: int, finest: int) -> NDArray[np.float64]:
    """Returns noise of all scales between two cell sizes in pixels, about -1 to 1, (H, W, 1)."""
    total, cell, weight = np.zeros(size), coarsest, 1.0
    while cell >= finest:
        few = rng.normal(size=(size[0] // cell + 2, size[1] // cell + 2))
        total += weight * cv2.resize(few, size[::-1], interpolation=cv2.INTER_CUBIC)
        cell, weight = cell // 2, weight * 0.7
    return np.asarray(total / (np.abs(total).max() + 1e-9))[:, :, None]


def _clouds(rng: Generator, size: Size) -> NDArray[np.float64]:
    return _colour(rng) + rng.uniform(20, 120) * _octaves(rng, size, 256, 16)


def _leaves(rng: Generator, size: Size) -> NDArray[np.float64]:
    tint = np.array([rng.uniform(40, 110), rng.uniform(70, 140), rng.uniform(20, 70)])
    amount, coarsest, finest = rng.uniform(0.4, 1.2), int(rng.choice([16, 32, 64])), int(rng.choice([1, 2, 4]))
    return tint * (1 + amount * _octaves(rng, size, coarsest, finest))


def _waves(rng: Generator, size: Size) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Returns the distance of every pixel along and across a direction, in periods."""
    angle, period = rng.uniform(0, np.pi), rng.uniform(6, 90)
    y, x = np.mgrid[: size[0], : size[1]] / period
    return x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)


def _stripes(rng: Generator, size: Size) -> NDArray[np.float64]:
    along, _ = _waves(rng, size)
    light = np.where(along % 1 < rng.uniform(0.2, 0.8), 1.0, 0.0)[:, :, None]
    return _colour(rng) + rng.uniform(10, 120) * light


def _bricks(rng: Generator, size: Size) -> NDArray[np.float64]:
    along, across = _waves(rng, size)
    shifted = along / 2 + 0.5 * (np.floor(across) % 2)
    mortar = np.maximum(across % 1 < 0.12, shifted % 1 < 0.06)[:, :, None]
    return _colour(rng) + rng.uniform(20, 90) * mortar + 10 * _octaves(rng, size, 64, 4)


KINDS: dict[str, Callable[[Generator, Size], NDArray[np.float64]]] = {
    "plain": _plain,
    "gradient": _gradient,
    "clouds": _clouds,
    "leaves": _leaves,
    "stripes": _stripes,
    "bricks": _bricks,
}
"""How each kind of picture (H, W, 3) is drawn, in grey values that may leave 0 to 255."""
