"""The one place where engine threads meet Qt: rare events become signals, readings wait until the window pulls them."""

from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from app.running.feed import Feed, Point
from app.running.player import Events, Player, Recording, Setup
from engine.counting.reading import Reading, Sample

EVERY_FRAME, NEVER = 0.0, None  # intervals of density maps


class Bridge(QObject):
    """What the window knows of the engine; all methods belong to the GUI thread."""

    _arrived = pyqtSignal(object)
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

    def __init__(self, setup: Setup) -> None:
        super().__init__()
        self.setup = setup
        self.recording: Recording | None = None
        """The one whose readings are pulled; stays after its end."""
        self._events = Events(
            self._arrived.emit, self.ended.emit, self.refused.emit, self.log_failed.emit, self.log_resumed.emit
        )
        self._arrived.connect(self._take)
        self._player = Player(setup, self._events)

    def start(self) -> None:
        """Starts to load the model; signals have to be connected before."""
        self._player.start()

    def open(self, path: Path) -> None:
        """Asks for a recording; `opened` or `refused` follows."""
        self._player.open(path)

    def close(self) -> None:
        """Ends all engine threads and waits for them."""
        self._player.close()

    def pause(self) -> None:
        """Holds the recording."""
        if self.recording:
            self.recording.playback.pause()

    def resume(self) -> None:
        """Lets the recording go on."""
        if self.recording:
            self.recording.playback.resume()

    def want_density(self, wanted: bool) -> None:
        """Asks for a density map with every frame, or with none, which is faster."""
        self._player.density.interval_s = EVERY_FRAME if wanted else NEVER

    @property
    def density_interval_s(self) -> float | None:
        """Seconds between density maps; None for never."""
        return self._player.density.interval_s

    def newest(self) -> Reading | None:
        """Takes out the newest reading; None if there was none since the last call."""
        return self._feed.newest()

    def points(self) -> list[Point]:
        """Takes out the counts since the last call."""
        return self._feed.points()

    def samples(self) -> list[Sample]:
        """Takes out the samples that were logged since the last call."""
        return self._feed.samples()

    @property
    def _feed(self) -> Feed:
        return self.recording.feed if self.recording else Feed()

    def _take(self, recording: Recording) -> None:
        """Changes over at one stroke: nobody pulls from the new recording before all know that it has begun."""
        self.recording = recording
        self.opened.emit(recording)
