"""What recording costs, what SIGKILL leaves of it, and what becomes of it on a full disk; run by hand.

    python tests/engine/recorder.py --seconds 100 --kills 50

Four cameras of 720p at 25 frames a second are counted once a second each, and recorded for every second stretch of some
seconds: the difference of the processor's time is what recording costs. A recorder of segments of a second is killed
again and again, and every finished segment has to play to its end. A disk of some megabytes (a file system in memory,
which takes the right to mount one) fills up: the oldest have to go, told once, while the camera goes on.
"""

import argparse
import logging
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from time import monotonic, process_time

import av

from cameras import Clip, ScriptedCamera
from constant import write_constant
from engine.capture.live import LiveCapture
from engine.monitor.facts import facts_of
from engine.monitor.monitor import Monitor
from engine.recording import cutting
from engine.recording.plan import Plan
from engine.recording.recorder import Recorder
from engine.recording.segments import Segment, camera_folder, partials, read_segments, total_bytes
from engine.recording.stock import Stock
from engine.settings.address import camera_address
from engine.settings.config import Config
from engine.settings.problems import checked
from engine.sources.opening import LiveOrder

STRETCH_S = 5.0  # recorded, and then not
SETTLED_S = 2.0  # until figures are taken
MOST_COST = 5.0  # per cent of one core
DISK_BYTES, RESERVE_GB = 12 << 20, 0.004
SPAWN = get_context("spawn")
_pause = Event()


def say(words: str) -> None:
    print(words, flush=True)  # noqa: T201


def serve(pipe: Connection, number: int, size: tuple[int, int]) -> None:
    """Is a process with cameras; tells their addresses and lives until it is told to end."""
    clip = Clip.drawn("h264", size=size)
    with ExitStack() as stack:
        cameras = [stack.enter_context(ScriptedCamera(clip, rate=25)) for _ in range(number)]
        pipe.send([camera.address for camera in cameras])
        pipe.recv()


@contextmanager
def served(number: int, size: tuple[int, int]) -> Iterator[list[str]]:
    """Cameras in a process of their own, so that what they cost is not ours."""
    here, there = SPAWN.Pipe()
    process = SPAWN.Process(target=serve, args=(there, number, size), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        here.send(None)
        process.join()


def configured(folder: Path, addresses: list[str], keep: str, *, free_gigabytes: float = 0.0) -> Config:
    cameras = [
        {"name": f"camera {number}", "address": address, "max_fps": 1.0, "grid": "1x1", "recording": {"keep": keep}}
        for number, address in enumerate(addresses)
    ]
    values = {"cameras": cameras, "recordings": {"folder": "kept", "free_gigabytes": free_gigabytes}}
    model = folder / "eight.onnx"
    values |= {"model": str(model if model.exists() else write_constant(model, people=8.0))}
    return checked(Config, values, "a trial", folder=folder)


def cost(folder: Path, seconds: float) -> float:
    """Returns how many per cent of a core recording takes beyond counting."""
    found: dict[str, list[float]] = {"never": [], "always": []}
    with served(4, (720, 1280)) as addresses, Monitor() as monitor:
        monitor.apply(configured(folder, addresses, "never"))
        _pause.wait(2 * SETTLED_S)
        end_s = monotonic() + seconds
        while monotonic() < end_s:
            for keep, shares in found.items():
                monitor.apply(configured(folder, addresses, keep))
                _pause.wait(SETTLED_S)
                begun_s, used_s = monotonic(), process_time()
                _pause.wait(STRETCH_S)
                shares.append(100 * (process_time() - used_s) / (monotonic() - begun_s))
        facts = facts_of(monitor)
    lost = sum(each.recording.lost for each in facts if each.recording)
    segments = [one for number in range(4) for one in read_segments(camera_folder(folder / "kept", f"camera {number}"))]
    recorded_s = sum(one.end_s - one.begin_s for one in segments)
    say(f"counting takes {statistics.median(found['never']):.1f} % of a core, and with recording "
        f"{statistics.median(found['always']):.1f} % (medians of {len(found['never'])} stretches each)")  # fmt: skip
    say(f"{recorded_s:.0f} s of camera were recorded, {8e-6 * total_bytes(segments) / recorded_s:.1f} Mbit/s each; "
        f"{lost} packets were lost")  # fmt: skip
    return statistics.median(found["always"]) - statistics.median(found["never"]) + (100.0 if lost else 0.0)


def record_for_ever(root: Path, address: str) -> None:
    """Is the process that is killed: records a camera in segments of a second."""
    cutting.LENGTH_S = 1.0
    capture = LiveCapture(LiveOrder("yard", camera_address(address)))
    recorder = Recorder("yard", lambda: capture.view)
    capture.taps.add(recorder)
    recorder.expect(Plan("always"), Stock(root, 0))
    capture.start()
    Event().wait()


def wrong_with(segment: Segment) -> str:
    """Returns what is wrong with a finished segment."""
    try:
        with av.open(str(segment.path)) as container:
            frames = sum(1 for _ in container.decode(video=0))
    except (av.FFmpegError, OSError) as error:
        return f"{segment.path.name} does not play: {error}"
    expected = round(25 * (segment.end_s - segment.begin_s))
    return "" if abs(frames - expected) <= 1 else f"{segment.path.name} has {frames} pictures, expected {expected}"


def kill(root: Path, kills: int, seed: int) -> list[str]:
    """Kills a recorder again and again; returns what was wrong with what it left."""
    chance, wrong, folder = random.Random(seed), list[str](), camera_folder(root, "yard")
    played: set[Path] = set()
    with served(1, (240, 320)) as (address,):
        for number in range(kills):
            process = SPAWN.Process(target=record_for_ever, args=(root, address), daemon=True)
            process.start()
            _pause.wait(chance.uniform(1.0, 6.0))
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
            process.join()
            segments = [segment for segment in read_segments(folder) if segment.path not in played]
            played.update(segment.path for segment in segments)
            found = [words for segment in segments if (words := wrong_with(segment))]
            left = partials(folder)
            found += [f"{len(left)} segments were being written"] if len(left) > 1 else []
            wrong += [f"kill {number}: {words}" for words in found]
    say(f"{kills} recorders were killed; {len(played)} finished segments play to their end")
    return wrong


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """A file system of few megabytes; False where none can be mounted."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
    is_there = sys.platform == "linux" and subprocess.run(mount, check=False, capture_output=True).returncode == 0
    try:
        yield is_there
    finally:
        if is_there:
            subprocess.run(["umount", str(folder)], check=True)


class Heard(logging.Handler):
    """What was told."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.words: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.words.append(record.getMessage())


def fill(folder: Path, seconds: float, reserve_gb: float) -> list[str]:
    """Records onto a small disk until long after it is full; returns what was wrong."""
    heard, wrong = Heard(), list[str]()
    logging.getLogger("engine").addHandler(heard)
    cutting.LENGTH_S = 1.0
    counted = 0
    with small_disk(folder / "kept") as is_small, served(1, (480, 640)) as addresses, Monitor() as monitor:
        if not is_small:
            say("no small disk can be mounted here, so a full one was not tried")
            return []
        monitor.apply(configured(folder, addresses, "always", free_gigabytes=reserve_gb))
        begun_s, least = monotonic(), DISK_BYTES
        while monotonic() - begun_s < seconds:
            _pause.wait(0.2)
            least = min(least, shutil.disk_usage(folder / "kept").free)
        (facts,) = facts_of(monitor)
        counted = facts.total.readings
        monitor.close()
        segments = read_segments(camera_folder(folder / "kept", "camera 0"))
        wrong += [words for segment in segments if (words := wrong_with(segment)) and not reserve_gb]
        told = sum("the oldest recordings are deleted" in words for words in heard.words)
    logging.getLogger("engine").removeHandler(heard)
    newest_s = segments[-1].end_s - segments[0].begin_s if segments else 0.0
    say(f"a disk of {DISK_BYTES >> 20} MB with {reserve_gb:g} GB to be left free: {least >> 10} kB were free at least, "
        f"the last {newest_s:.0f} s are there, told {told} times, {counted} pictures counted meanwhile")  # fmt: skip
    wrong += [] if told == 1 else [f"the operator was told {told} times, expected once"]
    wrong += [] if segments and counted >= seconds / 2 else ["recording or counting did not go on"]
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=14.0, help="for what recording costs (default: %(default)s)")
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--full", type=float, default=40.0, metavar="S", help="seconds on each full disk")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    wrong: list[str] = []
    with TemporaryDirectory() as name:
        folder = Path(name)
        if options.seconds:
            (folder / "cost").mkdir()
            extra = cost(folder / "cost", options.seconds)
            wrong += [] if extra < MOST_COST else [f"recording costs {extra:.1f} % of a core"]
            say(f"recording costs {extra:.1f} % of a core, expected less than {MOST_COST:g}")
        wrong += kill(folder / "killed", options.kills, options.seed) if options.kills else []
        for reserve in (RESERVE_GB, 0.0) if options.full else ():
            place = folder / f"full {reserve}"
            place.mkdir()
            wrong += fill(place, options.full, reserve)
    say("\n".join(wrong) or "nothing is wrong")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
