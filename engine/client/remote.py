"""A service that runs elsewhere, as one looks at it: one thread listens to its events, another asks for pictures.

What it says of this moment is kept here, and the last day of its counts as far as it was heard or asked for; no reader
waits for the service. Where it does not answer, nothing is known: facts go, and the curve has a gap.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from threading import Event, Lock
from time import monotonic, time
from typing import Any
from urllib.parse import quote

import cv2
import numpy as np

from engine.alerts.guard import Firing
from engine.alerts.listing import Alert
from engine.alerts.suspension import Suspension
from engine.client.days import Days
from engine.client.door import Door, Service
from engine.client.grant import Grant, grant_of
from engine.client.recordings import RemoteRecordings
from engine.client.said import alert_of, config_of, facts_of, firing_of, group_of, order_of, series_of
from engine.errors import EngineError, SourceError
from engine.files import written_whole
from engine.history.series import Grid, Series
from engine.monitor.facts import CameraFacts, GroupFacts
from engine.monitor.overlay import Picture, Wish
from engine.monitor.recent import LastDay
from engine.rules.series import Subject
from engine.settings.config import Config
from engine.worker import Worker

WAITS_S = 1.0, 2.0, 5.0, 10.0  # between attempts at a service that does not answer
PICTURE_S = 0.2  # between two pictures of a camera
MOST_ALERTS = 1000
MOST_BUCKETS = 1990
"""Of a history that is asked for at once."""
STALE_S = 5.0  # after which what was said of a camera is said no more

logger = logging.getLogger(__name__)


class Remote:
    """A service as its clients see it; what has no underscore may be called by any thread."""

    def __init__(self, service: Service) -> None:
        """Asks for nothing yet; raises ConfigError where the certificate of the authority cannot be read."""
        self._door, self._lock, self._ending = Door(service), Lock(), Event()
        self._facts: dict[str, tuple[float, dict[str, Any]]] = {}
        self._groups: dict[str, tuple[float, dict[str, Any]]] = {}
        self._firing: dict[str, Firing] = {}
        self._opening: dict[str, Firing] | None = None
        """Alerts that are told first of all by a stream, until they all are; None then."""
        self._wishes: dict[str, Wish] = {}
        self._pictures: dict[str, Picture] = {}
        self._days = Days()
        self.name = service.name
        self.recordings = RemoteRecordings(self._door, self.series)
        """What was recorded there."""
        self.config = Config()
        """What is watched there, as far as it is told."""
        self.layouts = 0
        """How often that changed."""
        self.grant = Grant()
        """What may be done there, as far as it is told."""
        self.problem = ""
        """Why nothing is known now, in a sentence; empty where something is."""
        self._listener = Worker(f"listener to {service.name}", self._listen_again_and_again)
        self._painter = Worker(f"pictures from {service.name}", self._fetch_again_and_again)

    def start(self) -> None:
        """Listens and asks from now on."""
        self._listener.start()
        self._painter.start()

    def close(self) -> None:
        """Ends both threads; may be called twice."""
        self._ending.set()
        self._door.close()
        for worker in (self._listener, self._painter):
            worker.finish()
        self.recordings.close()

    def facts(self) -> dict[str, CameraFacts]:
        """Returns how each camera is doing, as far as it is known now."""
        now_s, firing = monotonic(), self.firing()
        with self._lock:
            known = [(told_s, said) for told_s, said in self._facts.values() if now_s - told_s < STALE_S]
        return {said["camera"]: facts_of(said, told_s, _of(said["camera"], firing)) for told_s, said in known}

    def groups(self) -> tuple[GroupFacts, ...]:
        """Returns how each group is doing, as far as it is known now."""
        now_s, firing = monotonic(), self.firing()
        with self._lock:
            known = [said for told_s, said in self._groups.values() if now_s - told_s < STALE_S]
        return tuple(group_of(said, _of(said["group"], firing)) for said in known)

    def firing(self) -> tuple[Firing, ...]:
        """Returns the alerts that are open, the oldest first."""
        with self._lock:
            return tuple(sorted(self._firing.values(), key=lambda each: each.raised))

    def suspended(self) -> tuple[Suspension, ...]:
        """Returns the rules that raise nothing now."""
        cameras = (each for facts in self.facts().values() for each in facts.suspended)
        return (*cameras, *(each for facts in self.groups() for each in facts.suspended))

    def recent(self, name: str) -> LastDay | None:
        """Returns the last day of a camera or group, as far as it was heard; None where it is not watched."""
        return self._days.of(name)

    def want(self, wishes: Mapping[str, Wish]) -> None:
        """Says which cameras are looked at, and how; no picture is asked for of the others."""
        with self._lock:
            self._wishes = dict(wishes)

    def newest(self, name: str) -> Picture | None:
        """Takes out a camera's newest picture; None if there was none since the last call."""
        with self._lock:
            return self._pictures.pop(name, None)

    def alerts(self, between: tuple[float, float] | None = None) -> tuple[Alert, ...]:
        """Asks for the newest alerts of the log, or of a span since 1970, and waits for them; raises SourceError."""
        span = {} if between is None else {"from": between[0], "to": between[1]}
        return tuple(map(alert_of, self._door.get("/api/alerts", limit=MOST_ALERTS, **span)["alerts"]))

    def acknowledge(self, number: int, *, who: str, note: str) -> Alert:
        """Acknowledges an alert by its number in the log, and waits for that; raises SourceError."""
        return alert_of(self._door.post(f"/api/alerts/{number}/acknowledge", {"who": who, "note": note}))

    def close_alert(self, number: int, *, who: str, note: str) -> Alert:
        """Closes an alert by its number in the log, and waits for that; raises SourceError."""
        return alert_of(self._door.post(f"/api/alerts/{number}/close", {"who": who, "note": note}))

    def suspend(self, suspension: Suspension) -> None:
        """Lets a rule raise nothing before a moment, or again at once, and waits for that; raises SourceError."""
        self._door.post("/api/rules/suspend", order_of(suspension))

    def proof(self, name: str, folder: Path) -> Path | None:
        """Fetches a snapshot or clip of an alert into a folder, and waits for it; None where there is none any more.

        Raises:
            EngineError: the service does not answer, or the file cannot be written.
        """
        content = self._door.picture(f"/api/alerts/{name}")
        if content is None:
            return None
        path = folder / name.replace("/", "-")
        with written_whole(path) as partial:
            partial.write_bytes(content)
        return path

    def series(self, subject: Subject, grid: Grid) -> Series:
        """Asks for what was counted, and waits for it; raises SourceError."""
        is_group = any(group.name == subject.owner for group in self.config.groups)
        path = f"/api/{'groups' if is_group else 'cameras'}/{quote(subject.owner, safe='')}/history"
        found, zone = Series.unknown(grid), {} if subject.zone is None else {"zone": subject.zone}
        for first in range(0, grid.number, MOST_BUCKETS):
            part = Grid(grid.first_s + first * grid.step_s, grid.step_s, min(MOST_BUCKETS, grid.number - first))
            span = {"from": part.first_s, "to": part.end_s, "points": max(3, part.number + 2)}
            found.put(first, series_of(self._door.get(path, **span, **zone), part))
        return found

    def _listen_again_and_again(self) -> None:
        attempt = 0
        while not self._ending.is_set():
            try:
                self._begin()
                with self._door.events() as events:
                    attempt, self.problem = 0, ""
                    for kind, said in events:
                        self._take(kind, said)
                raise SourceError(f"{self.name} has ended; it is tried again")
            except EngineError as error:
                self._lose(str(error))
            except (KeyError, TypeError, ValueError) as error:
                self._lose(f"{self.name} says what is not understood here ({type(error).__name__}); update one of both")
            self._ending.wait(WAITS_S[min(attempt, len(WAITS_S) - 1)])
            attempt += 1

    def _begin(self) -> None:
        """Asks what is watched, and for the counts before this moment."""
        self.grant = grant_of(self._door.get("/api/access"))
        self._see_layout()
        for camera in self.config.cameras:
            if not self._ending.is_set():
                path = f"/api/cameras/{quote(camera.name, safe='')}/history"
                self._days.begin(camera.name, self._door.get(path, **Days.query(time())))
        self._opening = {}

    def _see_layout(self) -> None:
        """Asks what is watched now; what is no longer watched is known no longer."""
        config = config_of(self._door.get("/api/layout"), self._door.service.url)
        if config == self.config:
            return
        self.config = config
        self.layouts += 1
        names = {camera.name for camera in config.cameras} | {group.name for group in config.groups}
        with self._lock:
            for known in (self._facts, self._groups):
                for name in known.keys() - names:
                    del known[name]

    def _lose(self, problem: str) -> None:
        if self._ending.is_set():
            return
        if problem != self.problem:
            logger.warning("%s", problem)
        self.problem = problem
        with self._lock:
            self._facts.clear()
            self._groups.clear()

    def _take(self, kind: str, said: dict[str, Any]) -> None:
        if kind == "layout":
            self._see_layout()
            return
        with self._lock:
            if self._opening is not None and kind == "alert" and said["change"] == "open":
                self._opening[said["uid"]] = firing_of(said)
                return
            if self._opening is not None:
                self._firing, self._opening = self._opening, None
            if kind == "alert" and said["change"] == "over":
                self._firing.pop(said["uid"], None)
            elif kind == "alert":
                self._firing[said["uid"]] = firing_of(said)
            elif "camera" in said:
                self._facts[said["camera"]] = monotonic(), said
            elif "group" in said:
                self._groups[said["group"]] = monotonic(), said
        if kind == "reading":
            second = int(datetime.fromisoformat(said["time"]).timestamp())
            self._days.put(said.get("camera") or said["group"], second, said)

    def _fetch_again_and_again(self) -> None:
        while not self._ending.is_set():
            begun_s = monotonic()
            with self._lock:
                wishes, live = (
                    dict(self._wishes),
                    {name for name, (_, said) in self._facts.items() if said["state"] == "live"},
                )
            for name, wish in wishes.items():
                if name in live and not self._ending.is_set():
                    self._fetch(name, wish)
            self._ending.wait(max(0.01, begun_s + PICTURE_S - monotonic()))

    def _fetch(self, name: str, wish: Wish) -> None:
        path = f"/api/cameras/{quote(name, safe='')}/picture.jpg"
        try:
            overlay = "heat" if wish.overlay == "bands" else wish.overlay  # services draw no bands
            content = self._door.picture(path, width=max(1, min(1920, wish.within[1])), overlay=overlay)
        except SourceError:
            return  # the listener says why
        decoded = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR) if content else None
        if decoded is None:
            return
        picture = Picture(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), decoded.shape[:2], monotonic())  # type: ignore[arg-type]
        with self._lock:
            self._pictures[name] = picture


def _of(owner: str, firing: tuple[Firing, ...]) -> tuple[Firing, ...]:
    return tuple(alert for alert in firing if alert.placed.subject.owner == owner)
