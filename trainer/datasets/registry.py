"""All layouts by name, and which of them a folder has."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from trainer.datasets.base import Choice, Dataset, PictureSet
from trainer.datasets.cameras import BeijingBrt, Mall
from trainer.datasets.combined import Combined
from trainer.datasets.hold_out import check_matched
from trainer.datasets.own import OWN, OwnPictures, prevailing
from trainer.datasets.shanghaitech import ShanghaiTech
from trainer.datasets.ucf import UcfCc50, UcfQnrf
from trainer.datasets.unannotated import files_to_count
from trainer.errors import TrainerError

DATASETS: dict[str, type[PictureSet]] = {
    "shanghaitech": ShanghaiTech,
    "ucf-cc-50": UcfCc50,
    "ucf-qnrf": UcfQnrf,
    "mall": Mall,
    "beijing-brt": BeijingBrt,
} | OWN
"""In the order in which they are tried; of own pictures that format is taken which most of them have."""


def open_dataset(folder: Path, choice: Choice | None = None, *, layout: str | None = None) -> PictureSet:
    """Opens a folder of annotated pictures.

    Args:
        folder: of the data set.
        choice: which of its pictures; by default all of the training half.
        layout: a name in `DATASETS`; by default the one that the folder has.

    Raises:
        TrainerError: there is no such folder, it has no known layout, or holds pictures without head points.
    """
    return open_each([folder], choice, layout=layout)[0]


def open_each(folders: Sequence[Path], choice: Choice | None = None, *, layout: str | None = None) -> list[PictureSet]:
    """Opens several folders, as `open_dataset` does each; a fold is chosen of those sets that have folds.

    Sets of the same name are numbered, since pictures and files are called by it. Sets of which all or no pictures were
    chosen to be held out are left away where nothing of them is wanted.
    """
    if len({folder.resolve() for folder in folders}) < len(folders):
        raise TrainerError(f"data folders {', '.join(map(str, folders))} name the same one twice; give each once")
    kinds = [_kind(folder, layout) for folder in folders]
    choice = choice or Choice()
    unfolded = replace(choice, fold=None) if any(kind.folds for kind in kinds) else choice
    opened: list[PictureSet] = []
    for kind, folder in zip(kinds, folders, strict=True):
        part = kind(folder, choice if kind.folds else unfolded)
        namesakes = sum(other.name.partition(" #")[0] == part.name for other in opened)
        part.name += f" #{namesakes + 1}" if namesakes else ""
        opened.append(part)
    check_matched(choice.hold_out, [part.names_of(path) for part in opened for path, _ in part.members])
    _check_labels(choice.labels, opened)
    wanted = [part for part in opened if part.pictures] if choice.hold_out else opened
    for part in wanted or opened:
        part.require_pictures()
    return wanted


def _check_labels(labels: Sequence[str], opened: Sequence[PictureSet]) -> None:
    """Raises TrainerError for a label that no set has; sets without any have nothing to choose from."""
    seen = {name for part in opened if isinstance(part, OwnPictures) for name in part.label_names()}
    for label in labels:
        if label.lower() not in {name.lower() for name in seen}:
            raise TrainerError(f"label {label!r} is in no data set; there are: {', '.join(sorted(seen)) or 'none'}")


def open_datasets(folders: Sequence[Path], choice: Choice | None = None, *, layout: str | None = None) -> Dataset:
    """Opens one folder as it is, several as one data set; raises TrainerError as `open_dataset` does."""
    parts = open_each(folders, choice, layout=layout)
    return parts[0] if len(folders) == 1 else Combined(parts)


def _kind(folder: Path, layout: str | None) -> type[PictureSet]:
    if layout is not None and layout not in DATASETS:
        raise TrainerError(f"data set {layout!r} is unknown; there are: {', '.join(DATASETS)}")
    if not folder.is_dir():
        raise TrainerError(f"data folder {folder} does not exist")
    if layout:
        return DATASETS[layout]
    public = (kind for name, kind in DATASETS.items() if name not in OWN)
    found = next((kind for kind in public if kind.recognises(folder)), None) or prevailing(folder)
    if found:
        return found
    if files_to_count(folder):
        raise TrainerError(
            f"{folder} holds pictures without head points: they can be counted, but not be learnt from or measured on; "
            "beside each, a table NAME.csv with the columns x,y would do, or a labelme file"
        )
    raise TrainerError(
        f"{folder} is no data set of a known layout ({', '.join(DATASETS)}); "
        "with --dataset and one of these names it says what is missing"
    )
