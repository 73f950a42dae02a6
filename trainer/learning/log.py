"""The log of a training: one line for each evaluation, in a CSV file."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from trainer.errors import TrainerError
from trainer.evaluation.evaluate import Measured
from trainer.evaluation.scores import scores
from trainer.files import reason, written_whole

COLUMNS = ("step", "loss", "mae", "rmse", "bias")
MAP_SUFFIX = " mae"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured at one step; rounded, so that it is the same before and after it was written."""

    step: int
    loss: float
    """Moving average over the last steps."""
    mae: float
    rmse: float
    bias: float
    maps: dict[str, float] = field(default_factory=dict)
    """MAE of the integral of each density map."""


def evaluation(step: int, loss: float, found: Sequence[Measured]) -> Evaluation:
    """Sums up what was found on the held-out pictures at one step."""
    now = scores(found)
    maps = {name: round(scores(found, name).mae, 3) for name in found[0].counts if name != "count"}
    return Evaluation(step, round(loss, 4), round(now.mae, 3), round(now.rmse, 3), round(now.bias, 3), maps)


def read_log(path: Path) -> list[Evaluation]:
    """Reads a log, empty where there is no file; raises TrainerError naming the file if it is not one."""
    if not path.exists():
        return []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return [_evaluation(row) for row in csv.DictReader(file)]
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise TrainerError(f"log {path} cannot be read: {reason(error)}; move it away to start a new one") from error


def write_log(log: Sequence[Evaluation], path: Path) -> None:
    """Writes a log of at least one evaluation."""
    with written_whole(path, "log") as partial, partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*COLUMNS, *(name + MAP_SUFFIX for name in log[-1].maps)])
        for entry in log:
            writer.writerow([*(getattr(entry, name) for name in COLUMNS), *entry.maps.values()])


def _evaluation(row: dict[str, str]) -> Evaluation:
    maps = {name.removesuffix(MAP_SUFFIX): float(row[name]) for name in row if name.endswith(MAP_SUFFIX)}
    loss, mae, rmse, bias = (float(row[name]) for name in COLUMNS[1:])
    return Evaluation(int(row["step"]), loss, mae, rmse, bias, maps)
