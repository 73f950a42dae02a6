"""Measures how the window looks back at a long log: run by hand, alone on a machine.

    python tests/app/history_bench.py [--days 365] [--log FILE]

Makes a log of three cameras, a zone and a group for so many days, or takes one that was made before, and opens the
history on it: how long the first look takes, each day, week, month and year, a comparison and a search, and how late
a timer of 20 ms in the GUI thread is meanwhile.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from time import perf_counter, time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.append(str(Path(__file__).resolve().parent.parent / "engine"))

from PyQt6.QtCore import QTimer
from PyQt6.QtTest import QTest

from app import theme
from app.assembly import Assembly
from app.desktop import SWITCH_S
from app.garbage import collected_in_this_thread
from app.order import Order
from app.panels.history_span import Span
from conftest import write_config
from drawn_history import write_history
from stage import application

TICK_MS, WAIT_S = 20, 120.0


class Lateness:
    """How late a timer is."""

    def __init__(self) -> None:
        self.late_ms: list[float] = []
        self._due_s = perf_counter() + TICK_MS / 1000
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK_MS)

    def _tick(self) -> None:
        now_s = perf_counter()
        self.late_ms.append(max(0.0, 1000 * (now_s - self._due_s)))
        self._due_s = now_s + TICK_MS / 1000

    def taken(self) -> str:
        """Says how late it was since the last call."""
        late, self.late_ms = sorted(self.late_ms), []
        return f"timer late by {late[len(late) * 99 // 100]:5.1f} ms at p99, {late[-1]:5.1f} at most" if late else "–"


def measure(log: Path, home: Path) -> None:
    """Looks back, and prints what each step took."""
    assembly = Assembly(Order(write_config(home / "cameras.toml", log)))
    assembly.window.resize(1400, 900)
    assembly.window.show()
    assembly.start()
    QTest.qWait(500)
    page, late = assembly.history, Lateness()
    body = page.body

    def step(name: str, act) -> None:
        QTest.qWait(100)
        late.taken()
        began_s = perf_counter()
        act()
        acted_ms = 1000 * (perf_counter() - began_s)
        while page.asking.is_busy or page.holding is None:
            QTest.qWait(5)
            if perf_counter() - began_s > WAIT_S:
                raise TimeoutError(name)
        QTest.qWait(200)
        took_s = perf_counter() - began_s - 0.2
        say(f"{name:24} asked in {acted_ms:5.1f} ms, read in {took_s:5.2f} s, {late.taken()}")

    step("first look", lambda: assembly.window.show_page("history"))
    step("a day before", lambda: body.look_at(body.span.moved(-1)))
    step("compared, a week before", lambda: body.bar.compare_with(7))
    step("week", lambda: body.look_by("week"))
    step("month", lambda: body.look_by("month"))
    step("month before", lambda: body.look_at(body.span.moved(-1)))
    last = body.today
    step("year", lambda: body.look_at(Span.of(last.replace(year=last.year - 1), last)))
    step("day", lambda: body.look_at(Span.around("day", last)))
    step("search", lambda: body.search.field.setText("north alert"))
    step("a peak", lambda: body.results.peaks.clicked.emit(body.results.peaks.model().index(0, 0)))
    assembly.window.close()
    assembly.dispose()


def say(words: str) -> None:
    """Prints a line at once."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--log", type=Path, help="made at the first run")
    options = parser.parse_args()
    sys.setswitchinterval(SWITCH_S)
    made = application(sys.argv[:1])
    theme.apply(made, "dark")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HOME"] = folder
        log = options.log or Path(folder) / "log.db"
        if not log.exists():
            began_s = perf_counter()
            write_history(log, time(), days=options.days)
            say(f"{options.days} days, {log.stat().st_size >> 20} MB, made in {perf_counter() - began_s:.0f} s")
        with collected_in_this_thread(made):
            measure(log, Path(folder))


if __name__ == "__main__":
    main()
