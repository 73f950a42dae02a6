"""What all data sets have in common: their values, their splits, and how a picture meets its head points.

A head point outside its picture is an annotated person, so it counts: it is moved to the nearest place inside.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from trainer.datasets.pictures import Picture, read_picture
from trainer.datasets.points import move_inside
from trainer.errors import TrainerError

HELD_OUT_EVERY = 10
TRAIN, HELD_OUT, TEST, LEFT_OUT = "train", "held-out", "test", "left out"
SPLITS = (TRAIN, HELD_OUT, "all", TEST)
"""What can be asked for; all is the training half: train and held-out."""


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

    @property
    def name(self) -> str:
        """What reports and checkpoints call it."""

    def __len__(self) -> int:
        """Returns the number of pictures."""

    def __getitem__(self, index: int) -> Annotated:
        """Reads one picture; raises TrainerError if that cannot be done."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which pictures of a data set are wanted."""

    split: str = "all"
    leaks: bool = False
    """With the pictures that are known to be in another set's test half too."""
    fold: int | None = None
    """Of a cross-validation: the fold that is the test half, counted from 1."""

    def __post_init__(self) -> None:
        if self.split not in SPLITS:
            raise TrainerError(f"split is {self.split!r}, expected one of {', '.join(SPLITS)}")

    @property
    def wanted(self) -> tuple[str, ...]:
        """The splits that make up what was asked for."""
        return (TRAIN, HELD_OUT) if self.split == "all" else (self.split,)


class PictureSet(ABC):
    """A folder of pictures with head points; a subclass for each layout.

    Held out is every tenth training picture by number, counted before any is left out, so that it stays the same.
    """

    layout: ClassVar[str]
    """What the folder holds, for messages."""
    halves: ClassVar[tuple[str, str]] = ("", "")
    """Folders of the training and the test half, where a data set has them and the folder of both was given."""
    folds: ClassVar[int] = 0

    def __init__(self, folder: Path, choice: Choice | None = None) -> None:
        self.folder, self.choice = folder, choice or Choice()
        self._check_fold()
        self.training_folder = _part(folder, self.halves[0]) or folder
        self.test_folder = _part(folder, self.halves[1])
        self.name = self._title()
        self.members = list(self._divided())
        self.pictures = [path for path, split in self.members if split in self.choice.wanted]
        if not self.pictures:
            raise TrainerError(self._why_empty())

    @classmethod
    @abstractmethod
    def recognises(cls, folder: Path) -> bool:
        """Whether a folder has this layout."""

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> Annotated:
        """Reads one picture; raises TrainerError naming the file that is missing or damaged."""
        return self.read(self.pictures[index])

    def read(self, path: Path) -> Annotated:
        """Reads one picture, which may be of any split; raises TrainerError naming the file that cannot be read."""
        picture, points = read_picture(path), self.points_of(path)
        height, width = picture.pixels.shape[:2]
        if self.is_upright(path, picture):
            inside, moved = move_inside(points, height, width)
        else:
            stored, moved = move_inside(points, *picture.stored_size)
            inside = picture.orientation.turned(stored, height, width)
        return Annotated(path.stem, picture.pixels, inside, moved)

    @abstractmethod
    def points_of(self, path: Path) -> NDArray[np.float32]:
        """Returns the head points (n, 2) of one picture as they were annotated; raises TrainerError if it cannot."""

    @abstractmethod
    def listed(self, folder: Path) -> list[Path]:
        """Returns the pictures of one half in their order."""

    def is_upright(self, path: Path, picture: Picture) -> bool:
        """Whether the points are in the upright picture, not in the pixels as stored (see `trainer.pictures`)."""
        return False

    def split_of(self, rank: int, path: Path) -> str:
        """Returns the split of a training picture, `rank` counted from 1."""
        return TRAIN if rank % HELD_OUT_EVERY else HELD_OUT

    def _divided(self) -> Iterator[tuple[Path, str]]:
        for rank, path in enumerate(self.listed(self.training_folder), 1):
            yield path, self.split_of(rank, path)
        if self.test_folder:
            yield from ((path, TEST) for path in self.listed(self.test_folder))

    def _title(self) -> str:
        return self.folder.resolve().name

    def _check_fold(self) -> None:
        fold = self.choice.fold
        if fold is not None and not 1 <= fold <= self.folds:
            known = f"it has 1 to {self.folds}" if self.folds else "its layout has none"
            raise TrainerError(f"fold {fold} of {self.folder} was asked for; {known}")

    def _why_empty(self) -> str:
        if not self.members:
            return f"{self.folder} holds no pictures where they are expected ({self.layout}); is the archive unpacked?"
        if self.choice.split == TEST:
            how = "choose a fold" if self.folds else "give their folder itself, with the split all"
            return f"{self.folder} holds no test pictures beside its training pictures; {how}"
        return f"{self.folder} has {len(self.members)} pictures, at least {HELD_OUT_EVERY} are needed to hold one out"


def load_all(dataset: Dataset) -> list[Annotated]:
    """Decodes every picture once; they stay in memory as uint8 (about 2.4 MB each for part B)."""
    return [dataset[index] for index in range(len(dataset))]


def _part(folder: Path, name: str) -> Path | None:
    return folder / name if name and (folder / name).is_dir() else None
