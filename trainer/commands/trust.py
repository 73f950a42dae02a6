"""`deepcount-trainer trust`: measures how far counts of models are to be trusted, and tells it in their files."""

import argparse
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trainer.commands.options import add_data, add_device, choice_words, device_of, opened
from trainer.contract import ERRORS, LIKENESS
from trainer.datasets import Dataset
from trainer.errors import TrainerError
from trainer.evaluation.counters import check_exported, load_counter
from trainer.evaluation.errors import (
    LEAST_PICTURES,
    coverage_text,
    crossed_coverage,
    errors_of,
    left_out_coverage,
)
from trainer.evaluation.evaluate import measure
from trainer.evaluation.groups import by_data_set
from trainer.evaluation.likeness import Likeness, features, likeness_of, separation
from trainer.evaluation.tiling import cut
from trainer.evaluation.unlike import UNLIKE
from trainer.exporting.markdown import FENCE, command, data_options
from trainer.exporting.tables import add_tables, tell_in_card
from trainer.progress import with_bar

HEADING = "How far to trust a count"
SEED = 1
MOST_LOOKED_AT = 300
"""Training pictures."""
UNLIKE_STEP = 3
"""Of so many held-out pictures one is made unlike, in each way."""


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
    if len(held_out) < LEAST_PICTURES:
        few = f"{len(held_out)} pictures are held out"
        raise TrainerError(f"{few}, expected at least {LEAST_PICTURES}; give more --data, or hold out more")
    likeness, told = _likeness(opened(options, "train"), held_out)
    print(told)
    for path in options.models:
        check_exported(path)
        _trust_one(path, held_out, (likeness, told), options)
    return 0


def _trust_one(path: Path, held_out: Dataset, looks: tuple[Likeness, str], options: argparse.Namespace) -> None:
    counter = load_counter(path, device_of(options))
    found = list(measure(counter, with_bar(held_out, f"counting with {path.name}")))
    errors = errors_of(found)
    assert errors, "enough pictures are held out"
    groups = by_data_set(found, held_out.name)
    said = coverage_text(crossed_coverage(groups), left_out_coverage(groups))
    print(f"{path.name}, interval of 90 %, each picture judged without it:\n{said}")
    if options.dry_run:
        return
    add_tables(path, {ERRORS: errors.text, LIKENESS: looks[0].text})
    card = tell_in_card(path, HEADING, _section(path, said, looks[1], options))
    print(f"written: {', '.join(str(each) for each in (path, card) if each)}")


def _section(path: Path, said: str, told: str, options: argparse.Namespace) -> str:
    return f"""Its file says between which numbers of people the truth lies with 90 % certainty, as a function of the \
count, from the errors on these held-out pictures. Coverage is the share of pictures whose true number lies within the \
interval that was made without them; the last column without any picture of their set.

{FENCE}
$ {command(f"deepcount-trainer trust {path.name}", [*data_options(options.data), *choice_words(options)])}
{said}
{FENCE}

It also says what its training pictures look like, so that counts on others are doubted. {told}"""


def _likeness(training: Dataset, held_out: Dataset) -> tuple[Likeness, str]:
    """Returns what training pictures look like, and how well that tells others from them, in a sentence.

    Each quarter of the held-out pictures is judged by a threshold of the others.
    """
    random, step = np.random.default_rng(SEED), max(1, len(training) // MOST_LOOKED_AT)
    known = _features(training[place].picture for place in with_bar(range(0, len(training), step), "looking"))
    pictures = [held_out[place].picture for place in with_bar(range(len(held_out)), "looking at held-out pictures")]
    like = _features(pictures)
    table, quarter, others = likeness_of(known, like), np.arange(len(like)) % 4, list[float]()
    judged = [likeness_of(known, like[quarter != k]).distances(like[quarter == k]) for k in range(4)]
    distances = np.concatenate(judged)
    words = []
    for name, change in UNLIKE.items():
        found = table.distances(_features(change(picture, random) for picture in pictures[::UNLIKE_STEP]))
        others += found.tolist()
        words.append(f"{name} {separation(distances.tolist(), found.tolist()):.3f} ({(found > 1).mean():.0%} found)")
    return table, (
        f"Of held-out pictures {(distances > 1).mean():.1%} are doubted; AUC between them and pictures made unlike: "
        f"{separation(distances.tolist(), others):.3f} ({', '.join(words)})."
    )


def _features(pictures: Iterable[NDArray[np.uint8]]) -> NDArray[np.float64]:
    return np.stack([features(cut(picture)) for picture in pictures])
