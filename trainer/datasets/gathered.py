"""Which annotation goes with which picture of a tree, and what goes with none."""

from collections.abc import Sequence
from pathlib import Path

from trainer.datasets.annotation import Annotation
from trainer.datasets.formats import COCO, FORMATS, TABLE, Format
from trainer.datasets.pictures import stored_size
from trainer.datasets.tree import Names, Tree, Unused
from trainer.errors import TrainerError


class Gathered:
    """The annotations of one format in a tree, by their pictures."""

    def __init__(self, tree: Tree, kind: Format) -> None:
        """Reads all files of a format whose files are read in advance, and finds those of another.

        Raises:
            TrainerError: files for several pictures cannot be read, all of them named, or no picture is annotated.
        """
        self.tree, self.format = tree, kind
        self.annotations: dict[Path, Annotation] = {}
        self.unused: list[Unused] = []
        """Files and entries that no picture takes."""
        self.broken: dict[Path, str] = {}
        """By their pictures, why annotations cannot be read."""
        self.shared: dict[Path, int] = {}
        """Files that annotate several pictures, and of how many they were taken."""
        self._names = Names(tree)
        self._unreadable: list[str] = []
        for file in tree.annotations:
            self._take(file)
        if self._unreadable:
            raise TrainerError("; ".join(self._unreadable))
        if not self.annotations:
            raise TrainerError(self._why_nothing())

    def _take(self, file: Path) -> None:
        path = self.tree.picture_of(file)
        if not self.format.takes(file, has_picture=path is not None):
            self.unused.append(Unused(self.tree.shown(file), self._why_not(file, path)))
        elif path and not self.format.in_advance:
            self._assign(Annotation(file), path)
        else:
            try:
                self._take_all(file, path, self.format.read(file))
            except TrainerError as error:
                if not path:
                    self._unreadable.append(str(error))
                elif self._assign(Annotation(file), path):
                    self.broken[path] = str(error)

    def _take_all(self, file: Path, own: Path | None, found: Sequence[Annotation]) -> None:
        taken = 0
        for annotation in found:
            what, place = self.tree.shown(file), own or "no picture of this name"
            if annotation.picture:
                what, place = f"{what}, {annotation.picture}", self._names.find(annotation.picture, file)
            if isinstance(place, Path):
                taken += self._assign(annotation, place, what)
            else:
                self.unused.append(Unused(what, f"{place} ({len(annotation.marks)} people)"))
        if any(annotation.picture for annotation in found):
            self.shared[file] = taken

    def _assign(self, annotation: Annotation, path: Path, what: str = "") -> bool:
        taken = self.annotations.get(path)
        if taken:
            by = self.tree.shown(taken.file)
            what = what or self.tree.shown(annotation.file)
            self.unused.append(Unused(what, f"{self.tree.shown(path)} is annotated by {by} already"))
            return False
        self.annotations[path] = measured(annotation, path)
        return True

    def _why_not(self, file: Path, path: Path | None) -> str:
        other = next((f for f in FORMATS if f.takes(file, has_picture=path is not None)), None)
        if other:
            return f"{self.format.name} is used here, --dataset {other.name} takes this"
        return "no picture of this name, and no table of names and places" if path is None else "no known annotation"

    def _why_nothing(self) -> str:
        pictures = len(self.tree.pictures)
        first = f"; {self.unused[0].what}: {self.unused[0].why}" if self.unused else ""
        return f"{self.tree.folder} holds {pictures} pictures and no annotation of them ({self.format.about}){first}"


def measured(annotation: Annotation, path: Path) -> Annotation:
    """Returns an annotation with places in the pixels of its picture, where they are fractions of it."""
    if not annotation.relative:
        return annotation
    try:
        height, width, orientation = stored_size(path)
    except TrainerError:
        return annotation  # reading the picture will say so
    if annotation.upright and orientation.transposed:
        height, width = width, height
    return annotation.in_pixels(height, width)


def coverage(tree: Tree, kind: Format) -> float:
    """Returns of how many pictures a format has annotations; a file for many counts as one for all of them."""
    found = [(file, tree.picture_of(file)) for file in tree.annotations]
    taken = [path for file, path in found if kind.takes(file, has_picture=path is not None)]
    own = {path for path in taken if path}
    if len(own) < len(taken) and kind in (COCO, TABLE):
        return len(tree.pictures) + 0.5
    return len(own) + (0.5 if taken else 0)
