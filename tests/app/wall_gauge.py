"""What the window costs, measured inside: started by `wall_bench`, once for each way of showing the same cameras.

Prints its figures as JSON. Times of threads are those of Linux; elsewhere that part of the figures is empty.
"""

import argparse
import json
import logging
import os
import sqlite3
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path
from time import monotonic

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import psutil
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import QApplication

from app import theme
from app.assembly import Assembly
from app.desktop import SWITCH_S
from app.garbage import collected_in_this_thread
from app.order import Order
from app.panels.picture_view import PictureView
from app.running.live import Live
from engine.settings.config_file import load_config

VARIANTS = ("bare", "window", "with curve", "minimised")
TICK_MS, SETTLE_S, FREEZE_S = 20, 10.0, 5.0
MEGABYTE = 2**20
TICKS_PER_S = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
KINDS = ("capture", "inference", "pictures", "log", "orders")
"""First words of the names of our threads, under which their times are added up."""


class Gauge:
    """What is measured in the GUI thread."""

    def __init__(self) -> None:
        self.late_ms: list[float] = []
        self.ages_ms: list[float] = []
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._painted: dict[PictureView, float] = {}
        self.begin()

    def begin(self) -> None:
        """Starts anew."""
        self.late_ms.clear()
        self.ages_ms.clear()
        self._begun_s, self._cpu_s, self._last_s = monotonic(), time.thread_time(), monotonic()
        self._threads, self._waited_s, self._others_s = thread_times(), waited_s(), others_s()
        self.memory = psutil.Process().memory_info().rss / MEGABYTE
        self._timer.start(TICK_MS)

    def freeze(self) -> None:
        """Holds the GUI thread up; what is late by that does not count."""
        time.sleep(FREEZE_S)
        self._last_s = monotonic()

    def figures(self) -> dict[str, object]:
        """Returns what was measured since it began."""
        passed_s = monotonic() - self._begun_s
        spent = thread_times() - self._threads
        return {
            "GUI thread, % of a core": round(100 * (time.thread_time() - self._cpu_s) / passed_s, 1),
            "GUI thread waits for a core, % of the time": round(100 * (waited_s() - self._waited_s) / passed_s, 1),
            "20 ms timer late p50, ms": _quantile(self.late_ms, 50),
            "20 ms timer late p99, ms": _quantile(self.late_ms, 99),
            "20 ms timer late most, ms": _quantile(self.late_ms, 100),
            "picture age p50, ms": _quantile(self.ages_ms, 50),
            "picture age p95, ms": _quantile(self.ages_ms, 95),
            "pictures painted a second": round(len(self.ages_ms) / passed_s, 1),
            "other programs, % of a core": round(100 * (others_s() - self._others_s) / passed_s),
            "memory before, MB": round(self.memory),
            "memory after, MB": round(psutil.Process().memory_info().rss / MEGABYTE),
        } | {f"{name}, % of a core": round(100 * spent_s / passed_s, 1) for name, spent_s in sorted(spent.items())}

    def painted(self, view: PictureView) -> None:
        """Notes how old a picture is when it was painted for the first time."""
        picture = view.picture
        if picture is not None and self._painted.get(view) != picture.arrived_s:
            self._painted[view] = picture.arrived_s
            self.ages_ms.append(1000 * (monotonic() - picture.arrived_s))

    def _tick(self) -> None:
        now_s = monotonic()
        self.late_ms.append(max(0.0, 1000 * (now_s - self._last_s) - TICK_MS))
        self._last_s = now_s


def thread_times() -> Counter[str]:
    """Returns the seconds that each kind of thread has had on a core."""
    ours = {thread.native_id: thread.name for thread in threading.enumerate()}
    spent: Counter[str] = Counter()
    for task in Path("/proc/self/task").glob("*"):
        comm, _, rest = (task / "stat").read_text().partition("(")[2].rpartition(")")
        fields = rest.split()
        spent[_kind(ours.get(int(task.name), ""), comm)] += (int(fields[11]) + int(fields[12])) / TICKS_PER_S
    return spent


def others_s() -> float:
    """Returns the seconds that all programs but this one have had on cores; they spoil what is measured."""
    whole, own = psutil.cpu_times(), psutil.Process().cpu_times()
    return float(sum(whole[:8]) - whole.idle - getattr(whole, "iowait", 0.0) - own.user - own.system)


def waited_s() -> float:
    """Returns the seconds that the calling thread could have run if a core had been free."""
    path = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
    return int(path.read_text().split()[1]) / 1e9 if path.exists() else 0.0


def gaps_of(database: Path) -> tuple[int, int]:
    """Returns how many seconds are missing between the samples of each camera's runs, and in how many nothing was.

    The second says in how many of them no sample of any camera is.
    """
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("select run_id, second from sample order by run_id, second").fetchall()
    missing = [s for a, b in pairwise(rows) if a[0] == b[0] for s in range(a[1] + 1, b[1])]
    there = {second for _, second in rows}
    return len(missing), len(set(missing) - there)


def measured(config: Path, options: argparse.Namespace) -> dict[str, object]:
    """Runs the window, or a bare loop, and returns the figures."""
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    theme.apply(application)
    sys.setswitchinterval(SWITCH_S)
    gauge, counted = Gauge(), list[int]()
    with _counting(config, options, gauge) as live, collected_in_this_thread(application):

        def begin() -> None:
            counted.append(_readings(live))
            gauge.begin()

        after = round(1000 * (SETTLE_S + options.seconds))
        QTimer.singleShot(round(1000 * SETTLE_S), begin)
        if options.freeze:
            QTimer.singleShot(round(1000 * (SETTLE_S + options.seconds / 2)), gauge.freeze)
        QTimer.singleShot(after, lambda: application.exit(0))  # `quit` closes the window first
        application.exec()
        rate = round((_readings(live) - counted[0]) / options.seconds, 2)
        figures = {"counted a second": rate} | gauge.figures()
    missing, of_all = gaps_of(config.parent / "log.db")
    return figures | {"seconds without a count of a camera": missing, "seconds without any": of_all}


@contextmanager
def _counting(config: Path, options: argparse.Namespace, gauge: Gauge) -> Iterator[Live]:
    if options.variant == "bare":
        live = Live()
        live.refused.connect(lambda why: print(why, file=sys.stderr))
        live.start()
        live.apply(load_config(config))
        yield live
        live.close()
        return
    paint = PictureView.paintEvent

    def measuring(view: PictureView, event: object) -> None:
        paint(view, event)
        gauge.painted(view)

    PictureView.paintEvent = measuring
    assembly = Assembly(Order(config))
    assembly.window.resize(1600, 1000)
    assembly.window.show()
    assembly.window.show_page("live")
    assembly.wall.restore({"overlay": options.overlay, "curve": options.variant == "with curve"})
    assembly.start()
    if options.variant == "minimised":
        QTimer.singleShot(2000, assembly.window.showMinimized)
    yield assembly.live
    assembly.window.close()
    assembly.dispose()


def _kind(name: str, comm: str) -> str:
    if name == "MainThread":
        return "main thread"
    if name:
        return next((f"{kind} thread" for kind in KINDS if name.startswith(kind)), "other thread")
    return "decoder's own thread" if comm.startswith("av:") else "model's and other thread"


def _readings(live: Live) -> int:
    return sum(facts.total.readings for facts in live.facts().values())


def _quantile(values: list[float], share: float) -> float | None:
    return round(float(np.percentile(values, share)), 1) if values else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", type=Path)
    parser.add_argument("--variant", choices=VARIANTS, default="window")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--overlay", choices=["none", "heat", "heads"], default="heat")
    parser.add_argument("--freeze", action="store_true")
    options = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    print(json.dumps(measured(options.config, options)))


if __name__ == "__main__":
    main()
