"""Says how long the time-line of a long recording holds up its window.

python tests/app/timeline_bench.py [--hours 3] [--rate 25]
"""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from time import perf_counter

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PyQt6.QtWidgets import QApplication

from app import theme
from app.panels.timeline import Timeline
from app.panels.timeline_span import span_facts
from app.running.feed import Point


def main() -> None:
    """Prints the longest of some tries of each thing that is done in the window's thread."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=3.0)
    parser.add_argument("--rate", type=float, default=25.0)
    options = parser.parse_args()
    application = QApplication([])
    theme.apply(application)
    line = Timeline()
    line.resize(1600, 300)
    line.show()
    duration_s = options.hours * 3600
    times = np.arange(int(duration_s * options.rate)) / options.rate
    people = 30 + 20 * np.sin(times / 400) + np.random.default_rng(0).normal(0, 1, len(times))
    line.begin(duration_s)
    half = len(times) // 2

    def drawn() -> None:
        line.touch()
        line.draw()
        line.plot.viewport().repaint()

    def more(number: int) -> None:
        chosen = slice(half + 500 * number, half + 500 * (number + 1))
        line.add([Point(*each, 0.0) for each in zip(times[chosen], people[chosen], strict=True)])
        drawn()

    def between(number: int) -> None:
        line.add([Point(duration_s * 0.7 + number * 10 + place / 25, 9.0, 0.0) for place in range(250)])
        drawn()

    def zoomed(number: int) -> None:
        line.show_view(line.view.zoomed(0.8 if number < 10 else 1.25, duration_s / 3))
        line.plot.viewport().repaint()

    _tell("taking all counts that were kept", lambda _: line.counted.take(times, people), 1)
    _tell("drawing all", lambda _: drawn())
    line.counted.__init__()
    line.counted.take(times[:half], people[:half])
    _tell("500 counts more", more)
    _tell("250 counts somewhere else", between)
    _tell("zooming", zoomed)
    _tell("moving the play head", lambda number: (line.look_at(float(number)), line.plot.viewport().repaint()))
    line.counted.take(times, people)
    _tell("figures of half of it", lambda _: span_facts(line.counted, (0.0, duration_s / 2), 30.0))
    _tell(
        "finding the peaks",
        lambda _: (line.counted.take(times[:1], people[:1]), setattr(line, "_peaks", (0, [])), line.peaks),
    )


def _tell(what: str, work: Callable[[int], object], tries: int = 20) -> None:
    taken = []
    for number in range(tries):
        started = perf_counter()
        work(number)
        taken.append(1000 * (perf_counter() - started))
    sys.stdout.write(f"{what}: {max(taken):.1f} ms at most, {sorted(taken)[len(taken) // 2]:.1f} ms usually\n")


if __name__ == "__main__":
    main()
