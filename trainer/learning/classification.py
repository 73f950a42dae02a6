"""The task of classification: whose turn it is, how the classes of held-out pictures are told, and which is better.

It is trained by the same `Trainer` as counting is: its objective is the cross entropy of the network's classes.
"""

import csv
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from time import monotonic

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.random import default_rng
from torch.nn.functional import cross_entropy

from trainer.checkpoints import save_checkpoint
from trainer.config import TrainConfig
from trainer.datasets.cifar import CLASSES as KNOWN
from trainer.datasets.cifar import EDGE, Classified
from trainer.errors import TrainerError
from trainer.files import reason, written_whole
from trainer.learning.budget import Budget
from trainer.learning.interrupt import stop_request
from trainer.learning.run import BEST, CURVES, LAST, LOG
from trainer.learning.training import MEASURED, Trainer
from trainer.networks.network import CountingNetwork
from trainer.networks.outputs import CLASSES, Outputs
from trainer.tiles.batch import Batch

AT_ONCE = 250
"""Pictures that are told together."""
COLUMNS = ("step", "training_loss", "training_error", "loss", "error")


@dataclass(frozen=True, slots=True)
class Told:
    """How well classes were told, of training pictures as a moving average and of held-out ones."""

    step: int
    training_loss: float
    training_error: float
    """Part of the pictures whose class was wrong, 0 to 1."""
    loss: float
    """Mean cross entropy."""
    error: float


@dataclass(frozen=True, slots=True)
class ClassRun:
    """What a training learns from, what it is measured on, and where it writes."""

    folder: Path
    data: Classified
    held_out: Classified
    minutes: float = math.inf
    began_s: float = field(default_factory=monotonic)


def check_classifies(config: TrainConfig) -> None:
    """Raises TrainerError where a configuration is none of ten classes of CIFAR-10's pictures."""
    given = config.model.outputs.logits.get(CLASSES)
    classes = getattr(config.model, "classes", 0)
    if given is None or classes != KNOWN:
        raise TrainerError(f"model tells {classes} classes, CIFAR-10 has {KNOWN}; --preset cifar-10 is made for it")
    if config.model.tile != (EDGE, EDGE):
        raise TrainerError(f"model.tile is {list(config.model.tile)}, CIFAR-10's pictures are [{EDGE}, {EDGE}]")


def batch_of(data: Classified, config: TrainConfig, step: int) -> Batch:
    """Draws the batch of a step: every picture once before any again, mirrored by chance if that is configured."""
    places = range(step * config.batch, (step + 1) * config.batch)
    order = [_order(config.seed, place // len(data), len(data))[place % len(data)] for place in places]
    chosen = data.taken(np.array(order, np.intp))
    pixels = chosen.pixels
    if config.crops.mirror:
        mirrored = default_rng([config.seed, step, 3]).random(len(pixels)) < 0.5
        pixels = np.where(mirrored[:, None, None, None], pixels[:, :, ::-1], pixels)
    names = tuple(f"picture {place}" for place in order)
    nobody = torch.zeros(len(order))
    return Batch(torch.from_numpy(pixels.copy()), nobody, {}, names, labels=torch.from_numpy(chosen.labels))


def classify(trainer: Trainer, run: ClassRun) -> list[Told]:
    """Trains to the last step, or the end of `run.minutes`; returns the log, of which the lowest error is the best.

    The run folder holds last.safetensors (resumable), best.safetensors, log.csv and curves.png. An interrupt saves,
    then raises KeyboardInterrupt.
    """
    config, budget = trainer.config, Budget(run.minutes, run.began_s)
    log = [told for told in read_told(run.folder / LOG) if told.step <= trainer.steps_done]
    with stop_request() as stop, ThreadPoolExecutor(1) as ahead:
        coming = ahead.submit(batch_of, run.data, config, trainer.steps_done)
        while not stop.is_set():
            is_over = trainer.steps_done >= config.steps or (budget.spent() >= 1 and trainer.steps_done > 0)
            is_new = not log or log[-1].step < trainer.steps_done
            if is_new and trainer.steps_done and (is_over or trainer.steps_done % config.evaluate_every == 0):
                began_s = monotonic()
                _evaluated(trainer, run, log)
                budget.evaluated(monotonic() - began_s)
            elif is_over:
                return log
            else:
                batch, coming = coming.result(), ahead.submit(batch_of, run.data, config, trainer.steps_done + 1)
                trainer.spent = budget.spent()
                trainer.step(batch)
    save_checkpoint(trainer.checkpoint(resumable=True), run.folder / LAST)
    raise KeyboardInterrupt


@torch.inference_mode()
def told(network: CountingNetwork, data: Classified) -> tuple[float, float]:
    """Returns the mean cross entropy over pictures, and the part of them whose class was wrong."""
    device = next(network.parameters()).device
    loss, wrong = 0.0, 0
    for start in range(0, len(data), AT_ONCE):
        labels = torch.from_numpy(data.labels[start : start + AT_ONCE]).to(device)
        outputs: Outputs = network.eval()(torch.from_numpy(data.pixels[start : start + AT_ONCE]).to(device))
        logits = outputs.logits[CLASSES].float()
        loss += cross_entropy(logits, labels, reduction="sum").item()
        wrong += int((logits.argmax(1) != labels).sum())
    return loss / len(data), wrong / len(data)


def read_told(path: Path) -> list[Told]:
    """Reads a log, empty where there is none; raises TrainerError if it is not one."""
    if not path.exists():
        return []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return [Told(int(row["step"]), *(float(row[name]) for name in COLUMNS[1:])) for row in csv.DictReader(file)]
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise TrainerError(f"log {path} cannot be read: {reason(error)}; move it away to start a new one") from error


def _evaluated(trainer: Trainer, run: ClassRun, log: list[Told]) -> None:
    loss, error = told(trainer.averaged(), run.held_out)
    now = Told(trainer.steps_done, trainer.loss, trainer.tile_mae, loss, error)
    is_best = not log or error < min(entry.error for entry in log)
    log.append(now)
    facts = {MEASURED + "error": f"{error:.4f}", MEASURED + "loss": f"{loss:.4f}"}
    if is_best:
        save_checkpoint(trainer.checkpoint(facts, resumable=False), run.folder / BEST)
    save_checkpoint(trainer.checkpoint(facts, resumable=True), run.folder / LAST)
    _draw(log, run.folder / CURVES)
    with written_whole(run.folder / LOG, "log") as partial, partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows([entry.step, *(f"{getattr(entry, name):.5f}" for name in COLUMNS[1:])] for entry in log)


def _draw(log: list[Told], path: Path) -> None:
    figure = Figure((8, 7), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    steps = [entry.step for entry in log]
    for axes, quantity in ((above, "loss"), (below, "error")):
        axes.plot(steps, [getattr(entry, f"training_{quantity}") for entry in log], ".-", label="training")
        axes.plot(steps, [getattr(entry, quantity) for entry in log], ".-", label="validation")
        axes.set_ylabel(quantity)
        axes.grid(alpha=0.3)
        axes.legend(fontsize="small")
    below.set_xlabel("step")
    with written_whole(path, "curves") as partial:
        figure.savefig(partial, format="png")


@lru_cache(maxsize=2)
def _order(seed: int, epoch: int, pictures: int) -> list[int]:
    return list(default_rng([seed, epoch, 1]).permutation(pictures).tolist())
