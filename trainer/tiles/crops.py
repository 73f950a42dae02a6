"""Batches of random training tiles: whose turn it is, the tile, and its truth.

A batch is a pure function of (seed, step): nothing else has to be saved for an interrupted training to go on exactly
where it stopped.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import torch
from numpy.random import Generator, default_rng
from numpy.typing import NDArray
from torch import Tensor

from trainer.datasets import Annotated
from trainer.errors import TrainerError
from trainer.geometry import BRANCH_STRIDES, TILE
from trainer.tiles.augment import Tile, planned_pixels, planned_points, planned_tile
from trainer.tiles.batch import Batch
from trainer.tiles.density import GroundTruthConfig, adaptive_sigmas, density_map, pyramid
from trainer.tiles.empty import empty_window, may_have_empty
from trainer.tiles.pasting import CutOut, cut_outs, drawn_pastes
from trainer.tiles.plan import REPEATS, CropConfig, Plan, Window, chosen, nine_patches, random_plan

Drawn = tuple[Annotated, Plan]
"""A picture and what is to become of it."""
BACKGROUNDS = 4
"""Other pictures in which a part that shows nobody is looked for."""
Cutter = Callable[[Sequence[Drawn]], Tensor]
"""Makes the tiles uint8 (N, H, W, 3) of N plans, on any device."""


def cut_on_host(drawn: Sequence[Drawn]) -> Tensor:
    """Cuts tiles with OpenCV, on the CPU."""
    return torch.from_numpy(np.stack([planned_pixels(source.picture, plan) for source, plan in drawn]))


@dataclass(frozen=True, slots=True)
class Sampler:
    """Draws the batches of a training; every picture (of nine patches: every patch) is used once before any again.

    Where people are set in, one that has no room for them makes way for another.
    """

    pictures: Sequence[Annotated] = field(repr=False)
    seed: int
    size: int
    """Tiles in a batch, those of all processes together."""
    config: CropConfig
    share: tuple[int, int] = (0, 1)
    """Which part of each batch is ours, and into how many equal ones it is divided."""
    ground_truth: GroundTruthConfig = field(default_factory=GroundTruthConfig)
    cut: Cutter = cut_on_host
    """Makes the pixels; see `device_tiles` for pictures that lie on a GPU."""
    tile: tuple[int, int] = TILE
    """Height and width of the tiles, in pixels."""
    strides: tuple[int, ...] = BRANCH_STRIDES
    """Edges of the cells of the maps that are drawn, in pixels: each the finest one's times a power of two."""
    _adaptive: dict[int, NDArray[np.float64]] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Sigmas of all heads of a picture in its pixels, by its identity: each picture is asked once."""
    _people: list[CutOut] = field(default_factory=list, init=False, repr=False, compare=False)
    """Who can be set into other tiles, those with the smallest heads first."""
    _scenes: list[Annotated] = field(default_factory=list, init=False, repr=False, compare=False)
    """Pictures with a part that shows nobody."""

    def __post_init__(self) -> None:
        parts = self.share[1]
        if self.size % parts:
            raise TrainerError(f"batch is {self.size}, {parts} processes need a multiple of {parts}; change batch")
        if self.config.sets_people:
            self._find_people()
        if self.config.pasted or self.config.repeated:
            self._scenes.extend(item for item in self.pictures if may_have_empty(item, self.tile))
        if self.config.repeated and not self._scenes:
            raise TrainerError(
                f"crops.repeated is {self.config.repeated:g}, and no picture has a part without people as large as "
                "half a tile; add such pictures, or set crops.repeated to 0"
            )

    def _find_people(self) -> None:
        key = "pasted" if self.config.pasted else "among"
        named = f"crops.{key} is {getattr(self.config, key):g}"
        if self.ground_truth.kernel != "fixed":
            raise TrainerError(
                f"{named} and ground_truth.kernel is {self.ground_truth.kernel!r}, "
                f"which asks how far apart people stand in one picture; set crops.{key} to 0 or the kernel to fixed"
            )
        self._people.extend(cut_outs(self.pictures))
        if not self._people:
            raise TrainerError(
                f"{named}, and no picture has anybody who stands free with a box around the head; add such data, "
                f"or set crops.{key} to 0"
            )

    def batch(self, step: int) -> Batch:
        """Draws our share of the batch of one training step, counted from 0."""
        part, parts = self.share
        own = range(part * self.size // parts, (part + 1) * self.size // parts)
        drawn = [item for place, item in enumerate(self._plans(step)) if place in own]
        levels, heads_of = [], []
        for source, plan in drawn:
            points, heads = planned_points(source.points, plan)
            levels.append(self._truth(points, self._sigmas(source, plan, heads)))
            heads_of.append(torch.from_numpy(points))
        maps = {stride: torch.from_numpy(np.stack([level[stride] for level in levels])) for stride in self.strides}
        counts = torch.tensor([float(len(points)) for points in heads_of])
        return Batch(self.cut(drawn), counts, maps, tuple(source.name for source, _ in drawn), tuple(heads_of))

    def _truth(self, points: NDArray[np.float32], sigma: NDArray[np.float64]) -> dict[int, NDArray[np.float32]]:
        """Returns the maps of a tile by the edge of their cells."""
        if not self.strides:
            return {}
        first, last = min(self.strides), max(self.strides)
        high, wide = self.tile
        finest = density_map(points, height=high, width=wide, cell=first, sigma=sigma)
        return {first * 2**level: each for level, each in enumerate(pyramid(finest, (last // first).bit_length()))}

    def _sigmas(self, source: Annotated, plan: Plan, heads: NDArray[np.intp]) -> NDArray[np.float64]:
        """Returns the sigma of each head in a tile, in its pixels."""
        if self.ground_truth.kernel == "fixed":
            return np.full(len(heads), self.ground_truth.sigma)
        if id(source) not in self._adaptive:
            height, width = source.picture.shape[:2]
            found = adaptive_sigmas(source.points, height=height, width=width, config=self.ground_truth)
            self._adaptive[id(source)] = found
        return np.asarray(self._adaptive[id(source)][heads] * plan.zoom)

    def _plans(self, step: int) -> Iterator[Drawn]:
        """Yields picture and plan of every place of a batch; the plans come from one generator, one after another."""
        rng = default_rng([self.seed, step])
        tiles = len(self.pictures) * self.config.per_picture
        for place in range(step * self.size, (step + 1) * self.size):
            index, patch = divmod(_order(self.seed, place // tiles, tiles)[place % tiles], self.config.per_picture)
            source = self.pictures[index]
            plan = _drawn_plan(source, rng, self.config, self.tile)
            if chosen(rng, self.config.pasted):
                source, plan = self._set_into(source, plan, rng)
            elif chosen(rng, self.config.repeated):
                source, plan = self._repeated(source, plan, rng)
            elif chosen(rng, self.config.among):
                plan = replace(plan, pastes=drawn_pastes(self._people, rng, self.tile))
            if self.config.patches == "nine":
                plan = nine_patches(plan, source.picture.shape[:2], (self.seed, index), patch)
            elif self.config.patches == "whole":
                plan = replace(plan, window=Window(0, 0, source.picture.shape[0], source.picture.shape[1]))
            yield source, plan

    def _set_into(self, source: Annotated, plan: Plan, rng: Generator) -> Drawn:
        """Has people and things of other pictures set into a part that shows nobody."""
        scene, bare = self._bare(source, plan, rng)
        return scene, bare if bare is plan else replace(bare, pastes=drawn_pastes(self._people, rng, self.tile))

    def _repeated(self, source: Annotated, plan: Plan, rng: Generator) -> Drawn:
        """Has a part that shows nobody seen several times."""
        scene, bare = self._bare(source, plan, rng)
        return scene, bare if bare is plan else replace(bare, repeats=int(rng.integers(*REPEATS, endpoint=True)))

    def _bare(self, source: Annotated, plan: Plan, rng: Generator) -> Drawn:
        """Returns a part of this picture that shows nobody, or of another; the plan as it is where none was found."""
        others = (self._scenes[int(rng.integers(len(self._scenes)))] for _ in range(BACKGROUNDS if self._scenes else 0))
        for scene in (source, *others):
            if window := empty_window(scene.points, scene.picture.shape[:2], rng, self.tile):
                return scene, replace(plan, window=window, blank=0)
        return source, plan


def random_tile(source: Annotated, rng: Generator, config: CropConfig) -> Tile:
    """Cuts one random tile of a picture."""
    return planned_tile(source, _drawn_plan(source, rng, config, TILE))


def _drawn_plan(source: Annotated, rng: Generator, config: CropConfig, tile: tuple[int, int]) -> Plan:
    height, width = source.picture.shape[:2]
    plan = random_plan(height, width, rng, config, tile)
    if chosen(rng, config.empty) and (window := empty_window(source.points, (height, width), rng, tile)):
        return replace(plan, window=window)
    return plan


@lru_cache(maxsize=2)
def _order(seed: int, epoch: int, tiles: int) -> list[int]:
    return list(default_rng([seed, epoch, 1]).permutation(tiles).tolist())
