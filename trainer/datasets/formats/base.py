"""What a format of annotation files is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from trainer.datasets.annotation import Annotation


@dataclass(frozen=True, slots=True)
class Format:
    """How one kind of annotation file is known and read; where files lie is no matter of it."""

    name: str
    about: str
    """What the files are, for messages."""
    endings: tuple[str, ...]
    read: Callable[[Path], Sequence[Annotation]]
    """What a file says, picture by picture; raises TrainerError if nothing can be read from it."""
    is_known: Callable[[Path], bool] = lambda file: False
    """Whether a file is one by its content, though no picture goes by its name."""
    is_foreign: Callable[[Path], bool] = lambda file: False
    """Whether a file is none, though a picture goes by its name."""
    in_advance: bool = True
    """Whether all files are read when a data set is opened, since labels are in them; else each with its picture."""

    def takes(self, file: Path, *, has_picture: bool) -> bool:
        """Whether a file is one of this format; `has_picture` says that a picture goes by its name."""
        if file.suffix.lower() not in self.endings:
            return False
        return not self.is_foreign(file) if has_picture else self.is_known(file)
