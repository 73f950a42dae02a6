"""Plays and counts recordings, one after the other, in a thread of its own: what may take time never holds up a window.

The thread opens what is asked for, replaces what is running only once the new recording is open, and watches for ends.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from time import monotonic

from app.running.feed import Feed
from engine.capture.recording import RecordingCapture
from engine.counting.reading import Reading
from engine.counting.schedule import DensitySchedule
from engine.errors import DatabaseError, EngineError
from engine.handoff import LatestSlot, Outlet
from engine.inference.model import Model
from engine.inference.variants import load_model
from engine.log.store import Store
from engine.memory import FreedMemory
from engine.picture.view import View
from engine.pipeline import STOP_S, Pipeline
from engine.redaction import readable
from engine.serving import Camera
from engine.sources import FileSource
from engine.sources.playback import Playback
from engine.worker import JOIN_TIMEOUT_S, Worker

CLOSE_S = STOP_S + JOIN_TIMEOUT_S + 2.0
"""Within which a recording and then its log are closed, whatever hangs; the rest is for what lies between."""
LOADING_S = 5.0  # for what is being loaded when there is nothing yet to lose

logger = logging.getLogger(__name__)

_KEPT = "the readings so far are kept"


@dataclass(frozen=True, slots=True)
class Setup:
    """What every recording is counted with."""

    model: Path | None
    """See `load_model`."""
    database: str | Path | None = field(repr=False)
    """Its URL may hold a password; None keeps no log."""
    provider: str = "auto"
    aspect: Fraction | None = None
    """Width over height of pictures as shown; None takes what recordings say."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording that is being counted."""

    path: Path
    duration_s: float | None
    """As far as the file says."""
    model: Model
    """What counts it, to ask for its facts; running it is the pipeline's affair."""
    logged: bool
    """Whether its samples are written to the log."""
    playback: Playback
    feed: Feed

    @property
    def name(self) -> str:
        """Of the file, as it can be shown."""
        return readable(self.path.name)


@dataclass(frozen=True, slots=True)
class Events:
    """What the player reports; called in engine threads."""

    opened: Callable[[Recording], None]
    ended: Callable[[str], None]
    """A recording is through; what ended it before its time and what was wrong with it, a line each, or ''."""
    refused: Callable[[str], None]
    """A recording could not be opened, and why; the one before goes on."""
    log_failed: Callable[[str], None]
    """Samples are not being written, and why; counting goes on."""
    log_resumed: Callable[[str], None]
    """Samples are being written again; what was lost meanwhile, or ''."""


class Player:
    """Owns the model, the log, and the one pipeline that uses them."""

    def __init__(self, setup: Setup, events: Events) -> None:
        self.density = DensitySchedule(0.0)
        """Shared by all recordings; its interval may be changed at any time."""
        self._setup, self._events = setup, events
        self._wanted: LatestSlot[Path] = LatestSlot()
        self._worker = Worker("player", self._play)
        self._memory = FreedMemory()
        self._model: Model | None = None
        self._pipeline: Pipeline | None = None
        self._source: FileSource | None = None
        self._store: Store | None = None
        self._log_fails = False
        """As far as was told since the recording began."""

    def start(self) -> None:
        """Starts the thread, which loads the model first."""
        self._worker.start()

    def open(self, path: Path) -> None:
        """Asks for a recording from its beginning; never waits."""
        self._wanted.put(path)

    def close(self) -> None:
        """Ends everything and waits for it; may be called twice."""
        self._wanted.close()
        self._worker.finish(LOADING_S if self._model is None else CLOSE_S)

    def _play(self) -> None:
        try:
            self._attempt(self._load_model)
            while not self._wanted.closed:
                path = self._wanted.get()
                if path is not None and not self._wanted.closed:
                    self._attempt(lambda path=path: self._open(path))  # type: ignore[misc]
                self._watch()
        finally:
            self._stop()

    def _attempt(self, action: Callable[[], object]) -> None:
        try:
            action()
        except Exception as error:  # the last stop: the thread has to live on for the next recording
            self._events.refused(_sentence(error))

    def _load_model(self) -> Model:
        if self._model is None:
            self._model = load_model(self._setup.model, provider=self._setup.provider, spinning=False)
        return self._model

    def _open(self, path: Path) -> None:
        model, source = self._load_model(), FileSource(path, view=View(aspect=self._setup.aspect))
        self._end_recording()
        problem = self._open_log()
        feed, playback = Feed(), Playback(own_speed=True)
        outlets: list[Outlet[Reading]] = [feed]
        if self._store is not None:
            outlets.append(self._store.run(camera=source.name, model=model.file, on_written=feed.logged))
        self._source = source
        self._pipeline = Pipeline(model, [Camera(RecordingCapture(source, playback), outlets, density=self.density)])
        duration_s = None if source.expected_frames is None else source.expected_frames / source.rate
        self._events.opened(Recording(path, duration_s, model, self._store is not None, playback, feed))
        if problem:
            self._events.log_failed(problem)
        self._pipeline.start()

    def _open_log(self) -> str:
        """Opens the log if it is not open; returns why it could not be opened, or ''."""
        self._log_fails = False
        if self._setup.database is None:
            return ""
        try:
            self._store = self._store or Store(self._setup.database)
        except DatabaseError as error:
            return str(error)
        return ""

    def _watch(self) -> None:
        """Notices how the log is doing, and that the recording is through."""
        self._memory.give_back(monotonic())
        self._watch_log()
        pipeline = self._pipeline
        if pipeline is None or pipeline.running:
            return
        self._end_recording()
        problems = [_sentence(pipeline.failure)] if pipeline.failure else []
        if self._source is not None:
            problems += [f"{self._source.name}: {warning}" for warning in self._source.flaws.warnings]
        self._events.ended("\n".join(problems))

    def _watch_log(self) -> None:
        """Tells once that samples are not being written, and once that they are again; closes a log that failed."""
        store = self._store
        if store is None:
            return
        problem, failed_before = store.problem, self._log_fails
        self._log_fails = problem is not None
        if problem and not failed_before:
            self._events.log_failed(_sentence(problem))
        if failed_before and not problem:
            self._events.log_resumed(store.loss)
        if store.failure:
            self._close_log()

    def _end_recording(self) -> None:
        if self._pipeline is not None:
            self._pipeline.stop()
        self._pipeline = None

    def _close_log(self) -> None:
        """Writes what is left of the log; what cannot be written it says itself."""
        if self._store is not None:
            self._store.close()
        self._store = None

    def _stop(self) -> None:
        self._end_recording()
        self._close_log()


def _sentence(error: Exception) -> str:
    if isinstance(error, EngineError):
        return str(error)
    logger.error("unexpected error", exc_info=error)
    return str(EngineError(f"counting stopped on an unexpected error ({type(error).__name__}: {error}); {_KEPT}"))
