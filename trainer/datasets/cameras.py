"""Data sets from one place watched by a camera: Mall (Chen et al., 2012) and Beijing-BRT (Ding et al., 2018)."""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from trainer.datasets.base import TEST, Choice, PictureSet
from trainer.datasets.matlab import matlab_variables
from trainer.datasets.pictures import by_number, picture_files
from trainer.datasets.points import checked_points, reading


class Mall(PictureSet):
    """2,000 frames of one camera in a shopping mall: the first 800 are for training, the others for the test."""

    layout = "frames/seq_n.jpg with one mall_gt.mat"
    annotation: ClassVar[str] = "mall_gt.mat"
    training_frames: ClassVar[int] = 800

    def __init__(self, folder: Path, choice: Choice | None = None) -> None:
        self._frames: Any = None
        super().__init__(folder, choice)

    @classmethod
    def recognises(cls, folder: Path) -> bool:
        """Whether a folder holds mall_gt.mat."""
        return (folder / cls.annotation).is_file()

    def listed(self, folder: Path) -> list[Path]:
        """Returns the frames sorted by number."""
        return sorted((folder / "frames").glob("seq_*.jpg"), key=by_number)

    def points_of(self, path: Path) -> NDArray[np.float32]:
        """Reads `frame{n}.loc`; the file with all frames is read once."""
        file, number = self.folder / self.annotation, _number(path)
        with reading(file, f"frame {number} with a loc as Mall's"):
            if self._frames is None:
                self._frames = matlab_variables(file, ["frame"])["frame"]
            if number < 1:
                raise IndexError("frames are counted from 1")
            found = self._frames[0, number - 1]["loc"][0, 0]
        return checked_points(found, file)

    def split_of(self, rank: int, path: Path) -> str:
        """Makes every frame after the first 800 a test picture."""
        return super().split_of(rank, path) if _number(path) <= self.training_frames else TEST

    def _title(self) -> str:
        return "Mall"


class BeijingBrt(PictureSet):
    """1,280 frames of a bus station in Beijing, by day and night; or one half of them."""

    layout = "frame/*.jpg with ground_truth/*.mat"
    halves = ("train", "test")

    @classmethod
    def recognises(cls, folder: Path) -> bool:
        """Whether a folder, or its training half, has the two folders of Beijing-BRT."""
        places = (folder, folder / cls.halves[0])
        return any((place / "frame").is_dir() and (place / "ground_truth").is_dir() for place in places)

    def listed(self, folder: Path) -> list[Path]:
        """Returns the frames sorted by number."""
        return picture_files(folder / "frame")

    def points_of(self, path: Path) -> NDArray[np.float32]:
        """Reads `loc`."""
        file = path.parents[1] / "ground_truth" / f"{path.stem}.mat"
        with reading(file, "loc as Beijing-BRT's"):
            found = matlab_variables(file, ["loc"])["loc"]
        return checked_points(found, file)

    def _title(self) -> str:
        return "Beijing-BRT, test half" if self.folder.resolve().name == self.halves[1] else "Beijing-BRT"


def _number(frame: Path) -> int:
    digits = frame.stem.removeprefix("seq_")
    return int(digits) if digits.isdecimal() else 0
