"""`deepcount-trainer heads`: lets exported models say how tall the heads are that they see."""

import argparse
from itertools import islice
from pathlib import Path

import numpy as np
import onnx
from numpy.random import default_rng
from onnx import ModelProto

from trainer.commands.options import add_data, choice_words, opened
from trainer.contract import ERRORS, facts_of
from trainer.datasets import Annotated, Dataset
from trainer.errors import TrainerError
from trainer.evaluation.counters import TileCounter, check_models, processor_session, session_counter
from trainer.evaluation.grids import grid_seen, usual_head, zoom
from trainer.evaluation.tiling import Division, cut
from trainer.exporting.heads import fitted, with_heads
from trainer.exporting.markdown import FENCE, command, data_options
from trainer.exporting.tables import tell_in_card
from trainer.files import written_whole
from trainer.progress import with_bar

MOST_LOOKED_AT = 300
"""Pictures with boxes around heads."""
SEED = 1
HEADING = "How tall heads are"


def add_heads(parser: argparse.ArgumentParser) -> None:
    """Adds the options of this command."""
    add = parser.add_argument
    about = "exported models that count by their map, all that stand for each other; what a tile counts stays as it is"
    add("models", type=Path, nargs="+", metavar="FILE.onnx", help=about)
    add_data(parser)
    add("--dry-run", action="store_true", help="measure and say, but write nothing")
    parser.set_defaults(run_command=_heads, when_stopped="stopped; no half-written file is left")


def _heads(options: argparse.Namespace) -> int:
    check_models(options.models)
    training, held_out = (_with_boxes(opened(options, split)) for split in ("train", "held-out"))
    for path in options.models:
        _tell(path, training, held_out, options)
    return 0


def _tell(path: Path, training: list[Annotated], held_out: list[Annotated], options: argparse.Namespace) -> None:
    try:
        model = onnx.load(path, load_external_data=False)
        told = with_heads(model, fitted(model, with_bar(training, f"looking with {path.name}")))
    except TrainerError as error:
        raise TrainerError(f"model {path}: {error}") from error
    said = _said(told, held_out)
    print(f"{path.name}: {said}")
    if options.dry_run:
        return
    with written_whole(path, "model") as partial:
        partial.write_bytes(told.SerializeToString())
    card = tell_in_card(path, HEADING, _section(path, said, options))
    print(f"written: {', '.join(str(each) for each in (path, card) if each)}")
    if ERRORS in facts_of(model):
        print(f"pictures may be divided otherwise now: measure its errors anew with 'deepcount-trainer trust {path}'")


def _with_boxes(pictures: Dataset) -> list[Annotated]:
    """Returns pictures in which boxes around heads say how large they are, at random where there are many."""
    places = default_rng(SEED).permutation(len(pictures)).tolist()
    loaded = (pictures[place] for place in with_bar(places, "looking for boxes around heads"))
    boxed = (each for each in loaded if each.sizes is not None and np.isfinite(each.sizes).any())
    return list(islice(boxed, MOST_LOOKED_AT))


def _said(model: ModelProto, held_out: list[Annotated]) -> str:
    """Says how far the heights that a model tells are from those of the boxes of held-out pictures."""
    counter = session_counter(processor_session(model.SerializeToString()))
    errors = [error for each in with_bar(held_out, "measuring") if (error := _error(counter, each)) is not None]
    if not errors:
        return "no held-out picture has boxes around heads, so how well it tells their height was not measured"
    usual, bad = np.expm1(np.quantile(errors, (0.5, 0.9)))
    return (
        f"on {len(errors)} held-out pictures with boxes around heads, the height of the usual head is off by "
        f"{usual:.0%} in the median, by {bad:.0%} in one of ten"
    )


def _error(counter: TileCounter, annotated: Annotated) -> float | None:
    """Returns by how much the logarithm of the usual head's height is off; None where nobody is found."""
    assert annotated.sizes is not None
    size, grid = (annotated.picture.shape[0], annotated.picture.shape[1]), grid_seen(annotated.picture)
    found = counter(cut(annotated.picture, Division(shape=grid)))
    tall = usual_head(found.heads, found.people["count"])
    return abs(float(np.log(tall / (np.nanmedian(annotated.sizes) * zoom(size, grid))))) if tall else None


def _section(path: Path, said: str, options: argparse.Namespace) -> str:
    words = [*data_options(options.data), *choice_words(options)]
    return f"""It says how tall heads are in pixels of each tile, by which pictures are divided into fewer tiles \
where heads are too tall: {said}.

{FENCE}
$ {command(f"deepcount-trainer heads {path.name}", words)}
{FENCE}"""
