"""Checks data sets before a training spends hours on them: every file is read, counted and compared with the others."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from trainer.checking.duplicates import Pair, fingerprint, same_pictures
from trainer.checking.sheet import Card, Sheet, chosen, draw_sheet
from trainer.checking.suspicions import Signs, Suspicion, signs_of, suspicions
from trainer.datasets import PictureSet, Unused
from trainer.datasets.pictures import read_picture
from trainer.errors import TrainerError
from trainer.files import written_whole
from trainer.progress import with_bar

ON_A_SHEET = 8
NAMED_FILES = 10


@dataclass(frozen=True, slots=True)
class Checked:
    """One picture that can be used."""

    dataset: str
    split: str
    path: Path
    title: str
    """What it is called in its data set."""
    people: int
    moved: int
    fingerprint: NDArray[np.bool_] = field(compare=False, repr=False)
    signs: Signs = field(compare=False, repr=False)

    @property
    def name(self) -> str:
        """Data set and picture."""
        return f"{self.dataset}, {self.title}"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One picture that cannot be used."""

    dataset: str
    split: str
    path: Path
    why: str


class _Members:
    """The pictures of all splits of some data sets, each read when it is asked for."""

    def __init__(self, datasets: Sequence[PictureSet]) -> None:
        self._members = [(dataset, path, split) for dataset in datasets for path, split in dataset.members]

    def __len__(self) -> int:
        return len(self._members)

    def __getitem__(self, index: int) -> Checked | Unreadable:
        dataset, path, split = self._members[index]
        try:
            picture, points = read_picture(path), dataset.points_of(path)
        except TrainerError as error:
            return Unreadable(dataset.name, split, path, str(error))
        found = dataset.placed(path, picture, points)
        hashed, signs = fingerprint(found.picture), signs_of(picture, points, dataset.is_upright(path, picture))
        return Checked(dataset.name, split, path, found.name, len(found.points), found.moved, hashed, signs)


@dataclass(frozen=True, slots=True)
class Aside:
    """What is to be known about one data set beside its pictures."""

    dataset: str
    remarks: tuple[str, ...]
    """What was read, and by which rules."""
    suspicions: tuple[Suspicion, ...]
    unused: tuple[Unused, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """What is in some data sets."""

    checked: tuple[Checked, ...]
    unreadable: tuple[Unreadable, ...]
    pairs: tuple[Pair, ...]
    """Of `checked`."""
    asides: tuple[Aside, ...]
    """One for each data set."""


def check(datasets: Sequence[PictureSet]) -> Findings:
    """Reads every picture of every split, showing a bar."""
    found = list(with_bar(_Members(datasets), "checking"))
    checked = tuple(item for item in found if isinstance(item, Checked))
    unreadable = tuple(item for item in found if isinstance(item, Unreadable))
    asides = tuple(_aside(dataset, checked) for dataset in datasets)
    return Findings(checked, unreadable, tuple(same_pictures([item.fingerprint for item in checked])), asides)


def _aside(dataset: PictureSet, checked: Sequence[Checked]) -> Aside:
    items = [(item.path, item.signs) for item in checked if item.dataset == dataset.name]
    doubts = [Suspicion("", text) for text in dataset.doubts()]
    found = (*doubts, *suspicions(items, dataset.title_of))
    return Aside(dataset.name, tuple(dataset.remarks()), found, tuple(dataset.unused()))


def draw_sheets(datasets: Sequence[PictureSet], findings: Findings, folder: Path) -> list[Path]:
    """Draws a contact sheet of each data set into a folder, what looks wrong first; returns their paths."""
    drawn: list[Path] = []
    for dataset, aside in zip(datasets, findings.asides, strict=True):
        items = {item.path: item for item in findings.checked if item.dataset == dataset.name}
        if items:
            drawn.append(folder / f"{_file_name(dataset.name)}.png")
            draw_sheet(_sheet(dataset, aside, items), drawn[-1])
    return drawn


def _sheet(dataset: PictureSet, aside: Aside, items: Mapping[Path, Checked]) -> Sheet:
    people = [item.people for item in items.values()]
    ranked = list(items)
    some = [ranked[place] for place in chosen(people, ON_A_SHEET)]
    cards = [Card(dataset.read(s.path), s.title, is_warning=True) for s in aside.suspicions if s.path]
    cards += [Card(dataset.read(path), items[path].split) for path in some]
    facts = _facts(list(items.values()))
    return Sheet(dataset.name, facts, people, cards, [suspicion.text for suspicion in aside.suspicions])


def write_unused(findings: Findings, folder: Path) -> list[Path]:
    """Writes a table of what is not used, and why, for each data set that has such; returns their paths."""
    written: list[Path] = []
    for aside in findings.asides:
        if aside.unused:
            written.append(folder / f"{_file_name(aside.dataset)}-unused.csv")
            lines = [("what", "why"), *((item.what, item.why) for item in aside.unused)]
            with (
                written_whole(written[-1], "list") as partial,
                partial.open("w", newline="", encoding="utf-8") as file,
            ):
                csv.writer(file).writerows(lines)
    return written


def refuse_unreadable(findings: Findings) -> None:
    """Raises TrainerError naming the pictures that cannot be used, if there are any."""
    names = [item.path.name for item in findings.unreadable]
    if names:
        total = len(names) + len(findings.checked)
        more = f" and {len(names) - NAMED_FILES} more" if len(names) > NAMED_FILES else ""
        raise TrainerError(
            f"{len(names)} of {total} pictures cannot be used: {', '.join(names[:NAMED_FILES])}{more}; "
            "repair or remove them"
        )


def _facts(items: Sequence[Checked]) -> str:
    people = [item.people for item in items]
    return "   ·   ".join(_said(people, sum(item.moved for item in items)))


def _said(people: Sequence[int], moved: int) -> Iterator[str]:
    yield f"{len(people):,} pictures"
    yield f"{sum(people):,} people"
    yield f"{min(people):,} to {max(people):,} in a picture, median {median(people):,.0f}"
    yield f"{moved:,} points outside, moved to the border"


def _file_name(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name.lower()).strip("-")
