"""Opens a long recording in the real window, offscreen, looks into it, drags along its time-line, and opens it again.

Says when there was a picture, how late a timer of 20 ms was and how long the window's thread computed between two of
its ticks, what the memory came to, and how soon a second opening had its whole curve.

python tests/app/scrub_bench.py [--hours 3] [--seconds 20]
"""

import os
import sys
from argparse import ArgumentParser
from fractions import Fraction
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, thread_time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.append(str(Path(__file__).resolve().parent.parent / "engine"))  # for the cameras of the tests

import av
import numpy as np
import psutil
from PyQt6.QtCore import QEvent, QEventLoop, QPointF, Qt, QTimer
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from app import theme
from app.desktop import SWITCH_S
from engine.paths import DEMO_CLIP
from engine.recording.index import read_index
from seek_bench import kept_whole
from stage import application, stage

PACE_MS, HAND_MS = 20, 16
LEFT = Qt.MouseButton.LeftButton


def main() -> None:
    """Prints the figures."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=3.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    sys.setswitchinterval(SWITCH_S)  # as the program does
    theme.apply(application(sys.argv[:1]), "dark")
    with TemporaryDirectory() as folder, stage([], lambda *_: None) as there:
        clip = repeated(Path(folder) / "long.mp4", options.hours)
        there.open()
        page = there.assembly.recording
        there.show("recording")
        there.until(lambda: page.bridge._engine.monitor.model is not None)
        weigh("with the model")
        opened(page, clip)
        looked(page, options.hours * 1800)
        weigh("with the recording")
        late, busy = scrubbed(page, options.seconds)
        for share in (50, 99, 100):
            tell(f"timer late, {share} of 100", float(np.percentile(late, share)))
            tell(f"the window's thread computed between two ticks, {share} of 100", float(np.percentile(busy, share)))
        weigh("after scrubbing")
        opened_again(page, clip)
        weigh("with the recording and its curve")
        there.close()


def opened(page, clip: Path) -> None:
    """Opens it for the first time."""
    started = perf_counter()
    page.open(clip)
    wait(lambda: page._wanted is None and page.panels.video.has_picture)
    tell("from opening to the first picture", 1000 * (perf_counter() - started))


def looked(page, time_s: float) -> None:
    """Looks into it before it is read through."""
    video, started = page.panels.video, perf_counter()
    before = video._pixels
    page.look(lambda: page.around.seek(time_s))
    wait(lambda: video._pixels is not before)
    tell("to a picture of its middle", 1000 * (perf_counter() - started))
    wait(lambda: page.around.looked.is_exact)
    tell("until it is known to be the exact one", 1000 * (perf_counter() - started))


def opened_again(page, clip: Path) -> None:
    """Opens it when all of it was counted, after another recording."""
    page.open(DEMO_CLIP)
    wait(lambda: page._wanted is None)
    kept_whole(page, clip)
    number, started = len(read_index(clip)), perf_counter()
    page.open(clip)
    shown = page.panels.plot.plot.drawing
    wait(lambda: page._wanted is None and page.around.looked is not None and page.around.looked.is_exact)
    wait(lambda: page.panels.plot.points >= number and shown.shown.counts is not None)
    tell(f"from a second opening to picture and {number} counts", 1000 * (perf_counter() - started))


def wait(holds) -> None:
    """Lets the window live until something is so."""
    while not holds():
        QTest.qWait(1)


def weigh(what: str) -> None:
    """Says what memory it takes."""
    found = psutil.Process().memory_full_info()
    sys.stdout.write(f"memory {what}: {found.rss >> 20} MB, {found.uss >> 20} MB of them its own\n")


def scrubbed(page, seconds: float) -> tuple[list[float], list[float]]:
    """Drags there and back.

    Returns:
        By how many milliseconds a timer was late each time, and how many this thread computed since the time before.
    """
    late, busy, before = [], [], [0.0, 0.0]
    timer = QTimer(timerType=Qt.TimerType.PreciseTimer)

    def tick() -> None:
        now, computed = perf_counter(), thread_time()
        late.append(1000 * (now - before[0]) - PACE_MS)
        busy.append(1000 * (computed - before[1]))
        before[:] = now, computed

    timer.timeout.connect(tick)
    plot = page.panels.plot.plot
    view, width, middle = plot.viewport(), plot.width(), plot.height() // 2
    moves, hand, loop = count(1), QTimer(), QEventLoop()

    def move() -> None:
        place = QPointF(width * (0.5 + 0.4 * np.sin(next(moves) / 40)), middle)
        send(view, QEvent.Type.MouseMove, place)

    hand.timeout.connect(move)
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    send(view, QEvent.Type.MouseButtonPress, QPointF(width / 2, middle))
    before[:] = perf_counter(), thread_time()
    timer.start(PACE_MS)
    hand.start(HAND_MS)
    loop.exec()  # as the program's own; waiting as tests do sleeps up to 10 ms at a time
    timer.stop()
    hand.stop()
    send(view, QEvent.Type.MouseButtonRelease, QPointF(width / 2, middle))
    return late, busy


def send(view, kind: QEvent.Type, where: QPointF) -> None:
    """Has the mouse do something."""
    QApplication.sendEvent(
        view, QMouseEvent(kind, where, view.mapToGlobal(where), LEFT, LEFT, Qt.KeyboardModifier.NoModifier)
    )


def repeated(path: Path, hours: float) -> Path:
    """Writes the demonstration clip again and again, by copying its packets."""
    with av.open(str(DEMO_CLIP)) as source, av.open(str(path), "w") as target:
        stream = source.streams.video[0]
        copy = target.add_stream_from_template(stream)
        packets = [packet for packet in source.demux(stream) if packet.size]
        datas = [(bytes(each), each.pts, each.dts, each.is_keyframe) for each in packets]
        step, tick = packets[1].dts - packets[0].dts, stream.time_base or Fraction(1, 1000)
        length = datas[-1][2] - datas[0][2] + step
        for turn in range(max(1, round(hours * 3600 / float(length * tick)))):
            for data, pts, dts, is_key in datas:
                packet = av.Packet(data)
                packet.pts, packet.dts, packet.time_base = pts + turn * length, dts + turn * length, tick
                packet.is_keyframe, packet.stream = is_key, copy
                target.mux(packet)
    return path


def tell(what: str, milliseconds: float) -> None:
    """Writes a line."""
    sys.stdout.write(f"{what}: {milliseconds:.1f} ms\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
