"""The training loop: `train` runs it to the end, batches are prepared while the step before them is computed."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import takewhile
from threading import Event
from time import monotonic

from trainer.datasets import Annotated
from trainer.evaluation.evaluate import Measured, measure
from trainer.learning.interrupt import stop_request
from trainer.learning.log import Evaluation
from trainer.learning.parallel import any_of, gathered, share
from trainer.learning.run import Record, Run
from trainer.learning.training import Trainer
from trainer.tiles.batch import Batch
from trainer.tiles.crops import Sampler
from trainer.tiles.device_tiles import cutter_for


def train(trainer: Trainer, run: Run) -> Evaluation:
    """Trains to the last step, or the end of patience or of `run.minutes`; returns the best evaluation.

    The run folder holds `last.safetensors` (resumable), `best.safetensors` (lowest MAE on the held-out pictures),
    `log.csv`, `curves.png`, TensorBoard's event files, `config.toml` and `environment.json`. An interrupt saves after
    the step in hand, then raises KeyboardInterrupt.
    """
    draw = drawer(trainer, run.data)
    config, deadline = trainer.config, monotonic() + 60 * run.minutes
    with Record(run, trainer) as record, stop_request() as stop, ThreadPoolExecutor(1) as ahead:
        coming = ahead.submit(draw, trainer.steps_done)
        while True:
            stopped, late = any_of((stop.is_set(), monotonic() >= deadline), trainer.device)
            if stopped:
                break
            done = trainer.steps_done
            is_over = (late and done > 0) or done >= config.steps or record.has_waited(config.patience)
            if (is_over or (done > 0 and done % config.evaluate_every == 0)) and not record.is_up_to_date:
                found = _measured(trainer, run, stop)
                if len(found) == len(run.held_out):
                    record.evaluated(found)
            elif is_over:
                return record.best
            else:
                batch, coming = coming.result(), ahead.submit(draw, done + 1)
                trainer.step(batch)
                record.stepped()
        record.interrupted()
    raise KeyboardInterrupt


def drawer(trainer: Trainer, pictures: Sequence[Annotated]) -> Callable[[int], Batch]:
    """Returns what draws this process's share of the batch of a step, counted from 0."""
    config = trainer.config
    cut = cutter_for(pictures, trainer.device, config.pictures)
    return Sampler(pictures, config.seed, config.batch, config.crops, share(), config.ground_truth, cut).batch


def _measured(trainer: Trainer, run: Run, stop: Event) -> list[Measured]:
    """Measures the held-out pictures, each process its share; fewer come back when an interrupt cuts it short."""
    part, parts = share()
    own = (picture for place, picture in enumerate(run.held_out) if place % parts == part)
    found = measure(trainer.counter(), takewhile(lambda _: not stop.is_set(), own))
    return gathered([replace(picture, density=None) for picture in found])
