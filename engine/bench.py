"""Measures the engine on this machine: what the pipeline costs beside the bare model, in one run.

Machines drift, so the bare session and the pipeline take turns over the same frames, and their ratio is what counts.
"""

import json
import platform
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

from engine.capture import RecordingCapture
from engine.handoff import Line
from engine.model import Model, load_model
from engine.paths import DEFAULT_MODEL, DEMO_CLIP
from engine.pipeline import Camera, Pipeline
from engine.playback import Playback
from engine.reading import Reading
from engine.schedule import DensitySchedule
from engine.sources import FileSource

ROUNDS = 5
FRAMES = 40  # of the recording, in each round


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured; times are medians over the rounds."""

    model: str
    provider: str
    processor: str
    frames: int
    tiles_per_frame: int
    bare_ms_per_tile: float
    """The session alone, on tiles that are ready."""
    pipeline_ms_per_tile: float
    """Decoding, dividing, counting and handing on, in their threads."""
    pipeline_speed: float
    """Pipeline's throughput over the bare session's, 1 is perfect; median of the rounds' ratios."""
    frames_per_second: float
    density_cost: float
    """Time of a session run with density map over one without; median of the rounds' ratios."""


def print_bench(model: Path | None, source: Path | None, *, provider: str, as_json: bool) -> int:
    """Measures and prints a table, or JSON; raises EngineError if model or source cannot be used."""
    figures = measure(load_model(model or DEFAULT_MODEL, provider=provider), source or DEMO_CLIP)
    if as_json:
        print(json.dumps(asdict(figures), indent=2))
        return 0
    table = Table(show_header=False, box=None)
    for name, value in (
        ("model", f"{figures.model} on {figures.provider}, {figures.processor}"),
        ("work", f"{figures.frames} frames of {figures.tiles_per_frame} tiles, {ROUNDS} rounds"),
        ("bare session", f"{figures.bare_ms_per_tile:.2f} ms a tile"),
        ("pipeline", f"{figures.pipeline_ms_per_tile:.2f} ms a tile, {figures.frames_per_second:.1f} frames a second"),
        ("pipeline's speed", f"{figures.pipeline_speed:.1%} of the bare session's"),
        ("density map", f"{figures.density_cost:.2f} times the cost of counting alone"),
    ):
        table.add_row(f"[bold]{name}[/]", value)
    Console().print(table)
    return 0


def measure(model: Model, path: Path) -> Figures:
    """Runs the bare session and the pipeline in turn over a recording."""
    with FileSource(path) as source:
        frames = [frame.take_tiles() for frame in islice(source.frames(), FRAMES)]
    bare, mapped, whole = [], [], []
    for _ in track(range(ROUNDS), "measuring", console=Console(file=sys.stderr), transient=True):
        bare.append(_seconds(lambda: _run_bare(model.count, frames)))
        mapped.append(_seconds(lambda: _run_bare(model.count_and_map, frames)))
        whole.append(_seconds(lambda: _run_pipeline(model, path)))
    tiles = sum(map(len, frames))
    return Figures(
        model=model.file.name,
        provider=model.provider,
        processor=platform.processor() or platform.machine(),
        frames=len(frames),
        tiles_per_frame=len(frames[0]),
        bare_ms_per_tile=1000 * statistics.median(bare) / tiles,
        pipeline_ms_per_tile=1000 * statistics.median(whole) / tiles,
        pipeline_speed=statistics.median(b / w for b, w in zip(bare, whole, strict=True)),
        frames_per_second=len(frames) / statistics.median(whole),
        density_cost=statistics.median(m / b for m, b in zip(mapped, bare, strict=True)),
    )


def _seconds(work: Callable[[], None]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


def _run_bare(count: Callable[[NDArray[np.uint8]], object], frames: Sequence[NDArray[np.uint8]]) -> None:
    for tiles in frames:
        count(tiles)


def _run_pipeline(model: Model, path: Path) -> None:
    readings: Line[Reading] = Line(room=4)
    capture = RecordingCapture(FileSource(path), Playback(own_speed=False))
    with Pipeline(model, [Camera(capture, [readings], density=DensitySchedule(None))]) as pipeline:
        for _ in islice(readings, FRAMES):
            pass
    if pipeline.failure:
        raise pipeline.failure
