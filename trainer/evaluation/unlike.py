"""Pictures unlike any that a model learns from, made of those that are: what a camera may show all the same."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Random = np.random.Generator


def night(picture: Picture, random: Random) -> Picture:
    """Little light, and the noise of a sensor."""
    dim = (picture / 255.0) ** 2.2 * random.uniform(0.08, 0.2) * 255 + random.normal(0, 6, picture.shape)
    return np.clip(dim, 0, 255).astype(np.uint8)


def noise(picture: Picture, random: Random) -> Picture:
    """Strong noise, with something behind it or without."""
    if random.random() < 0.3:
        return random.integers(0, 256, picture.shape, dtype=np.uint8)
    return np.clip(picture + random.normal(0, random.uniform(50, 90), picture.shape), 0, 255).astype(np.uint8)


def drawing(picture: Picture, random: Random) -> Picture:
    """Flat colours and black outlines, or outlines alone."""
    flat = cv2.medianBlur(picture, 9) // 48 * 48 + 24
    edges = cv2.Canny(cv2.GaussianBlur(picture, (0, 0), 1.5), 60, 120)
    if random.random() < 0.5:
        return np.repeat((255 - edges)[..., None], 3, axis=2).astype(np.uint8)
    flat[edges > 0] = 0
    return np.asarray(flat, np.uint8)


def fish_eye(picture: Picture, random: Random) -> Picture:
    """A lens of half the sky: a round picture on black."""
    high, wide = picture.shape[:2]
    y, x = np.mgrid[:high, :wide].astype(np.float32)
    radius = min(high, wide) / 2
    across, down = (x - wide / 2) / radius, (y - high / 2) / radius
    out = np.hypot(across, down)
    factor = np.where(out < 1, np.tan(1.2 * out) / np.tan(1.2) / np.maximum(out, 1e-6), 9)
    from_x = ((wide / 2) * (1 + across * factor)).astype(np.float32)
    from_y = ((high / 2) * (1 + down * factor)).astype(np.float32)
    return np.asarray(cv2.remap(picture, from_x, from_y, cv2.INTER_LINEAR), np.uint8)


def covered(picture: Picture, random: Random) -> Picture:
    """Something close before most of the lens."""
    share, colour = random.uniform(0.55, 0.9), random.integers(20, 200, 3)
    blurred = cv2.GaussianBlur(picture, (0, 0), 25) * 0.15 + colour * 0.85 + random.normal(0, 2, picture.shape)
    found = picture.copy()
    rows = slice(int(picture.shape[0] * share)) if random.random() < 0.5 else slice(None)
    columns = slice(None) if rows != slice(None) else slice(int(picture.shape[1] * share))
    found[rows, columns] = np.clip(blurred, 0, 255).astype(np.uint8)[rows, columns]
    return found


def compressed(picture: Picture, random: Random) -> Picture:
    """Half the size, as a JPEG of the least quality."""
    half = cv2.resize(picture, None, fx=0.5, fy=0.5)
    _, content = cv2.imencode(".jpg", half, [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(2, 6))])
    rough = cv2.imdecode(content, cv2.IMREAD_COLOR)
    assert rough is not None
    return np.asarray(cv2.resize(rough, picture.shape[1::-1]), np.uint8)


UNLIKE: dict[str, Callable[[Picture, Random], Picture]] = {
    "night": night,
    "noise": noise,
    "drawing": drawing,
    "fish-eye": fish_eye,
    "covered": covered,
    "compressed": compressed,
}
