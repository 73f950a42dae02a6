"""What the trainings of a study are: counting or classification, each with its command, its measures and its curves."""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import split

from trainer.commands.classify import TOLD, add_classify
from trainer.commands.options import device_of, opened, said_data
from trainer.commands.train import add_train, check_named
from trainer.config import load_config
from trainer.datasets.cifar import read_test
from trainer.errors import TrainerError
from trainer.evaluation.counters import load_counter
from trainer.evaluation.evaluate import measure, read_counts, write_csv
from trainer.evaluation.scores import scores
from trainer.evaluation.spread import COUNT, Outcome
from trainer.evaluation.study_plot import Curve
from trainer.files import reason
from trainer.learning.classification import check_classifies, read_told
from trainer.learning.log import read_log
from trainer.learning.run import BEST, LOG
from trainer.learning.study import CLASSIFICATION, COUNTING, Planned
from trainer.progress import with_bar

MEASURED = "measured.csv"
"""In the folder of a training of counting that is done: what its best weights counted."""

Options = argparse.Namespace


@dataclass(frozen=True, slots=True)
class Task:
    """What the trainings of a study do, and how they are compared."""

    add: Callable[[argparse.ArgumentParser], None]
    """Adds the options of the command that trains."""
    data_words: Callable[[Options], Sequence[str]]
    """Returns the words for the data, of the options of `study`."""
    check: Callable[[Options, str], None]
    """Raises TrainerError where a training cannot be done, before any is."""
    done: str
    """The file in the folder of a training that is done."""
    measure: Callable[[Options, str], None]
    """Writes that file."""
    outcome: Callable[[Planned, Path], Outcome]
    """Reads it."""
    curve: Callable[[Path], Curve]
    """Reads how the first measure fell on the held-out pictures."""
    measures: tuple[str, str]
    """What the columns are called; the first one decides, and the lower the better."""


def _check_counting(given: Options, which: str) -> None:
    check_named(given.teacher, load_config(given.preset, given.set))
    opened(given, which)


def _measure_counting(given: Options, which: str) -> None:
    dataset = opened(given, which)
    counter = load_counter(given.run / BEST, device_of(given))
    write_csv(list(measure(counter, with_bar(dataset, "evaluating"))), given.run / MEASURED)


def _counted(run: Planned, folder: Path) -> Outcome:
    found = read_counts(folder / MEASURED)
    every = {output: scores(found, output) for output in found[0].counts}
    log = read_log(folder / LOG)
    best = min(log, key=lambda entry: entry.mae).step if log else 0
    mae, rmse = ({name: getattr(each, which) for name, each in every.items()} for which in ("mae", "rmse"))
    return Outcome(run.row, run.repeat, len(found), mae, rmse, best)


def _counting_curve(folder: Path) -> Curve:
    log = read_log(folder / LOG)
    return [entry.step for entry in log], [entry.mae for entry in log]


def _check_classification(given: Options, _which: str) -> None:
    check_classifies(load_config(given.preset or "cifar-10", given.set))
    read_test(given.data)


def _classified(run: Planned, folder: Path) -> Outcome:
    path = folder / TOLD
    try:
        found = json.loads(path.read_text("utf-8"))
        wrong, loss = {COUNT: 100 * float(found["error"])}, {COUNT: float(found["loss"])}
        return Outcome(run.row, run.repeat, int(found["pictures"]), wrong, loss, int(found["step"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainerError(f"result {path} cannot be read: {reason(error)}; move it away") from error


def _classification_curve(folder: Path) -> Curve:
    log = read_told(folder / LOG)
    return [entry.step for entry in log], [100 * entry.error for entry in log]


def _counting_words(options: Options) -> list[str]:
    return split(said_data(options))


def _classification_words(options: Options) -> list[str]:
    if len(options.data) != 1:
        raise TrainerError(f"--data is given {len(options.data)} times, CIFAR-10 lies in one folder")
    return ["--data", str(options.data[0])]


def _measured_already(_given: Options, _which: str) -> None:
    """Of a command that measures what it has trained."""


TASKS = {
    COUNTING: Task(
        add_train,
        _counting_words,
        _check_counting,
        MEASURED,
        _measure_counting,
        _counted,
        _counting_curve,
        ("MAE", "RMSE"),
    ),
    CLASSIFICATION: Task(
        add_classify,
        _classification_words,
        _check_classification,
        TOLD,
        _measured_already,
        _classified,
        _classification_curve,
        ("error, %", "loss"),
    ),
}
