"""What `deepcount-engine bench` prints: a table for people, or JSON."""

import json
import math
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from engine.commands.bench import Crowding, Speed, crowd, measure
from engine.inference.model import Model
from engine.inference.variants import load_model
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
    as_json: bool = False


def print_bench(order: BenchOrder) -> int:
    """Measures each model on each provider and prints; raises EngineError if something given cannot be used."""
    source, measured = order.source or DEMO_CLIP, []
    for path in order.models or (None,):
        for provider in order.providers:
            # spinning threads are for a session that has the processor to itself; here decoding works beside it
            model = heard(partial(load_model, path, provider=provider, spinning=False))
            speed = measure(model, source)
            measured.append((speed, [_crowd(model, source, order, cameras) for cameras in order.cameras]))
    if order.as_json:
        print(json.dumps(_as_dict(measured), indent=2))
    else:
        _print_tables(measured, Console())
    return 0


def _crowd(model: Model, source: Path, order: BenchOrder, cameras: int) -> Crowding:
    with Console(file=sys.stderr).status(f"{model.file.name}: watching {cameras} cameras for {order.seconds:g} s"):
        return crowd(model, source, cameras=cameras, fps=order.fps, seconds=order.seconds)


def _machine() -> str:
    return f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, {platform.system()}"


def _as_dict(measured: Sequence[tuple[Speed, list[Crowding]]]) -> dict[str, Any]:
    """Returns plain values; what has no finite value is None, which JSON knows."""
    results = [asdict(speed) | {"cameras": [_finite(asdict(c)) for c in crowds]} for speed, crowds in measured]
    return {"machine": _machine(), "results": [_finite(result) for result in results]}


def _finite(values: dict[str, Any]) -> dict[str, Any]:
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in values.items()}


def _print_tables(measured: Sequence[tuple[Speed, list[Crowding]]], console: Console) -> None:
    console.print(_machine(), highlight=False)
    for speed, crowds in measured:
        console.print(f"\n[bold]{speed.model}[/] on {speed.provider} ({speed.details})", highlight=False)
        console.print(_speed_table(speed))
        if crowds:
            console.print(_crowd_table(crowds))


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
