"""`deepcount-trainer trust`: measures how far counts of models are to be trusted, and tells it in their files."""

import argparse
from pathlib import Path

from trainer.commands.options import add_data, add_device, device_of, opened, said_data
from trainer.contract import ERRORS
from trainer.datasets import Dataset
from trainer.errors import TrainerError
from trainer.evaluation.counters import EXPORTED, load_counter
from trainer.evaluation.errors import (
    LEAST_PICTURES,
    coverage_text,
    crossed_coverage,
    errors_of,
    left_out_coverage,
)
from trainer.evaluation.evaluate import measure
from trainer.evaluation.groups import by_data_set
from trainer.exporting.markdown import FENCE
from trainer.exporting.tables import add_tables, tell_in_card
from trainer.progress import with_bar


def add_trust(parser: argparse.ArgumentParser) -> None:
    """Adds the options of this command."""
    add = parser.add_argument
    add("models", type=Path, nargs="+", metavar="FILE.onnx", help="exported models; their graphs stay as they are")
    add_data(parser)
    add("--dry-run", action="store_true", help="measure and say, but write nothing")
    add_device(parser)
    parser.set_defaults(run_command=_trust, when_stopped="stopped; no half-written file is left")


def _trust(options: argparse.Namespace) -> int:
    held_out = opened(options, "held-out")
    for path in options.models:
        if path.suffix != EXPORTED:
            raise TrainerError(f"model {path} has the ending {path.suffix!r}, expected an exported file, {EXPORTED}")
        _trust_one(path, held_out, options)
    return 0


def _trust_one(path: Path, held_out: Dataset, options: argparse.Namespace) -> None:
    counter = load_counter(path, device_of(options))
    found = list(measure(counter, with_bar(held_out, f"counting with {path.name}")))
    errors = errors_of(found)
    if errors is None:
        raise TrainerError(f"{len(found)} pictures are held out, expected at least {LEAST_PICTURES}; give more --data")
    groups = by_data_set(found, held_out.name)
    said = coverage_text(crossed_coverage(groups), left_out_coverage(groups))
    print(f"{path.name}, interval of 90 %, each picture judged without it:\n{said}")
    if options.dry_run:
        return
    add_tables(path, {ERRORS: errors.text})
    card = tell_in_card(path, _section(path, said, options))
    print(f"written: {', '.join(str(each) for each in (path, card) if each)}")


def _section(path: Path, said: str, options: argparse.Namespace) -> str:
    return f"""Its file says between which numbers of people the truth lies with 90 % certainty, as a function of the \
count, from the errors on these held-out pictures. Coverage is the share of pictures whose true number lies within the \
interval that was made without them; the last column without any picture of their set.

{FENCE}
$ deepcount-trainer trust {path.name} {said_data(options)}
{said}
{FENCE}"""
