"""The time-line of a recording, which is the curve of its counts: where it is, what of it is counted, what is chosen.

What is not counted yet is hatched. It draws what changed when it is told to (`draw`), so that many changes cost one.
"""

from collections.abc import Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from app.panels.clock_text import axis_end
from app.panels.counted import Counted
from app.panels.timeline_bar import TimelineBar
from app.panels.timeline_drawing import Alerts, Bounds
from app.panels.timeline_marks import Marks
from app.panels.timeline_plot import Hold, TimelinePlot
from app.panels.timeline_span import moment_text, span_facts, span_words
from app.panels.timeline_stretch import Span, gaps, peak_times, stretch, uncounted
from app.panels.timeline_view import TimelineView
from app.running.feed import Point
from app.theme import em
from engine.recording.counts import Counts

LEAST_PEOPLE = 10.0  # that the axis reaches to, so that noise around an empty square does not look like a crowd
HEADROOM = 1.12
FARTHEST_LEVEL = 4.0  # times what is counted: beyond that a rule's level would press the curve to the ground
UNCOUNTED_S = 0.25
UNKNOWN = "–"


class Timeline(QWidget):
    """Shows one recording at a time."""

    sought = pyqtSignal(float)
    """Somebody wants to see the picture of a time, in seconds."""
    chosen = pyqtSignal()
    """Another part is chosen, or none any more."""

    def __init__(self) -> None:
        super().__init__()
        self.counted, self.other = Counted(), Counted()
        self.view, self.alerts, self.marks = TimelineView(), Alerts(), Marks()
        self.level: float | None = None
        """A threshold, for what is chosen to be compared with."""
        self.begin_s: float | None = None
        """Of what is chosen."""
        self.end_s: float | None = None
        self._duration_s, self._head_s = 0.0, 0.0
        self._looks = False
        """Whether the play head is where somebody looks, and not where it is counted."""
        self._spans: Sequence[Span] | None = None
        self._is_old = True
        self._peaks: tuple[int, list[float]] = 0, []
        self.plot, self.bar = TimelinePlot(), TimelineBar()
        self.plot.setToolTip(
            self.tr(
                "Click or drag to see the picture of a time, Shift+drag to choose a part, turn the wheel to zoom, "
                "double-click to see all; hatched: not counted yet"
            )
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(em(self, 0.9), em(self, 0.2), em(self, 0.5), em(self, 0.2))
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.plot, stretch=1)
        self._column = column
        self._connect()
        self.begin(None)

    def show_certainty(self, bounds: Bounds | None) -> None:
        """Shows between which numbers of people the truth lies, where that is known of counts."""
        self.plot.drawing.show_also(certainty=bounds)

    def put_above(self, strip: QWidget) -> None:
        """Shows a strip between the controls and the curve."""
        self._column.insertWidget(self._column.count() - 1, strip)

    def begin(self, duration_s: float | None) -> None:
        """Starts an empty one for a recording of this length, if it is known."""
        self.counted, self.other, self.alerts, self.marks = Counted(), Counted(), Alerts(), Marks()
        self._duration_s, self._head_s, self._looks, self._spans = duration_s or 0.0, 0.0, False, None
        self._peaks = 0, []
        self.view = TimelineView(self._end_s())
        self.plot.hide_head()
        self.choose(None, None)
        self.draw(anew=True)

    def add(self, points: Sequence[Point]) -> None:
        """Takes further points."""
        if points:
            self.counted.add(points)
            if not self._looks:
                self._head_s = points[-1].time_s
            self._is_old = True

    def touch(self) -> None:
        """Notes that what is counted is other than before."""
        self._is_old = True

    def begin_other(self) -> None:
        """Forgets what was counted in another way."""
        self.other, self._is_old = Counted(), True

    def add_other(self, counts: Counts) -> None:
        """Takes counts that were found in another way, as a second curve."""
        self.other.take(counts.times, counts.people)
        self._is_old = True

    def set_counted(self, spans: Sequence[Span]) -> None:
        """Says what is counted, where it is not all up to the last count."""
        if spans != self._spans:
            self._spans, self._is_old = spans, True

    def set_duration(self, duration_s: float | None) -> None:
        """Says how long the recording is, as far as is known now."""
        if duration_s and duration_s != self._duration_s:
            self._duration_s, self._is_old = duration_s, True

    def look_at(self, time_s: float, *, follows: bool = False) -> None:
        """Puts the play head at a time that is looked at, whatever is counted; the view `follows` it if it is to."""
        self._looks, self._head_s = True, time_s
        if follows and self.plot.hold is not Hold.HEAD:
            self.show_view(self.view.following(time_s))
        self._show_head()

    def show_view(self, view: TimelineView) -> None:
        """Shows another part of the recording."""
        if view != self.view:
            self.view, self._is_old = view, True
            self.draw()

    def fit(self) -> None:
        """Shows all of it."""
        self.show_view(self.view.fitted())

    def zoom(self, factor: float) -> None:
        """Shows a part `factor` times as long, around the play head."""
        self.show_view(self.view.zoomed(factor, self._head_s))

    def choose(self, begin_s: float | None, end_s: float | None) -> None:
        """Chooses a part, as far as it is given."""
        if begin_s is not None and end_s is not None and end_s < begin_s:
            begin_s, end_s = end_s, begin_s
        self.begin_s, self.end_s = (None if at is None else min(max(0.0, at), self._end_s()) for at in (begin_s, end_s))
        self.plot.show_span(self.begin_s, self.end_s)
        self._say()
        self.chosen.emit()

    @property
    def span(self) -> Span | None:
        """What is chosen; None where it is not both begun and ended."""
        return None if self.begin_s is None or self.end_s is None else (self.begin_s, self.end_s)

    @property
    def head_s(self) -> float:
        """Where the play head is, in seconds."""
        return self._head_s

    @property
    def peaks(self) -> list[float]:
        """When the counts have their peaks, in seconds."""
        if self._peaks[0] != len(self.counted):
            self._peaks = len(self.counted), peak_times(self.counted)
        return self._peaks[1]

    @property
    def uncounted_s(self) -> float:
        """Seconds of it that are not counted yet; what is less than a hundredth of it is its last frame."""
        left_s = sum(end - begin for begin, end in uncounted(self._counted_spans(), self._duration_s))
        return left_s if left_s > max(UNCOUNTED_S, self._duration_s / 100) else 0.0

    @property
    def points(self) -> int:
        """How many counts it has."""
        return len(self.counted)

    def show_alerts(self, alerts: Alerts) -> None:
        """Shows other spans in which alerts held."""
        self.alerts = alerts
        self.plot.drawing.show_also(alerts=alerts)

    def show_marks(self, marks: Marks) -> None:
        """Shows what the log and its rules say beside the count."""
        self.marks, self._is_old = marks, True
        self.draw()

    @property
    def alert_times(self) -> list[float]:
        """When alerts begin that were raised, or would have been, in seconds, rising."""
        return sorted({*(begin_s for begin_s, _ in self.alerts.spans), *(each.begin_s for each in self.marks.raised)})

    def show_level(self, level: float | None, clear: float | None = None) -> None:
        """Shows a threshold, and where it is over again."""
        self.level = level
        self.plot.show_level(level, clear, self.alerts.severity)
        self._is_old = True
        self._say()

    def draw(self, *, anew: bool = False) -> None:
        """Draws what changed."""
        if not (self._is_old or anew):
            return
        self._is_old = False
        self.view = self.view.lasting(self._end_s())
        bounds, spans = self.view.bounds, self._counted_spans()
        whole = len(uncounted(spans, self._duration_s)) == 0 or self.uncounted_s == 0
        self.plot.show_bounds(bounds, self._reach())
        self.plot.drawing.show_also(
            counts=stretch(self.counted, bounds, self.plot.room),
            other=stretch(self.other, bounds, self.plot.room) if len(self.other) else None,
            uncounted=() if whole else uncounted(spans, self._end_s()),
            gaps=gaps(self.counted, bounds, spans),
            alerts=self.alerts,
            marks=self.marks,
            zones=[stretch(zone.counted, bounds, self.plot.room) for zone in self.marks.zones],
        )
        self._show_head()
        self._say()

    def _connect(self) -> None:
        plot = self.plot
        plot.scrubbed.connect(self._seek)
        plot.chosen.connect(self.choose)
        plot.zoomed.connect(lambda factor, at_s: self.show_view(self.view.zoomed(factor, at_s)))
        plot.moved.connect(lambda by_s: self.show_view(self.view.moved(by_s)))
        plot.fit_wanted.connect(self.fit)
        plot.pointed.connect(self._say)
        plot.resized.connect(self.touch)

    def _seek(self, time_s: float) -> None:
        if self.points:
            self.sought.emit(min(max(0.0, time_s), self._end_s()))

    def _show_head(self) -> None:
        if self.points:
            self.plot.show_head(self._head_s, self._moment(self._head_s))

    def _moment(self, time_s: float) -> str:
        zones = [f"{zone.name} {_people(zone.counted.before(time_s))}" for zone in self.marks.zones]
        return " · ".join([moment_text(time_s), _people(self.counted.before(time_s)), *zones])

    def _say(self, at_s: float | None = None) -> None:
        if at_s is not None and self.points:
            words = self._moment(min(max(0.0, at_s), self._end_s()))
        elif self.span is not None:
            level = next((each.people for each in self.marks.thresholds), None) if self.level is None else self.level
            words = span_words(self.span, span_facts(self.counted, self.span, level), level)
        else:
            words = self.tr("People over time")
        self.bar.say(words)
        self.plot.setAccessibleDescription(f"{words}; {self._moment(self._head_s)}" if self.points else words)

    def _counted_spans(self) -> Sequence[Span]:
        if self._spans is not None:
            return self._spans
        return ((0.0, self.counted.end_s),) if self.points else ()

    def _end_s(self) -> float:
        """Returns where the axis ends."""
        reached_s = max(self.counted.end_s, self._head_s)
        return max(reached_s, self._duration_s) if self._duration_s else axis_end(reached_s, None)

    def _reach(self) -> float:
        """Returns up to where the axis of people goes."""
        curves = (self.counted, self.other, *(zone.counted for zone in self.marks.zones))
        found = max([LEAST_PEOPLE, *(most[1] for each in curves if (most := each.most) is not None)])
        levels = [each.people for each in self.marks.thresholds if each.people <= FARTHEST_LEVEL * found]
        return max([found, *levels, self.level or 0.0]) * HEADROOM


def _people(number: float | None) -> str:
    return UNKNOWN if number is None else f"{number:.0f}"
