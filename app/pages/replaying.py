"""What is done on the time-line of the recording that is shown: scrubbing, speed, peaks and alerts, in and out."""

from collections.abc import Callable
from dataclasses import dataclass

from app.pages.look_around import LookAround
from app.pages.outside import Known
from app.panels.timeline import Timeline
from app.panels.timeline_bar import faster
from app.panels.timeline_stretch import neighbour

ZOOM = 2.0


@dataclass(frozen=True, slots=True)
class Deck:
    """What a page lets be done to the recording that it shows."""

    look: Callable[[Callable[[], None]], None]
    """Goes to another time, where there is a recording to look at; it is paused there."""
    is_playing: Callable[[], bool]
    go_on: Callable[[], None]
    """Plays on from where it is looked at."""
    known: Known


class Replaying:
    """Connects a time-line with what is looked at."""

    def __init__(self, timeline: Timeline, around: LookAround, deck: Deck) -> None:
        self._timeline, self._around, self._deck = timeline, around, deck
        self._played = False
        """Whether it played when the play head was taken hold of."""
        plot = timeline.plot
        plot.scrub_begun.connect(self._take_hold)
        plot.scrub_ended.connect(self._let_go)
        timeline.sought.connect(self._seek)
        timeline.bar.speed_wanted.connect(self.set_speed)

    def begin(self) -> None:
        """Another recording is shown."""
        self._played = False

    def commands(self) -> dict[str, Callable[[], object]]:
        """Returns what the keys do."""
        line = self._timeline
        return {
            "fit": line.fit,
            "zoom_in": lambda: line.zoom(1 / ZOOM),
            "zoom_out": lambda: line.zoom(ZOOM),
            "peak_on": lambda: self._go(line.peaks, forward=True),
            "peak_back": lambda: self._go(line.peaks, forward=False),
            "alert_on": lambda: self._go(line.alert_times, forward=True),
            "alert_back": lambda: self._go(line.alert_times, forward=False),
            "slower": lambda: self.set_speed(faster(self._around.speed, -1)),
            "faster": lambda: self.set_speed(faster(self._around.speed, 1)),
            "mark_in": lambda: line.choose(line.head_s, _behind(line.end_s, line.head_s)),
            "mark_out": lambda: line.choose(_before(line.begin_s, line.head_s), line.head_s),
            "mark_none": lambda: line.choose(None, None),
        }

    def set_speed(self, speed: float) -> None:
        """Plays so many times as fast as the recording itself."""
        is_other, self._around.speed = speed != self._around.speed, speed
        self._timeline.bar.show_speed(speed)
        if is_other and self._deck.is_playing():
            self._around.run(runs=True)

    def _go(self, times: list[float], *, forward: bool) -> None:
        time_s = neighbour(times, self._timeline.head_s, forward=forward)
        if time_s is not None:
            self._seek(time_s)
        else:
            self._timeline.bar.say(self._timeline.tr("There is none further on"))

    def _seek(self, time_s: float) -> None:
        self._deck.look(lambda: self._around.seek(time_s))

    def _take_hold(self) -> None:
        self._played = self._deck.is_playing()

    def _let_go(self, was_dragged: bool) -> None:
        if self._played and was_dragged:
            self._deck.go_on()
        self._played = False


def _behind(time_s: float | None, other_s: float) -> float | None:
    return time_s if time_s is not None and time_s > other_s else None


def _before(time_s: float | None, other_s: float) -> float | None:
    return time_s if time_s is not None and time_s < other_s else None
