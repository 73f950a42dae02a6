"""ShanghaiTech parts A and B (Zhang et al., CVPR 2016): `images/IMG_n.jpg` with `ground-truth/GT_IMG_n.mat`."""

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trainer.datasets.base import LEFT_OUT, PictureSet
from trainer.datasets.matlab import matlab_variables
from trainer.datasets.pictures import by_number
from trainer.datasets.points import checked_points, reading

LEAKS = frozenset(f"IMG_{number}" for number in (2, 60, 97, 121, 139, 154))
"""Training pictures of part A that are nearly the same as one of its test pictures."""


class ShanghaiTech(PictureSet):
    """One part, or its training or test half; which part it is says the folder's name."""

    layout = "images/IMG_n.jpg with ground-truth/GT_IMG_n.mat"
    halves = ("train_data", "test_data")

    @classmethod
    def recognises(cls, folder: Path) -> bool:
        """Whether a folder, or its training half, has the two folders of ShanghaiTech."""
        return any((place / "images").is_dir() and (place / "ground-truth").is_dir() for place in _places(folder))

    def listed(self, folder: Path) -> list[Path]:
        """Returns the pictures sorted by number."""
        return sorted((folder / "images").glob("IMG_*.jpg"), key=by_number)

    def points_of(self, path: Path) -> NDArray[np.float32]:
        """Reads `image_info.location`."""
        file = path.parents[1] / "ground-truth" / f"GT_{path.stem}.mat"
        with reading(file, "image_info.location as ShanghaiTech's"):
            found = matlab_variables(file, ["image_info"])["image_info"][0, 0]["location"][0, 0]
        return checked_points(found, file)

    def split_of(self, rank: int, path: Path) -> str:
        """Leaves out the training pictures of part A that leak into its test half."""
        leaks = self._part() == "A" and not self._is_test_half() and path.stem in LEAKS
        return LEFT_OUT if leaks and not self.choice.leaks else super().split_of(rank, path)

    def _title(self) -> str:
        part = self._part()
        name = f"ShanghaiTech part {part}" if part else f"ShanghaiTech ({self.folder.resolve().parent.name})"
        return f"{name}, test half" if self._is_test_half() else name

    def _part(self) -> str:
        """Returns A or B, or nothing if neither the folder nor the one above it is called so."""
        own, above = self.folder.resolve().name, self.folder.resolve().parent.name
        found = re.search(r"part[_ -]?([AB])(?![a-z])", f"{own} {above}", re.IGNORECASE)
        return found.group(1).upper() if found else ""

    def _is_test_half(self) -> bool:
        return self.folder.resolve().name.lower().startswith("test")


def _places(folder: Path) -> tuple[Path, ...]:
    return folder, folder / ShanghaiTech.halves[0]
