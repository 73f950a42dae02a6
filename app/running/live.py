"""Live cameras for the window: a monitor, the thread that gives it orders, and what the window pulls from it."""

import logging
from collections.abc import Mapping

from PyQt6.QtCore import QObject, pyqtSignal

from engine.errors import EngineError
from engine.handoff import LatestSlot
from engine.monitor.facts import CameraFacts, facts_of
from engine.monitor.monitor import Monitor
from engine.monitor.recent import Recent
from engine.monitor.screen import Picture, Screen, Wish
from engine.settings.config import Config
from engine.worker import Worker

logger = logging.getLogger(__name__)


class Live(QObject):
    """What the window knows of the cameras that are watched; all methods belong to the GUI thread."""

    applied = pyqtSignal(object)
    """A configuration runs now: its `Changes`."""
    refused = pyqtSignal(str)
    """A configuration could not be used, and why; what ran before goes on."""

    def __init__(self) -> None:
        super().__init__()
        self._monitor = Monitor()
        self._screen = Screen(self._monitor)
        self._orders: LatestSlot[Config] = LatestSlot()
        self._worker = Worker("orders for the cameras", self._obey)

    def start(self) -> None:
        """Starts the threads; signals have to be connected before."""
        self._screen.start()
        self._worker.start()

    def close(self) -> None:
        """Ends all cameras and waits for them; may be called twice."""
        self._orders.close()
        self._screen.close()
        self._monitor.close()
        self._worker.finish()

    def apply(self, config: Config) -> None:
        """Asks for another configuration; `applied` or `refused` follows. Of several the newest counts."""
        self._orders.put(config)

    @property
    def names(self) -> tuple[str, ...]:
        """The cameras that are watched, in the order of the configuration."""
        return tuple(session.name for session in self._monitor.sessions)

    @property
    def is_overloaded(self) -> bool:
        """Whether the model cannot keep up."""
        return self._monitor.is_overloaded

    def want(self, wishes: Mapping[str, Wish]) -> None:
        """Says which cameras are visible, and how each is shown; nothing is made for the others."""
        self._screen.want(wishes)

    def newest(self, name: str) -> Picture | None:
        """Takes out a camera's newest picture; None if there was none since the last call."""
        return self._screen.newest(name)

    def facts(self) -> dict[str, CameraFacts]:
        """Returns how each camera is doing now."""
        return {facts.name: facts for facts in facts_of(self._monitor)}

    def recent(self, name: str) -> Recent | None:
        """Returns the last day of a camera; None where it is not watched."""
        return next((session.recent for session in self._monitor.sessions if session.name == name), None)

    def _obey(self) -> None:
        while not self._orders.closed:
            config = self._orders.get()
            if config is None:
                continue
            try:
                self.applied.emit(self._monitor.apply(config))
            except EngineError as error:
                self.refused.emit(str(error))
            except Exception as error:  # the last stop: the next configuration may be well
                logger.error("unexpected error", exc_info=error)
                self.refused.emit(f"the cameras could not be set up ({type(error).__name__})")
