"""Pictures of an evaluation in groups: by their data sets, and by how many people are in them."""

from collections.abc import Mapping, Sequence

from trainer.evaluation.evaluate import Measured

FEW, MANY = 50, 500
"""People in a picture: a quiet street has at most few, a rally more than many."""


def by_data_set(
    found: Sequence[Measured], name: str, parts: Mapping[str, str] | None = None
) -> dict[str, list[Measured]]:
    """Divides pictures by the data sets that `Combined` named them with, in the order of their first pictures.

    Args:
        found: in any order.
        name: of the data set, where all are of one and their own names do not say which.
        parts: what pictures, called SET/PICTURE, are to be divided by in place of their data sets.
    """
    groups: dict[str, list[Measured]] = {}
    for picture in found:
        data_set, _, own = picture.name.rpartition("/")
        called = f"{data_set or name}/{own}"
        groups.setdefault((parts or {}).get(called, data_set or name), []).append(picture)
    return groups


def by_crowd(found: Sequence[Measured]) -> dict[str, list[Measured]]:
    """Divides pictures by the people annotated in them; a group without pictures is left out."""
    groups = {
        f"up to {FEW}": [picture for picture in found if picture.truth <= FEW],
        f"{FEW + 1} to {MANY}": [picture for picture in found if FEW < picture.truth <= MANY],
        f"more than {MANY}": [picture for picture in found if picture.truth > MANY],
    }
    return {people: pictures for people, pictures in groups.items() if pictures}


def share_of_error(part: Sequence[Measured], found: Sequence[Measured]) -> float:
    """Returns how much of all absolute errors of the count lies in a part of the pictures, from 0 to 1."""
    of_part, of_all = (sum(abs(picture.counts["count"] - picture.truth) for picture in own) for own in (part, found))
    return of_part / of_all if of_all else 0.0
