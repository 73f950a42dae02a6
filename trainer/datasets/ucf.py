"""The data sets of the University of Central Florida: UCF_CC_50 (Idrees et al., 2013) and UCF-QNRF (2018)."""

from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from trainer.datasets.base import LEFT_OUT, TEST, PictureSet
from trainer.datasets.matlab import matlab_variables
from trainer.datasets.pictures import by_number
from trainer.datasets.points import checked_points, reading

POINTS = "annPoints"


class UcfCc50(PictureSet):
    """Fifty very dense pictures in five folds of ten consecutive ones, as their authors divide them.

    Picture 45 is a test picture of ShanghaiTech A and is left out of training. Pictures 16, 25, 28, 32, 41, 46 and 49
    are training pictures of A; they do no harm, but in a training on both they are seen twice.
    """

    layout = "n.jpg with n_ann.mat"
    folds: ClassVar[int] = 5
    fold_size: ClassVar[int] = 10
    leaks: ClassVar[frozenset[str]] = frozenset({"45"})

    @classmethod
    def recognises(cls, folder: Path) -> bool:
        """Whether a folder holds annotations called by a number."""
        return any(path.stem.removesuffix("_ann").isdigit() for path in folder.glob("*_ann.mat"))

    def listed(self, folder: Path) -> list[Path]:
        """Returns the pictures sorted by number."""
        return sorted((path for path in folder.glob("*.jpg") if path.stem.isdigit()), key=by_number)

    def points_of(self, path: Path) -> NDArray[np.float32]:
        """Reads `annPoints`."""
        return _read(path)

    def split_of(self, rank: int, path: Path) -> str:
        """Makes the chosen fold the test half, and leaves out picture 45 elsewhere."""
        fold = self.choice.fold
        if fold is not None and (rank - 1) // self.fold_size == fold - 1:
            return TEST
        leaks = path.stem in self.leaks and not self.choice.leaks
        return LEFT_OUT if leaks else super().split_of(rank, path)

    def _title(self) -> str:
        if self.choice.fold is None:
            return "UCF_CC_50"
        return f"UCF_CC_50 {'' if self.choice.split == TEST else 'without '}fold {self.choice.fold}"


class UcfQnrf(PictureSet):
    """1,201 training and 334 test pictures, large and of all densities."""

    layout = "Train/img_n.jpg with Train/img_n_ann.mat"
    halves = ("Train", "Test")

    @classmethod
    def recognises(cls, folder: Path) -> bool:
        """Whether a folder, or its training half, holds annotations called img_n_ann.mat."""
        return any(next(place.glob("img_*_ann.mat"), None) for place in (folder, folder / cls.halves[0]))

    def listed(self, folder: Path) -> list[Path]:
        """Returns the pictures sorted by number."""
        return sorted(folder.glob("img_*.jpg"), key=by_number)

    def points_of(self, path: Path) -> NDArray[np.float32]:
        """Reads `annPoints`."""
        return _read(path)

    def _title(self) -> str:
        return "UCF-QNRF, test half" if self.folder.resolve().name == self.halves[1] else "UCF-QNRF"


def _read(path: Path) -> NDArray[np.float32]:
    file = path.with_name(f"{path.stem}_ann.mat")
    with reading(file, f"{POINTS} as UCF's"):
        found = matlab_variables(file, [POINTS])[POINTS]
    return checked_points(found, file)
