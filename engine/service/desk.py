"""What requests are answered from, and how a route gets hold of it."""

from dataclasses import dataclass, field
from time import monotonic
from typing import Annotated, cast

from fastapi import Depends, HTTPException, Request

from engine.monitor.monitor import Monitor
from engine.monitor.session import Session
from engine.service.access import Asker
from engine.service.configuration import Configuration
from engine.service.pictures import Gallery
from engine.service.previews import Previews
from engine.service.stream import Hub
from engine.service.vitals import Vitals


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts of a running service."""

    monitor: Monitor
    configuration: Configuration
    gallery: Gallery
    hub: Hub
    vitals: Vitals
    previews: Previews = field(default_factory=Previews)
    begun_s: float = field(default_factory=monotonic)

    @property
    def is_ready(self) -> bool:
        """Whether cameras are watched as configured."""
        return self.monitor.model is not None and not self.monitor.has_ended

    @property
    def log(self) -> str | None:
        """Where the log is, with its password; None where none is kept."""
        database = self.configuration.current.database
        return database.full if database else None

    def session(self, name: str) -> Session:
        """Returns a camera; refuses the request where none of that name is watched."""
        session = next((each for each in self.monitor.sessions if each.name == name), None)
        if session is None:
            raise HTTPException(404, "no camera of that name is watched; see /api/cameras")
        return session


def _desk(request: Request) -> Desk:
    return cast(Desk, request.app.state.desk)


def _asker(request: Request) -> Asker:
    return cast(Asker, request.scope["asker"])


Asking = Annotated[Asker, Depends(_asker)]
"""The type of a route's argument that is told who asks."""
AtDesk = Annotated[Desk, Depends(_desk)]
"""The type of a route's argument that is given the desk."""
