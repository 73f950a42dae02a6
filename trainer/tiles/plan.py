"""What is random about one training tile: numbers only, drawn before any pixel is touched.

A plan is a pure function of (size and head points of the picture, generator). Drawing costs next to nothing, so
each of several processes draws the plans of a whole batch and cuts only the tiles of its own share.
"""

from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from trainer.datasets import Annotated
from trainer.geometry import TILE

PATCHES = ("random", "nine", "whole")
QUARTERS = ((0, 0), (0, 1), (1, 0), (1, 1))
"""Row and column of the first four of the nine patches."""
NINE = 9
PERSPECTIVE_SHARE = 0.25
"""Furthest that a corner of the tile is pulled inwards, of half of its sides."""
BLUR_SIGMA_PX = (0.4, 1.6)
COARSENESS = (1.3, 3.0)
JPEG_QUALITY = (25, 85)
GAMMA = (1.0, 2.0)
LIGHT = (0.2, 0.9)
"""What is left of the light in the dark."""
NOISE_LEVELS = (1.0, 7.0)
COMBED_PX = (1.0, 6.0)
CRF = (24, 42)
REPEATS = (1, 3)
SEEDS = 2**31
SHARES = (
    "colour_jitter", "grey", "perspective", "blur", "coarse", "dark", "interlaced", "jpeg", "video", "blank",
    "empty", "pasted", "repeated", "among",
)  # fmt: skip
"""Settings from 0 to 1."""


@dataclass(frozen=True, slots=True)
class CropConfig:
    """How tiles are drawn. The defaults are the paper's: plain crops and mirror images (section 4)."""

    patches: str = "random"
    """random: anywhere, anew in every epoch. nine: CSRNet's nine of each picture, a quarter of its area each: the four
    quarters and five at random that stay the same in every epoch, all of them mirrored too; scale_jitter, edges,
    mirror and empty do not apply. whole: all of the picture, resized to a tile."""
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
    perspective: float = 0.0
    """Share of the tiles seen from a slightly turned camera; people who leave the tile by it are not counted."""
    blur: float = 0.0
    """Share of the tiles blurred, as by a lens out of focus."""
    coarse: float = 0.0
    """Share of the tiles shown as by a camera of fewer pixels: made smaller, compressed if they are, enlarged again."""
    dark: float = 0.0
    """Share of the tiles in little light, from dusk to night, with the noise of a sensor."""
    interlaced: float = 0.0
    """Share of the tiles whose even and odd lines were seen one after another, while things moved."""
    jpeg: float = 0.0
    """Share of the tiles that are compressed and show it."""
    video: float = 0.0
    """Share of the tiles compressed as a frame of H.264."""
    blank: float = 0.0
    """Share of the tiles that are drawn and show nobody: plain, clouds, leaves, stripes, bricks."""
    empty: float = 0.0
    """Share of the tiles cut from a part of their picture that shows nobody (see `tiles.empty`) and enlarged 1 to 2
    times; a picture without such a part gives an ordinary tile."""
    pasted: float = 0.0
    """Share of the tiles into which people and things of other pictures are set (see `tiles.pasting`), cut like those
    of `empty`. It takes data with boxes around heads."""
    repeated: float = 0.0
    """Share of the other tiles that show nobody, of any picture: a part like those of `empty`, once to three times each
    way, smaller and mirrored at every seam. So there are more rows of chairs and steel roofs, which look like heads."""
    among: float = 0.0
    """Share of the other tiles into which they are set as well, among whoever is there; who is behind them is no
    longer counted."""

    def __post_init__(self) -> None:
        if self.patches not in PATCHES:
            raise ValueError(f"patches is {self.patches!r}, expected one of {', '.join(PATCHES)}")
        if not 1 <= self.scale_jitter <= 4:
            raise ValueError(f"scale_jitter is {self.scale_jitter}, expected a factor from 1 to 4")
        for name in ("pasted", "repeated", "among"):
            if (share := getattr(self, name)) and self.patches != "random":
                raise ValueError(f"{name} is {share} and patches is {self.patches!r}, expected patches to be random")
        for name in SHARES:
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is {getattr(self, name)}, expected a share from 0 to 1")

    @property
    def sets_people(self) -> bool:
        """Whether people of other pictures are set into tiles, which takes the sizes of their heads."""
        return self.pasted > 0 or self.among > 0

    @property
    def per_picture(self) -> int:
        """Tiles that one epoch takes of each picture."""
        return 2 * NINE if self.patches == "nine" else 1


@dataclass(frozen=True, slots=True)
class Window:
    """Part of a picture, in its pixels."""

    top: int
    left: int
    height: int
    width: int


@dataclass(frozen=True, slots=True)
class Pasted:
    """Part of another picture that is set into a tile."""

    source: Annotated
    window: Window
    """What is cut out of it."""
    head: tuple[float, float]
    """Where the centre of the head is in it, x and y in its pixels."""
    at: tuple[float, float]
    """Where that comes to lie, to the nearest pixel, x and y in those of the tile."""
    zoom: float
    """Tile by picture."""
    head_px: float
    """Size of the head in the picture."""
    is_person: bool
    """Else it shows no head."""
    is_cut_out: bool
    """Along a person's outline; else it is a rectangle with round corners."""
    mirrored: bool
    gain: float
    """Brightness there by that in its picture."""


@dataclass(frozen=True, slots=True)
class Dark:
    """Little light: values v from 0 to 1 become `light` v**`gamma`."""

    gamma: float
    light: float
    noise: float
    """Standard deviation, in levels of 0 to 255."""
    seed: int
    """Of the noise."""


@dataclass(frozen=True, slots=True)
class Comb:
    """What moves between the even lines of a picture and the odd ones."""

    px: float
    """How far, as the standard deviation of where parts of it move."""
    seed: int
    """Of what moves where."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One tile: where it is cut, or drawn, and how it is changed, in the order of the fields."""

    window: Window
    mirrored: bool = False
    repeats: int = 1
    """How many times each way the window is shown, mirrored at every seam; it then shows nobody."""
    pastes: tuple[Pasted, ...] = ()
    """What is set in, one after another."""
    grey: bool = False
    curve: tuple[tuple[float, float, float], float] | None = None
    """Contrast of each channel, and brightness added to all."""
    corners: NDArray[np.float64] | None = field(default=None, compare=False)
    """Points (4, 2) of the tile as cut, clockwise from the upper left, that become its corners."""
    blur_px: float = 0.0
    """Standard deviation of the blur, 0 for none."""
    coarseness: float = 1.0
    """How many times wider pixels are before they are enlarged again, 1 for none."""
    dark: Dark | None = None
    comb: Comb | None = None
    quality: int = 0
    """Of the JPEG, 0 for none."""
    crf: int = 0
    """Of H.264, 0 for none; the higher, the more is lost."""
    blank: int = 0
    """Seed of the drawing that takes the photograph's place, before blur and what the camera does; 0 for none."""
    tile: tuple[int, int] = TILE
    """Height and width of the tile in pixels."""

    @property
    def zoom(self) -> float:
        """How many times as large people are in the tile as in the picture, on the whole."""
        area = self.tile[0] * self.tile[1]
        part = 1.0 if self.corners is None else cv2.contourArea(self.corners.astype(np.float32)) / area
        return float(np.sqrt(area / (self.window.height * self.window.width * part)))


def random_plan(height: int, width: int, rng: Generator, config: CropConfig, tile: tuple[int, int] = TILE) -> Plan:
    """Draws the plan of one tile of a height x width picture, which may have another size than the engine's."""
    window = _random_window((height, width), rng, config, tile)
    mirrored = bool(config.mirror and rng.random() < 0.5)
    grey = bool(rng.random() < config.grey)
    curve = _random_curve(rng, config.colour_jitter) if config.colour_jitter else None
    # What is switched off draws nothing, so that an option added here leaves the numbers of older configurations alone.
    corners = _random_corners(rng, tile) if chosen(rng, config.perspective) else None
    blur = rng.uniform(*BLUR_SIGMA_PX) if chosen(rng, config.blur) else 0.0
    coarseness = float(np.exp(rng.uniform(*np.log(COARSENESS)))) if chosen(rng, config.coarse) else 1.0
    quality = int(rng.integers(*JPEG_QUALITY, endpoint=True)) if chosen(rng, config.jpeg) else 0
    blank = int(rng.integers(1, SEEDS)) if chosen(rng, config.blank) else 0
    dark = _random_dark(rng) if chosen(rng, config.dark) else None
    comb = Comb(rng.uniform(*COMBED_PX), int(rng.integers(SEEDS))) if chosen(rng, config.interlaced) else None
    crf = int(rng.integers(*CRF, endpoint=True)) if chosen(rng, config.video) else 0
    return Plan(window, mirrored, 1, (), grey, curve, corners, blur, coarseness, dark, comb, quality, crf, blank, tile)


def nine_patches(plan: Plan, size: tuple[int, int], seed: tuple[int, int], number: int) -> Plan:
    """Puts one of CSRNet's eighteen patches in the place of what the plan says of window and mirror.

    Source: the training details of Li et al., "CSRNet": patches of a quarter of the picture's area, four of them its
    quarters, five at random, and the mirror image of each. They are resized to a tile, whatever their shape.

    Args:
        plan: what else is done to the patch.
        size: of the picture, height and width.
        seed: of the training, and the number of the picture; nothing else decides where the random five are.
        number: of the patch, 0 to 17, the mirrored ones last.
    """
    patch = number % NINE
    high, wide = max(1, size[0] // 2), max(1, size[1] // 2)
    if patch < len(QUARTERS):
        row, column = QUARTERS[patch]
        top, left = row * (size[0] - high), column * (size[1] - wide)
    else:
        rng = default_rng([*seed, patch, 9])
        top, left = int(rng.integers(size[0] - high + 1)), int(rng.integers(size[1] - wide + 1))
    return replace(plan, window=Window(top, left, high, wide), mirrored=number >= NINE)


def part_size(size: tuple[int, int], scale: float, tile: tuple[int, int] = TILE) -> tuple[int, int]:
    """Returns height and width of the part of a picture that becomes a tile when it is enlarged `scale` times.

    Args:
        size: of the picture, height and width; where it is smaller than the part, it is enlarged more.
        scale: tile by part.
        tile: height and width.
    """
    height, width = size
    scale = max(scale, tile[0] / height, tile[1] / width)  # never look outside the picture
    return min(round(tile[0] / scale), height), min(round(tile[1] / scale), width)


def chosen(rng: Generator, share: float) -> bool:
    """Draws whether a tile is one of a share of them; nothing is drawn where there is none."""
    return share > 0 and bool(rng.random() < share)


def _random_window(size: tuple[int, int], rng: Generator, config: CropConfig, tile: tuple[int, int]) -> Window:
    scale = float(np.exp(rng.uniform(-1, 1) * np.log(config.scale_jitter)))
    high, wide = part_size(size, scale, tile)
    top = _place(size[0], high, rng, config)
    return Window(top, _place(size[1], wide, rng, config), high, wide)


def _place(length: int, extent: int, rng: Generator, config: CropConfig) -> int:
    beyond = round(config.edges * extent)
    return int(np.clip(rng.integers(-beyond, length - extent + beyond + 1), 0, length - extent))


def _random_curve(rng: Generator, amount: float) -> tuple[tuple[float, float, float], float]:
    gain = (1 + amount * rng.uniform(-1, 1)) * (1 + 0.3 * amount * rng.uniform(-1, 1, 3))
    red, green, blue = gain.tolist()
    return (red, green, blue), float(128 * amount * rng.uniform(-1, 1))


def _random_dark(rng: Generator) -> Dark:
    light = float(np.exp(rng.uniform(*np.log(LIGHT))))
    return Dark(rng.uniform(*GAMMA), light, rng.uniform(*NOISE_LEVELS), int(rng.integers(SEEDS)))


def _random_corners(rng: Generator, tile: tuple[int, int]) -> NDArray[np.float64]:
    size = np.array(tile[::-1], np.float64)
    outside = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float64)
    pulled = rng.uniform(0, PERSPECTIVE_SHARE / 2, (4, 2))
    return size * np.where(outside == 0, pulled, 1 - pulled)
