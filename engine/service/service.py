"""A service: a monitor, its configuration, and what answers about them; one thread looks after all of it."""

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Event
from time import monotonic

from engine.capture.health import State
from engine.memory import FreedMemory
from engine.monitor.monitor import Monitor
from engine.service.configuration import Configuration
from engine.service.desk import Desk
from engine.service.pictures import Gallery
from engine.service.stream import Hub
from engine.service.systemd import Announcer
from engine.service.vitals import Signs, Vitals
from engine.service.web import Front, WebServer
from engine.settings.config import Config
from engine.stopping import Stop, heard

TICK_S, LOOK_S = 0.1, 1.0  # how soon a signal is noticed, and how often all is looked at

logger = logging.getLogger(__name__)


class Service:
    """Runs until somebody asks it to stop, or counting fails."""

    def __init__(self, path: Path, read: Callable[[], Config], front: Front, announcer: Announcer) -> None:
        """Watches nothing yet.

        Args:
            path: of the configuration's file, which is looked at for changes.
            read: returns what it holds now, or raises EngineError.
            front: where clients connect; is closed at the end.
            announcer: who is told when it is ready, alive and about to end.
        """
        self.monitor = Monitor()
        self.configuration = Configuration(path, read, self.monitor.apply)
        self._certificate = front.certificate
        self._announcer, self._vitals, self._memory = announcer, Vitals(monotonic()), FreedMemory()
        self._gallery = Gallery(self.monitor)
        self._desk = Desk(self.monitor, self.configuration, self._gallery, Hub(), self._vitals)
        self._web = WebServer(self._desk, front)

    @property
    def failure(self) -> Exception | None:
        """What ended that should not have, or None."""
        failures = (self.monitor.failure, self._web.failure, self.configuration.failure)
        return next((failure for failure in failures if failure), None)

    def run(self, stop: Stop, on_ready: Callable[[], None] = lambda: None) -> None:
        """Runs it, and ends all of it.

        Args:
            stop: looked at again and again.
            on_ready: called as soon as cameras are watched.

        Raises:
            EngineError: the first configuration cannot be used.
            StoppedError: somebody asked to stop before anything was watched.
        """
        self._web.start()
        try:
            heard(self.configuration.begin, stop)
            self._announcer.ready(self._words)
            on_ready()
            self._follow(stop)
        finally:
            self._announcer.stopping()
            self._web.close()
            self._gallery.close()
            self.monitor.close()
            self.configuration.close()

    def _follow(self, stop: Stop) -> None:
        tick, due_s, words = Event(), monotonic(), self._words
        while not (stop.asked or self.failure or self.monitor.has_ended):
            tick.wait(TICK_S)
            if monotonic() < due_s:
                continue
            due_s = max(due_s + LOOK_S, monotonic())
            self._look(monotonic())
            if words != self._words:
                words = self._words
                self._announcer.status(words)

    def _look(self, now_s: float) -> None:
        self.configuration.look()
        if self._certificate is not None:
            self._certificate.look()
        self._gallery.tidy(now_s)
        self._memory.give_back(now_s)
        before = self._vitals.problem
        self._vitals.look(now_s, self._signs())
        if not self._vitals.problem:
            self._announcer.alive(now_s)
        elif self._vitals.problem != before:
            logger.error("%s", self._vitals.problem)

    def _signs(self) -> Signs:
        sessions = self.monitor.sessions
        states = [session.capture.health.state for session in sessions if session.is_counted]
        readings = sum(session.tally.total.readings for session in sessions)
        return Signs(readings, State.LIVE in states, self._web.beat_s, self.failure)

    @property
    def _words(self) -> str:
        states = [session.capture.health.state for session in self.monitor.sessions]
        problem = self.configuration.problem
        return f"{states.count(State.LIVE)} of {len(states)} cameras live{f'; {problem}' if problem else ''}"
