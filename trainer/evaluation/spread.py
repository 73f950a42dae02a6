"""What several trainings found, in one table: the mean of those that repeat each other, and how far they lie apart."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, stdev

from trainer.files import written_whole

COUNT = "count"
COLUMNS = ("what", "of", "output", "pictures", "mae", "rmse", "mae_deviation", "rmse_deviation", "published")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one training of a study found."""

    row: str
    """The thing that is compared."""
    repeat: str
    """What tells it from those that repeat it, such as fold 2."""
    pictures: int
    mae: Mapping[str, float]
    """By output."""
    rmse: Mapping[str, float]
    step: int = 0
    """Of its best weights."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and standard deviation of figures that repeat each other."""

    mean: float
    deviation: float | None
    """Of a sample; None where there is one figure."""

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Sums up at least one figure."""
        return cls(fmean(values), stdev(values) if len(values) > 1 else None)

    def __str__(self) -> str:
        return f"{self.mean:.2f}" if self.deviation is None else f"{self.mean:.2f} ± {self.deviation:.2f}"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: all trainings that repeat each other."""

    name: str
    outcomes: Sequence[Outcome]
    published: Mapping[str, float] = field(default_factory=dict)
    """MAE by output that somebody else reports."""

    @property
    def outputs(self) -> list[str]:
        """The outputs that all of them have."""
        return [name for name in self.outcomes[0].mae if all(name in outcome.mae for outcome in self.outcomes)]

    def mae(self, output: str = COUNT) -> Spread:
        """Returns the mean absolute errors of an output."""
        return Spread.of([outcome.mae[output] for outcome in self.outcomes])

    def rmse(self, output: str = COUNT) -> Spread:
        """Returns the root mean squared errors of an output."""
        return Spread.of([outcome.rmse[output] for outcome in self.outcomes])


def rows_of(outcomes: Sequence[Outcome], published: Mapping[str, Mapping[str, float]]) -> list[Row]:
    """Puts outcomes that repeat each other together, in the order in which they first appear."""
    names = dict.fromkeys(outcome.row for outcome in outcomes)
    return [Row(name, [o for o in outcomes if o.row == name], published.get(name, {})) for name in names]


def write_study(rows: Sequence[Row], path: Path) -> None:
    """Writes a line for each training, then one for each row with mean and standard deviation."""
    with written_whole(path, "table") as partial, partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["what", "of", "output", "pictures", "mae", "rmse", "mae_deviation", "rmse_deviation", "published"]
        )
        for row in rows:
            for outcome in row.outcomes:
                for output in outcome.mae:
                    figures = f"{outcome.mae[output]:.3f}", f"{outcome.rmse[output]:.3f}"
                    writer.writerow([row.name, outcome.repeat, output, outcome.pictures, *figures, "", "", ""])
        for row in rows:
            for output in row.outputs:
                mae, rmse = row.mae(output), row.rmse(output)
                apart = ["" if x.deviation is None else f"{x.deviation:.3f}" for x in (mae, rmse)]
                pictures = sum(outcome.pictures for outcome in row.outcomes)
                figures = f"{mae.mean:.3f}", f"{rmse.mean:.3f}"
                writer.writerow([row.name, "mean", output, pictures, *figures, *apart, row.published.get(output, "")])
