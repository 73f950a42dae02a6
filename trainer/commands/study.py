"""`deepcount-trainer study`: several trainings from one file, one after another, and one table of them."""

import argparse
import math
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from shlex import join
from time import monotonic

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from trainer.commands.options import add_data, add_device
from trainer.commands.study_tasks import TASKS
from trainer.commands.train import add_configuration, add_minutes
from trainer.config import load_config
from trainer.errors import TrainerError
from trainer.evaluation.spread import COUNT, Outcome, Row, rows_of, write_study
from trainer.evaluation.study_plot import Curve, Shown, draw_study
from trainer.files import made_folder, written_whole
from trainer.learning.study import FOLD, Planned, Study, read_study, study_names
from trainer.learning.teacher import needs_teacher

TABLE, TEXT, PICTURE = "study.csv", "study.txt", "study.png"
WIDTH = 120  # characters, where the output is no terminal
ABOUT = """\
Trains everything that a file describes, each in a folder of its own below --run, and puts what the best weights
count into one table: a row for each variant, with mean and standard deviation over folds and seeds. The same command
goes on where it was stopped; a training that is done is not done again.

  deepcount-trainer study ucf-cc-50 --data ucf_cc_50 --weights vgg16.safetensors --run runs/folds --minutes 20

A file of your own:

  preset = "quarter-b"
  split = "held-out"
  [over]
  seed = [1, 2, 3]
  "model.width" = [0.25, 0.125]
"""


def add_study(parser: argparse.ArgumentParser) -> None:
    """Adds the options of this command."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = ABOUT
    add = parser.add_argument
    add("study", metavar="STUDY", help=f"{', '.join(study_names())}, or a TOML file")
    add_data(parser)
    add("--run", type=Path, required=True, metavar="DIR", help="folder of all runs and of the table")
    add_configuration(parser)
    add("--weights", metavar="FILE", help="of the frontend, where the study names none")
    add("--teacher", type=Path, metavar="FILE", help="of trainings that compare with one, where the study names none")
    add_minutes(parser, "of each training, in place of what the study says")
    add_device(parser)
    parser.set_defaults(run_command=_run, when_stopped="stopped; the same command goes on from here")


def _run(options: argparse.Namespace) -> int:
    study = read_study(options.study)
    planned = study.planned()
    if FOLD in study.over and options.fold is not None:
        raise TrainerError(f"--fold {options.fold} is given, and the study takes folds {list(study.over[FOLD])}")
    asked = {run.folder: _asked(options, study, run) for run in planned}
    task = TASKS[study.task]
    for given in asked.values():  # what cannot be done is said before hours are spent on the rest
        task.check(given, study.split)
    folder = made_folder(options.run, "study folder")
    outcomes = list[Outcome]()
    began_s, trained = monotonic(), 0
    for number, run in enumerate(planned, 1):
        given = asked[run.folder]
        if not (given.run / task.done).exists():
            left = _left(monotonic() - began_s, trained, len(planned) - number + 1)
            print(f"training {number} of {len(planned)}: {run.name}{left}", flush=True)
            given.run_command(given)
            task.measure(given, study.split)
            trained += 1
        outcomes.append(task.outcome(run, given.run))
        _write(study, planned, outcomes, folder)
    text = _text(study, _rows(study, planned, outcomes))
    print(text)
    print(f"written: {', '.join(str(folder / name) for name in (TABLE, TEXT, PICTURE))}")
    return 0


def _asked(options: argparse.Namespace, study: Study, run: Planned) -> argparse.Namespace:
    """Returns the options of `train` for one training."""
    task = TASKS[study.task]
    words = [*task.data_words(options), "--run", str(options.run / run.folder), *study.words(run)]
    words += ["--device", options.device, "--threads", str(options.threads)]
    words += ["--preset", options.preset] if options.preset else []
    words += [word for change in options.set for word in ("--set", change)]
    words += ["--weights", options.weights] if options.weights and "--weights" not in words else []
    minutes = options.minutes if math.isfinite(options.minutes) else study.minutes
    words += ["--minutes", str(minutes)] if minutes else []
    words += ["--fold", str(run.changes[FOLD])] if FOLD in run.changes else []
    parser = argparse.ArgumentParser(prog="deepcount-trainer train", exit_on_error=False)
    task.add(parser)
    try:
        given = parser.parse_args(words)
    except (argparse.ArgumentError, argparse.ArgumentTypeError) as error:
        raise TrainerError(f"{run.name}: `train {join(words)}` cannot be: {error}") from error
    if "teacher" in given and not given.teacher and needs_teacher(load_config(given.preset, given.set).objective):
        given.teacher = options.teacher
    return given


def _left(gone_s: float, trained: int, more: int) -> str:
    """Says how long the rest will take, once one training tells."""
    return f" (about {gone_s / trained * more / 60:.0f} minutes left)" if trained else ""


def _rows(study: Study, planned: Sequence[Planned], outcomes: Sequence[Outcome]) -> list[Row]:
    return rows_of(outcomes, {run.row: run.variant.published for run in planned})


def _write(study: Study, planned: Sequence[Planned], outcomes: Sequence[Outcome], folder: Path) -> None:
    rows = _rows(study, planned, outcomes)
    write_study(rows, folder / TABLE)
    with written_whole(folder / TEXT, "table") as partial:
        partial.write_text(_text(study, rows), "utf-8")
    task, curves = TASKS[study.task], dict[str, list[Curve]]()
    for run in planned[: len(outcomes)]:
        curves.setdefault(run.row, []).append(task.curve(folder / run.folder))
    draw_study(rows, curves, Shown(study.title, study.publisher, task.measures[0]), folder / PICTURE)


def _text(study: Study, rows: Sequence[Row]) -> str:
    """Returns the tables as text: all trainings, then the outputs of each row that has several."""
    console = Console(width=WIDTH, record=True, file=StringIO())
    console.print(_of_trainings(study, rows))
    for row in rows:
        if len(row.outputs) > 1:
            console.print(_of_outputs(study, row))
    return console.export_text()


def _of_trainings(study: Study, rows: Sequence[Row]) -> Table:
    table = Table(title=escape(f"{study.title} ({study.split})"), box=box.SIMPLE)
    told = any(COUNT in row.published for row in rows)
    for name in ("", "", "pictures", *TASKS[study.task].measures, "best step", *([study.publisher] if told else [])):
        table.add_column(escape(name), justify="left" if not name else "right")
    for row in rows:
        for outcome in row.outcomes if len(row.outcomes) > 1 else ():
            errors = f"{outcome.mae[COUNT]:.2f}", f"{outcome.rmse[COUNT]:.2f}"
            table.add_row(escape(row.name), escape(outcome.repeat), str(outcome.pictures), *errors, str(outcome.step))
        pictures = str(sum(outcome.pictures for outcome in row.outcomes))
        what = "mean ± deviation" if len(row.outcomes) > 1 else row.outcomes[0].repeat
        beside = [f"{row.published[COUNT]:g}" if COUNT in row.published else ""] if told else []
        step = str(row.outcomes[0].step) if len(row.outcomes) == 1 else ""
        table.add_row(
            escape(row.name), what, pictures, str(row.mae()), str(row.rmse()), step, *beside, end_section=True
        )
    return table


def _of_outputs(study: Study, row: Row) -> Table:
    table = Table(title=escape(f"outputs of {row.name}"), box=box.SIMPLE)
    table.add_column("")
    told = any(output in row.published for output in row.outputs)
    for name in (*TASKS[study.task].measures, *([study.publisher] if told else [])):
        table.add_column(escape(name), justify="right")
    for output in row.outputs:
        beside = [f"{row.published[output]:g}" if output in row.published else ""] if told else []
        table.add_row(escape(output), str(row.mae(output)), str(row.rmse(output)), *beside)
    return table
