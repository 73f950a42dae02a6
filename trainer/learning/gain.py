"""Whether a training that went on from a model made it better, as far as the held-out pictures can tell."""

from dataclasses import dataclass
from pathlib import Path

from trainer.evaluation.evaluate import read_counts
from trainer.evaluation.scores import paired_gain, scores
from trainer.learning.run import BEST_FOUND, STARTED_WITH

FEWEST = 6
"""Pictures: of five, all may be better by chance, once in sixteen times."""


@dataclass(frozen=True, slots=True)
class Gain:
    """MAE of the start and of the best weights on the same pictures, in people."""

    pictures: int
    start: float
    best: float
    low: float
    """From where the gain lies with 95 % confidence, by the bootstrap over pictures; negative for a loss."""
    high: float

    @property
    def is_any(self) -> bool:
        """Whether anything beat the start."""
        return self.best < self.start

    @property
    def is_sure(self) -> bool:
        """Whether the interval leaves out zero, and there are pictures enough for one."""
        return self.is_any and self.low > 0 and self.pictures >= FEWEST

    def __str__(self) -> str:
        both = f"start {self.start:.2f}, best {self.best:.2f}"
        if not self.is_any:
            return f"{both}: nothing gained on these {self.pictures} held-out pictures; the best is the start itself"
        found = f"{both}: {self.start - self.best:.2f} people better on {self.pictures} held-out pictures"
        interval = f"95 % interval {self.low:+.2f} to {self.high:+.2f}"
        return f"{found} ({interval})" if self.is_sure else f"{found}, which may be chance ({interval}): hold out more"


def gain_of(folder: Path) -> Gain | None:
    """Compares the start with the best of a run folder; None where the start was not measured.

    The best was chosen on these pictures, so that the gain is a little flattered.

    Raises:
        TrainerError: the tables in the folder cannot be read.
    """
    if not (folder / STARTED_WITH).exists():
        return None
    start, best = read_counts(folder / STARTED_WITH), read_counts(folder / BEST_FOUND)
    low, high = paired_gain(start, best)
    return Gain(len(start), scores(start).mae, scores(best).mae, low, high)
