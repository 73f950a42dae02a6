"""Measures what the wall costs while cameras are counted at full load; run by hand, alone on a machine.

Cameras are drawn clips served by a process of their own. Prints the GUI thread's share of a core, how late a timer of
20 ms is, how old pictures are when they are painted, what was counted, and memory. `--bare` counts the same without a
window beside a Qt loop that does nothing, to compare with; `--freeze` holds the GUI thread up for five seconds in the
middle, and tells whether the log lost a second.
"""

import argparse
import logging
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
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
from app.notices import Notices
from app.pages.wall import WallCallbacks, WallPage
from app.panels.picture_view import PictureView
from app.running.document import Document
from app.running.live import Live
from app.window import Window
from engine.settings.config_file import load_config

SERVE = Path(__file__).parents[1] / "engine" / "serve.py"
TICK_MS, SETTLE_S, FREEZE_S = 20, 8.0, 5.0
MEGABYTE = 2**20


class Gauge:
    """What is measured in the GUI thread."""

    def __init__(self) -> None:
        self.late_ms: list[float] = []
        self.ages_ms: list[float] = []
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._painted: dict[object, float] = {}
        self.begin()

    def begin(self) -> None:
        """Starts anew."""
        self.late_ms.clear()
        self.ages_ms.clear()
        self._wall_s, self._cpu_s, self._last_s = monotonic(), time.thread_time(), monotonic()
        self.memory = psutil.Process().memory_info().rss / MEGABYTE
        self._timer.start(TICK_MS)

    def share(self) -> float:
        """The GUI thread's part of a core since it began, in percent."""
        return 100 * (time.thread_time() - self._cpu_s) / (monotonic() - self._wall_s)

    def freeze(self) -> None:
        """Holds the GUI thread up."""
        time.sleep(FREEZE_S)
        self._last_s = monotonic()

    def painted(self, view: PictureView) -> None:
        """Notes how old a picture is when it is painted for the first time."""
        picture = view.picture
        if picture is not None and self._painted.get(view) != picture.arrived_s:
            self._painted[view] = picture.arrived_s
            self.ages_ms.append(1000 * (monotonic() - picture.arrived_s))

    def _tick(self) -> None:
        now_s = monotonic()
        self.late_ms.append(max(0.0, 1000 * (now_s - self._last_s) - TICK_MS))
        self._last_s = now_s


@contextmanager
def served(folder: Path, options: argparse.Namespace) -> Iterator[Path]:
    """Serves the cameras; yields the configuration."""
    config = folder / "cameras.toml"
    command = [sys.executable, str(SERVE), str(config), "--cameras", str(options.cameras), "--fps", str(options.fps)]
    command += ["--size", options.size, "--density-interval", "1.0", "--grid", options.grid]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        config.write_text(f'model = "light"\ndatabase = "log.db"\n{config.read_text()}')
        yield config
    finally:
        process.terminate()
        process.wait()


def gaps_of(database: Path) -> int:
    """Returns how many seconds are missing between the samples of each run."""
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("select run_id, second from sample order by run_id, second").fetchall()
    return sum(b[1] - a[1] - 1 for a, b in pairwise(rows) if a[0] == b[0])


def measured(config: Path, options: argparse.Namespace) -> dict[str, object]:
    """Runs the window, or a bare loop, and returns the figures."""
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    theme.apply(application)
    gauge = Gauge()
    live = Live()
    live.refused.connect(print)
    window = None if options.bare else _wall(live, config, options, gauge)
    live.start()
    live.apply(load_config(config))
    QTimer.singleShot(round(1000 * SETTLE_S), gauge.begin)
    counted: list[int] = []
    QTimer.singleShot(round(1000 * SETTLE_S), lambda: counted.append(_readings(live)))
    if options.freeze:
        QTimer.singleShot(round(1000 * (SETTLE_S + options.seconds / 2)), gauge.freeze)
    QTimer.singleShot(round(1000 * (SETTLE_S + options.seconds)), application.quit)
    application.exec()
    figures = {
        "GUI thread, % of a core": round(gauge.share(), 1),
        "20 ms timer late, p50 p99 max ms": _quantiles(gauge.late_ms),
        "picture age when painted, p50 p95 max ms": _quantiles(gauge.ages_ms, 95),
        "pictures a second": round(len(gauge.ages_ms) / options.seconds, 1),
        "counted a second": round((_readings(live) - counted[0]) / options.seconds, 2),
        "memory, MB": f"{gauge.memory:.0f} → {psutil.Process().memory_info().rss / MEGABYTE:.0f}",
    }
    if window is not None:
        window.close()
    live.close()
    return figures | {"seconds missing in the log": gaps_of(config.parent / "log.db")}


def _wall(live: Live, config: Path, options: argparse.Namespace, gauge: Gauge) -> Window:
    paint = PictureView.paintEvent

    def measuring(view: PictureView, event: object) -> None:
        paint(view, event)
        gauge.painted(view)

    PictureView.paintEvent = measuring
    nothing = dict.fromkeys(("add_camera", "edit_zones", "set_up", "edit_rules", "lock"), lambda *_: None)
    page = WallPage(live, Document(config), WallCallbacks(**nothing))
    window = Window(Notices(), dict.fromkeys(("open", "demo"), lambda: None))
    window.add_pages([page])
    window.resize(1600, 1000)
    window.show()
    window.show_page("live")
    page.restore({"overlay": options.overlay})
    return window


def _readings(live: Live) -> int:
    return sum(facts.total.readings for facts in live.facts().values())


def _quantiles(values: list[float], high: int = 99) -> str:
    return " ".join(f"{value:.1f}" for value in np.percentile(values, [50, high, 100])) if values else "–"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cameras", type=int, default=4)
    parser.add_argument("--fps", type=int, default=25)
    parser.add_argument("--size", default="720x1280", help="height x width (default: %(default)s)")
    parser.add_argument("--grid", default="auto", help="of tiles, such as 1x1")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--overlay", choices=["none", "heat", "heads"], default="heat")
    parser.add_argument("--bare", action="store_true")
    parser.add_argument("--freeze", action="store_true")
    options = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), options) as config:
        for name, value in measured(config, options).items():
            print(f"{name}: {value}")


if __name__ == "__main__":
    main()
