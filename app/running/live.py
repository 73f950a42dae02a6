"""Live cameras for the window: what it orders of them, and what it pulls from the engine."""

from collections.abc import Mapping

from PyQt6.QtCore import QObject, pyqtSignal

from app.running.engine import Engine
from engine.alerts.guard import Firing
from engine.alerts.suspension import Suspension
from engine.history.series import Column
from engine.inference.contract import ModelFile
from engine.monitor.facts import CameraFacts, GroupFacts, facts_of, groups_of
from engine.monitor.recent import LastDay
from engine.monitor.screen import Picture, Wish
from engine.notify.delivery import SinkFacts
from engine.settings.config import Config


class Live(QObject):
    """What the window knows of the cameras that are watched; all methods belong to the GUI thread."""

    applied = pyqtSignal(object)
    """A configuration runs now: its `Changes`."""
    refused = pyqtSignal(str)
    """A configuration could not be used, and why; what ran before goes on."""
    lacking = pyqtSignal(str)
    """Cameras are counted, but no log is kept, and why; '' when it is kept after all."""
    unsaved = pyqtSignal(str)
    """The log is not backed up as it should be, and why; '' when it is again."""
    failed = pyqtSignal(str)
    """Counting or showing has ended for good, and why; the next configuration begins counting anew."""

    def __init__(self, engine: Engine | None = None) -> None:
        """Takes the engine that the window has, or has one of its own."""
        super().__init__()
        self._engine = engine or Engine()
        self._monitor, self._screen = self._engine.monitor, self._engine.screen
        for told in ("applied", "refused", "lacking", "unsaved", "failed"):
            getattr(self._engine, told).connect(getattr(self, told))

    def start(self) -> None:
        """Starts the engine, unless it runs; signals have to be connected before."""
        self._engine.start()

    def close(self) -> None:
        """Ends the engine and waits for it; may be called twice."""
        self._engine.close()

    def apply(self, config: Config) -> None:
        """Asks for another configuration; `applied` or `refused` follows. Of several the newest counts."""
        self._engine.apply(config)

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
        self._engine.want(self, wishes)

    def newest(self, name: str) -> Picture | None:
        """Takes out a camera's newest picture; None if there was none since the last call."""
        return self._screen.newest(name, self)

    def glance(self) -> "Glance":
        """Returns another look at the cameras, for what is shown over the one that there is."""
        return Glance(self, self._engine)

    def facts(self) -> dict[str, CameraFacts]:
        """Returns how each camera is doing now."""
        return {facts.name: facts for facts in facts_of(self._monitor)}

    def firing(self) -> tuple[Firing, ...]:
        """Returns the alerts that are open now, the oldest first."""
        return self._monitor.alarms.firing

    def suspended(self) -> tuple[Suspension, ...]:
        """Returns the rules that raise nothing now."""
        return self._monitor.alarms.suspended

    def suspend(self, owner: str, rule: str, until: int | None, note: str = "") -> bool:
        """Lets a rule raise nothing before a moment, or for None lets it again; False where there is no such rule."""
        return self._monitor.alarms.suspend(owner, rule, until, note)

    def act_as(self, who: str) -> None:
        """Says who is noted for what is done from now on."""
        self._monitor.alarms.operator = who

    def groups(self) -> tuple[GroupFacts, ...]:
        """Returns what is known of all groups now."""
        return tuple(groups_of(self._monitor))

    def people(self) -> dict[str, float | None]:
        """Returns what is counted now in each group; None while it is unknown."""
        return self._monitor.alarms.people

    @property
    def model(self) -> ModelFile | None:
        """The model of all cameras that have none of their own; None before there is one."""
        return self._monitor.model.file if self._monitor.model else None

    def model_of(self, name: str) -> ModelFile | None:
        """Returns the model that counts a camera; None before there is one."""
        own = next((session.model for session in self._monitor.sessions if session.name == name), None)
        return own.file if own else self.model

    def runtime_of(self, name: str) -> str:
        """Returns what runs the model of a camera, and why so, for people; of all for ''; '' before there is one."""
        own = next((session.model for session in self._monitor.sessions if session.name == name), None)
        model = own or self._monitor.model
        return f"{model.provider}, {model.details}" if model else ""

    def bounds(self, name: str, counts: Column) -> tuple[Column, Column] | None:
        """Returns between which numbers of people the truth lies for counts of a camera; None where nobody knows."""
        session = next((session for session in self._monitor.sessions if session.name == name), None)
        file = self.model_of(name)
        return None if session is None or file is None else session.counter.trust.bounds(counts, file.errors)

    def sinks(self) -> dict[str, SinkFacts]:
        """Returns how each sink is doing now; those of a configuration that does not run yet are missing."""
        return {facts.name: facts for facts in self._monitor.alarms.sinks}

    def try_again(self, sink: str) -> bool:
        """Has a sink told at once what waits, and what was given up; False where it is not at work."""
        return self._monitor.alarms.try_again(sink)

    def recent(self, name: str) -> LastDay | None:
        """Returns the last day of a camera or group; None where it is not watched."""
        sessions = (session.recent for session in self._monitor.sessions if session.name == name)
        return next(sessions, None) or self._monitor.alarms.recent(name)


class Glance:
    """A look at the cameras of its own, such as a dialog's over the wall: neither takes the other's pictures."""

    def __init__(self, live: Live, engine: Engine) -> None:
        self._live, self._engine = live, engine

    def want(self, wishes: Mapping[str, Wish]) -> None:
        """Says which cameras are visible here, and how; nothing at the end."""
        self._engine.want(self, wishes)

    def newest(self, name: str) -> Picture | None:
        """Takes out a camera's newest picture; None if there was none since the last call."""
        return self._engine.screen.newest(name, self)

    def facts(self) -> dict[str, CameraFacts]:
        """Returns how each camera is doing now."""
        return self._live.facts()
