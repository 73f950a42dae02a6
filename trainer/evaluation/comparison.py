"""Several exported models side by side: how large, how exact, how fast."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trainer.config import model_of
from trainer.contract import CROWD, FIRST
from trainer.errors import TrainerError
from trainer.files import written_whole
from trainer.networks.describe import Sum, layers_of, total
from trainer.networks.outputs import counted_of

FULL = "fp32"
MILLION = 1e6


@dataclass(frozen=True, slots=True)
class Compared:
    """One exported model with its figures."""

    name: str
    precision: str
    megabytes: float
    costs: Sum | None
    """Of counting a tile; None where the file's facts do not say which network it is."""
    maes: dict[str, float]
    """Of the count, by data set."""
    rmses: dict[str, float]
    """Likewise."""
    mae: float
    """Over all pictures."""
    rmse: float
    """Likewise."""
    ms_per_tile: float
    normalised: float = 0.0
    """The MAE of each data set over the people in one of its pictures, as the mean over sets."""

    @property
    def stem(self) -> str:
        """What variants of a model have in common: light is that of light.fp16."""
        return Path(self.name).name.partition(".")[0]


def costs_of(facts: Mapping[str, str]) -> Sum | None:
    """Returns parameters and multiply-adds of what counts a tile, from the facts that an exported file carries.

    The branch of the map is not among them, save where the count is read from it. Of two models in one it is the sum:
    what a crowded tile costs.
    """
    own = _costs_of_one(facts)
    if CROWD not in facts or own is None:
        return own
    first = _costs_of_one({name.removeprefix(FIRST): value for name, value in facts.items() if name.startswith(FIRST)})
    return first and Sum(own.parameters + first.parameters, own.multiply_adds + first.multiply_adds)


def _costs_of_one(facts: Mapping[str, str]) -> Sum | None:
    counting = frozenset(counted_of(facts.get("count", "")))
    try:
        config = model_of(facts)
    except TrainerError:
        return None
    return total(layers_of(config.only(counting)))


def reference_of(row: Compared, rows: Sequence[Compared]) -> Compared:
    """Returns what a model is measured against: the first fp32 model of its stem, or else the first row."""
    return next((other for other in rows if other.stem == row.stem and other.precision == FULL), rows[0])


def change_of(row: Compared, rows: Sequence[Compared]) -> float | None:
    """Returns by how much a model's MAE is above its reference's, relative; None for the reference itself."""
    reference = reference_of(row, rows)
    return None if reference is row or not reference.mae else row.mae / reference.mae - 1


def write_comparison(rows: Sequence[Compared], path: Path, conditions: Mapping[str, str]) -> None:
    """Writes a line per model as CSV, with the conditions under which all were measured at its end."""
    with written_whole(path, "comparison") as partial, partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*_record(rows[0], rows), *conditions])
        writer.writeheader()
        writer.writerows({**_record(row, rows), **conditions} for row in rows)


def _record(row: Compared, rows: Sequence[Compared]) -> dict[str, str]:
    change = change_of(row, rows)
    return {
        "model": row.name,
        "precision": row.precision,
        "megabytes": f"{row.megabytes:.3f}",
        "million multiply-adds": f"{row.costs.multiply_adds / MILLION:.1f}" if row.costs else "",
        "million parameters": f"{row.costs.parameters / MILLION:.3f}" if row.costs else "",
        **{f"MAE {name}": f"{mae:.3f}" for name, mae in row.maes.items()},
        "MAE": f"{row.mae:.3f}",
        **{f"RMSE {name}": f"{rmse:.3f}" for name, rmse in row.rmses.items()},
        "RMSE": f"{row.rmse:.3f}",
        "mean over sets of MAE / people": f"{row.normalised:.4f}",
        "against": reference_of(row, rows).name,
        "change of the MAE in percent": "" if change is None else f"{100 * change:.2f}",
        "ms per tile": f"{row.ms_per_tile:.3f}",
    }
