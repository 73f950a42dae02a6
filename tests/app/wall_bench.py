"""What the wall costs the window's thread, measured with scripted cameras while their people are counted.

    python tests/app/wall_bench.py --cameras 4 --rate 25 --size 720x1280 --heat

Prints, for a bare event loop beside the same counting and for the wall: processor time of the window's thread, how late
a timer of 20 ms is, how old pictures are when they are painted, and how much was counted meanwhile. The cameras run in
a process of their own.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import monotonic, thread_time

sys.path.insert(0, str(Path(__file__).parent.parent / "engine"))

import numpy as np
from PyQt6.QtCore import QEvent, QObject, Qt, QTimer
from PyQt6.QtWidgets import QApplication

from app import theme
from app.pages.wall import WallCallbacks, WallPage
from app.running.document import Document
from app.running.live import Live
from cameras import Clip, ScriptedCamera
from constant import write_constant
from engine.paths import LIGHT_MODEL

PICTURE_MS, NUMBERS_MS, TICK_MS = 33, 125, 20
ZONE = [[0.1, 0.3], [0.5, 0.3], [0.5, 0.8], [0.1, 0.8]]


class Watch(QObject):
    """Notes how late a timer is, and how old pictures are when they are painted for the first time."""

    def __init__(self):
        super().__init__()
        self.late_s, self.ages_s = [], []
        self._painted, self._due_s = {}, 0.0
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer, interval=TICK_MS)
        self._timer.timeout.connect(self._tick)

    def begin(self):
        self.late_s, self.ages_s = [], []
        self._due_s = monotonic() + TICK_MS / 1000
        self._timer.start()

    def _tick(self):
        now_s = monotonic()
        self.late_s.append(max(0.0, now_s - self._due_s))
        self._due_s = now_s + TICK_MS / 1000

    def eventFilter(self, tile, event):  # noqa: N802
        if event.type() == QEvent.Type.Paint and tile.picture is not self._painted.get(tile):
            self._painted[tile] = tile.picture
            self.ages_s.append(monotonic() - tile.picture.arrived_s)
        return False


def serve(number, rate, size):
    """Runs the cameras until the input ends."""
    clip = Clip.drawn(size=size, frames=50)
    cameras = [ScriptedCamera(clip, rate=rate).__enter__() for _ in range(number)]
    print(*(camera.address for camera in cameras), flush=True)
    sys.stdin.read()
    os._exit(0)


def page_of(addresses, folder, options):
    model = LIGHT_MODEL if options.light else write_constant(folder / "constant.onnx", people=7.0)
    tables = [
        f'[[cameras]]\nname = "camera {number}"\naddress = "{address}"\n'
        + (f"max_fps = {options.counted}\n" if options.counted else "")
        + f'[[cameras.zones]]\nname = "zone"\npolygon = {ZONE}\n'
        for number, address in enumerate(addresses, 1)
    ]
    path = folder / "cameras.toml"
    path.write_text("\n".join([f'model = "{model}"\nprovider = "cpu"', *tables]))
    document, live = Document(path), Live()
    page = WallPage(live, document, WallCallbacks(*[lambda *_: None] * 4))
    page.kept = document
    live.start()
    live.apply(document.config)
    return page, live


def spun(application, seconds):
    """Runs the event loop for so long; returns the share of the time that its thread was at work."""
    begun_s, begun_cpu_s = monotonic(), thread_time()
    QTimer.singleShot(round(1000 * seconds), lambda: application.exit(0))  # quitting would close the page
    application.exec()
    return (thread_time() - begun_cpu_s) / (monotonic() - begun_s)


def readings(live):
    return sum(facts.total.readings for facts in live.facts().values())


def measured(application, watch, live, seconds, name):
    before, begun_s = readings(live), monotonic()
    watch.begin()
    share = spun(application, seconds)
    counted = (readings(live) - before) / (monotonic() - begun_s)
    late = np.percentile(watch.late_s, [50, 99]) * 1000
    ages = np.percentile(watch.ages_s, [50, 95]) * 1000 if watch.ages_s else (np.nan, np.nan)
    shown = len(watch.ages_s) / seconds
    print(
        f"{name:8} thread {share:6.1%}   timer late p50 {late[0]:5.1f} p99 {late[1]:5.1f} ms   "
        f"picture age p50 {ages[0]:5.0f} p95 {ages[1]:5.0f} ms   {shown:5.1f} pictures/s   {counted:5.1f} counted/s",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cameras", type=int, default=4)
    parser.add_argument("--rate", type=float, default=25.0, help="frames a second of each camera")
    parser.add_argument("--size", default="720x1280", help="height x width of their pictures")
    parser.add_argument("--window", default="1080x1920", help="height x width of the page")
    parser.add_argument("--heat", action="store_true", help="with heat-maps")
    parser.add_argument("--light", action="store_true", help="count with the model of the product, at full load")
    parser.add_argument("--counted", type=float, help="at most so many frames a second are counted of each camera")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    size = tuple(map(int, options.size.split("x")))
    if options.serve:
        serve(options.cameras, options.rate, size)
    served = subprocess.Popen(
        [sys.executable, *sys.argv, "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    application = QApplication(sys.argv[:1])
    theme.apply(application, "dark")
    with tempfile.TemporaryDirectory() as folder:
        page, live = page_of(served.stdout.readline().split(), Path(folder), options)
        run(application, page, live, options)
    served.stdin.close()
    served.wait(10)


def run(application, page, live, options):
    watch = Watch()
    page.resize(*reversed([int(side) for side in options.window.split("x")]))
    for tile in page.wall.tiles.values():
        tile.installEventFilter(watch)
    spun(application, 5.0)
    measured(application, watch, live, options.seconds / 2, "bare")
    timers = [QTimer(interval=PICTURE_MS), QTimer(interval=NUMBERS_MS)]
    for timer, pull in zip(timers, (page.pull_pictures, page.pull_numbers), strict=True):
        timer.timeout.connect(pull)
        timer.start()
    page.show()
    page.enter()
    if options.heat:
        page.doings["next_overlay"].trigger()
    spun(application, 5.0)
    measured(application, watch, live, options.seconds, "wall")
    for timer in timers:
        timer.stop()
    live.close()


if __name__ == "__main__":
    main()
