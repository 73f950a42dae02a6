"""A count over time as it is printed: mean and band, levels, gaps, alerts beneath."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.evidence.account import Account, Level, ended, utc
from engine.evidence.drawing import Figure, FigureCanvasAgg, MaxNLocator
from engine.evidence.known import LEAST_GAP_S
from engine.evidence.lettering import drawable, shortened
from engine.evidence.sheet import INK, MUTED
from engine.evidence.span import lasting
from engine.files import written_whole
from engine.history.series import Series, held

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINE, BAND, GAP = "#1f5fa8", "#c9dcf0", "#e6e9ed"
SEVERITY = {"info": "#3c8dbc", "warning": "#e08a1e", "critical": "#c62f2f"}
TOGETHER = ("#1f5fa8", "#c8641e", "#2f8f5b", "#8b4fa3", "#b3262e", "#6b5b2e", "#2b9fb3", "#77818c")
"""Of the means of several subjects."""
CAPACITY, THRESHOLD = "#444b54", "#8a4b08"
NAMED_SHARE = 0.05  # of the width, from which on a gap bears its reason
LANE = 0.045  # of the height, for alerts
ROOM = 1.18
"""By how much the axis goes on above the highest."""
APART = 0.045
"""Of the height, by which the words of two levels lie apart at least."""


def draw_account(axes: "Axes", account: Account, *, marks: int = 9) -> None:
    """Draws a subject's count."""
    curve, span = account.curve, account.span
    highest = max([float(np.nanmax(curve.most)) if curve.readings.any() else 0.0, *_seen_levels(account)], default=0.0)
    top = max(4.0, highest * ROOM)
    axes.set_xlim(span.from_s, span.to_s)
    axes.set_ylim(-LANE * top if account.alerts else 0, top)
    _draw_gaps(axes, account)
    draw_line(axes, curve)
    _draw_levels(axes, account, top)
    _draw_alerts(axes, account, top)
    dress(axes, account, marks)


def draw_together(axes: "Axes", accounts: Sequence[Account], *, marks: int = 9) -> list[tuple[str, str]]:
    """Draws the means of several subjects over one span; returns their colours and names."""
    known = [account for account in accounts if not account.is_empty]
    keys = [(TOGETHER[place % len(TOGETHER)], account.name) for place, account in enumerate(known)]
    for account, (colour, _) in zip(known, keys, strict=True):
        curve = held(account.curve, LEAST_GAP_S, account.curve.grid.end_s)
        at = curve.grid.starts_s + curve.grid.step_s / 2
        axes.plot(at, curve.mean.astype(np.float64), color=colour, linewidth=1.1, zorder=4)
    span = accounts[0].span
    axes.set_xlim(span.from_s, span.to_s)
    highest = max(float(np.nanmax(account.curve.mean)) for account in known)
    axes.set_ylim(0, max(4.0, highest * ROOM))
    dress(axes, known[0], marks)
    return keys


def draw_line(axes: "Axes", curve: Series, *, width: float = 1.1) -> None:
    """Draws mean and band."""
    curve = held(curve, LEAST_GAP_S, curve.grid.end_s)  # what is shorter is no gap
    at = curve.grid.starts_s + curve.grid.step_s / 2
    mean = curve.mean.astype(np.float64)
    axes.fill_between(at, curve.least, curve.most, color=BAND, linewidth=0, zorder=2)
    axes.plot(at, mean, color=LINE, linewidth=width, zorder=4, solid_joinstyle="round")
    known = np.isfinite(mean)
    before, after = np.roll(known, 1), np.roll(known, -1)
    before[0] = after[-1] = False
    lone = known & ~before & ~after
    if lone.any():  # a line of one point would not be seen
        axes.plot(at[lone], mean[lone], ".", color=LINE, markersize=3, zorder=4)


def dress(axes: "Axes", account: Account, marks: int) -> None:
    """Gives axes their ticks and lines."""
    found = account.span.marks(marks)
    axes.set_xticks([mark for mark, _ in found], [words for _, words in found])
    axes.tick_params(labelsize=7.5, colors=MUTED, length=3, width=0.6)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=7, integer=True, steps=[1, 2, 5, 10]))
    axes.set_yticks([tick for tick in axes.get_yticks() if 0 <= tick <= axes.get_ylim()[1]])
    axes.set_ylabel("people", size=7.5, color=MUTED)
    axes.grid(axis="y", color="#e4e8ec", linewidth=0.6, zorder=0)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color("#aab3bd")
        axes.spines[side].set_linewidth(0.7)


def write_curve(path: Path, account: Account) -> None:
    """Writes the curve as PNG, whole or not at all; raises OutputError."""
    figure = Figure(figsize=(11, 4.6), dpi=140, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    draw_account(axes, account, marks=12)
    title = f"{account.name}: {account.span.title} ({account.span.zone})"
    axes.set_title(drawable(shortened(title, 10, 760)), size=10, color=INK, loc="left", parse_math=False)
    with written_whole(path) as partial:
        figure.savefig(partial, format="png")


def _seen_levels(account: Account) -> list[float]:
    """Returns the levels that are near enough to be drawn: none far above all that was counted."""
    curve = account.curve
    most = float(np.nanmax(curve.most)) if curve.readings.any() else 0.0
    return [level.people for level in account.levels if level.people <= max(4 * most, 10.0)]


def _draw_gaps(axes: "Axes", account: Account) -> None:
    low, high = axes.get_ylim()
    for gap in account.gaps:
        axes.axvspan(gap.from_s, gap.to_s, facecolor=GAP, edgecolor="#cfd5db", hatch="////", linewidth=0, zorder=1)
        if gap.length_s < NAMED_SHARE * account.span.length_s:
            continue
        wide = gap.length_s > 0.16 * account.span.length_s
        at = (gap.from_s + gap.to_s) / 2
        box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5}
        look: dict[str, Any] = {"size": 7, "color": MUTED, "ha": "center", "va": "center", "bbox": box, "zorder": 3}
        turned = 0 if wide else 90
        axes.text(at, low + 0.5 * (high - low), gap.reason, rotation=turned, parse_math=False, **look)


def _draw_levels(axes: "Axes", account: Account, top: float) -> None:
    """Draws levels, each with its number at the right."""
    last = float("-inf")
    for level in sorted(account.levels, key=lambda level: level.people):
        if not 0 <= level.people <= top:
            continue
        colour = colour_of(level)
        style = (0, (6, 2)) if level.is_capacity else (0, (2, 1.5))
        axes.axhline(level.people, color=colour, linewidth=0.9, linestyle=style, zorder=3)
        if level.people > last:
            last = max(level.people, last + APART * top)
            look: dict[str, Any] = {"size": 7, "color": colour, "ha": "left", "va": "center", "parse_math": False}
            axes.text(1.006, last, f"{level.people:.3g}", transform=axes.get_yaxis_transform(), **look)


def colour_of(level: Level) -> str:
    """Returns the colour of a level's line."""
    return CAPACITY if level.is_capacity else THRESHOLD


def _draw_alerts(axes: "Axes", account: Account, top: float) -> None:
    """Draws alerts as spans in a lane beneath, and faintly over the curve."""
    span = account.span
    for alert in account.alerts:
        colour = SEVERITY.get(alert.severity, SEVERITY["warning"])
        begin = max(span.from_s, utc(alert.raised_at))
        end = max(min(span.to_s, ended(alert, span.to_s)), begin + 0.002 * span.length_s)
        axes.axvspan(begin, end, color=colour, alpha=0.08, linewidth=0, zorder=1)
        axes.fill_between([begin, end], -LANE * top, -0.2 * LANE * top, color=colour, linewidth=0, zorder=5)


def legend(account: Account) -> list[tuple[str, str, bool]]:
    """Returns the colours of the curve, what they stand for, and whether they are lines, as far as they are there."""
    keys = [(LINE, "mean", False), (BAND, "least to most", False)]
    keys += [("#cfd5db", "nothing known", False)] if account.gaps else []
    there = {alert.severity for alert in account.alerts}
    keys += [(colour, f"alert ({name})", False) for name, colour in SEVERITY.items() if name in there]
    keys += [(colour_of(level), level.words, True) for level in account.levels]
    return [*keys, ("", f"one point: {lasting(account.curve.grid.step_s)}", False)]
