"""What is known of a part of a recording that somebody chose: its counts in figures, in words and as a table; pure."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PyQt6.QtCore import QCoreApplication

from app.panels.clock_text import clock_text
from app.panels.counted import Counted, Floats
from app.panels.timeline_stretch import Span
from engine.files import written_whole


@dataclass(frozen=True, slots=True)
class SpanFacts:
    """The counts of a part, in figures."""

    number: int
    """Of counts."""
    mean: float
    """Each count for as long as it stands."""
    least: float
    most: float
    above_s: float | None
    """For how long more than some level were counted; None where no level is asked about."""


def span_facts(counted: Counted, span: Span, level: float | None = None) -> SpanFacts | None:
    """Returns what is known of a part; None where nothing is counted in it."""
    times, people = counted.between(*span)
    if len(times) == 0:
        return None
    lasting = _lasting(times, counted.break_s, span[1])
    total = float(lasting.sum())
    mean = float(people @ lasting) / total if total else float(people.mean())
    above_s = None if level is None else float(lasting[people > level].sum())
    return SpanFacts(len(times), mean, float(people.min()), float(people.max()), above_s)


def _lasting(times: Floats, break_s: float, end_s: float) -> Floats:
    """Returns for how long each count stands: until the next, as far as that is near."""
    apart = np.diff(times, append=max(end_s, times[-1]))
    return np.where(apart <= break_s, apart, 0.0)


def span_words(span: Span, facts: SpanFacts | None, level: float | None = None) -> str:
    """Returns a part and its figures, for people."""

    def said(words: str) -> str:
        return QCoreApplication.translate("timeline", words)

    where = f"{moment_text(span[0])} – {moment_text(span[1])}"
    if facts is None:
        return f"{where}: {said('nothing counted yet')}"
    figures = said("mean {0:.1f}, least {1:.0f}, most {2:.0f}").format(facts.mean, facts.least, facts.most)
    if facts.above_s is None or level is None:
        return f"{where}: {figures}"
    above = said("above {0:g} for {1}").format(level, moment_text(facts.above_s))
    return f"{where}: {figures}, {above}"


def moment_text(time_s: float) -> str:
    """Returns a time to a tenth of a second, such as 1:02.3."""
    tenths = round(10 * max(0.0, time_s))
    return f"{clock_text(tenths // 10)}.{tenths % 10}"


def write_counts(path: Path, times: Floats, people: Floats) -> Path:
    """Writes counts as CSV, a row each, whole or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    with written_whole(path) as partial, partial.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(["time (s)", "count (people)"])
        writer.writerows(zip([f"{time:.3f}" for time in times], [f"{count:.2f}" for count in people], strict=True))
    return path
