"""What a training may learn from: the pictures of all its data sets, without what another of them holds out."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from trainer.checking.duplicates import apart
from trainer.datasets import Annotated, Combined, Dataset, balanced, load_all
from trainer.errors import TrainerError


@dataclass(frozen=True, slots=True)
class Learnable:
    """Pictures to learn from."""

    pictures: list[Annotated] = field(repr=False)
    """Of all data sets, one after another."""
    sizes: list[int]
    """How many of each data set."""
    left_out: list[str]
    """Names of pictures that are nearly the same as what another data set holds out."""

    def balanced(self) -> list[Annotated]:
        """Returns the pictures, those of smaller data sets again until each has as many as the largest."""
        return balanced(self.pictures, self.sizes)


def learnable(training: Dataset, aside: Sequence[Annotated]) -> Learnable:
    """Reads the pictures to learn from, without those nearly the same as what another data set holds out.

    Args:
        training: the pictures of all data sets.
        aside: those held out.

    Raises:
        TrainerError: no picture is left.
    """
    data = load_all(training)
    found = _apart(training, data, aside) if isinstance(training, Combined) else Learnable(data, [len(data)], [])
    if not found.pictures:
        raise TrainerError(f"{training.name} has no picture to learn from: other data sets hold them out; add others")
    return found


def _apart(training: Combined, data: Sequence[Annotated], aside: Sequence[Annotated]) -> Learnable:
    pictures, sizes, left, start = list[Annotated](), list[int](), list[str](), 0
    for part in training.parts:
        own, start = data[start : start + len(part)], start + len(part)
        kept = apart(own, [item for item in aside if not item.name.startswith(f"{part.name}/")])
        left += [own[place].name for place in range(len(own)) if place not in kept]
        pictures += [own[place] for place in kept]
        sizes.append(len(kept))
    return Learnable(pictures, sizes, left)
