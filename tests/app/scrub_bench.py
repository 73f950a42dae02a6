"""Drags along the time-line of a long recording in the real window, offscreen, and says how late its timers were.

python tests/app/scrub_bench.py [--hours 3] [--seconds 20]
"""

import os
import sys
from argparse import ArgumentParser
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.append(str(Path(__file__).resolve().parent.parent / "engine"))  # for the cameras of the tests

import av
import numpy as np
from PyQt6.QtCore import QEvent, QPointF, Qt, QTimer
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from app import theme
from engine.paths import DEMO_CLIP
from stage import application, stage

PACE_MS = 20
LEFT = Qt.MouseButton.LeftButton


def main() -> None:
    """Prints how late a timer of 20 ms was while somebody scrubs."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=3.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    theme.apply(application(sys.argv[:1]), "dark")
    with TemporaryDirectory() as folder, stage([], lambda *_: None) as there:
        clip = repeated(Path(folder) / "long.mp4", options.hours)
        there.open()
        page = there.assembly.recording
        there.show("recording")
        started = perf_counter()
        page.open(clip)
        there.until(lambda: page.panels.video.has_picture)
        tell("from opening to the first picture", 1000 * (perf_counter() - started))
        page.look(lambda: page.around.seek(10.0))
        started = perf_counter()
        there.until(lambda: page.around.looked.is_exact)
        tell("to the first frame that was sought, with the index", 1000 * (perf_counter() - started))
        late = scrubbed(page, options.seconds)
        for share in (50, 99, 100):
            tell(f"timer late, {share} of 100", float(np.percentile(late, share)))
        there.close()


def scrubbed(page, seconds: float) -> list[float]:
    """Drags there and back; returns by how many milliseconds a timer was late each time."""
    late, before = [], [perf_counter()]
    timer = QTimer(timerType=Qt.TimerType.PreciseTimer)

    def tick() -> None:
        now = perf_counter()
        late.append(1000 * (now - before[0]) - PACE_MS)
        before[0] = now

    timer.timeout.connect(tick)
    plot = page.panels.plot.plot
    view, width, middle = plot.viewport(), plot.width(), plot.height() // 2
    before[0] = perf_counter()
    timer.start(PACE_MS)
    end, number = perf_counter() + seconds, 0
    send(view, QEvent.Type.MouseButtonPress, QPointF(width / 2, middle))
    while perf_counter() < end:
        number += 1
        send(view, QEvent.Type.MouseMove, QPointF(width * (0.5 + 0.4 * np.sin(number / 40)), middle))
        QTest.qWait(16)
    send(view, QEvent.Type.MouseButtonRelease, QPointF(width / 2, middle))
    timer.stop()
    return late


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
