"""Density maps, as those who train CSRNet keep them: an HDF5 file for each picture with the array `density`.

Training cuts tiles and draws maps of its own, so it needs points: as many as the map sums to, rounded. Each is put at
the highest place that is left, and the nearest density that makes up one person is taken away. Tried on maps of
ShanghaiTech: half of the points were within 0.6 px of their heads in adaptive maps of part A, within 7 px in maps with
a sigma of 15 px of part B.
"""

from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from trainer.datasets.annotation import Annotation, Mark
from trainer.datasets.formats.base import Format
from trainer.datasets.points import reading
from trainer.errors import TrainerError

KEY = "density"
START_PX = 4
GROWTH = 1.4
"""Of the square in which one person's density is looked for."""


def annotated_by_map(file: Path, values: NDArray[np.generic]) -> Annotation:
    """Returns the points of a density map (h, w), in fractions of it; raises TrainerError if it is none."""
    with np.errstate(invalid="ignore"):  # what is no number is refused below
        density = values.astype(np.float64)
    if not np.isfinite(density).all() or density.min() < 0:
        raise TrainerError(f"annotation {file} holds values below 0 or no numbers, expected people per pixel")
    height, width = density.shape
    total = float(density.sum())
    if total > density.size:
        raise TrainerError(
            f"annotation {file} sums to {total:,.0f} people, more than the {density.size:,} places it has"
        )
    marks = tuple(Mark("", x / width, y / height) for x, y in _placed(density))
    return Annotation(file, marks, relative=True, total=total)


def _read(file: Path) -> list[Annotation]:
    with reading(file, f"array {KEY!r} of HDF5"), h5py.File(file, "r") as content:
        found = content[KEY]
        if found.ndim != 2 or found.size == 0 or found.dtype.kind not in "fiu":
            raise ValueError(f"its shape is {found.shape}, expected people per pixel in two dimensions")
        values = np.asarray(found)
    return [annotated_by_map(file, values)]


def _placed(density: NDArray[np.float64]) -> Iterator[tuple[float, float]]:
    """Yields x and y of as many people as a map sums to."""
    left = density.copy()
    highest = left.max(axis=1)
    for _ in range(round(float(left.sum()))):
        y = int(highest.argmax())
        x = int(left[y].argmax())
        yield x + 0.5, y + 0.5
        rows = _take_person(left, y, x)
        highest[rows] = left[rows].max(axis=1)


def _take_person(left: NDArray[np.float64], y: int, x: int) -> slice:
    """Takes the density of one person nearest to a place away from a map; returns the rows that changed."""
    reach, whole = START_PX, max(left.shape)
    while True:
        rows, columns = slice(max(0, y - reach), y + reach + 1), slice(max(0, x - reach), x + reach + 1)
        part = left[rows, columns]
        across, down = np.arange(part.shape[1]) + columns.start - x, np.arange(part.shape[0]) + rows.start - y
        distance = (across[None] ** 2 + down[:, None] ** 2).ravel()
        near = np.flatnonzero(distance <= reach**2)
        if part.ravel()[near].sum() >= 1 or reach > whole:
            break
        reach = int(reach * GROWTH) + 1
    near = near[np.argsort(distance[near], kind="stable")]
    density = part.ravel()[near]
    before = np.cumsum(density) - density
    rest = part.ravel()
    rest[near] -= np.clip(1 - before, 0, density)
    left[rows, columns] = rest.reshape(part.shape)
    return rows


DENSITY = Format("h5", "a density map NAME.h5 for each picture", (".h5", ".hdf5"), _read, in_advance=False)
