"""Own pictures in any tree, annotated in any of the formats.

A picture without annotation is left out, and so is an annotation without picture: both are named (`unused`). A picture
whose annotation cannot be read stays in, and reading it says why, so that one run finds all that is to be repaired.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from trainer.datasets.annotation import Annotation, fault_text
from trainer.datasets.base import HELD_OUT, TEST, TRAIN, Choice, PictureSet
from trainer.datasets.formats import COCO, DENSITY, LABELME, MATLAB, NUMPY, TABLE, VOC, YOLO, Format
from trainer.datasets.gathered import Gathered, coverage, measured
from trainer.datasets.heads import Label, chosen_labels, head_points, head_sizes, labels_in
from trainer.datasets.pictures import Picture
from trainer.datasets.points import checked_points
from trainer.datasets.tree import Unused, tree_of
from trainer.errors import TrainerError

SPLIT_FOLDERS = {
    "train": TRAIN,
    "training": TRAIN,
    "valid": HELD_OUT,
    "val": HELD_OUT,
    "validation": HELD_OUT,
    "test": TEST,
}
"""Folders of a tree that say what its pictures are for, as Roboflow's and YOLO's do."""


class OwnPictures(PictureSet):
    """Pictures with annotations of one format; a subclass for each."""

    format: ClassVar[Format]

    def __init__(self, folder: Path, choice: Choice | None = None) -> None:
        self._found = found = Gathered(tree_of(folder), self.format)
        self._tree, self._annotations, self._shared = found.tree, found.annotations, found.shared
        self._labels = labels_in(self._annotations.values())
        self._chosen = chosen_labels(self._labels, choice.labels if choice else (), folder)
        super().__init__(folder, choice)

    @classmethod
    def recognises(cls, folder: Path) -> bool:
        """Whether a folder holds annotations of this format, and of no other for more pictures."""
        return prevailing(folder) is cls

    def listed(self, folder: Path) -> list[Path]:
        """Returns the annotated pictures, by folders and numbers."""
        return [path for path in self._tree.pictures.values() if path in self._annotations]

    def points_of(self, path: Path) -> NDArray[np.float32]:
        """Returns the head points of a picture by the rules of `trainer.datasets.heads`."""
        if path in self._found.broken:
            raise TrainerError(self._found.broken[path])
        annotation = self._annotations[path]
        if not self.format.in_advance and annotation.total is None and not annotation.marks:
            annotation = self._annotations[path] = measured(self.format.read(annotation.file)[0], path)
        chosen = self._taken(annotation)
        names = {label.name for label in chosen}
        faults = tuple(fault for fault in annotation.faults if fault.label is None or fault.label in names)
        if faults:
            raise TrainerError(fault_text(annotation.file, faults))
        return checked_points(head_points(annotation.marks, chosen), annotation.file)

    def sizes_of(self, path: Path) -> NDArray[np.float32] | None:
        """Returns the sizes that boxes around heads have, where there are such."""
        annotation = self._annotations[path]
        return head_sizes(annotation.marks, self._taken(annotation))

    def is_upright(self, path: Path, picture: Picture) -> bool:
        """Whether the format says so, or the size that the file says is that of the upright picture alone."""
        annotation = self._annotations[path]
        if annotation.upright is not None:
            return annotation.upright
        return annotation.size == picture.pixels.shape[:2] != picture.stored_size

    def title_of(self, path: Path) -> str:
        """Returns the picture's name with the folders that tell it from others."""
        return self._tree.key(path)

    def unused(self) -> list[Unused]:
        """Returns files and entries that are not used, each with the reason."""
        pictures = self._tree.pictures.values()
        without = [Unused(self._tree.shown(path), self._lacks()) for path in pictures if path not in self._annotations]
        return [*self._tree.unused, *without, *self._found.unused]

    def remarks(self) -> list[str]:
        """Says which labels were seen and taken, by what rule boxes became points, and what density maps sum to."""
        return list(self._remarks())

    def _taken(self, annotation: Annotation) -> list[Label]:
        """Returns the labels whose marks are people."""
        return self._chosen if self.format.in_advance else labels_in([annotation])

    def _remarks(self) -> Iterator[str]:
        many = f" in {len(self._shared)} files" if len(self._shared) > 1 else ""
        yield f"format {self.format.name}: {len(self._annotations):,} of {len(self._tree.pictures):,} pictures{many}"
        for label in self._labels:
            what = label.rule() if label in self._chosen else f"{label.count:,}, not taken (--label)"
            if label.name or label.boxes:
                yield f"label {label.shown}: {what}"
        totals = [found.total for found in self._annotations.values() if found.total is not None]
        if totals:
            points = sum(round(total) for total in totals)
            yield f"density maps sum to {sum(totals):,.1f} people, which are {points:,} head points"

    def label_names(self) -> list[str]:
        """Returns the labels that were seen, as they are to be chosen."""
        return [label.shown for label in self._labels]

    def doubts(self) -> list[str]:
        """Says where several files in one folder annotate many pictures each: one may be an older state of another."""
        by_folder: dict[Path, list[Path]] = defaultdict(list)
        for file in self._shared:
            by_folder[file.parent].append(file)
        several = (files for files in by_folder.values() if len(files) > 1)
        return [f"several {self.format.name} files lie together: {self._named(files)}" for files in several]

    def _named(self, files: Sequence[Path]) -> str:
        named = (f"{self._tree.shown(file)} (taken for {self._shared[file]:,} pictures)" for file in files)
        return f"{', '.join(named)}; where a picture is in two, the first is taken"

    def _divided(self) -> Iterator[tuple[Path, str]]:
        """Divides by the tree's own folders, where it has such, and else as all data sets."""
        splits = {path: self._split_by_folder(path) for path in self.listed(self.folder)}
        if HELD_OUT in splits.values() and not self.hold_out:
            yield from ((path, split or TRAIN) for path, split in splits.items())
            return
        yield from self.ranked([path for path, split in splits.items() if split != TEST])
        yield from ((path, TEST) for path, split in splits.items() if split == TEST)

    def _split_by_folder(self, path: Path) -> str:
        folders = path.relative_to(self.folder).parent.parts
        return next((SPLIT_FOLDERS[name.lower()] for name in folders if name.lower() in SPLIT_FOLDERS), "")

    def _lacks(self) -> str:
        return f"no annotation, expected {self.format.about}, also where nobody is in it"


class CocoPictures(OwnPictures):
    """With COCO files."""

    layout, format = COCO.about, COCO


class LabelmePictures(OwnPictures):
    """With labelme's files."""

    layout, format = LABELME.about, LABELME


class TablePictures(OwnPictures):
    """With tables of points or boxes."""

    layout, format = TABLE.about, TABLE


class VocPictures(OwnPictures):
    """With Pascal VOC's files."""

    layout, format = VOC.about, VOC


class YoloPictures(OwnPictures):
    """With YOLO's text files."""

    layout, format = YOLO.about, YOLO


class MatlabPictures(OwnPictures):
    """With MATLAB files of points."""

    layout, format = MATLAB.about, MATLAB


class NumpyPictures(OwnPictures):
    """With arrays of points, or density maps, of NumPy."""

    layout, format = NUMPY.about, NUMPY


class DensityPictures(OwnPictures):
    """With density maps in HDF5."""

    layout, format = DENSITY.about, DENSITY


OWN: dict[str, type[OwnPictures]] = {
    kind.format.name: kind
    for kind in (
        CocoPictures,
        LabelmePictures,
        TablePictures,
        VocPictures,
        YoloPictures,
        MatlabPictures,
        NumpyPictures,
        DensityPictures,
    )
}
"""By the names of their formats, in the order of `FORMATS`."""


def prevailing(folder: Path) -> type[OwnPictures] | None:
    """Returns the kind whose annotations cover most pictures of a folder, or None if no file is an annotation."""
    tree = tree_of(folder)
    covered = {kind: coverage(tree, kind.format) for kind in OWN.values()}
    best = max(covered, key=lambda kind: covered[kind])
    return best if covered[best] else None
