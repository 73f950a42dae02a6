"""What `deepcount-engine bench` prints: a table for people, or JSON."""

import json
import math
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from engine.commands.bench import ROUNDS, Crowding, Speed, crowd, measure, profiled
from engine.commands.bench_profile import session_kinds
from engine.inference.model import Model
from engine.inference.peak import measured_peak
from engine.inference.session import RunOptions
from engine.inference.variants import load_model
from engine.inference.work import multiply_adds
from engine.paths import DEMO_CLIP
from engine.stopping import heard


@dataclass(frozen=True, slots=True)
class BenchOrder:
    """What to measure."""

    models: tuple[Path, ...] = ()
    source: Path | None = None
    providers: tuple[str, ...] = ("auto",)
    cameras: tuple[int, ...] = (1, 4, 16)
    fps: float = 5.0
    seconds: float = 12.0
    rounds: int = ROUNDS
    profile: bool = False
    as_json: bool = False


@dataclass(frozen=True, slots=True)
class Inside:
    """What was found inside a session."""

    million_multiply_adds: float
    """Of a tile that is only counted."""
    product: float
    """Billions of multiply-adds a second in a matrix product, in the same run."""
    convolution: float
    """And in a 3x3 convolution."""
    share_of_peak: float
    """That the bare session reaches, of the larger of both."""
    kinds: Mapping[str, float]
    """Shares of the session's time by the kind of its graph's nodes."""


@dataclass(frozen=True, slots=True)
class Measured:
    """All that was measured of a model on a provider."""

    speed: Speed
    crowds: Sequence[Crowding]
    inside: Inside | None = None


def print_bench(order: BenchOrder) -> int:
    """Measures each model on each provider and prints; raises EngineError if something given cannot be used."""
    source, measured = order.source or DEMO_CLIP, []
    for path in order.models or (None,):
        for provider in order.providers:
            model = heard(partial(load_model, path, provider=provider))
            speed = measure(model, source, rounds=order.rounds)
            inside = _inside(model, speed) if order.profile else None
            crowds = [_crowd(model, source, order, cameras) for cameras in order.cameras]
            measured.append(Measured(speed, crowds, inside))
    if order.as_json:
        print(json.dumps(_as_dict(measured), indent=2))
    else:
        _print_tables(measured, Console())
    return 0


def _inside(model: Model, speed: Speed) -> Inside:
    options = RunOptions()
    peak, work = measured_peak(options), multiply_adds(model.file)
    reached = work / speed.bare_ms_per_tile / 1e6
    return Inside(work / 1e6, *peak, reached / peak.best, session_kinds(model.file, options))


def _crowd(model: Model, source: Path, order: BenchOrder, cameras: int) -> Crowding:
    with Console(file=sys.stderr).status(f"{model.file.name}: watching {cameras} cameras for {order.seconds:g} s"):
        watch = profiled if order.profile else crowd
        return watch(model, source, cameras=cameras, fps=order.fps, seconds=order.seconds)


def _machine() -> str:
    return f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, {platform.system()}"


def _as_dict(measured: Sequence[Measured]) -> dict[str, Any]:
    """Returns plain values; what has no finite value is None, which JSON knows."""
    results = [
        asdict(one.speed)
        | {"cameras": [_finite(asdict(crowd)) for crowd in one.crowds]}
        | ({"inside": asdict(one.inside)} if one.inside else {})
        for one in measured
    ]
    return {"machine": _machine(), "results": [_finite(result) for result in results]}


def _finite(values: dict[str, Any]) -> dict[str, Any]:
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in values.items()}


def _print_tables(measured: Sequence[Measured], console: Console) -> None:
    console.print(_machine(), highlight=False)
    for one in measured:
        speed, crowds = one.speed, one.crowds
        console.print(f"\n[bold]{speed.model}[/] on {speed.provider} ({speed.details})", highlight=False)
        console.print(_speed_table(speed))
        if one.inside:
            console.print(_inside_table(one.inside))
        if crowds:
            console.print(_crowd_table(crowds))
        if one.inside:
            console.print(_profile_table(crowds))


def _speed_table(speed: Speed) -> Table:
    table = Table(show_header=False, box=None)
    for name, value in (
        ("work", f"{speed.frames} frames of {speed.tiles_per_frame} tiles, in turns"),
        ("bare session", f"{speed.bare_ms_per_tile:.2f} ms a tile"),
        ("pipeline", f"{speed.pipeline_ms_per_tile:.2f} ms a tile, {speed.frames_per_second:.1f} frames a second"),
        ("pipeline's speed", f"{speed.pipeline_speed:.1%} of the bare session's"),
        ("counting alone", f"{speed.count_only_cost:.3f} times the cost of a graph without any branch"),
        ("density map", f"{speed.density_cost:.2f} times the cost of counting alone"),
    ):
        table.add_row(name, value)
    return table


def _crowd_table(crowds: Sequence[Crowding]) -> Table:
    table = Table(box=None, header_style="bold")
    for head in ("cameras", "offered", "counted", "best/worst", "latency p50", "p95", "p99", "memory", "growth"):
        table.add_column(head, justify="right")
    for row in crowds:
        latencies = [f"{value:.0f} ms" for value in row.latency_ms] or ["–", "–", "–"]
        rates = f"{row.offered_fps:g} fps", f"{row.counted_fps:.1f} fps", f"{row.evenness:.2f}"
        memory = f"{row.memory_mb:.0f} MB", f"{row.memory_growth_mb:+.0f} MB"
        table.add_row(str(row.cameras), *rates, *latencies, *memory)
    return table


def _inside_table(inside: Inside) -> Table:
    table = Table(show_header=False, box=None)
    peak = f"matrix product {inside.product:.0f}, 3x3 convolution {inside.convolution:.0f}"
    table.add_row("peak", f"{peak} billion multiply-adds a second")
    table.add_row("share of it", f"{inside.share_of_peak:.0%} with {inside.million_multiply_adds:.0f} million a tile")
    table.add_row("in the session", ", ".join(f"{kind} {share:.0%}" for kind, share in inside.kinds.items()))
    return table


def _profile_table(crowds: Sequence[Crowding]) -> Table:
    """Shows where the time of all cores went, a row for each part and a column for each number of cameras."""
    profiles = [(crowd.cameras, crowd.profile) for crowd in crowds if crowd.profile]
    table = Table(box=None, header_style="bold", title="share of all cores", title_justify="left")
    table.add_column("cameras")
    for cameras, _ in profiles:
        table.add_column(str(cameras), justify="right")
    rows = [({**p.parts, "idle": p.idle, "other programs": p.others}) for _, p in profiles]
    for part in dict.fromkeys(part for row in rows for part in row):
        table.add_row(part, *(f"{row.get(part, 0.0):.1%}" for row in rows))
    return table
