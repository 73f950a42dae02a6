"""Recordings, one after the other, on the monitor that also watches the cameras; belongs to the thread of `Engine`.

What is asked for replaces what is running only once it is open. Without a log counting goes on.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from app.running.feed import Feed
from engine.errors import EngineError
from engine.inference.model import Model
from engine.monitor.monitor import Monitor
from engine.monitor.playing import Playing, PlayOrder
from engine.recording.footage import Footage
from engine.settings.address import Address
from engine.settings.config import Config
from engine.sources.playback import Playback

logger = logging.getLogger(__name__)

_KEPT = "the readings so far are kept"


@dataclass(frozen=True, slots=True)
class Setup:
    """What recordings are counted with, where no cameras are watched that say it."""

    model: Path | None
    """See `load_model`."""
    database: str | Path | None = field(repr=False)
    """Its URL may hold a password; None keeps no log."""
    provider: str = "auto"
    aspect: Fraction | None = None
    """Width over height of pictures as shown; None takes what recordings say."""

    @property
    def config(self) -> Config:
        """The same as a configuration without cameras."""
        model = None if self.model is None else Address.of(str(self.model))
        database = None if self.database is None else Address.of(str(self.database))
        return Config.model_validate({"model": model, "database": database, "provider": self.provider})


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording that is being counted."""

    key: str
    """By which a screen knows it."""
    footage: Footage
    duration_s: float | None
    """As far as it says at its opening."""
    model: Model
    """What counts it, to ask for its facts; running it is the pipeline's affair."""
    logged: bool
    """Whether its samples are written to the log."""
    playback: Playback
    feed: Feed
    kept: bool = False
    """Whether all of it was counted before: nothing is counted now."""

    @property
    def name(self) -> str:
        """As it can be shown."""
        return self.footage.name

    @property
    def path(self) -> Path | None:
        """Of its file; None where it is made of several."""
        return self.footage.path


@dataclass(frozen=True, slots=True)
class Events:
    """What the player reports; called in the engine's thread."""

    opened: Callable[[Recording], None]
    ended: Callable[[str], None]
    """A recording is through; what ended it before its time and what was wrong with it, a line each, or ''."""
    log_failed: Callable[[str], None]
    """Samples are not being written, and why; counting goes on."""
    log_resumed: Callable[[str], None]
    """Samples are being written again; what was lost meanwhile, or ''."""


class Player:
    """Plays recordings on a monitor."""

    def __init__(self, monitor: Monitor, setup: Setup, events: Events) -> None:
        self._monitor, self._setup, self._events = monitor, setup, events
        self._config = setup.config
        self._playing: Playing | None = None
        """Until its end was told."""
        self._log_fails = False
        """As far as was told since the recording began."""

    def takes(self, config: Config) -> None:
        """Notes what runs now, beside which recordings are counted."""
        self._config = config

    def prepare(self) -> str:
        """Has the monitor run, with a log if there can be one; returns why there is none, or ''.

        Raises:
            EngineError: the model cannot be used.
        """
        monitor = self._monitor
        if monitor.has_ended:
            monitor.let_go()
        is_log_well = not monitor.lack and not (monitor.store and monitor.store.failure)
        if monitor.model is None or not is_log_well:
            monitor.apply(self._config, whole=False)
        return monitor.lack

    def open(self, footage: Footage) -> None:
        """Counts a recording.

        Raises:
            EngineError: it, or the model, cannot be used; what is running goes on.
        """
        problem, feed, monitor = self.prepare(), Feed(), self._monitor
        self._log_fails = False
        playing = monitor.play(PlayOrder(footage, self._setup.aspect, feed))
        self._playing, model = playing, monitor.model
        assert model is not None, "the monitor runs"
        self._events.opened(
            Recording(
                playing.key,
                footage,
                playing.source.duration_s,
                model,
                logged=monitor.store is not None,
                playback=playing.capture.playback,
                feed=feed,
                kept=playing.is_known,
            )
        )
        if problem:
            self._events.log_failed(problem)

    def watch(self) -> None:
        """Notices how the log is doing, and that the recording is through."""
        self._watch_log()
        playing = self._playing
        if playing is None or not self._monitor.is_over(playing):
            return
        self._playing = None
        broken = [self._monitor.failure] if self._monitor.has_ended and self._monitor.failure else []
        self._monitor.stop_playing()
        self._events.ended("\n".join(sentence(problem) for problem in [*broken, *playing.problems]))

    def _watch_log(self) -> None:
        """Tells once that samples are not being written, and once that they are again."""
        store = self._monitor.store
        if store is None:
            return
        problem, failed_before = store.problem, self._log_fails
        self._log_fails = problem is not None
        if problem and not failed_before:
            self._events.log_failed(sentence(problem))
        if failed_before and not problem:
            self._events.log_resumed(store.loss)


def sentence(error: Exception | str) -> str:
    """Returns what went wrong for people; what is no word of the engine's own is also logged."""
    if isinstance(error, EngineError | str):
        return str(error)
    logger.error("unexpected error", exc_info=error)
    return str(EngineError(f"counting stopped on an unexpected error ({type(error).__name__}: {error}); {_KEPT}"))
