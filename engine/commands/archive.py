"""Counts many recordings by many processes: the work of `deepcount-engine archive`."""

import json
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import psutil

from engine.archive.crew import Crew, Outfit
from engine.archive.foreman import Foreman, Plan
from engine.archive.ledger import Ledger
from engine.archive.listing import recordings
from engine.archive.pieces import Manner
from engine.archive.processes import Processes
from engine.archive.result import Result, problems
from engine.archive.tables import check_format
from engine.commands.archive_bar import ArchiveBar
from engine.files import claimed, written_whole
from engine.inference.contract import ModelFile
from engine.inference.variants import load_model
from engine.redacted_log import logged
from engine.stopping import heard

INCOMPLETE = 2  # something could not be counted
STATE = ".archive"
SUMMARY = "summary.json"
WORKER_BYTES = 600 << 20
"""Of memory that a worker takes, with room to spare."""
ON_CARD = 2  # workers that share a card: one decodes while the other counts


@dataclass(frozen=True, slots=True)
class ArchiveOrder:
    """What to count, how, and where to put it."""

    sources: Sequence[str]
    """Files, folders, patterns, and URLs that fsspec knows."""
    out: Path
    manner: Manner
    model: Path | None = None
    provider: str = "auto"
    format: str = "csv"
    smoothing_s: float = 0.0
    workers: int | None = None
    """Processes; None is as many as there are cores and room for in memory."""
    ray: str | None = None
    """Address of a cluster that counts, in place of processes."""
    again: bool = False
    as_json: bool = False


@dataclass(frozen=True, slots=True)
class _Used:
    """By what all is counted."""

    file: ModelFile
    provider: str


def count_archive(order: ArchiveOrder) -> int:
    """Counts recordings, writes their tables and a summary, and prints it; returns the exit status.

    Raises:
        EngineError: a source names nothing, the model cannot be used, or no result can be written.
    """
    check_format(order.format)
    state, began_s = order.out / STATE, monotonic()
    with logged(), claimed(order.out, SUMMARY), claimed(state):
        found = recordings(order.sources, order.out, state)
        used = heard(lambda: _used(order))
        with closing(_crew(order, used)) as crew:
            plan = Plan(
                order.manner, used.file, used.provider, order.out, order.format, order.smoothing_s,
                fetches=order.ray is None, again=order.again,
            )  # fmt: skip
            foreman = Foreman(found, plan, crew, Ledger(state))
            try:
                with ArchiveBar() as bar:
                    for progress in foreman.run():
                        bar.show(progress)
            finally:
                results = [foreman.results[each.name] for each in found if each.name in foreman.results]
                frames = bar.frames
                said = _facts(used, results, len(found), frames, monotonic() - began_s)
                _write(order.out / SUMMARY, said)
    if order.as_json:
        print(json.dumps(said, indent=2))
    else:
        _print(order, said, results)
    return 0 if all(result.is_good for result in results) else INCOMPLETE


def _used(order: ArchiveOrder) -> _Used:
    """Chooses the model's file that is fastest here, as `count` does; the model itself is let go."""
    model = load_model(order.model, provider=order.provider)
    return _Used(model.file, model.provider)


def _crew(order: ArchiveOrder, used: _Used) -> Crew:
    if order.ray is not None:
        from engine.archive.cluster import RayCrew

        return RayCrew(order.ray, Outfit(order.manner, used.file, used.provider, threads=1))
    cores = (
        len(psutil.Process().cpu_affinity() or [1]) if hasattr(psutil.Process, "cpu_affinity") else psutil.cpu_count()
    )
    workers = order.workers or _workers(cores or 1, used.provider)
    return Processes(workers, Outfit(order.manner, used.file, used.provider, max(1, (cores or 1) // workers)))


def _workers(cores: int, provider: str) -> int:
    room = int(psutil.virtual_memory().available // WORKER_BYTES)
    most = ON_CARD if provider in ("cuda", "tensorrt") else cores
    return max(1, min(most, cores, room))


def _facts(used: _Used, results: Sequence[Result], total: int, frames: int, elapsed_s: float) -> dict[str, Any]:
    return {
        "recordings": total,
        "through": len(results),
        "counted_before": sum(result.counted_before for result in results),
        "frames": frames,
        "elapsed_s": round(elapsed_s, 2),
        "frames_per_second": round(frames / elapsed_s, 2) if elapsed_s else None,
        "problems": problems(results),
        "model": {
            "name": used.file.name,
            "precision": used.file.precision,
            "sha256": used.file.sha256,
            "provider": used.provider,
        },
        "results": [result.said for result in results],
    }


def _write(path: Path, said: dict[str, Any]) -> None:
    with written_whole(path) as partial:
        partial.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")


def _print(order: ArchiveOrder, said: dict[str, Any], results: Sequence[Result]) -> None:
    model = said["model"]
    known = f", {said['counted_before']} of them before" if said["counted_before"] else ""
    print(f"{sum(bool(result.file) for result in results)} of {said['recordings']} recordings are counted{known}")
    print(
        f"{said['frames']} frames in {said['elapsed_s']:.1f} s ({said['frames_per_second']:.1f} a second, by "
        f"{model['name']} {model['precision']} on {model['provider']})"
    )
    for problem in said["problems"]:
        print(f"deepcount-engine: {problem}", file=sys.stderr)
    if any(result.skipped for result in results):
        print("what is skipped is tried again by the same command", file=sys.stderr)
    print(f"wrote a table for each into {order.out}, and {order.out / SUMMARY}")
