"""`deepcount-trainer bench`: how fast this machine trains a configuration, or counts with it, on drawn pictures."""

import argparse
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import cv2
import numpy as np
import torch

from trainer.arithmetic import said
from trainer.commands.options import add_device, device_of, size_in_pixels
from trainer.commands.train import add_configuration
from trainer.config import TrainConfig, load_config
from trainer.datasets import Annotated
from trainer.errors import TrainerError
from trainer.evaluation.counters import division_for, torch_counter
from trainer.evaluation.tiling import cut
from trainer.learning.loop import drawer
from trainer.learning.memory import keep_freed_memory
from trainer.learning.pace import operations, peak, shares
from trainer.learning.training import Trainer
from trainer.networks.families import built
from trainer.progress import with_bar
from trainer.tiles.batch import Batch

STEPS = 20
GIGA = 1e9
WARM_UP = 3
PICTURES, HEIGHT, WIDTH, PEOPLE, HEAD_PX = 8, 768, 1024, 123, 8  # as in ShanghaiTech part B


def add_bench(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `bench`."""
    add_configuration(parser)
    add = parser.add_argument
    add("--steps", type=int, default=STEPS, help="that are timed (default: %(default)s)")
    about = "time counting frames of this size with the untrained network, in place of training it"
    add("--frames", type=size_in_pixels, metavar="HxW", help=about)
    add_device(parser)
    parser.set_defaults(run_command=_run, when_stopped="stopped")


def _run(options: argparse.Namespace) -> int:
    if options.steps < 1:
        raise TrainerError(f"--steps is {options.steps}, expected at least 1")
    config = load_config(options.preset, options.set)
    keep_freed_memory()
    if options.frames:
        _count(config, device_of(options), options.frames, options.steps)
        return 0
    trainer = Trainer(config, device_of(options))
    print(said(trainer.config.precision, trainer.device))
    draw = drawer(trainer, _drawn())
    alone = _timed(draw, options.steps, "preparing")
    print(f"tiles, prepared by one thread alone: {config.batch / alone:.0f} a second")
    with ThreadPoolExecutor(1) as ahead:  # as in a training: the next batch is prepared during a step
        coming = [ahead.submit(draw, 0)]

        def step(number: int) -> None:
            batch: Batch = coming.pop().result()
            coming.append(ahead.submit(draw, number + 1))
            trainer.step(batch)

        together = _timed(step, options.steps, "training")
    print(
        f"training: {config.batch / together:.1f} tiles a second "
        f"({options.steps} steps of {config.batch}, {torch.get_num_threads()} threads, {trainer.device.type})"
    )
    _say_where_time_goes(trainer, draw(0), together)
    return 0


def _count(config: TrainConfig, device: torch.device, size: tuple[int, int], frames: int) -> None:
    division = division_for(config.model, config.evaluation)
    counter = torch_counter(built(config.model).to(device), counted=config.counted, division=division)
    parts = cut(np.random.default_rng(1).integers(0, 256, (*size, 3), np.uint8), division)
    frame_s = _timed(lambda _: counter(parts), frames, "counting")
    shape = "x".join(map(str, parts.shape[1:3]))
    print(
        f"counting: {1 / frame_s:.2f} frames of {size[0]}x{size[1]} a second, {len(parts)} x {shape} each, "
        f"{1000 * frame_s / len(parts):.1f} ms a part "
        f"({config.model.architecture} untrained, {torch.get_num_threads()} threads, {device.type})"
    )


def _say_where_time_goes(trainer: Trainer, batch: Batch, step_s: float) -> None:
    def step() -> None:
        trainer.step(batch)

    done, most = operations(step) / step_s, peak(trainer.device, trainer.config.precision)
    print(f"{done / most:.0%} of the peak: {done / GIGA:,.0f} of {most / GIGA:,.0f} billion operations a second")
    parts = shares(step, trainer.device)
    print("where the time of a step goes:", ", ".join(f"{kind} {part:.0%}" for kind, part in parts.items()))


def _timed(work: Callable[[int], object], times: int, title: str) -> float:
    """Returns the seconds that one of `times` takes, after some that are not timed."""
    start = perf_counter()
    for number in with_bar(range(WARM_UP + times), title, "steps"):
        if number == WARM_UP:
            start = perf_counter()
        work(number)
    return (perf_counter() - start) / times


def _drawn() -> list[Annotated]:
    """Draws pictures of noise in which everybody stands on the left, so that people of known sizes can be set in."""
    rng = np.random.default_rng(1)
    pictures = []
    for number in range(PICTURES):
        small = rng.integers(0, 255, (HEIGHT // 8, WIDTH // 8, 3), np.uint8)
        picture = np.asarray(cv2.resize(small, (WIDTH, HEIGHT)), np.uint8)
        points = rng.uniform((0, 0), (WIDTH / 3, HEIGHT), (PEOPLE, 2)).astype(np.float32)
        sizes = np.full(PEOPLE, HEAD_PX, np.float32)
        pictures.append(Annotated(str(number), picture, points, sizes=sizes))
    return pictures
