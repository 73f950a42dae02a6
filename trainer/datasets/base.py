"""What all data sets have in common: their values, their splits, and how a picture meets its head points.

A head point outside its picture is an annotated person, so it counts: it is moved to the nearest place inside.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from trainer.datasets.hold_out import HoldOut
from trainer.datasets.pictures import Picture, picture_files, read_picture
from trainer.datasets.points import move_inside
from trainer.datasets.tree import Unused
from trainer.errors import TrainerError
from trainer.progress import with_bar

HELD_OUT_EVERY = 10
NAMED = 10
"""Pictures in one message."""
SMALLEST = 4
"""Pictures from which on one is held out."""
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
    sizes: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)
    """Sizes of the heads in pixels (n,), nan where one is not known; None where none is."""


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
    labels: tuple[str, ...] = ()
    """Of annotations with labels: those that are people; may be none where there is one kind only."""
    hold_out: tuple[HoldOut, ...] = ()
    """What is held out in place of every tenth picture."""

    def __post_init__(self) -> None:
        if self.split not in SPLITS:
            raise TrainerError(f"split is {self.split!r}, expected one of {', '.join(SPLITS)}")

    @property
    def wanted(self) -> tuple[str, ...]:
        """The splits that make up what was asked for."""
        return (TRAIN, HELD_OUT) if self.split == "all" else (self.split,)


class PictureSet(ABC):
    """A folder of pictures with head points; a subclass for each layout.

    Held out is every tenth training picture by number, counted before any is left out, so that it stays the same; of
    four to nine pictures the last; or what was chosen.
    """

    layout: ClassVar[str]
    """What the folder holds, for messages."""
    halves: ClassVar[tuple[str, str]] = ("", "")
    """Folders of the training and the test half, where a data set has them and the folder of both was given."""
    folds: ClassVar[int] = 0

    def __init__(self, folder: Path, choice: Choice | None = None) -> None:
        self.folder, self.choice = folder, choice or Choice()
        called = folder.resolve().name
        self.hold_out = [chosen for chosen in self.choice.hold_out if chosen.concerns(called)]
        """What is held out in place of every tenth picture."""
        self._check_fold()
        self.training_folder = _part(folder, self.halves[0]) or folder
        self.test_folder = _part(folder, self.halves[1])
        self.name = self._title()
        self._every = HELD_OUT_EVERY
        self.members = list(self._divided())
        self.pictures = [path for path, split in self.members if split in self.choice.wanted]
        if not self.members:
            raise TrainerError(
                f"{folder} holds no pictures where they are expected ({self.layout}); is the archive unpacked?"
            )

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
        return replace(self.placed(path, picture, points), sizes=self.sizes_of(path))

    def placed(self, path: Path, picture: Picture, points: NDArray[np.float32]) -> Annotated:
        """Brings a picture and its points as they were annotated together."""
        height, width = picture.pixels.shape[:2]
        if self.is_upright(path, picture):
            inside, moved = move_inside(points, height, width)
        else:
            stored, moved = move_inside(points, *picture.stored_size)
            inside = picture.orientation.turned(stored, height, width)
        return Annotated(self.title_of(path), picture.pixels, inside, moved)

    def title_of(self, path: Path) -> str:
        """Returns what a picture is called in tables and on sheets."""
        return path.stem

    def names_of(self, path: Path) -> set[str]:
        """Returns the names under which a picture can be asked for: with or without ending, folders and data set."""
        inside = path.relative_to(self.folder)
        names = {inside.as_posix(), inside.with_suffix("").as_posix()}
        called = self.folder.resolve().name
        return {path.name, path.stem} | names | {f"{called}/{name}" for name in names}

    def unused(self) -> list[Unused]:
        """Returns what lies in the folder and is not used, each with the reason."""
        members = {path for path, _ in self.members}
        places = dict.fromkeys((self.folder, *(path.parent for path in members)))
        others = [path for place in places for path in picture_files(place) if path not in members]
        why = f"not where or not called as the layout wants it: {self.layout}"
        return [Unused(path.relative_to(self.folder).as_posix(), why) for path in others]

    def remarks(self) -> list[str]:
        """Returns what else is to be known about what was read so far, in sentences."""
        return []

    def doubts(self) -> list[str]:
        """Returns what looks wrong in how the files lie, in sentences."""
        return []

    def require_pictures(self) -> None:
        """Raises TrainerError if none of the pictures are in the split that was asked for."""
        if not self.pictures:
            raise TrainerError(self._why_empty())

    @abstractmethod
    def points_of(self, path: Path) -> NDArray[np.float32]:
        """Returns the head points (n, 2) of one picture as they were annotated; raises TrainerError if it cannot."""

    def sizes_of(self, path: Path) -> NDArray[np.float32] | None:
        """Returns the sizes of the heads of one picture in pixels (n,), nan where one is not known; None for none."""
        return None

    @abstractmethod
    def listed(self, folder: Path) -> list[Path]:
        """Returns the pictures of one half in their order."""

    def is_upright(self, path: Path, picture: Picture) -> bool:
        """Whether the points are in the upright picture, not in the pixels as stored (see `trainer.pictures`)."""
        return False

    def split_of(self, rank: int, path: Path) -> str:
        """Returns the split of a training picture, `rank` counted from 1."""
        if self.hold_out:
            names = self.names_of(path)
            return HELD_OUT if any(chosen.holds(rank, names) for chosen in self.hold_out) else TRAIN
        return TRAIN if rank % self._every else HELD_OUT

    def _divided(self) -> Iterator[tuple[Path, str]]:
        yield from self.ranked(self.listed(self.training_folder))
        if self.test_folder:
            yield from ((path, TEST) for path in self.listed(self.test_folder))

    def ranked(self, training: Sequence[Path]) -> Iterator[tuple[Path, str]]:
        """Yields training pictures with their splits."""
        self._every = min(HELD_OUT_EVERY, max(SMALLEST, len(training)))
        for rank, path in enumerate(training, 1):
            yield path, self.split_of(rank, path)

    def _title(self) -> str:
        return self.folder.resolve().name

    def _check_fold(self) -> None:
        fold = self.choice.fold
        if fold is not None and not 1 <= fold <= self.folds:
            known = f"it has 1 to {self.folds}" if self.folds else "its layout has none"
            raise TrainerError(f"fold {fold} of {self.folder} was asked for; {known}")

    def _why_empty(self) -> str:
        if self.choice.split == TEST:
            how = "choose a fold" if self.folds else "give their folder itself, with the split all"
            return f"{self.folder} holds no test pictures beside its training pictures; {how}"
        found = f"{self.folder} has {len(self.members)} pictures"
        if self.choice.split in (TRAIN, "all"):
            return f"{found}, none of them to learn from: they are held out, left out or for the test"
        if self.hold_out:
            given = ", ".join(chosen.given for chosen in self.hold_out)
            return f"{found}, and --hold-out {given} holds out none of them"
        return f"{found}, at least {SMALLEST} are needed to hold one out"


def load_all(dataset: Dataset) -> list[Annotated]:
    """Decodes every picture once, showing how far it is; they stay in memory as uint8 (about 2.4 MB each for part B).

    Raises:
        TrainerError: pictures cannot be read; not the first alone is named.
    """
    found, faults = list[Annotated](), list[str]()
    for index in with_bar(range(len(dataset)), "reading"):
        try:
            found.append(dataset[index])
        except TrainerError as error:
            faults.append(str(error))
    if faults:
        more = f"; and {len(faults) - NAMED} more, deepcount-trainer prepare names all" if len(faults) > NAMED else ""
        raise TrainerError("; ".join(faults[:NAMED]) + more)
    return found


def _part(folder: Path, name: str) -> Path | None:
    return folder / name if name and (folder / name).is_dir() else None
