"""The training loop: `train` runs it to the end, batches are prepared while the steps before them are computed."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile
from threading import Event
from time import monotonic

from trainer.datasets import Annotated
from trainer.evaluation.evaluate import Measured, measure
from trainer.learning.ahead import Draw, prepared, threads_for
from trainer.learning.budget import Budget
from trainer.learning.interrupt import stop_request
from trainer.learning.log import Evaluation
from trainer.learning.parallel import any_of, gathered, share, shared
from trainer.learning.run import Record, Run
from trainer.learning.sampling import sampler_for
from trainer.learning.training import Trainer
from trainer.tiles.device_tiles import cutter_for

FEW = 3


def train(trainer: Trainer, run: Run) -> Evaluation:
    """Trains to the last step, or the end of patience or of `run.minutes`; returns the best evaluation.

    The run folder holds `last.safetensors` (resumable), `best.safetensors` (lowest MAE on the held-out pictures),
    `log.csv`, `curves.png`, TensorBoard's event files, `config.toml` and `environment.json`. An interrupt saves after
    the step in hand, then raises KeyboardInterrupt.
    """
    draw, budget = drawer(trainer, run.data), Budget(run.minutes, run.began_s)
    coming = prepared(draw, trainer.steps_done, threads_for(trainer.device))
    with Record(run, trainer) as record, stop_request() as stop, coming as batches:
        _expect(budget, trainer, run)
        while True:
            stopped, is_late = any_of((stop.is_set(), budget.spent() >= 1), trainer.device)
            if stopped:
                break
            is_over = (is_late and trainer.steps_done > 0) or _is_through(trainer, record)
            if not record.is_up_to_date and (is_over or _is_due(trainer, run, budget)):
                began_s = monotonic()
                found = _measured(trainer, run, stop)
                if len(found) == len(run.held_out):
                    record.evaluated(found)
                    budget.evaluated(monotonic() - began_s)
            elif is_over:
                return record.best
            else:
                batch = next(batches)
                trainer.spent = shared(budget.spent(), trainer.device)
                trainer.step(batch)
                record.stepped()
        record.interrupted()
    raise KeyboardInterrupt


def _is_through(trainer: Trainer, record: Record) -> bool:
    return trainer.steps_done >= trainer.config.steps or record.has_waited(trainer.config.patience)


def _is_due(trainer: Trainer, run: Run, budget: Budget) -> bool:
    if trainer.steps_done == 0:
        return run.measures_start
    is_due = trainer.steps_done % trainer.config.evaluate_every == 0 and budget.affords_evaluation()
    return any_of([is_due], trainer.device)[0]


def _expect(budget: Budget, trainer: Trainer, run: Run) -> None:
    """Measures a few pictures to know how long all will take, where time is limited and nothing else tells it."""
    if budget.is_limited:
        few = run.held_out[:: max(1, len(run.held_out) // FEW)][:FEW]
        began_s = monotonic()
        for _ in measure(trainer.counter(), few):
            pass
        _, parts = share()
        budget.evaluated((monotonic() - began_s) * len(run.held_out) / len(few) / parts)


def drawer(trainer: Trainer, pictures: Sequence[Annotated]) -> Draw:
    """Returns what draws this process's share of the batch of a step, counted from 0."""
    cut = cutter_for(pictures, trainer.device, trainer.config.pictures)
    return sampler_for(trainer.config, pictures, share=share(), cut=cut).batch


def _measured(trainer: Trainer, run: Run, stop: Event) -> list[Measured]:
    """Measures the held-out pictures, each process its share; fewer come back when an interrupt cuts it short."""
    part, parts = share()
    own = (picture for place, picture in enumerate(run.held_out) if place % parts == part)
    found = measure(trainer.counter(), takewhile(lambda _: not stop.is_set(), own))
    return gathered([replace(picture, density=None) for picture in found])
