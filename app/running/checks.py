"""Counting by hand: a frame is held, its picture is made and what was counted is kept in the log, all in a thread."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from app.running.engine import Engine
from app.running.errands import Errands
from engine.checks.kept import checks_of, keep
from engine.checks.spot_check import Errors, Point, SpotCheck, errors_of
from engine.errors import EngineError
from engine.log.database import open_existing
from engine.monitor.held import HeldFrame, hold
from engine.monitor.screen import Picture, Wish
from engine.picture.view import View
from engine.settings.config import Config

PICTURE, KEEP = "making the picture", "keeping the spot check"


class Configured(Protocol):
    """Who knows the configuration in force."""

    @property
    def config(self) -> Config:
        """As it is now."""
        ...


class Kept:
    """What was kept, and what is known now."""

    def __init__(self, check: SpotCheck, errors: Errors | None) -> None:
        self.check, self.errors = check, errors


class HandCount:
    """One frame that is counted by hand; for the GUI thread."""

    def __init__(self, held: HeldFrame, database: str | None, on_kept: Callable[[], None] = lambda: None) -> None:
        """Takes the frame, the log, and who looks at what was kept, in the thread that keeps it."""
        self._held, self._database, self._look = held, database, on_kept
        self._errands = Errands("spot check")
        self.picture: Picture | None = None
        self.kept: Kept | None = None
        """Set once it is kept."""
        self.problem = ""
        """Why it could not be kept, or no picture be made."""

    @property
    def name(self) -> str:
        """Of the camera or recording."""
        return self._held.name

    @property
    def time_s(self) -> float:
        """Of the frame in its recording; of a live camera seconds since 1970 (UTC)."""
        return self._held.time_s

    @property
    def view(self) -> View:
        """How the frame is seen: with the masks of its camera."""
        return self._held.frame.view

    @property
    def counted(self) -> float | None:
        """What the model says of it; None while that is not known."""
        return self._held.counted

    @property
    def has_log(self) -> bool:
        """Whether it can be kept."""
        return self._database is not None

    def want(self, wish: Wish) -> None:
        """Asks for the picture in another way, or for a map that has come meanwhile; never waits."""
        if not self._errands.is_busy(PICTURE):
            self._errands.ask(PICTURE, partial(self._held.picture, wish))

    def keep(self, points: tuple[Point, ...], *, who: str, note: str) -> None:
        """Has what was counted kept; `kept` or `problem` says what came of it."""
        if self._database is not None:
            self.problem = ""
            self._errands.ask(KEEP, partial(self._keep, self._database, points, who, note))

    @property
    def is_keeping(self) -> bool:
        """Whether it is being kept."""
        return self._errands.is_busy(KEEP)

    def pull(self) -> bool:
        """Takes what has come; says whether there is another picture."""
        has_other = False
        for outcome in self._errands.outcomes():
            match outcome.result:
                case Picture() as picture:
                    self.picture, has_other = picture, True
                case Kept() as kept:
                    self.kept = kept
            self.problem = outcome.problem or self.problem
        return has_other

    def close(self) -> None:
        """Waits for what is being kept; may be called twice."""
        self._errands.close(PICTURE)

    def _keep(self, database: str, points: tuple[Point, ...], who: str, note: str) -> Kept:
        engine, held = open_existing(database), self._held
        try:
            check = keep(engine, held.checked(points, who, note=note), held.pixels())
            self._look()
            try:
                return Kept(check, errors_of(checks_of(engine, check.camera)))
            except EngineError:  # it is kept all the same
                return Kept(check, None)
        finally:
            engine.dispose()


def hand_count(engine: Engine, configured: Configured, key: str) -> HandCount:
    """Holds the frame that is shown of a recording, or was counted last of a camera.

    Raises:
        EngineError: there is none.
    """
    database = configured.config.database
    return HandCount(hold(engine.monitor, key), database.full if database else None, engine.monitor.look_at_checks)
