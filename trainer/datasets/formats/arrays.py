"""Arrays of points: MATLAB files of crowd-counting data sets, and NumPy's .npy.

In a MATLAB file the points are `image_info.location` (ShanghaiTech's), `annPoints` (UCF's), `loc`, or the only array of
two columns. A .npy file holds points, or a density map if it is no list of two columns.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trainer.datasets.annotation import Annotation, Mark
from trainer.datasets.formats.base import Format
from trainer.datasets.formats.density import annotated_by_map
from trainer.datasets.matlab import matlab_variables
from trainer.datasets.points import checked_points, reading
from trainer.errors import TrainerError

KNOWN = ("image_info", "annPoints", "loc", "location", "points")


def _read_matlab(file: Path) -> list[Annotation]:
    with reading(file, "variables as MATLAB's, up to version 7 (save with -v7)"):
        variables = {name: value for name, value in matlab_variables(file).items() if not name.startswith("__")}
    known = next(([variables[name]] for name in KNOWN if name in variables), list(variables.values()))
    found = [table for value in known for table in _tables(value)]
    if len(found) != 1:
        raise TrainerError(
            f"annotation {file} holds {len(found)} arrays of two columns in {', '.join(variables) or 'no variable'}, "
            f"expected one of points, best called {KNOWN[1]}"
        )
    return [_annotation(file, found[0])]


def _tables(value: object) -> Iterator[NDArray[np.float64]]:
    """Yields the arrays of two columns in a variable, through MATLAB's cells and structures."""
    if not isinstance(value, np.ndarray):
        return
    if value.dtype.names:
        for name in value.dtype.names:
            yield from _tables(value[name])
    elif value.dtype == object:
        for item in value.ravel():
            yield from _tables(item)
    elif value.dtype.kind in "fiu" and (value.size == 0 or (value.ndim == 2 and value.shape[1] == 2)):
        yield value.astype(np.float64)


def _read_numpy(file: Path) -> list[Annotation]:
    with reading(file, "array that can be read without pickle"):
        values = np.asarray(np.load(file, allow_pickle=False))
    if values.ndim == 2 and min(values.shape) > 2:
        return [annotated_by_map(file, values)]
    return [_annotation(file, values)]


def _annotation(file: Path, values: object) -> Annotation:
    points = checked_points(values, file).tolist()
    return Annotation(file, tuple(Mark("", x, y) for x, y in points))


MATLAB = Format("mat", "a MATLAB file NAME.mat with points for each picture", (".mat",), _read_matlab, in_advance=False)
NUMPY = Format("npy", "an array NAME.npy of points for each picture", (".npy",), _read_numpy, in_advance=False)
