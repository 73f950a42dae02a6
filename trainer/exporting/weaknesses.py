"""What a model is bad at, said in sentences that are computed from the held-out pictures."""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite

from trainer.evaluation.evaluate import Measured
from trainer.evaluation.examination import NOBODY, Examination
from trainer.evaluation.groups import by_crowd, share_of_error
from trainer.evaluation.scores import scores
from trainer.exporting.markdown import table

ONE_SIDED = 0.5
"""Bias over MAE, from which on errors are said to have a direction: 1 if all do, about 0 if they cancel out."""
FEWEST = 3
"""Pictures of which that is said."""


def weaknesses(found: Sequence[Measured], facts: Mapping[str, str], examination: Examination | None) -> str:
    """Returns the section of the card.

    Args:
        found: what was counted on the held-out pictures.
        facts: that the exported file carries.
        examination: of the model, where there was one.
    """
    points = [
        *_of_crowds(found),
        *_of_one(found),
        *(_of_behaviour(examination) if examination else ()),
        *_of_all(facts),
    ]
    rows = [_row(people, pictures, found) for people, pictures in by_crowd(found).items()]
    by_people = table(("people", "pictures", "MAE", "bias", "share of all error"), rows)
    return "\n".join(
        ("## Known weaknesses\n", "By the people in a picture:\n", by_people, "", *(f"* {point}" for point in points))
    )


def _row(people: str, pictures: Sequence[Measured], found: Sequence[Measured]) -> list[str]:
    now = scores(pictures)
    return [people, str(now.pictures), f"{now.mae:.1f}", f"{now.bias:+.1f}", f"{share_of_error(pictures, found):.0%}"]


def _of_crowds(found: Sequence[Measured]) -> Iterator[str]:
    crowds = by_crowd(found)
    heaviest = max(crowds, key=lambda people: share_of_error(crowds[people], found))
    share = share_of_error(crowds[heaviest], found)
    part = f"{len(crowds[heaviest])} of the {len(found)} pictures"
    if len(crowds) > 1:
        yield f"{share:.0%} of all error is made in {part}, those with {heaviest} people."
    for people, pictures in crowds.items():
        now = scores(pictures)
        if now.pictures >= FEWEST and abs(now.bias) > ONE_SIDED * now.mae:
            side = 1 if now.bias > 0 else -1
            those = sum((picture.counts["count"] - picture.truth) * side > 0 for picture in pictures)
            yield (
                f"Pictures with {people} people are mostly counted too {_word(now.bias)}: "
                f"{those} of {now.pictures} are, on average all by {abs(now.bias):.1f}."
            )
    bias = scores(found).bias
    yield f"On average over all it counts {abs(bias):.1f} people too {_word(bias)} in a picture."


def _of_one(found: Sequence[Measured]) -> Iterator[str]:
    worst = max(found, key=lambda picture: abs(picture.counts["count"] - picture.truth))
    yield f"Largest error ({worst.name}): {worst.counts['count']:,.0f} counted, {worst.truth:,} annotated."


def _of_behaviour(examination: Examination) -> Iterator[str]:
    count, _, name = examination.empty[0]
    tiles = len(examination.empty)
    yield (
        f"Of {tiles} tiles with nobody in them, {tiles - examination.passed} count {NOBODY:g} people or more; "
        f"the worst counts {count:.1f} ({name})."
    )
    changes = {scale: change for scale, change in examination.changes.items() if isfinite(change)}
    if changes:
        scale = max(changes, key=lambda scale: changes[scale])
        yield (
            "A count depends on the size of heads in pixels: of pictures resized to "
            f"{scale:g} times their size it changes by {changes[scale]:.0%} (median)."
        )


def _of_all(facts: Mapping[str, str]) -> Iterator[str]:
    sets = facts["training_data"].count(" + ") + 1
    yield (
        f"It learned from {'one collection' if sets == 1 else f'{sets} collections'} of pictures. Other camera "
        "heights, night, rain, fisheye lenses, interiors and crowds denser than those were not measured: check it on "
        "your own camera before relying on it."
    )
    yield (
        "A picture is resized to whole tiles and their counts are summed. Heads of a few pixels, or as large as a "
        "quarter of a tile, are counted badly."
    )
    if not facts["architecture"].startswith("csrnet"):
        yield (
            "Map and count are separate outputs and may disagree; where they do, the picture is unlike those it "
            "learned from."
        )


def _word(bias: float) -> str:
    return "many" if bias > 0 else "few"
