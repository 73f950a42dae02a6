"""Annotated pictures: where they lie, who is in them, which are held out.

ShanghaiTech's training halves hold some head points outside of their picture. They are annotated people, so they count:
each is moved to the nearest point inside.
"""

import re
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from trainer.errors import TrainerError
from trainer.files import reason

HELD_OUT_EVERY = 10
SPLITS = ("train", "held-out", "all")
UNREADABLE = (KeyError, ValueError, IndexError, TypeError, OSError, NotImplementedError, MatReadError, zlib.error)
"""What reading a damaged or foreign .mat file raises."""


@dataclass(frozen=True, slots=True)
class Annotated:
    """One picture with its head points."""

    name: str
    picture: NDArray[np.uint8] = field(compare=False, repr=False)
    """RGB, (H, W, 3)."""
    points: NDArray[np.float32] = field(compare=False, repr=False)
    """Head points (n, 2) as x, y in pixels, all inside the picture."""
    moved: int = 0
    """Points that lay outside and were moved to the border."""


class Dataset(Protocol):
    """Annotated pictures, read one at a time."""

    def __len__(self) -> int:
        """Returns the number of pictures."""

    def __getitem__(self, index: int) -> Annotated:
        """Reads one picture; raises TrainerError if that cannot be done."""


class ShanghaiTech:
    """ShanghaiTech part A or B: `images/IMG_n.jpg` with `ground-truth/GT_IMG_n.mat`, sorted by n."""

    def __init__(self, folder: Path, split: str = "all") -> None:
        if split not in SPLITS:
            raise TrainerError(f"split is {split!r}, expected one of {', '.join(SPLITS)}")
        if not (folder / "images").is_dir() or not (folder / "ground-truth").is_dir():
            raise TrainerError(
                f"{folder} is no ShanghaiTech folder: it has no 'images' and 'ground-truth', as part_B/train_data has"
            )
        pictures = sorted((folder / "images").glob("IMG_*.jpg"), key=_number)
        if not pictures:
            raise TrainerError(f"{folder / 'images'} holds no IMG_n.jpg; is the archive unpacked?")
        self.name = "ShanghaiTech " + folder.resolve().parent.name.replace("_", " ")
        self.pictures = [p for rank, p in enumerate(pictures, 1) if _in_split(rank, split)]
        if not self.pictures:
            raise TrainerError(
                f"{folder} has {len(pictures)} pictures, at least {HELD_OUT_EVERY} are needed to hold one out"
            )

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> Annotated:
        """Reads one picture; raises TrainerError naming the file that is missing or damaged."""
        path = self.pictures[index]
        pixels = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if pixels is None:
            raise TrainerError(f"picture {path} cannot be read; is it a whole JPEG?")
        picture = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), np.uint8)
        points = _read_points(path.parents[1] / "ground-truth" / f"GT_{path.stem}.mat")
        inside, moved = move_inside(points, picture.shape[0], picture.shape[1])
        return Annotated(path.stem, picture, inside, moved)


def move_inside(points: NDArray[np.float32], height: int, width: int) -> tuple[NDArray[np.float32], int]:
    """Moves points (n, 2) that lie outside a height x width picture to its border; returns them and how many moved."""
    limits = np.nextafter(np.array([width, height], np.float32), np.float32(0))
    inside = np.clip(points, np.float32(0), limits).astype(np.float32)
    return inside, int(np.any(inside != points, axis=1).sum())


def load_all(dataset: Dataset) -> list[Annotated]:
    """Decodes every picture once; they stay in memory as uint8 (about 2.4 MB each for part B)."""
    return [dataset[index] for index in range(len(dataset))]


def _number(path: Path) -> int:
    found = re.search(r"(\d+)$", path.stem)
    return int(found.group(1)) if found else 0


def _in_split(rank: int, split: str) -> bool:
    held_out = rank % HELD_OUT_EVERY == 0
    return split == "all" or held_out == (split == "held-out")


def _read_points(path: Path) -> NDArray[np.float32]:
    try:
        info = loadmat(str(path))["image_info"]
        points = np.asarray(info[0, 0]["location"][0, 0], np.float32).reshape(-1, 2)
    except FileNotFoundError:
        raise TrainerError(f"annotation {path} is missing, but its picture is there") from None
    except UNREADABLE as error:
        raise TrainerError(
            f"annotation {path} holds no image_info.location as ShanghaiTech's: {reason(error)}"
        ) from error
    if not np.isfinite(points).all():
        raise TrainerError(f"annotation {path} holds points that are not numbers; remove them")
    return points
