# ruff: noqa: T201
"""Measures how soon a picture of a recording is there; run by hand, alone on a machine.

For key frames every 2 and every 10 s: the nearest picture, the exact one, and a bare PyAV decode from the same key
frame, of the same random times (milliseconds, median and p95); the same while a model counts in the background. Then a
long file, made by repeating a short one: its first opening to the first picture, its second opening with its whole
curve, and the memory; and how late a timer of 20 ms in the window's thread is while somebody scrubs.

`python tests/engine/seek_bench.py --size 1920x1080 --seconds 40 --seeks 40 --hours 3`
"""

import argparse
import os
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import av
import numpy as np
import psutil

STEP_S = 0.02
QUIET_S, LONGEST_S = 0.4, 1.0  # until what was begun is counted, and for a bare decode


def written(path, size, seconds, every_s):
    """A recording of drifting noise of 25 frames a second."""
    width, height = size
    noise = np.random.default_rng(1).integers(0, 255, (height // 8, width // 8, 3), np.uint8)
    picture = noise.repeat(8, axis=0).repeat(8, axis=1)
    options = {"preset": "veryfast", "bf": "3", "g": str(round(25 * every_s)), "sc_threshold": "0", "crf": "28"}
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(round(25 * seconds)):
            drawn = np.ascontiguousarray(np.roll(picture, 3 * number, axis=1))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(drawn, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def repeated(source, target, times):
    """The same again and again in one file."""
    with av.open(str(source)) as old, av.open(str(target), "w") as new:
        stream = old.streams.video[0]
        packets = [packet for packet in old.demux(stream) if packet.size]
        span = packets[-1].dts - packets[0].dts + packets[0].duration
        facts = [(bytes(one), one.pts, one.dts, one.is_keyframe, one.duration) for one in packets]
        copy = new.add_stream_from_template(stream)
        for turn in range(times):
            for content, pts, dts, is_key, duration in facts:
                packet = av.Packet(content)
                packet.pts, packet.dts, packet.duration = pts + turn * span, dts + turn * span, duration
                packet.time_base, packet.is_keyframe, packet.stream = stream.time_base, is_key, copy
                new.mux(packet)
    return target


def spread(name, seconds):
    found = np.array(seconds) * 1000
    return f"{name} {np.median(found):.0f} (p95 {np.quantile(found, 0.95):.0f})"


def bare_s(path, time_s):
    """Seconds that PyAV takes from the key frame before a time to its picture, in a file that is open."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        wanted = int(time_s / stream.time_base) + (stream.start_time or 0)
        begun_s = perf_counter()
        container.seek(wanted, stream=stream)
        for frame in container.decode(stream):
            if frame.pts + frame.duration > wanted:
                break
        return perf_counter() - begun_s


def seeks(path, times):
    from engine.recording.index import read_index
    from engine.recording.seeker import Seeker

    index, near, exact, bare = read_index(path), [], [], []
    for time_s in times:
        bare.append(bare_s(path, time_s))
        with closing(Seeker(path, index)) as seeker:
            begun_s, came_s = perf_counter(), []
            for _found in seeker.frames(time_s):
                came_s.append(perf_counter() - begun_s)
        near.append(came_s[0])
        exact.append(came_s[-1])
    ratio = np.quantile(exact, 0.95) / np.quantile(bare, 0.95)
    return f"{spread('nearest', near)}, {spread('exact', exact)}, {spread('bare', bare)}, {ratio:.2f} times at p95"


class Window:
    """What the window has of a recording, with Qt's loop and no screen."""

    def __init__(self, folder):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        from PyQt6.QtWidgets import QApplication

        from app.running.bridge import Bridge
        from app.running.player import Setup
        from engine.paths import LIGHT_MODEL

        self.app = QApplication.instance() or QApplication([])
        self.bridge = Bridge(Setup(LIGHT_MODEL, folder / "log.db"))
        self.bridge.start()
        self.until(lambda: self.bridge._engine.monitor.model is not None)

    def until(self, holds, limit_s=120.0):
        begun_s = perf_counter()
        while not holds() and perf_counter() - begun_s < limit_s:
            self.app.processEvents()
            self.app.thread().usleep(500)  # as the loop of a window waits: a busy one takes a core from what is sought
        return perf_counter() - begun_s

    def open(self, path):
        """Returns after which time there is a picture, and all that was known."""
        before, begun_s = self.bridge.recording, perf_counter()
        self.bridge.open(path)
        self.until(lambda: self.bridge.recording is not before)
        known = self.bridge.known()
        self.until(lambda: self.bridge.newest() is not None)
        return perf_counter() - begun_s, len(known)

    def sought_s(self, time_s):
        self.bridge.look(time_s)
        return self.until(lambda: self.bridge.looked.is_exact)

    def late(self, times):
        """Milliseconds by which a timer of 20 ms is late while somebody scrubs through some times."""
        from PyQt6.QtCore import Qt, QTimer

        marks, left = [perf_counter()], list(times)

        def tick():
            marks.append(perf_counter())
            self.bridge.newest()
            self.bridge.points()
            if left:
                self.bridge.look(left.pop())

        timer = QTimer(timerType=Qt.TimerType.PreciseTimer)
        timer.timeout.connect(tick)
        timer.start(round(1000 * STEP_S))
        while left:
            self.app.processEvents()
            self.app.thread().usleep(500)
        timer.stop()
        late = np.maximum(0.0, np.diff(marks) - STEP_S) * 1000
        return f"median {np.median(late):.1f}, p99 {np.quantile(late, 0.99):.1f}, most {late.max():.1f}"


def kept_whole(window, path):
    """Has all counts of a recording known, without counting it."""
    from engine.counting.reading import Reading
    from engine.monitor.playing import PlayOrder, opened
    from engine.picture.frame import Frame
    from engine.recording.cache import Cache
    from engine.recording.counts import BLANK, KeptCounts, Way
    from engine.recording.footage import FileFootage
    from engine.recording.index import index_of
    from engine.sources.flaws import Flaws

    monitor, order = window.bridge._engine.monitor, PlayOrder(FileFootage(path))
    model, counting = monitor.model, partial(monitor._state.pipeline.readings_once, order.footage.name)
    opening = opened(order, counting)
    way = Way(model.file.sha256, model.provider, grid=opening.view.tiles_shape)
    kept = KeptCounts(Cache(), way.key(opening.identity), again=True)
    for number, time_s in enumerate(index_of(path, opening.identity, Cache()).times):
        kept.add(Reading(Frame(number, float(time_s), BLANK), number % 50))
    kept.finish(Flaws())
    opening.travel.close()


def long_file(folder, hours):
    size = (1280, 720)
    path = repeated(written(folder / "short.mp4", size, 20, 2), folder / "long.mp4", max(1, round(hours * 180)))
    window, process = Window(folder), psutil.Process()
    try:
        first_s, _ = window.open(path)
        window.bridge.look(hours * 1800)
        indexed_s = window.until(lambda: window.bridge.looked.is_exact)
        memory = process.memory_info().rss / 2**20
        print(
            f"{hours} h: first opening {1000 * first_s:.0f} ms to a picture, "
            f"then {1000 * indexed_s:.0f} ms to that of its middle"
        )
        window.open(folder / "short.mp4")
        kept_whole(window, path)
        second_s, known = window.open(path)
        print(f"{hours} h: second opening {1000 * second_s:.0f} ms with {known} counts and a picture")
        print(
            f"memory of the engine without the window's panels: {memory:.0f} MB at first, now "
            f"{process.memory_info().rss / 2**20:.0f} MB"
        )
        rng = np.random.default_rng(2)
        print(f"scrubbing, ms that the timer is late: {window.late(rng.uniform(0, hours * 3600, 500))}")
    finally:
        window.bridge.close()


def bare_s_alone(window, path, time_s):
    """The same while nothing is counted, on a machine that is as busy with other things."""
    playback = window.bridge._engine.monitor.playing.capture.playback
    playback.give_way(QUIET_S + LONGEST_S)
    window.until(lambda: False, QUIET_S)
    return bare_s(path, time_s)


def counting(folder, path, times):
    window = Window(folder)
    try:
        window.open(path)
        window.bridge.look(0.0)
        found, bare = [], []
        for time_s in times:
            window.until(lambda: bool(window.bridge.points()))  # it counts
            found.append(window.sought_s(time_s))
            bare.append(bare_s_alone(window, path, time_s))
        ratio = np.quantile(found, 0.95) / np.quantile(bare, 0.95)
        return f"{spread('exact', found)}, {spread('bare without counting', bare)}, {ratio:.2f} times at p95"
    finally:
        window.bridge.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--seeks", type=int, default=5)
    parser.add_argument("--hours", type=float, default=0.02)
    order = parser.parse_args()
    width, height = (int(part) for part in order.size.split("x"))
    times = np.random.default_rng(4).uniform(0, order.seconds, order.seeks)
    with TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        long_file(folder, order.hours)
        for every_s in (2, 10):
            path = written(folder / f"{every_s}.mp4", (width, height), order.seconds, every_s)
            print(f"key frames every {every_s} s, ms: {seeks(path, times)}")
            print(f"  while it is counted: {counting(folder, path, times)}")


if __name__ == "__main__":
    main()
