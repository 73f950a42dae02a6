"""Options that several commands of `deepcount-trainer` share, and what they stand for."""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from shlex import quote

import torch

from trainer.datasets import (
    DATASETS,
    HELD_OUT,
    SPLITS,
    TRAIN,
    Choice,
    Combined,
    Dataset,
    HoldOut,
    PictureSet,
    open_datasets,
    parts_of,
)
from trainer.errors import TrainerError
from trainer.learning.parallel import is_first


def add_data(parser: argparse.ArgumentParser) -> None:
    """Adds `--data` and what says which of its pictures are meant."""
    about = "folder of annotated pictures, such as part_B/train_data; may be given several times"
    parser.add_argument("--data", type=Path, action="append", required=True, metavar="DIR", help=about)
    add_choice(parser)


def add_choice(parser: argparse.ArgumentParser) -> None:
    """Adds what says which pictures of a data set are meant."""
    add = parser.add_argument
    add("--dataset", metavar="NAME", help=f"layout of the folders, if it is not recognised: {', '.join(DATASETS)}")
    about = "of annotations with labels, those that are people, such as head; may be given several times"
    add("--label", action="append", default=[], metavar="NAME", help=about)
    about = (
        "in place of every tenth picture: every Nth, those a file names or a pattern fits; a file with the columns "
        "picture,part concerns the sets that it names, and its parts are measured apart; may be given several times"
    )
    add("--hold-out", action="append", default=[], metavar="N|FILE|GLOB", help=about)
    add("--fold", type=int, metavar="N", help="of UCF_CC_50, 1 to 5: the ten pictures that are kept for --split test")
    add("--with-leaks", action="store_true", help="with training pictures that are in another set's test half too")


def add_split(parser: argparse.ArgumentParser) -> None:
    """Adds `--split`, by default the held-out pictures."""
    about = "held-out is every tenth picture, or what --hold-out says (default: %(default)s)"
    parser.add_argument("--split", choices=SPLITS, default=HELD_OUT, help=about)


def choice_of(options: argparse.Namespace, split: str = "all") -> Choice:
    """Returns what `add_choice` chose; raises TrainerError if that cannot be."""
    hold_out = tuple(HoldOut.of(text) for text in options.hold_out)
    return Choice(split, options.with_leaks, options.fold, tuple(options.label), hold_out)


def parts_in(options: argparse.Namespace) -> dict[str, str]:
    """Returns what pictures, called SET/PICTURE, are parts of where `--hold-out` says so."""
    return parts_of([HoldOut.of(text) for text in options.hold_out])


def choice_words(options: argparse.Namespace) -> tuple[str, ...]:
    """Returns the chosen labels and held-out pictures as they are given on a command line."""
    labels = (f"--label {quote(name)}" for name in options.label)
    return (*labels, *(f"--hold-out {quote(text)}" for text in options.hold_out))


def said_data(options: argparse.Namespace) -> str:
    """Returns the options of `add_data` as they were given, for a command that follows."""
    words = [f"--data {quote(str(folder))}" for folder in options.data]
    words += [f"--{name} {getattr(options, name)}" for name in ("dataset", "fold") if getattr(options, name)]
    return " ".join([*words, *choice_words(options), *(["--with-leaks"] if options.with_leaks else [])])


def add_device(parser: argparse.ArgumentParser) -> None:
    """Adds what is computed on: `--device`, by default the best there is, and `--threads`."""
    best = "cuda" if torch.cuda.is_available() else "cpu"
    parser.add_argument("--device", default=best, help="cpu or cuda (default: %(default)s)")
    about = "of the processor; 1 where something else keeps it busy (default: one per core, %(default)s)"
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), metavar="N", help=about)


def opened(options: argparse.Namespace, split: str) -> Dataset:
    """Opens the data sets of `add_data`, and says on stderr if not all that lies there is used.

    Raises:
        TrainerError: they are no data sets.
    """
    dataset = open_datasets(options.data, choice_of(options, split), layout=options.dataset)
    if split != TRAIN and is_first():  # who trains opens the other half too, and is told once
        _tell_unused(dataset.parts if isinstance(dataset, Combined) else [dataset])
    return dataset


def _tell_unused(parts: Sequence[Dataset]) -> None:
    for part in parts:
        if isinstance(part, PictureSet) and (unused := part.unused()):
            many = f"{len(unused):,} files or entries are" if len(unused) > 1 else "1 file or entry is"
            how = f"deepcount-trainer prepare {quote(str(part.folder))}"
            print(f"{part.name}: {many} not used, such as {unused[0].what}; `{how}` says why", file=sys.stderr)


def device_of(options: argparse.Namespace) -> torch.device:
    """Returns the device of `add_device`, and takes as many threads; raises TrainerError if one cannot be used."""
    if options.threads < 1:
        raise TrainerError(f"--threads is {options.threads}, expected at least 1")
    torch.set_num_threads(options.threads)
    try:
        return torch.zeros((), device=options.device).device
    except (RuntimeError, AssertionError):  # of an unknown name, and of one that this build or machine lacks
        raise TrainerError(f"device {options.device!r} cannot be used here; --device cpu always can") from None


def size_in_pixels(text: str) -> tuple[int, int]:
    """Reads height x width of an option, such as 384x512."""
    if not (found := re.fullmatch(r"(\d{1,6})x(\d{1,6})", text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no height x width, such as 384x512")
    return int(found[1]), int(found[2])
