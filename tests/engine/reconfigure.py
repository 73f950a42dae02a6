"""Changes the configuration of a running monitor again and again, at random; run by hand for long, see `--help`.

Half of the cameras are never touched. Prints what came of it; ends with status 1 if one of those lost a second in the
log or a frame on the way, or if threads or open files are more than before.
"""

import argparse
import gc
import random
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import psutil

from cameras import Clip, ScriptedCamera
from constant import write_constant
from engine.memory import INTERVAL_S, FreedMemory
from engine.monitor.monitor import Monitor
from engine.monitor.session import Session
from engine.settings.config import Config
from engine.settings.problems import checked
from logged import samples_of, waited_for

LOG = "log.db"
"""Whose connections are pooled: as many stay as were ever asked for at once, some few."""
KINDS = ("away", "enabled", "address", "zones", "privacy", "grid", "smoothing", "rate", "counted", "order", "model")
LEFT, TOP = [[0, 0], [0.5, 0], [0.5, 1], [0, 1]], [[0, 0], [1, 0], [1, 0.5], [0, 0.5]]
MEGABYTE = 2**20

Change = tuple[str, int]
"""Its kind, and the number of the camera that it is made to."""


@dataclass
class Wanted:
    """What is configured, as it is changed step by step."""

    models: Sequence[Path]
    database: Path
    cameras: list[dict[str, object]]
    away: set[str] = field(default_factory=set)
    steps: int = 0

    @property
    def config(self) -> Config:
        present = [camera for camera in self.cameras if camera["name"] not in self.away]
        values = {"model": str(self.models[0]), "database": str(self.database), "cameras": present}
        return checked(Config, values, "a test", folder=Path())

    def change(self, kind: str, number: int) -> None:
        """Changes a camera; most changes of a kind take back the one before it."""
        camera, self.steps = next(c for c in self.cameras if c["name"] == f"camera {number}"), self.steps + 1
        match kind:
            case "away":
                self.away ^= {str(camera["name"])}
            case "enabled":
                camera["enabled"] = not camera.get("enabled", True)
            case "address":
                camera["address"] = f"{str(camera['address']).partition('?')[0]}?visit={self.steps}"
            case "zones":
                camera["zones"] = [] if camera.get("zones") else [{"name": "left", "polygon": LEFT}]
            case "privacy":
                camera["privacy"] = [] if camera.get("privacy") else [TOP]
            case "grid":
                camera["grid"] = "auto" if camera.get("grid") == "1x1" else "1x1"
            case "smoothing":
                camera["smoothing_s"] = 0.0 if camera.get("smoothing_s") else 1.0
            case "rate":
                camera["max_fps"] = 5.0 if camera.get("max_fps") == 4.0 else 4.0
            case "counted":
                camera["counted"] = not camera.get("counted", True)
            case "order":
                self.cameras.reverse()
            case "model":
                self.models = self.models[::-1]


@dataclass(frozen=True)
class Kept:
    """What is to be the same after all changes of a camera that was never touched."""

    connections: int
    decoded: int
    counted: int
    burst: int
    """Frames that were dropped before the changes: a camera sends its first ones in a burst."""
    dropped: int
    """Frames that were dropped meanwhile."""
    stored: int
    """Readings that are in its samples."""
    gaps: int
    """Seconds that are missing in its samples, in all runs."""

    @property
    def is_whole(self) -> bool:
        """Whether every frame was counted and every reading is in the log; the last frame may come too late."""
        on_the_way = self.decoded - self.counted - self.burst - self.dropped
        return 0 <= on_the_way <= 1 and self.stored == self.counted and self.connections == 1


@dataclass(frozen=True)
class Outcome:
    """What came of all changes."""

    kept: dict[str, Kept]
    """Of the cameras that were never touched."""
    grown: dict[str, tuple[int, int]]
    """Threads and open files that became more: before and after."""
    memory: float
    """MB that came on top meanwhile, after what was freed has been given back."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing was lost of any camera that was not touched."""
        return bool(self.kept) and all(kept.is_whole for kept in self.kept.values())


def reconfigured(
    folder: Path, cameras: Sequence[ScriptedCamera], changes: Sequence[Change], *, paced: bool = False
) -> Outcome:
    """Watches cameras, makes the changes one after the other, and takes them all back.

    `paced` waits after each until the first camera was counted again, so that some of the others are live by then.
    """
    models = [write_constant(folder / f"{people}.onnx", people=people) for people in (3, 7)]
    tables: list[dict[str, object]] = [
        {"name": f"camera {number}", "address": camera.address} for number, camera in enumerate(cameras)
    ]
    wanted = Wanted(models, folder / LOG, [dict(table) for table in tables])
    first = wanted.config
    with Monitor() as monitor:
        monitor.apply(first)
        assert _all_counted(monitor, frames=5)  # which are more than come in a burst
        gc.collect()
        kept = [s for s in monitor.sessions if s.name not in {f"camera {number}" for _, number in changes}]
        bursts = [session.capture.frames.dropped for session in kept]
        before, memory = _held(), _memory()
        for kind, number in changes:
            wanted.change(kind, number)
            counted = kept[0].tally.total.readings
            monitor.apply(wanted.config)
            assert not paced or waited_for(lambda counted=counted: kept[0].tally.total.readings > counted)
        monitor.apply(first)
        assert _all_counted(monitor)
        assert waited_for(lambda: all(camera.connected == 1 for camera in cameras))
        gc.collect()
        waited_for(lambda: not _grown(before))
        grown, memory = _grown(before), _memory() - memory
        served = {f"camera {number}": camera for number, camera in enumerate(cameras)}
        assert all(is_settled(served[session.name], session) for session in kept)
        assert {session.capture for session in kept} <= {session.capture for session in monitor.sessions}
    return Outcome(
        {s.name: _kept(folder / LOG, served[s.name], s, burst) for s, burst in zip(kept, bursts, strict=True)},
        grown,
        round(memory, 1),
    )


def _kept(log: Path, camera: ScriptedCamera, session: Session, burst: int) -> Kept:
    stored = _stored(log, session.name)
    seconds = [(run, second) for run, second, _ in stored]
    return Kept(
        connections=camera.connections,
        decoded=session.capture.health.frames,
        counted=session.tally.total.readings,
        burst=burst,
        dropped=session.capture.frames.dropped - burst,
        stored=sum(readings for *_, readings in stored),
        gaps=sum(b[1] - a[1] - 1 for a, b in pairwise(seconds) if a[0] == b[0]),
    )


def is_settled(camera: ScriptedCamera, session: Session) -> bool:
    """Has a camera send nothing more, and waits until all frames of its session are counted, but for the dropped."""
    camera.stall()

    def is_counted() -> bool:
        report = session.capture.health
        return report.frames == report.drops + session.tally.total.readings

    return waited_for(is_counted)


def _stored(database: Path, camera: str) -> list[tuple[int, int, int]]:
    """Returns (run, second, readings) of a camera."""
    run, before, found = 0, -1, []
    for name, second, _, readings in samples_of(database):
        if name == camera:
            run += second <= before
            before = second
            found.append((run, second, readings))
    return found


def _all_counted(monitor: Monitor, frames: int = 1) -> bool:
    """Waits until so many more frames of every camera were counted."""
    before = {session.name: session.tally.total.readings for session in monitor.sessions}
    return waited_for(
        lambda: all(s.tally.total.readings >= before[s.name] + frames for s in monitor.sessions), timeout_s=60
    )


def _held() -> dict[str, int]:
    process = psutil.Process()
    files = process.num_fds() if sys.platform != "win32" else process.num_handles()
    files -= sum(Path(file.path).name.startswith(LOG) for file in process.open_files())
    return {"Python's threads": threading.active_count(), "threads": process.num_threads(), "files": files}


def _memory() -> float:
    FreedMemory().give_back(INTERVAL_S)
    return psutil.Process().memory_info().rss / MEGABYTE


def _grown(before: dict[str, int]) -> dict[str, tuple[int, int]]:
    return {what: (before[what], now) for what, now in _held().items() if now > before[what]}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--changes", type=int, default=20)
    parser.add_argument("--cameras", type=int, default=4)
    parser.add_argument("--fps", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    changes = [
        (chance.choice(KINDS), chance.randrange(options.cameras // 2, options.cameras)) for _ in range(options.changes)
    ]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        cameras = [stack.enter_context(ScriptedCamera(Clip.drawn(), rate=options.fps)) for _ in range(options.cameras)]
        outcome = reconfigured(folder, cameras, changes, paced=True)
    print(f"{len(changes)} changes: {dict(sorted(Counter(kind for kind, _ in changes).items()))}")
    for name, kept in outcome.kept.items():
        print(f"{name}: {kept}")
    print(f"grown: {outcome.grown}; memory: {outcome.memory:+} MB")
    lost = any(kept.dropped or kept.gaps for kept in outcome.kept.values())
    return int(bool(lost or not outcome.is_whole or outcome.grown))


if __name__ == "__main__":
    sys.exit(main())
