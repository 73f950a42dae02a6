"""`deepcount-trainer export`: turns a checkpoint into an ONNX file with its model card."""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trainer.commands.options import add_data, choice_words, opened
from trainer.contract import ERRORS
from trainer.datasets import Dataset, load_all, open_dataset
from trainer.errors import TrainerError
from trainer.evaluation.counters import EXPORTED
from trainer.evaluation.errors import errors_of
from trainer.evaluation.scores import score_table, scores
from trainer.evaluation.tiling import USUAL, cut, people_per_tile, sample_tiles
from trainer.exporting.card import Subject, write_card
from trainer.exporting.cascade import Cascade, read_small
from trainer.exporting.export import export, file_hash
from trainer.exporting.graph import Wanted
from trainer.exporting.precision import PRECISIONS
from trainer.exporting.tables import add_tables
from trainer.exporting.trial import LARGEST_DIFFERENCE, WORSEN, Outcome, Trial
from trainer.files import made_folder
from trainer.learning.licences import check_not_freer, licence_of
from trainer.learning.trained_weights import checkpoint_of
from trainer.networks.outputs import BRANCH, COUNT, MAP

CALIBRATED_ON = 48
"""Training pictures."""
TAKE_OVER = (200.0, 400.0)
"""People in a tile between which the shipped `full` takes over from `light`."""


def add_export(parser: argparse.ArgumentParser) -> None:
    """Adds the options of this command."""
    add = parser.add_argument
    about = "trained model (.safetensors), or one that was exported in fp32"
    add("checkpoint", type=Path, metavar="CHECKPOINT", help=about)
    add_data(parser)
    add("--out", type=Path, required=True, metavar="FILE.onnx", help="the model; beside it its card, .md and .jpg")
    about = "of DeepCount's, whose density map: 1 (48x64 cells) to 5 (3x4) (default: the finest)"
    add("--branch", type=int, metavar="N", help=about)
    about = (
        "what the count is the mean of: backbone, branches by the sums of their maps, or map, of other networks "
        "(default: as in training)"
    )
    add("--count", type=_outputs, metavar="backbone,N", help=about)
    add("--precision", choices=PRECISIONS, default="fp32", help="of weights and activations (default: %(default)s)")
    about = "an exported small model that counts first, so that this one is asked for crowded tiles only"
    add("--after", type=Path, metavar="SMALL.onnx", help=about)
    about = "people in a tile at which this one begins to take over from --after, and has (default: {:g},{:g})"
    add("--take-over", type=_people, metavar="N,M", help=about.format(*TAKE_OVER))
    about = f"by how much fp16 or int8 may raise the MAE (default: {WORSEN:.0%})".replace("%", "%%")
    add("--worsen", type=float, default=100 * WORSEN, metavar="PERCENT", help=about)
    add("--name", help="what users call the model (default: the file's name)")
    add("--licence", metavar="TEXT", help="of the weights (default: what their data and their start say)")
    about = "state --licence though data or start of the weights grant less: you were granted more"
    add("--licence-confirmed", action="store_true", help=about)
    add("--tiles", type=int, metavar="N", help=f"held-out tiles to compare on (default: {USUAL}, or all there are)")
    about = "annotated pictures for the card's sheet, where those of --data may not be passed on"
    add("--show", type=Path, metavar="DIR", help=about)
    about = "leave out of the card how the model behaves: on a large model the longest part, as `examine` alone"
    add("--no-behaviour", action="store_true", help=about)
    parser.set_defaults(run_command=_export, when_stopped="stopped; no half-written file is left")


def _export(options: argparse.Namespace) -> int:
    if options.out.suffix != EXPORTED:
        raise TrainerError(f"output {options.out} has the ending {options.out.suffix!r}, expected {EXPORTED}")
    if not options.worsen >= 0:
        raise TrainerError(f"--worsen is {options.worsen}, expected a percentage from 0")
    if options.take_over and not options.after:
        raise TrainerError("--take-over says when this model takes over from a small one; name that with --after")
    checkpoint, held_out = checkpoint_of(options.checkpoint), opened(options, "held-out")
    trial = Trial(sample_tiles(load_all(held_out), options.tiles), held_out, options.worsen / 100)
    made_folder(options.out.parent, "output folder")
    facts = {
        "name": options.name or options.out.stem,
        "licence": _licence(options, licence_of(checkpoint.facts)),
        "checkpoint_hash": checkpoint.facts.get("checkpoint_hash") or file_hash(options.checkpoint),
    }
    calibration = calibration_tiles(opened(options, "train")) if options.precision == "int8" else None
    cascade = Cascade(read_small(options.after), options.take_over or TAKE_OVER) if options.after else None
    counted = options.count or checkpoint.config.counted
    density = "" if options.branch is None else f"{BRANCH}{options.branch}"
    wanted = Wanted(density, options.precision, calibration, counted, cascade)
    outcome = export(checkpoint, options.out, wanted, trial, facts)
    if errors := errors_of(outcome.after):
        add_tables(options.out, {ERRORS: errors.text})
    print(_said(outcome, wanted, trial))
    print(score_table(outcome.after))
    subject = Subject(
        exported=options.out,
        checkpoint=checkpoint,
        checkpoint_name=options.checkpoint.name,
        data=tuple(options.data),
        choice=choice_words(options),
        held_out=held_out,
        shown=open_dataset(options.show) if options.show else None,
        behaves=not options.no_behaviour,
    )
    print(f"written: {', '.join(map(str, [options.out, *write_card(subject, outcome)]))}")
    return 0


def _licence(options: argparse.Namespace, derived: str) -> str:
    """Returns the licence that is stated, else the derived one, which none may be freer than."""
    if options.licence and not options.licence_confirmed:
        check_not_freer(options.licence, derived)
    return str(options.licence or derived)


def _outputs(text: str) -> tuple[str, ...]:
    known = {"backbone": COUNT, MAP: MAP} | {str(number): f"{BRANCH}{number}" for number in range(1, 6)}
    names = text.split(",")
    if not set(names) <= set(known) or len(set(names)) < len(names):
        expected = "expected backbone and branches from 1 to 5, each once, such as 3 or backbone,3"
        raise argparse.ArgumentTypeError(f"{text!r}: {expected}")
    return tuple(known[name] for name in names)


def _people(text: str) -> tuple[float, float]:
    try:
        start, end = map(float, text.split(","))
    except ValueError:
        start, end = 0.0, 0.0
    if not 0 <= start < end:
        raise argparse.ArgumentTypeError(
            f"{text!r}: expected two numbers of people, the second larger, such as 200,400"
        )
    return start, end


def calibration_tiles(pictures: Dataset) -> NDArray[np.uint8]:
    """Returns the fullest and the emptiest tile of each of some training pictures, uint8 (n, 384, 512, 3).

    The fullest of all must be among them: what it brings forth inside the network sets the range of its numbers. Empty
    ones show what rounding makes of nobody.
    """
    ranked = sorted(load_all(pictures), key=lambda annotated: people_per_tile(annotated).max())
    places = np.linspace(0, len(ranked) - 1, min(len(ranked), CALIBRATED_ON)).round().astype(int)
    tiles = []
    for annotated in (ranked[place] for place in places):
        people = people_per_tile(annotated)
        chosen = dict.fromkeys((int(people.argmin()), int(people.argmax())))
        tiles += [cut(annotated.picture)[place] for place in chosen]
    return np.stack(tiles)


def _said(outcome: Outcome, wanted: Wanted, trial: Trial) -> str:
    parity = outcome.parity
    if wanted.precision == "fp32":
        limit = f"(limit {LARGEST_DIFFERENCE:.1%})"
        return f"largest difference of a count over {parity.tiles} tiles: {parity.count:.5%} {limit}"
    before, after = scores(outcome.before).mae, scores(outcome.after).mae
    change = f"{after / before - 1:+.2%}" if before else "+0 %"
    return f"MAE {before:.3f} in fp32, {after:.3f} in {wanted.precision}: {change} (limit +{trial.worsen:.1%})"
