"""Pictures and counts as the operator sees them: spread over the video, the facts, the curve and the status line."""

from datetime import datetime

from app.panels.clock_text import clock_text
from app.panels.facts_panel import RELIABLE
from app.panels.layout import Panels
from app.panels.status_line import StatusLine
from app.panels.tally import Pace, speed_text
from app.panels.trust_words import doubt_words, reliable_words
from app.running.bridge import Bridge
from app.running.feed import Point
from app.running.player import Recording
from engine.counting.doubt import Doubt
from engine.inference.error_table import ErrorTable
from engine.inference.model import Model
from engine.monitor.looking import Looked
from engine.monitor.screen import Picture
from engine.recording.counts import DOUBTS, Counts


class Readout:
    """Shows one recording at a time."""

    def __init__(self, panels: Panels, status: StatusLine) -> None:
        self._panels, self._status = panels, status
        self._pace = Pace()
        self._duration_s: float | None = None
        self._begin_s: float | None = None
        self._looked: Looked | None = None
        self._errors: ErrorTable | None = None

    @property
    def time_s(self) -> float:
        """Of what is shown, in seconds."""
        return self._panels.plot.head_s

    def begin(self, recording: Recording) -> None:
        """Empties everything for a new recording; the last picture stays until there is another."""
        self._pace, self._looked = Pace(), None
        self._duration_s, self._begin_s = recording.duration_s, recording.footage.begin_s
        self._panels.plot.begin(recording.duration_s)
        self._panels.log.begin(logged=recording.logged)
        self._show_count(None, None)
        self._errors = recording.model.file.errors
        self._panels.plot.show_certainty(self._errors.bounds if self._errors else None)
        for name in ("interval", "average", "most", "consistency", "rate"):
            self._panels.facts.show_fact(name, "")
        self._panels.facts.show_fact("model", f"{recording.model.file.name} on {recording.model.provider}")
        self._panels.facts.explain("model", model_text(recording.model))
        for part, text in (("file", recording.name), ("size", ""), ("position", ""), ("speed", "")):
            self._status.show_part(part, text)

    def show_picture(self, picture: Picture) -> None:
        """Draws a picture, and says what is known of it."""
        self._panels.video.show_picture(picture)
        (height, width), agreement = picture.size, picture.consistency
        self._status.show_part("size", f"{width}×{height}, {picture.tiles}", picture.remark)
        self._panels.facts.show_fact("consistency", "" if agreement is None else f"{100 * agreement:.0f} %")
        if self._looked and self._looked.is_exact and picture.density is not None:  # the map of this frame alone
            self._show_count(float(picture.density.sum()), self._panels.plot.counted.doubt_at(self._looked.time_s))

    def show_looked(self, looked: Looked) -> None:
        """Shows what is known of the time that is looked at; unlike what is counted meanwhile."""
        if looked == self._looked:
            return
        self._looked = looked
        self._panels.plot.look_at(looked.time_s, follows=looked.is_running)
        counted = self._panels.plot.counted
        self._show_count(counted.at(looked.time_s), counted.doubt_at(looked.time_s))
        self._status.show_part("position", self._position(looked.time_s))

    def pull(self, bridge: Bridge, *, moving: bool) -> None:
        """Shows all that is new to read of a recording, which may be `moving`."""
        line = self._panels.plot
        self.recall(bridge.known())
        self.show_numbers(bridge.points(), moving=moving)
        self.show_length(bridge.duration_s)
        self.show_progress(bridge.progress if bridge.is_counting else None)
        line.set_counted(bridge.counted_spans())
        line.draw()

    def recall(self, counts: Counts) -> None:
        """Shows what was counted before the recording was opened."""
        if len(counts):
            self._panels.plot.counted.take(counts.times, counts.people, doubts=counts.doubts)
            self._panels.plot.touch()
            self._show_sums()

    def show_numbers(self, points: list[Point], *, moving: bool) -> None:
        """Shows what follows from points that were not shown yet.

        The pace is shown only while the recording is `moving`.
        """
        if not points:
            return
        self._pace.add(points)
        self._panels.plot.add(points)
        self._show_sums()
        facts = self._panels.facts
        if self._looked is None:
            self._show_count(points[-1].people, DOUBTS[points[-1].doubt])
            self._status.show_part("position", self._position(points[-1].time_s))
            if moving:
                rate = self._pace.frames_per_s
                facts.show_fact("rate", "" if rate is None else f"{rate:.1f} frames/s")
                self._status.show_part("speed", speed_text(self._pace.speed))

    def show_progress(self, share: float | None) -> None:
        """Says how much is counted meanwhile, 0 to 1, while something else is looked at; None once that is over."""
        if self._looked is not None:
            self._status.show_part("speed", "" if share is None else f"{100 * share:.0f} % counted")

    def show_length(self, duration_s: float | None) -> None:
        """Says how long the recording is, as far as is known now."""
        if duration_s is not None:
            self._duration_s = duration_s
            self._panels.plot.set_duration(duration_s)

    def _show_count(self, people: float | None, doubt: Doubt | None) -> None:
        facts, errors = self._panels.facts, self._errors
        facts.count.show_count(people)
        ends = None if errors is None or people is None else errors.interval(people)
        facts.show_fact("interval", "" if ends is None else f"{ends.low:.0f} – {ends.high:.0f}")
        facts.show_fact("reliable", "" if people is None or doubt is None else reliable_words(doubt))
        facts.explain("reliable", doubt_words(doubt) if doubt else RELIABLE)

    def _show_sums(self) -> None:
        counted, facts = self._panels.plot.counted, self._panels.facts
        average, most = counted.average, counted.most
        facts.show_fact("average", "" if average is None else f"{average:.1f}")
        facts.show_fact("most", "" if most is None else f"{most[1]:.0f} at {clock_text(most[0])}")

    def hold(self) -> None:
        """Shows no pace: the recording is paused or through."""
        self._panels.facts.show_fact("rate", "")
        self._status.show_part("speed", "")

    def resume(self) -> None:
        """Forgets the pace from before a pause."""
        self._pace.restart()

    def _position(self, time_s: float) -> str:
        of_all = f" of {clock_text(self._duration_s)}" if self._duration_s else ""
        then = "" if self._begin_s is None else f", {datetime.fromtimestamp(self._begin_s + time_s):%a %d %b %H:%M:%S}"
        return clock_text(time_s) + of_all + then


def model_text(model: Model) -> str:
    """Returns what a model's file says of it and how it runs, for people."""
    facts = model.file.facts
    return (
        f"Trained on {facts['training_data']}; licence: {facts['licence']}\n"
        f"Mean absolute error there: {facts['validation_mae']} people, root mean square {facts['validation_rmse']}\n"
        f"{model.file.network}, of {facts['date']}\n"
        f"Runs on {model.provider}: {model.details}"
    )
