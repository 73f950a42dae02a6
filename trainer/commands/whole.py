"""`deepcount-trainer whole`: has exported models count whole people where people stand apart."""

import argparse
from collections.abc import Mapping
from pathlib import Path

import onnx
from onnx import ModelProto, helper

from trainer.commands.options import add_data, choice_words, opened
from trainer.contract import ERRORS, KEY, WHOLE, facts_of
from trainer.datasets import Dataset
from trainer.errors import TrainerError
from trainer.evaluation.counters import check_models, processor_session, session_counter
from trainer.evaluation.errors import LEAST_PICTURES, errors_of
from trainer.evaluation.evaluate import Measured, measure
from trainer.evaluation.scores import paired_gain, scores
from trainer.exporting.markdown import FENCE, command, data_options
from trainer.exporting.tables import tell_in_card
from trainer.exporting.whole import with_whole_people, without_whole_people
from trainer.files import written_whole
from trainer.progress import with_bar

HEADING = "Whole people"


def add_whole(parser: argparse.ArgumentParser) -> None:
    """Adds the options of this command."""
    parser.description = (
        "On a camera unlike those that a model learnt from, its map shows a walker as 0.4 or 0.8 of a person, and 0.1 "
        "where nobody is. This moves what the map shows at a peak towards one person or nobody, in the file itself, "
        "and says what that changes on held-out pictures. Files for which it is surely worse stay as they are."
    )
    add = parser.add_argument
    add("models", type=Path, nargs="+", metavar="FILE.onnx", help="exported models that count by their map")
    add_data(parser)
    add("--dry-run", action="store_true", help="measure and say, but write nothing")
    parser.set_defaults(run_command=_whole, when_stopped="stopped; no half-written file is left")


def _whole(options: argparse.Namespace) -> int:
    check_models(options.models)
    held_out = opened(options, "held-out")
    for path in options.models:
        _make_whole(path, held_out, options)
    return 0


def _make_whole(path: Path, held_out: Dataset, options: argparse.Namespace) -> None:
    try:
        before = without_whole_people(onnx.load(path, load_external_data=False))
        after = with_whole_people(before)
    except TrainerError as error:
        raise TrainerError(f"model {path}: {error}") from error
    old, new = (_measured(model, held_out, words) for model, words in ((before, "as it was"), (after, "whole people")))
    said = _said(old, new)
    print(f"{path.name}: {said}")
    if len(new) >= LEAST_PICTURES and paired_gain(old, new)[1] < 0:
        raise TrainerError(f"model {path} errs more by whole people, beyond the doubt of chance; it was left as it was")
    if options.dry_run:
        return
    facts = _facts(new, held_out)
    helper.set_model_props(after, _props(after, facts, new))
    with written_whole(path, "model") as partial:
        partial.write_bytes(after.SerializeToString())
    card = tell_in_card(path, HEADING, _section(path, said, options), facts)
    print(f"written: {', '.join(str(each) for each in (path, card) if each)}")
    if ERRORS in facts_of(before):
        print(f"the card tells its errors as they were: measure them anew with 'deepcount-trainer trust {path}'")


def _measured(model: ModelProto, held_out: Dataset, words: str) -> list[Measured]:
    counter = session_counter(processor_session(model.SerializeToString()))
    return list(measure(counter, with_bar(held_out, f"counting {words}")))


def _facts(found: list[Measured], held_out: Dataset) -> dict[str, str]:
    """Returns what is said of a file that is not true of what it was before."""
    own = scores(found)
    return {
        WHOLE: "where people stand apart",
        "validation_mae": f"{own.mae:.3f}",
        "validation_rmse": f"{own.rmse:.3f}",
        "validation_data": f"{held_out.name}, {own.pictures} held-out pictures",
    }


def _props(model: ModelProto, facts: Mapping[str, str], found: list[Measured]) -> dict[str, str]:
    """Returns all metadata of a file; without a table of errors where too few pictures were held out for one."""
    others = {each.key: each.value for each in model.metadata_props if each.key != KEY + ERRORS}
    errors = errors_of(found)
    tables = {ERRORS: errors.text} if errors else {}
    return others | {KEY + name: value for name, value in {**facts, **tables}.items()}


def _said(old: list[Measured], new: list[Measured]) -> str:
    before, after, (low, high) = scores(old), scores(new), paired_gain(old, new)
    pictures = f"{after.pictures} held-out picture{'s' if after.pictures > 1 else ''}"
    range_ = f" (changed by {-high:+.2f} to {-low:+.2f}, 95 %)" if after.pictures > 1 else ""
    return (
        f"on {pictures} its count errs by {after.mae:.2f} people, {before.mae:.2f} before{range_}; "
        f"bias {after.bias:+.2f}, {before.bias:+.2f} before"
    )


def _section(path: Path, said: str, options: argparse.Namespace) -> str:
    words = [*data_options(options.data), *choice_words(options)]
    return f"""Where people stand apart it counts whole ones: what the map shows at a peak is moved towards nobody or \
one person, in the count and in the density. That is for cameras unlike those that it learnt from, on which people are \
shown as a part of one; {said}.

{FENCE}
$ {command(f"deepcount-trainer whole {path.name}", words)}
{FENCE}"""
