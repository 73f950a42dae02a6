"""Where the time goes: how much of the processor each part of the pipeline takes while cameras are counted.

The parts are timed at their doors, by the processor time of the thread that passes. What threads take beside them, and
those of libraries, is told apart by the threads' names; of libraries only Linux knows any, elsewhere they are one.
"""

import json
import os
import sys
import tempfile
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any

import numpy as np
import psutil

from engine.inference.contract import ModelFile
from engine.inference.model import Model
from engine.inference.onnxruntime_session import plain, session_options
from engine.inference.runtime import PROVIDERS
from engine.inference.session import RunOptions
from engine.picture import shot, view
from engine.picture.condition import Inspector
from engine.picture.motion import MotionGate
from engine.picture.tiling import TILE_HEIGHT, TILE_WIDTH
from engine.serving import Serving

DECODE, TURNS, STORE, LIBRARIES, OTHER = "decode", "turns and readings", "store", "libraries' threads", "other threads"
DOORS = (
    (shot.Decoded, "rgb", "conversion"),
    (shot.Decoded, "luma", "looking"),
    (Inspector, "inspect", "looking"),
    (MotionGate, "is_idle", "looking"),
    (shot.Decoded, "tiles", "conversion"),
    (shot, "divide", "cutting"),
    (view, "blank_private_tiles", "masks"),
    (view, "blank_outside", "masks"),
    (Model, "_count_part", "session"),
    (Model, "_map_part", "density"),
    (Serving, "_hand_on", "handing on"),
)
"""What is timed: where it is found, its name, and the part that it belongs to."""
THREADS = {"capture of": DECODE, "inference of": TURNS, "store of": STORE, "tiles at": "session"}
"""How the names of our threads begin, and the part that what is not timed at a door belongs to."""
RUNS, KINDS = 10, 6


@dataclass(frozen=True, slots=True)
class Profile:
    """Where the processor's time went, as shares of the time of all cores; with what is idle they add up to 1."""

    parts: Mapping[str, float]
    idle: float
    others: float
    """What other programs took."""


class _Doors:
    """Processor time in seconds of each part, without that of the parts which it passes on to."""

    def __init__(self) -> None:
        self.taken_s: defaultdict[str, float] = defaultdict(float)
        self.within_s: defaultdict[int, float] = defaultdict(float)
        """The same of each thread, by the system's number of it."""
        self._here = threading.local()
        self._noting = threading.Lock()

    def timed(self, work: Callable[..., Any], part: str) -> Callable[..., Any]:
        """Returns the function with its time noted."""

        @wraps(work)
        def passed(*given: Any, **named: Any) -> Any:
            outer, self._here.inner_s = getattr(self._here, "inner_s", 0.0), 0.0
            begun_s = thread_time()
            try:
                return work(*given, **named)
            finally:
                whole_s = thread_time() - begun_s
                own_s = whole_s - self._here.inner_s
                self._here.inner_s = outer + whole_s
                with self._noting:
                    self.taken_s[part] += own_s
                    self.within_s[threading.get_native_id()] += own_s

        return passed


@contextmanager
def _watched() -> Iterator[_Doors]:
    doors = _Doors()
    with ExitStack() as stack:
        for place, name, part in DOORS:
            work = getattr(place, name)
            stack.callback(setattr, place, name, work)
            setattr(place, name, doors.timed(work, part))
        yield doors


class Profiling:
    """Measures from its making on; to be asked once, while the threads that it tells of are alive."""

    def __init__(self, doors: _Doors) -> None:
        self._doors, self._begun_s = doors, perf_counter()
        self._taken, self._within = doors.taken_s.copy(), doors.within_s.copy()
        self._threads, self._machine = _thread_times(), _machine_times()

    def profile(self) -> Profile:
        """Returns where the time went since."""
        whole_s = (perf_counter() - self._begun_s) * (os.cpu_count() or 1)
        parts: defaultdict[str, float] = defaultdict(float)
        for part, taken_s in self._doors.taken_s.copy().items():
            parts[part] = taken_s - self._taken[part]
        names = {thread.native_id: thread.name for thread in threading.enumerate()}
        for number, taken_s in _thread_times().items():
            own_s = taken_s - self._threads.get(number, 0.0)
            timed_s = self._doors.within_s[number] - self._within[number]
            parts[_part(names.get(number), number)] += max(0.0, own_s - timed_s)
        _share_out(parts)
        busy_s, idle_s = (now - then for now, then in zip(_machine_times(), self._machine, strict=True))
        others_s = max(0.0, busy_s - sum(parts.values()))
        return Profile(
            {part: parts[part] / whole_s for part in sorted(parts, key=parts.__getitem__, reverse=True) if parts[part]},
            idle=idle_s / whole_s,
            others=others_s / whole_s,
        )


@contextmanager
def profiling() -> Iterator[Callable[[], Profiling]]:
    """Has the parts timed; what is yielded begins a measurement."""
    with _watched() as doors:
        yield lambda: Profiling(doors)


def session_kinds(file: ModelFile, options: RunOptions) -> Mapping[str, float]:
    """Returns what shares of a count the kinds of its graph's nodes take, the largest first, by ONNX Runtime's profile.

    Args:
        file: from `read_model_file`.
        options: how it is run; always on the processor here.
    """
    import onnxruntime

    ours = session_options(options)
    ours.enable_profiling = True
    with tempfile.TemporaryDirectory() as folder:
        ours.profile_file_prefix = str(Path(folder, "session"))
        session = onnxruntime.InferenceSession(file.content, ours, providers=[PROVIDERS["cpu"]])
        ask, tile = plain(session), np.zeros((1, TILE_HEIGHT, TILE_WIDTH, 3), np.uint8)
        for _ in range(RUNS):
            ask(tile, False, False)
        events = json.loads(Path(session.end_profiling()).read_text("utf-8"))
    taken: Counter[str] = Counter()
    for event in events:
        if event.get("cat") == "Node":
            taken[event["args"]["op_name"]] += event["dur"]
    return {kind: us / max(1, taken.total()) for kind, us in taken.most_common(KINDS)}


def _share_out(parts: defaultdict[str, float]) -> None:
    """Gives what libraries' threads took to the session, with and without density map, as its own threads took it."""
    session_s, density_s = parts["session"], parts["density"]
    libraries_s = parts.pop(LIBRARIES, 0.0)
    share = density_s / (session_s + density_s) if session_s + density_s else 0.0
    parts["session"] += (1 - share) * libraries_s
    parts["density"] += share * libraries_s


def _part(name: str | None, number: int) -> str:
    if name is None:
        return DECODE if _system_name(number).startswith("av:") else LIBRARIES
    return next((part for begins, part in THREADS.items() if name.startswith(begins)), OTHER)


def _system_name(number: int) -> str:
    """Returns what Linux calls a thread; FFmpeg's are the only libraries' ones that have a name of their own."""
    try:
        return Path(f"/proc/self/task/{number}/comm").read_text("utf-8") if sys.platform == "linux" else ""
    except OSError:  # it has ended
        return ""


def _thread_times() -> dict[int, float]:
    return {thread.id: thread.user_time + thread.system_time for thread in psutil.Process().threads()}


def _machine_times() -> tuple[float, float]:
    """Returns how long all cores together were busy and idle, since the machine was started."""
    times = psutil.cpu_times()
    idle_s = times.idle + getattr(times, "iowait", 0.0)
    return times.user + times.system + getattr(times, "nice", 0.0) + getattr(times, "irq", 0.0), idle_s
