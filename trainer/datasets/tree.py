"""Where the files of own pictures lie: side by side, in images/ and labels/, in train/ and valid/, in any folders.

Picture and annotation belong together if their places are the same once the folders that only say what is inside
(`images`, `labels`, `annotations`, ...) and the endings are left away. That covers all of these trees by one rule.
"""

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from trainer.datasets.pictures import ENDINGS, by_number

KIND_FOLDERS = frozenset(
    ("images", "jpegimages", "img", "labels", "annotations", "points", "ground-truth", "ground_truth", "density")
)
OTHER_PICTURES = (".heic", ".heif", ".avif", ".gif", ".jp2", ".jxl", ".dng", ".cr2", ".nef", ".arw", ".raw", ".ppm")
"""Pictures that are not read."""
ANNOTATIONS = (".csv", ".tsv", ".json", ".xml", ".txt", ".mat", ".npy", ".h5", ".hdf5")
ABOUT = ("readme", "license", "licence", "classes.txt")
"""Beginnings of files that are about the others."""


@dataclass(frozen=True, slots=True)
class Unused:
    """A file, or an entry of one, that is left out."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Tree:
    """The files below a folder by what they may be."""

    folder: Path
    pictures: dict[str, Path] = field(default_factory=dict)
    """By their key, in the order of their numbers."""
    annotations: list[Path] = field(default_factory=list)
    unused: list[Unused] = field(default_factory=list)

    def key(self, file: Path) -> str:
        """Returns what a picture and its annotation have in common."""
        stem = file.stem
        if file.suffix.lower() in ANNOTATIONS and stem.lower().endswith(ENDINGS):  # a.jpg.json
            stem = Path(stem).stem
        if file.suffix.lower() == ".mat":  # as ShanghaiTech and UCF call them
            stem = stem.removeprefix("GT_").removesuffix("_ann")
        folders = file.relative_to(self.folder).parent.parts
        return "/".join((*(name for name in folders if name.lower() not in KIND_FOLDERS), stem))

    def picture_of(self, file: Path) -> Path | None:
        """Returns the picture that goes by the name of an annotation file."""
        return self.pictures.get(self.key(file))

    def shown(self, file: Path) -> str:
        """Returns a file's place in the folder."""
        return file.relative_to(self.folder).as_posix()


class Names:
    """Finds pictures by the names that tables and COCO files call them by."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._by_name: dict[str, list[Path]] = defaultdict(list)
        for key, path in tree.pictures.items():
            for name in {tree.shown(path), path.name, path.stem, key}:
                self._by_name[name].append(path)

    def find(self, name: str, annotation: Path) -> Path | str:
        """Returns the picture, or in words why there is none; a name leads to no picture outside of the folder.

        Args:
            name: as the file says it, with or without folders and ending.
            annotation: the file, beside which the picture is looked for first.
        """
        plain = PurePosixPath(name.replace("\\", "/"))
        if plain.is_absolute() or ".." in plain.parts:  # of somebody else's computer
            plain = PurePosixPath(plain.name)
        beside = self._tree.folder / self._tree.shown(annotation.parent) / plain
        found = self._tree.pictures.get(self._tree.key(beside))
        if found and plain.name in (found.name, found.stem):
            return found
        candidates = self._by_name.get(str(plain)) or self._by_name.get(plain.name) or []
        if len(candidates) > 1:
            return f"{len(candidates)} pictures are called so, write their folders before the name"
        return candidates[0] if candidates else "there is no such picture"


def tree_of(folder: Path) -> Tree:
    """Looks through a folder and all below it; hidden files and folders are passed over."""
    tree = Tree(folder)
    for file in sorted(_files(folder), key=lambda file: (file.parent, by_number(file))):
        ending = file.suffix.lower()
        if ending in ENDINGS:
            _add_picture(tree, file)
        elif ending in OTHER_PICTURES:
            tree.unused.append(Unused(tree.shown(file), f"a kind of picture that is not read, save it as {ENDINGS[0]}"))
        elif ending in ANNOTATIONS and not file.name.lower().startswith(ABOUT):
            tree.annotations.append(file)
    return tree


def _add_picture(tree: Tree, file: Path) -> None:
    if not file.is_file():
        tree.unused.append(Unused(tree.shown(file), "a link to a file that is not there"))
        return
    namesake = tree.pictures.setdefault(tree.key(file), file)
    if namesake is not file:
        why = f"its annotation would be that of {tree.shown(namesake)}, rename one"
        tree.unused.append(Unused(tree.shown(file), why))


def _files(folder: Path) -> Iterator[Path]:
    """Yields the files below a folder, through links too, but into no folder twice."""
    seen: set[str] = set()
    for place, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__"))) if real not in seen else []
        if real not in seen:
            yield from (Path(place) / name for name in files if not name.startswith("."))
        seen.add(real)
