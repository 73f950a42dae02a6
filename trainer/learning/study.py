"""A study: several trainings that one file describes, to be put into one table.

The file names what all have in common, what one of them changes (`[[variants]]`), and lists of values of which every
combination is run (`[over]`). Runs that differ by fold or seed alone repeat each other: the table has their mean.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import product
from pathlib import Path
from typing import Any

from trainer.datasets import HELD_OUT, SPLITS
from trainer.errors import TrainerError
from trainer.files import reason

STUDIES = Path(__file__).parent.parent / "studies"
COUNTING, CLASSIFICATION = "counting", "classification"
FOLD, SEED = "fold", "seed"
REPEATS = (FOLD, SEED)
"""What differs between trainings that repeat each other."""

Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the things that a study compares."""

    name: str = ""
    preset: str = ""
    """In place of the study's."""
    set: tuple[str, ...] = ()
    """Changes of the configuration, such as `model.leak=0`, after those of the study."""
    start: tuple[str, ...] = ()
    """Trained models that it goes on from."""
    weights: str = ""
    """Of the frontend."""
    teacher: str = ""
    """A checkpoint, an exported file, or a folder of stored outputs; `{seed}` in it stands for that of the training."""
    published: Mapping[str, float] = field(default_factory=dict)
    """MAE by output that somebody else reports, to be printed beside."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One training of a study."""

    variant: Variant
    changes: Mapping[str, Value]
    """What it takes of each list."""

    @property
    def row(self) -> str:
        """What it is called in the table, with those that repeat it."""
        own = [f"{key.rpartition('.')[2]} {value}" for key, value in self.changes.items() if key not in REPEATS]
        return ", ".join([*([self.variant.name] if self.variant.name else []), *own]) or "all"

    @property
    def repeat(self) -> str:
        """What tells it from those that repeat it."""
        return ", ".join(f"{key} {self.changes[key]}" for key in REPEATS if key in self.changes)

    @property
    def name(self) -> str:
        """What it is called."""
        return ", ".join(part for part in (self.row, self.repeat) if part)

    @property
    def folder(self) -> str:
        """The name of its run folder."""
        return re.sub(r"[^a-z0-9.]+", "-", self.name.lower()).strip("-.") or "run"


@dataclass(frozen=True, slots=True)
class Study:
    """What a file describes."""

    title: str = ""
    task: str = COUNTING
    """counting or classification."""
    preset: str = ""
    """A preset's name, or a TOML file."""
    split: str = HELD_OUT
    """The pictures that the table is about: held-out, or test (of folds, or where a data set has a test half)."""
    minutes: float = 0.0
    """Of each training; 0 trains to the last step."""
    set: tuple[str, ...] = ()
    """Changes of the configuration, common to all."""
    weights: str = ""
    start: tuple[str, ...] = ()
    publisher: str = "published"
    """Who reports the figures that are printed beside."""
    over: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    """Values by key of the configuration, or of fold."""
    variants: tuple[Variant, ...] = (Variant(),)

    def planned(self) -> list[Planned]:
        """Returns all trainings, those that repeat each other one after another.

        Raises:
            TrainerError: two of them are called the same.
        """
        found = [
            Planned(variant, dict(zip(self.over, values, strict=True)))
            for variant in self.variants
            for values in product(*self.over.values())
        ]
        folders = [run.folder for run in found]
        for run in found:
            if folders.count(run.folder) > 1:
                raise TrainerError(
                    f"study has {folders.count(run.folder)} trainings called {run.name!r}; name variants"
                )
        return found

    def words(self, run: Planned) -> list[str]:
        """Returns the options of `train` that the file decides for a training."""
        variant = run.variant
        words = self._configuration(variant)
        settings = [f"{key}={_toml(value)}" for key, value in run.changes.items() if key != FOLD]
        for change in (*self.set, *variant.set, *settings):
            words += ["--set", change]
        for path in variant.start or self.start:
            words += ["--start", path]
        for name, path in (("weights", variant.weights or self.weights), ("teacher", variant.teacher)):
            words += [f"--{name}", _filled(path, run.changes)] if path else []
        return words

    def _configuration(self, variant: Variant) -> list[str]:
        preset = variant.preset or self.preset
        return ["--preset", preset] if preset else []


def study_names() -> list[str]:
    """Names of the studies that come with the trainer."""
    return sorted(path.stem for path in STUDIES.glob("*.toml"))


def read_study(given: str) -> Study:
    """Reads a study from a TOML file, or one of `study_names`.

    Raises:
        TrainerError: the file is missing or damaged, or a key or value is wrong.
    """
    path = Path(given) if given.endswith(".toml") else STUDIES / f"{given}.toml"
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        known = ", ".join(study_names())
        raise TrainerError(f"study {given!r} does not exist; there are: {known}, or give a TOML file") from None
    except (OSError, ValueError) as error:
        raise TrainerError(f"study {path} cannot be read: {reason(error)}") from error
    try:
        study = _study(table)
    except ValueError as error:
        raise TrainerError(f"study {path}: {error}") from error
    return replace(study, title=study.title or path.stem)


def _study(table: Mapping[str, Any]) -> Study:
    given = dict(table)
    over = given.pop("over", {})
    variants = given.pop("variants", [{}])
    study = Study(**dict(_checked(Study(), given, "")))
    if not isinstance(over, Mapping) or not all(isinstance(values, list) and values for values in over.values()):
        raise ValueError("over is no table of lists, such as seed = [1, 2, 3]")
    if not isinstance(variants, list) or not variants or not all(isinstance(item, Mapping) for item in variants):
        raise ValueError("variants is no list of tables")
    if study.task not in (COUNTING, CLASSIFICATION):
        raise ValueError(f"task is {study.task!r}, expected {COUNTING} or {CLASSIFICATION}")
    if study.split not in SPLITS:
        raise ValueError(f"split is {study.split!r}, expected one of {', '.join(SPLITS)}")
    if not 0 <= study.minutes < float("inf"):
        raise ValueError(f"minutes is {study.minutes}, expected a number above 0, or 0 for no limit")
    made = tuple(
        Variant(**dict(_checked(Variant(), item, f"variant {number}: "))) for number, item in enumerate(variants, 1)
    )
    return replace(study, over={key: tuple(values) for key, values in over.items()}, variants=made)


def _checked(default: Any, table: Mapping[str, Any], where: str) -> Iterator[tuple[str, Any]]:
    """Yields keys and values of the types that a dataclass has; raises ValueError for others."""
    known = {item.name: getattr(default, item.name) for item in fields(default)}
    for key, value in table.items():
        if key not in known:
            raise ValueError(f"{where}there is no {key!r}; there are: {', '.join(known)}")
        wanted = known[key]
        if isinstance(wanted, tuple) and isinstance(value, list) and all(isinstance(item, str) for item in value):
            yield key, tuple(value)
        elif isinstance(wanted, float) and isinstance(value, int | float) and not isinstance(value, bool):
            yield key, float(value)
        elif isinstance(wanted, Mapping) and isinstance(value, Mapping) and _are_numbers(list(value.values())):
            yield key, {name: float(figure) for name, figure in value.items()}
        elif isinstance(wanted, str) and isinstance(value, str):
            yield key, value
        else:
            raise ValueError(f"{where}{key} is {value!r}, expected something like {wanted!r}")


def _are_numbers(values: Sequence[object]) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _filled(path: str, changes: Mapping[str, Value]) -> str:
    """Puts what a training takes of each list in the place of its key in braces, as in `taught-{seed}`."""
    for key, value in changes.items():
        path = path.replace(f"{{{key}}}", str(value))
    return path


def _toml(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
