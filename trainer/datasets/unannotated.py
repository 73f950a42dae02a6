"""Pictures without head points: they can be counted, but nothing can be learnt from them or measured on them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trainer.datasets.pictures import ENDINGS, picture_files, read_picture
from trainer.errors import TrainerError


@dataclass(frozen=True, slots=True)
class Unannotated:
    """One picture of which nobody has said where people are."""

    name: str
    picture: NDArray[np.uint8] = field(compare=False, repr=False)
    """RGB, (H, W, 3), upright."""


class Pictures(Sequence[Unannotated]):
    """The pictures of a folder, or of `images` in it, sorted by number."""

    def __init__(self, folder: Path) -> None:
        self.name = folder.resolve().name
        self.pictures = files_to_count(folder)
        if not self.pictures:
            raise TrainerError(f"{folder} holds no pictures, expected files ending in {', '.join(ENDINGS)}")

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> Unannotated:  # type: ignore[override]  # nobody slices pictures on the disk
        """Reads one picture; raises TrainerError if that cannot be done."""
        path = self.pictures[index]
        return Unannotated(path.stem, read_picture(path).pixels)


def files_to_count(folder: Path) -> list[Path]:
    """Returns the pictures that `Pictures` would read."""
    return picture_files(folder) or picture_files(folder / "images")
