"""A decoded picture before its conversion to RGB.

OpenCV resizes the three planes of a 4:2:0 picture and converts them at the size that is wanted, which takes half of the
time that FFmpeg's scaler does; other pixel formats go through FFmpeg. The model gets pictures shrunk exactly, by area.
People get `quick` ones, which take a fifth of the time and look the same: halved while that can be, then interpolated.
A frame of two fields is freed of the combs of what moved between them first, which costs a copy; others cost nothing
for it.
"""

import threading
from collections.abc import Sequence
from fractions import Fraction
from typing import Protocol

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from engine.picture.fields import Fields, uncombed
from engine.picture.tiling import TILE_HEIGHT, TILE_WIDTH, Grid, divide

PLANAR = "yuv420p"
EIGHT_BIT_LUMA = frozenset({"gray", "nv12", "nv21"} | {f"yuv{j}{kind}p" for j in ("", "j") for kind in (420, 422, 444)})
"""Pixel formats whose first plane is the luma, one byte each."""
FULL_RANGE = 2  # of FFmpeg's AVColorRange; OpenCV's conversion takes the limited one for granted


class Shot(Protocol):
    """A picture that can be had as RGB, in any size."""

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels, upright, as decoded."""
        ...

    @property
    def pixel(self) -> Fraction | None:
        """Width of a pixel over its height, upright; None where nobody tells."""
        ...

    def rgb(self, height: int, width: int, *, quick: bool = False) -> NDArray[np.uint8]:
        """Returns it as RGB (height, width, 3), resized if need be."""
        ...

    def tiles(self, grid: Grid, into: NDArray[np.uint8]) -> None:
        """Cuts it as RGB into tiles uint8 (grid.tiles, 384, 512, 3)."""
        ...

    def luma(self) -> NDArray[np.uint8]:
        """Returns how bright it is, (H, W), to be read only; costs next to nothing for most of what is decoded."""
        ...


class Still:
    """A picture that is RGB already, (H, W, 3)."""

    def __init__(self, picture: NDArray[np.uint8]) -> None:
        self._picture = picture

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self._picture.shape[0], self._picture.shape[1]

    @property
    def pixel(self) -> None:
        """Pictures do not tell."""
        return None

    def rgb(self, height: int, width: int, *, quick: bool = False) -> NDArray[np.uint8]:
        """Returns it as RGB (height, width, 3), resized if need be."""
        return resized(self._picture, height, width, quick=quick)

    def tiles(self, grid: Grid, into: NDArray[np.uint8]) -> None:
        """Cuts it into tiles uint8 (grid.tiles, 384, 512, 3)."""
        divide(self.rgb(grid.rows * TILE_HEIGHT, grid.columns * TILE_WIDTH), grid, into)

    def luma(self) -> NDArray[np.uint8]:
        """Returns how bright it is, (H, W)."""
        return np.asarray(cv2.cvtColor(self._picture, cv2.COLOR_RGB2GRAY), np.uint8)


class Decoded:
    """A picture as FFmpeg decoded it, turned upright on the way (phones store it lying down and say by how much)."""

    def __init__(self, frame: av.VideoFrame, pixel: Fraction | None = None, *, has_fields: bool | None = None) -> None:
        """Takes a frame.

        Args:
            frame: as FFmpeg gives it.
            pixel: width of a pixel over its height as stored, where the stream tells it.
            has_fields: whether it is of two fields; None where it is to be believed.
        """
        self._frame, self._stored_pixel = frame, pixel
        self._has_fields = frame.interlaced_frame if has_fields is None else has_fields
        self._turns = round(frame.rotation / 90) % 4

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels, upright."""
        height, width = self._frame.height, self._frame.width
        return (width, height) if self._turns % 2 else (height, width)

    @property
    def pixel(self) -> Fraction | None:
        """Width of a pixel over its height, upright; None where nobody tells."""
        stored = self._stored_pixel
        return 1 / stored if stored and self._turns % 2 else stored

    def rgb(self, height: int, width: int, *, quick: bool = False) -> NDArray[np.uint8]:
        """Returns it as RGB (height, width, 3), resized if need be."""
        stored = (width, height) if self._turns % 2 else (height, width)
        picture = self._converted(*stored, quick=quick)
        return np.ascontiguousarray(np.rot90(picture, self._turns)) if self._turns else picture

    def tiles(self, grid: Grid, into: NDArray[np.uint8]) -> None:
        """Cuts it as RGB into tiles uint8 (grid.tiles, 384, 512, 3), with no whole picture on the way."""
        height, width = grid.rows * TILE_HEIGHT, grid.columns * TILE_WIDTH
        if self._turns or not self._is_planar:
            divide(self.rgb(height, width), grid, into)
            return
        planes = self._resized_planes(_SCRATCH.planes(height, width))
        tile, parts = _SCRATCH.tile, _planes(_SCRATCH.tile, TILE_HEIGHT, TILE_WIDTH)
        for number in range(grid.tiles):
            row, column = divmod(number, grid.columns)
            for plane, part in zip(planes, parts, strict=True):
                rows, columns = part.shape
                part[:] = plane[row * rows : (row + 1) * rows, column * columns : (column + 1) * columns]
            cv2.cvtColor(tile, cv2.COLOR_YUV2RGB_I420, dst=into[number])

    def luma(self) -> NDArray[np.uint8]:
        """Returns how bright it is, (H, W), upright; no copy where its format keeps that apart and it has no fields."""
        frame = self._frame
        is_apart = frame.format.name in EIGHT_BIT_LUMA
        stored = self._plane(0) if is_apart else self._as("gray")
        return np.rot90(stored, self._turns)

    def _converted(self, height: int, width: int, *, quick: bool) -> NDArray[np.uint8]:
        if not self._is_planar or height % 2 or width % 2:
            return resized(self._as("rgb24"), height, width, quick=quick)
        stacked = np.empty((height * 3 // 2, width), np.uint8)
        self._resized_planes(_planes(stacked, height, width), quick=quick)
        return np.asarray(cv2.cvtColor(stacked, cv2.COLOR_YUV2RGB_I420), np.uint8)

    @property
    def _is_planar(self) -> bool:
        """Whether its planes can be resized for themselves."""
        return self._frame.format.name == PLANAR and self._frame.color_range != FULL_RANGE

    def _resized_planes(
        self, targets: Sequence[NDArray[np.uint8]], *, quick: bool = False
    ) -> Sequence[NDArray[np.uint8]]:
        for number, target in enumerate(targets):
            resized(self._plane(number), *target.shape, quick=quick, into=target)
        return targets

    def _plane(self, number: int) -> NDArray[np.uint8]:
        """Returns one plane, without copying it where all of its lines were seen at once."""
        return self._at_once(_stored(self._frame, number))

    def _as(self, form: str) -> NDArray[np.uint8]:
        """Returns it in another pixel format of one plane, as FFmpeg converts it."""
        return self._at_once(np.asarray(self._frame.to_ndarray(format=form), np.uint8))

    def _at_once(self, stored: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return uncombed(stored) if self._has_fields else stored


def fields_in(frame: av.VideoFrame, fields: Fields) -> bool:
    """Returns whether the next frame of a stream is of two fields."""
    luma = _stored(frame, 0) if frame.format.name in EIGHT_BIT_LUMA else None
    return fields.are_in(luma, told=bool(frame.interlaced_frame))


def resized(
    picture: NDArray[np.uint8], height: int, width: int, *, quick: bool = False, into: NDArray[np.uint8] | None = None
) -> NDArray[np.uint8]:
    """Returns a picture (H, W) or (H, W, 3) in another size, in `into` if given; else the same if it has that size."""
    while quick and picture.shape[0] >= 2 * height and picture.shape[1] >= 2 * width:
        picture = _halved(picture)
    if picture.shape[:2] == (height, width):
        if into is not None:
            into[:] = picture
        return picture if into is None else into
    shrinks = height < picture.shape[0] or width < picture.shape[1]
    way = cv2.INTER_AREA if shrinks and not quick else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (width, height), dst=into, interpolation=way), np.uint8)


def _stored(frame: av.VideoFrame, number: int) -> NDArray[np.uint8]:
    """Returns one plane as it lies in memory, where rows may be longer than they are wide."""
    plane = frame.planes[number]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return np.asarray(rows[:, : plane.width])


def _halved(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Returns it half as large, each pixel the mean of four; an odd row or column at its end is left out."""
    height, width = picture.shape[0] // 2, picture.shape[1] // 2
    even = picture[: 2 * height, : 2 * width]
    return np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _planes(stacked: NDArray[np.uint8], height: int, width: int) -> Sequence[NDArray[np.uint8]]:
    """Returns luma and both colours of a 4:2:0 picture that lie one below the other, (height * 3 / 2, width)."""
    return stacked[:height], *stacked[height:].reshape(2, height // 2, width // 2)


class _Scratch(threading.local):
    """Room to work in, of each thread for itself: what is made anew for every frame costs as much as to fill it."""

    def __init__(self) -> None:
        self.tile = np.empty((TILE_HEIGHT * 3 // 2, TILE_WIDTH), np.uint8)
        self._stacked = np.empty((0, 0), np.uint8)

    def planes(self, height: int, width: int) -> Sequence[NDArray[np.uint8]]:
        """Returns the three planes of a picture of this size, with anything in them."""
        if self._stacked.shape != (height * 3 // 2, width):
            self._stacked = np.empty((height * 3 // 2, width), np.uint8)
        return _planes(self._stacked, height, width)


_SCRATCH = _Scratch()
