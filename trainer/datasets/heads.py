"""Which marks count as people, and where the head of a box is.

Boxes around heads, labelled so or about as high as wide, give their centres. Boxes of a label that are in the median at
least 1.5 times as high as wide stand around whole people: the head point is in the middle, a tenth of the height below
the top. The label decides for all of its boxes, so that one who sits is not taken for a head alone.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from trainer.datasets.annotation import Annotation, Mark
from trainer.errors import TrainerError

HEAD_WORDS = ("head", "face")
WHOLE_FROM = 1.5
"""Height by width, in the median of a label's boxes, from which they are around whole people."""
BELOW_THE_TOP = 0.1
"""Of a whole person's height: where the head point is."""
HEADS_TALL = 7.5
"""Height of somebody who stands, by that of the head."""
UNLABELLED = "(none)"


@dataclass(frozen=True, slots=True)
class Label:
    """One kind of mark in a data set."""

    name: str
    points: int = 0
    boxes: int = 0
    tallness: float = 1.0
    """Median height by width of the boxes."""

    @property
    def shown(self) -> str:
        """Its name, or that it has none."""
        return self.name or UNLABELLED

    @property
    def count(self) -> int:
        """How many marks have it."""
        return self.points + self.boxes

    @property
    def is_whole_person(self) -> bool:
        """Whether its boxes stand around whole people."""
        return self.tallness >= WHOLE_FROM and not any(word in self.name.lower() for word in HEAD_WORDS)

    def rule(self) -> str:
        """Says what its marks are and where their head points are."""
        points = f"{self.points:,} points" if self.points else ""
        if not self.boxes:
            return points or "nothing"
        place = "their centres"
        if self.is_whole_person:
            place = "whole people, the head point a tenth of the height below the top"
        boxes = f"{self.boxes:,} boxes, {self.tallness:.1f} times as high as wide: {place}"
        return f"{points} and {boxes}" if points else boxes


def labels_in(annotations: Iterable[Annotation]) -> list[Label]:
    """Returns the labels that are used, the most frequent first."""
    points, tallness = Counter[str](), defaultdict[str, list[float]](list)
    for annotation in annotations:
        points.update(fault.label for fault in annotation.faults if fault.label is not None)
        for mark in annotation.marks:
            if mark.is_box:
                tallness[mark.label].append(mark.height / mark.width)
            else:
                points[mark.label] += 1
    found = [
        Label(name, points[name], len(tallness[name]), median(tallness[name]) if tallness[name] else 1.0)
        for name in {*points, *tallness}
    ]
    return sorted(found, key=lambda label: (-label.count, label.name))


def chosen_labels(labels: Sequence[Label], wanted: Sequence[str], folder: Path) -> list[Label]:
    """Returns the labels whose marks are people; raises TrainerError if several could be and none was chosen.

    Args:
        labels: that are used in a data set.
        wanted: those that were asked for, in any case; a set without labels has nothing to choose from.
        folder: of the data set, for the message.
    """
    if not any(label.name for label in labels):
        return list(labels)
    names = {name.lower() for name in wanted}
    seen = ", ".join(f"{label.shown} ({label.count:,})" for label in labels)
    if names:
        chosen = [label for label in labels if label.name.lower() in names or label.shown in names]
        if not chosen:
            raise TrainerError(f"{folder} has no label {' or '.join(wanted)}, it has {seen}")
        return chosen
    if len(labels) > 1:
        raise TrainerError(
            f"{folder} has {len(labels)} kinds of labels, and not all may be people: {seen}; "
            "choose with --label, once for each that is to count"
        )
    return list(labels)


def head_points(marks: Iterable[Mark], labels: Sequence[Label]) -> NDArray[np.float64]:
    """Returns the head points (n, 2) of those marks that have one of some labels."""
    whole = {label.name: label.is_whole_person for label in labels}
    found = [_head(mark, is_whole=whole[mark.label]) for mark in marks if mark.label in whole]
    return np.array(found, np.float64).reshape(-1, 2)


def head_sizes(marks: Iterable[Mark], labels: Sequence[Label]) -> NDArray[np.float32] | None:
    """Returns how large the heads of `head_points` are in pixels (n,), nan where a mark is a point; None without boxes.

    A head's size is the mean edge of its box, whichever way the picture is turned; somebody who stands is `HEADS_TALL`
    heads tall, as those who draw people reckon.
    """
    whole = {label.name: label.is_whole_person for label in labels}
    found = [_size(mark, is_whole=whole[mark.label]) for mark in marks if mark.label in whole]
    sizes = np.array(found, np.float32)
    return None if np.isnan(sizes).all() else sizes


def _size(mark: Mark, *, is_whole: bool) -> float:
    if not mark.is_box:
        return float("nan")
    return mark.height / HEADS_TALL if is_whole else float(np.sqrt(mark.width * mark.height))


def _head(mark: Mark, *, is_whole: bool) -> tuple[float, float]:
    up = mark.height * (0.5 - BELOW_THE_TOP) if is_whole and mark.is_box else 0.0
    return mark.x, mark.y - up
