"""Measures the engine on this machine: what the pipeline costs beside the bare model, and what many cameras get.

Machines drift, so the bare session and the pipeline take turns over the same frames, and their ratio is what counts.
Cameras are the recording played in a loop at the rate that is asked for, read by the same threads as real ones.
"""

import statistics
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from time import perf_counter

import numpy as np
import psutil
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from engine.camera import Camera
from engine.capture.live import LiveCapture
from engine.capture.recording import RecordingCapture
from engine.commands.bench_profile import Profile, Profiling, profiling
from engine.counting.reading import Reading
from engine.counting.schedule import DensitySchedule
from engine.handoff import Line, Outlet
from engine.inference.model import Model
from engine.inference.separability import count_only_cost
from engine.log.store import Store
from engine.pipeline import Pipeline
from engine.redaction import readable
from engine.settings.address import Address
from engine.sources import FileSource
from engine.sources.opening import LiveOrder
from engine.sources.playback import Playback

ROUNDS = 7
COST_ROUNDS = 12  # of counting alone, for each of them
FRAMES = 40  # of the recording, in each round
SETTLE_S = 4.0  # in which cameras connect and the first frames are counted, before anything is noted
PROFILED_DENSITY_S = 1.0  # between two density maps of a camera, as usual
PERCENTILES = (50, 95, 99)
MEGABYTE = 2**20


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast one model is on one provider; times are medians over the rounds."""

    model: str
    provider: str
    details: str
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
    count_only_cost: float
    """Time of counting alone over that of a graph which has no branch at all, on one thread of the processor."""


@dataclass(frozen=True, slots=True)
class Crowding:
    """What a number of cameras get at the same time."""

    cameras: int
    offered_fps: float
    """Frames per second that each camera sends, as many as are wanted."""
    counted_fps: float
    """Of each camera on average."""
    evenness: float
    """The best served camera's rate over the worst served one's; 1 is perfect."""
    latency_ms: tuple[float, ...]
    """From a frame's arrival to its reading: p50, p95, p99."""
    memory_mb: float
    """Of the whole process at the end."""
    memory_growth_mb: float
    """From the first second to the end."""
    profile: Profile | None = None
    """Where the time went, if that was asked for."""


def measure(model: Model, path: Path, *, rounds: int = ROUNDS) -> Speed:
    """Runs the bare session and the pipeline in turn over a recording; raises EngineError if it cannot be used."""
    with FileSource(path) as source:
        frames = [frame.take_tiles() for frame in islice(source.frames(), FRAMES)]
    bare, mapped, whole = [], [], []
    for _ in track(range(rounds), f"{model.file.name}", console=Console(file=sys.stderr), transient=True):
        bare.append(_seconds(lambda: _run_bare(model.count, frames)))
        whole.append(len(frames) * _pipeline_s(model, path))
        mapped.append(_seconds(lambda: _run_bare(model.count_and_map, frames)))
    tiles = sum(map(len, frames))
    return Speed(
        model=readable(model.file.path.name),
        provider=model.provider,
        details=model.details,
        frames=len(frames),
        tiles_per_frame=len(frames[0]),
        bare_ms_per_tile=1000 * statistics.median(bare) / tiles,
        pipeline_ms_per_tile=1000 * statistics.median(whole) / tiles,
        pipeline_speed=statistics.median(b / w for b, w in zip(bare, whole, strict=True)),
        frames_per_second=len(frames) / statistics.median(whole),
        density_cost=statistics.median(m / b for m, b in zip(mapped, bare, strict=True)),
        count_only_cost=count_only_cost(model.file, rounds=COST_ROUNDS * rounds),
    )


def crowd(
    model: Model, path: Path, *, cameras: int, fps: float, seconds: float, density_s: float | None = None
) -> Crowding:
    """Watches a recording as so many cameras at once, for some seconds after all have settled.

    Args:
        model: that counts.
        path: of the recording.
        cameras: how many.
        fps: that each offers.
        seconds: for how long.
        density_s: between two density maps of a camera; None makes none.
    """
    watchers = [_Watcher() for _ in range(cameras)]
    with Pipeline(
        model, [_camera(path, k, fps, [watcher], density_s) for k, watcher in enumerate(watchers)]
    ) as pipeline:
        found = _watch(watchers, fps, seconds)
    if pipeline.failure:
        raise pipeline.failure
    return found


def profiled(model: Model, path: Path, *, cameras: int, fps: float, seconds: float) -> Crowding:
    """As `crowd`, with a density map a second and a log, and says where the time went."""
    watchers = [_Watcher() for _ in range(cameras)]
    with TemporaryDirectory() as folder, closing(Store(Path(folder, "log.db"))) as store, profiling() as begin:
        watched = []
        for number, watcher in enumerate(watchers):
            run = store.run(camera=f"camera {number + 1}", model=model.file, live=True)
            watched.append(_camera(path, number, fps, [watcher, run], PROFILED_DENSITY_S))
        with Pipeline(model, watched) as pipeline:
            found, profile = _profiled_watch(watchers, fps, seconds, begin)
    if pipeline.failure:
        raise pipeline.failure
    return replace(found, profile=profile)


def _profiled_watch(
    watchers: Sequence["_Watcher"], fps: float, seconds: float, begin: Callable[[], Profiling]
) -> tuple[Crowding, Profile]:
    Event().wait(SETTLE_S)
    measuring = begin()
    found = _watch(watchers, fps, seconds, settle_s=0.0)
    return found, measuring.profile()


def _watch(watchers: Sequence["_Watcher"], fps: float, seconds: float, *, settle_s: float = SETTLE_S) -> Crowding:
    """Takes the figures of cameras that are being counted."""
    process, pause = psutil.Process(), Event()
    pause.wait(settle_s)
    for watcher in watchers:
        watcher.latencies_s.clear()
    before, begun = process.memory_info().rss, perf_counter()
    pause.wait(seconds)
    counts = [len(watcher.latencies_s) for watcher in watchers]
    span, after = perf_counter() - begun, process.memory_info().rss
    latencies = [latency for watcher in watchers for latency in watcher.latencies_s]
    return Crowding(
        cameras=len(watchers),
        offered_fps=fps,
        counted_fps=statistics.mean(counts) / span,
        evenness=max(counts) / min(counts) if min(counts) else float("inf"),
        latency_ms=tuple(1000 * float(value) for value in np.percentile(latencies, PERCENTILES)) if latencies else (),
        memory_mb=after / MEGABYTE,
        memory_growth_mb=(after - before) / MEGABYTE,
    )


class _Watcher:
    """An outlet that notes how old each frame was when it was counted."""

    def __init__(self) -> None:
        self.latencies_s: list[float] = []

    def put(self, reading: Reading) -> bool:
        self.latencies_s.append(reading.latency_s)
        return True

    def close(self) -> None:
        pass


def _camera(path: Path, number: int, fps: float, outlets: Sequence[Outlet[Reading]], density_s: float | None) -> Camera:
    order = LiveOrder(name=f"camera {number + 1}", address=Address.of(str(path.resolve())), max_fps=fps, loop=True)
    return Camera(LiveCapture(order), outlets, density=DensitySchedule(density_s))


def _seconds(work: Callable[[], None]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


def _run_bare(count: Callable[[NDArray[np.uint8]], object], frames: Sequence[NDArray[np.uint8]]) -> None:
    for tiles in frames:
        count(tiles)


def _pipeline_s(model: Model, path: Path) -> float:
    """Returns the seconds that a frame takes behind the first, so that neither opening nor ending is in them."""
    readings: Line[Reading] = Line(room=4)
    capture = RecordingCapture(FileSource(path), Playback(own_speed=False))
    begun_s = perf_counter()
    with Pipeline(model, [Camera(capture, [readings], density=DensitySchedule(None))]) as pipeline:
        came_s = [perf_counter() for _ in islice(readings, FRAMES + 1)]
    if pipeline.failure:
        raise pipeline.failure
    return (came_s[-1] - came_s[0]) / (len(came_s) - 1) if len(came_s) > 1 else came_s[0] - begun_s
