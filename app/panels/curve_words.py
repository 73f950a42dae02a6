"""What is read on a curve, in words; unknown is a dash, never zero; pure."""

from collections.abc import Mapping, Sequence

from app.panels.curve_drawing import Line
from app.panels.day_marks import moment_text
from engine.rules.series import Subject

UNKNOWN = "–"


def count_words(people: float | None, capacity: int | None = None) -> str:
    """Returns a count, and of how many."""
    text = UNKNOWN if people is None else f"{people:.0f}"
    return text if capacity is None else f"{text} of {capacity}"


def bucket_words(line: Line, at_s: float) -> str:
    """Returns what a line counts at a moment: the mean, and from least to most where these are known to differ."""
    grid, series = line.series.grid, line.series
    place = grid.bucket(at_s)
    if not 0 <= place < grid.number or not series.readings[place]:
        return UNKNOWN
    mean, least, most = (f"{values[place]:.0f}" for values in series.columns[:3])
    return mean if grid.step_s == 1 or "nan" in (least, most) or least == most else f"{mean} ({least}–{most})"


def newest_words(
    newest: Mapping[Subject, float | None], capacities: Mapping[Subject, int | None]
) -> dict[Subject, str]:
    """Returns what is counted now."""
    return {subject: count_words(people, capacities.get(subject)) for subject, people in newest.items()}


def moment_words(lines: Sequence[Line], at_s: float | None, now_s: float) -> str:
    """Returns which moment is read, and how long it is; '' where none is."""
    if at_s is None or not lines:
        return ""
    grid = lines[0].series.grid
    start_s = grid.first_s + grid.bucket(at_s) * grid.step_s
    length = f" + {grid.step_s} s" if grid.step_s > 1 else ""
    return moment_text(start_s, now_s) + length
