"""Recordings for the window: rare events become signals, pictures and counts wait until the window pulls them."""

from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from app.running.engine import Engine
from app.running.feed import Feed, Point
from app.running.player import Recording, Setup
from engine.counting.reading import Sample
from engine.monitor.looking import Looked
from engine.monitor.playing import Playing
from engine.monitor.screen import Picture, Size, Wish
from engine.recording.counts import Counts
from engine.recording.footage import FileFootage, Footage

USUAL_ROOM = (1080, 1920)
"""Height and width in pixels for a picture, until it is said how large it is shown."""


class Bridge(QObject):
    """What the window knows of the recording that it shows; all methods belong to the GUI thread."""

    opened = pyqtSignal(object)
    """A `Recording` has begun, in place of the one before."""
    ended = pyqtSignal(str)
    """The recording is through; what ended it before its time and what was wrong with it, a line each, or ''."""
    refused = pyqtSignal(str)
    """A recording could not be opened, and why."""
    log_failed = pyqtSignal(str)
    """Samples are not being written, and why."""
    log_resumed = pyqtSignal(str)
    """Samples are being written again; what was lost meanwhile, or ''."""

    def __init__(self, setup: Setup, engine: Engine | None = None) -> None:
        """Takes the engine that the window has, or has one of its own."""
        super().__init__()
        self.setup = setup
        self.recording: Recording | None = None
        """The one that is pulled from; stays after its end."""
        self._engine = engine or Engine(setup)
        self._wish, self._is_visible = Wish(USUAL_ROOM, "heat"), True
        self._engine.opened.connect(self._take)
        self._engine.unopened.connect(self.refused)
        self._engine.ended.connect(self.ended)
        self._engine.log_failed.connect(self.log_failed)
        self._engine.log_resumed.connect(self.log_resumed)

    def start(self) -> None:
        """Starts the engine, unless it runs, which loads the model; signals have to be connected before."""
        self._engine.start()

    def open(self, path: Path) -> None:
        """Asks for a video file; `opened` or `refused` follows."""
        self.open_footage(FileFootage(path))

    def open_footage(self, footage: Footage) -> None:
        """Asks for a recording, whatever it is made of; `opened` or `refused` follows."""
        self._engine.open(footage)

    def close(self) -> None:
        """Ends the engine and waits for it; may be called twice."""
        self._engine.close()

    def pause(self) -> None:
        """Holds the recording."""
        if self.recording:
            self.recording.playback.pause()

    def resume(self) -> None:
        """Lets the recording go on."""
        if self.recording:
            self.recording.playback.resume()

    def look(self, time_s: float, *, runs: bool = False, speed: float = 1.0) -> None:
        """Shows the picture of a time, and those after it if it `runs`, at a speed of 0.25 to 16.

        The rest is counted at full speed meanwhile, from there on if what is there is not counted.
        """
        playing = self._playing
        if playing:
            playing.look(time_s, runs=runs, speed=speed)

    def step(self, pictures: int, from_s: float) -> None:
        """Shows the picture so many behind the one that is shown, which is that of `from_s` if none was sought."""
        playing = self._playing
        if playing:
            playing.step(pictures, from_s)

    @property
    def looked(self) -> Looked | None:
        """What is looked at, apart from what is counted; None before somebody did."""
        playing = self._playing
        return playing.looking.looked if playing else None

    @property
    def look_problem(self) -> str:
        """Why what was to be looked at cannot be shown, in a sentence, or ''."""
        playing = self._playing
        return playing.looking.problem if playing else ""

    def show_within(self, room: Size | None) -> None:
        """Says how large its picture is shown, height and width in pixels; None: not at all, which costs nothing."""
        self._is_visible = room is not None
        self._want(self._wish if room is None else replace(self._wish, within=room))

    def want_density(self, wanted: bool) -> None:
        """Asks for a heat-map over every picture, also over one that is held; without any it is faster."""
        self._want(replace(self._wish, overlay="heat" if wanted else "none"))

    @property
    def density_interval_s(self) -> float | None:
        """Seconds between density maps; None for never."""
        playing = self._playing
        return playing.maps.schedule.interval_s if playing else None

    def newest(self) -> Picture | None:
        """Takes out the newest picture; None if there was none since the last call."""
        return self._engine.screen.newest(self.recording.key, self) if self.recording else None

    def known(self) -> Counts:
        """Takes out, once, the counts that were kept from before or in the log; `points` has those that came since."""
        return self._feed.known()

    def points(self) -> list[Point]:
        """Takes out the counts since the last call; in the order in which they came, which need not be that of time."""
        return self._feed.points()

    def counted_spans(self) -> tuple[tuple[float, float], ...]:
        """Returns what is counted, as spans from one time in seconds to another, rising."""
        playing = self._playing
        return playing.progress.spans_s() if playing else ()

    @property
    def is_counting(self) -> bool:
        """Whether more counts may come of the recording that is shown."""
        playing = self._playing
        return playing is not None and not self._engine.monitor.is_over(playing)

    @property
    def progress(self) -> float | None:
        """Which share of the recording is counted, 0 to 1; None while nobody knows how long it is."""
        playing = self._playing
        return playing.progress.share if playing else None

    @property
    def duration_s(self) -> float | None:
        """How long the recording is, as far as is known by now; one that is still being written grows."""
        playing = self._playing
        return playing.source.duration_s if playing else None

    def samples(self) -> list[Sample]:
        """Takes out the samples that were logged since the last call."""
        return self._feed.samples()

    @property
    def _playing(self) -> Playing | None:
        """The recording that is pulled from, as the engine has it."""
        playing = self._engine.monitor.playing
        return playing if playing and self.recording and playing.key == self.recording.key else None

    @property
    def _feed(self) -> Feed:
        return self.recording.feed if self.recording else Feed()

    def _take(self, recording: Recording) -> None:
        """Changes over at one stroke: nobody pulls from the new recording before all know that it has begun."""
        self.recording = recording
        self.opened.emit(recording)
        self._want(self._wish)

    def _want(self, wish: Wish) -> None:
        self._wish = wish
        is_shown = self.recording is not None and self._is_visible
        self._engine.want(self, {self.recording.key: wish} if self.recording and is_shown else {})
