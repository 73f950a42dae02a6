"""What is to be drawn of the counts that are chosen: from memory, and from the log where memory does not reach."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from PyQt6.QtCore import QCoreApplication

from app.panels.curve_choice import TOTAL
from app.panels.curve_drawing import Line
from app.panels.curve_look import Look, Looks
from app.panels.curve_track import Track
from engine.errors import MissingLogError
from engine.history.query import History
from engine.history.series import Column, Grid, Series, total
from engine.monitor.facts import CameraFacts
from engine.monitor.recent import LastDay
from engine.rules.series import Subject
from engine.settings.config import Config

Ask = Callable[[Subject, Grid], Series]
"""Gives what was counted before, and waits for it."""


class Watched(Protocol):
    """Who knows the cameras and groups that are watched."""

    def recent(self, name: str) -> LastDay | None:
        """Returns the last day of a camera or group; None where it is not watched."""
        ...

    def facts(self) -> dict[str, CameraFacts]:
        """Returns how each camera is doing now."""
        ...

    def people(self) -> dict[str, float | None]:
        """Returns what is counted now in each group."""
        ...

    def bounds(self, name: str, counts: Column) -> tuple[Column, Column] | None:
        """Returns between which numbers of people the truth lies for counts of a camera; None where nobody knows."""
        ...


@dataclass(frozen=True, slots=True)
class Past:
    """What the log has of some counts."""

    subjects: tuple[Subject, ...]
    grid: Grid
    asked_s: float
    """When the log was asked: what is later is not in it."""
    series: Mapping[Subject, Series]

    def covers(self, subjects: Sequence[Subject], grid: Grid) -> bool:
        """Whether it has all that the log can have of other counts in another grid."""
        has_step = self.grid.step_s == grid.step_s and self.grid.first_s <= grid.first_s
        return has_step and self.grid.end_s >= min(grid.end_s, self.asked_s) and set(subjects) <= set(self.subjects)


def read_past(database: str, subjects: Sequence[Subject], grid: Grid, asked_s: float) -> Past:
    """Reads the log; takes time. Of one that is not there yet nothing is known.

    Raises:
        DatabaseError: it cannot be read.
    """
    try:
        history = History(database)
    except MissingLogError:
        return Past(tuple(subjects), grid, asked_s, {})
    try:
        found = {subject: history.series(subject, grid) for subject in subjects}
    finally:
        history.close()
    return Past(tuple(subjects), grid, asked_s, found)


def asked_past(ask: Callable[[Subject, Grid], Series], subjects: Sequence[Subject], grid: Grid, asked_s: float) -> Past:
    """Asks for what was counted instead of reading a log; takes time. Raises what `ask` does."""
    return Past(tuple(subjects), grid, asked_s, {subject: ask(subject, grid) for subject in subjects})


class CurveLines:
    """The chosen counts with their looks."""

    def __init__(self, live: Watched) -> None:
        self._live, self._looks = live, Looks()
        self._tracks: dict[Subject, Track] = {}
        self.looks: dict[Subject, Look] = {}
        self.capacities: dict[Subject, int | None] = {}
        self.past: Past | None = None
        self.has_total = False
        self._groups: frozenset[Subject] = frozenset()

    def choose(self, chosen: Sequence[Subject], config: Config) -> None:
        """Takes what is to be drawn; what was drawn before is not read again."""
        subjects = [subject for subject in chosen if subject != TOTAL]
        self._tracks = {subject: self._tracks.get(subject) or Track(subject.zone) for subject in subjects}
        self._groups = frozenset(Subject(group.name) for group in config.groups)
        self.has_total = TOTAL in chosen and any(map(self._is_camera, subjects))
        self.looks = self._looks.choose(subjects) | ({TOTAL: Look()} if self.has_total else {})
        self.capacities = capacities(config)
        self.take_past(self.past)

    def take_past(self, past: Past | None) -> None:
        """Takes what the log has."""
        self.past = past
        for subject, track in self._tracks.items():
            track.take_past(past.series.get(subject) if past else None)

    def lacking(self, grid: Grid) -> tuple[Subject, ...]:
        """Returns the counts of which the log should be asked, none where all is known that can be."""
        oldest = {subject: self._oldest_s(subject) for subject in self._tracks}
        beyond = tuple(subject for subject, first in oldest.items() if first is None or first > grid.first_s)
        return () if self.past is not None and self.past.covers(beyond, grid) else beyond

    def lines(self, grid: Grid, now_s: float) -> dict[Subject, Line]:
        """Returns what is to be drawn; the total, if it is wanted, is the last."""
        lines = {
            subject: Line(
                self.looks[subject],
                track.series(self._live.recent(subject.owner), grid, now_s),
                self.capacities.get(subject),
                QCoreApplication.translate("curve", "{} holds {}").format(title(subject), self.capacities.get(subject)),
            )
            for subject, track in self._tracks.items()
        }
        if len(lines) == 1:  # bands of several would hide each other
            [(subject, line)] = lines.items()
            if self._is_camera(subject):
                lines[subject] = replace(line, certainty=self._live.bounds(subject.owner, line.series.mean))
        if self.has_total:
            cameras = [line.series for subject, line in lines.items() if self._is_camera(subject)]
            lines[TOTAL] = Line(self.looks[TOTAL], total(cameras))
        return lines

    def values(self) -> dict[Subject, float | None]:
        """Returns the newest of what is chosen; None while it is unknown."""
        facts, groups = self._live.facts(), self._live.people()
        newest = {
            subject: groups.get(subject.owner)
            if subject in self._groups
            else _newest(facts.get(subject.owner), subject.zone)
            for subject in self._tracks
        }
        if self.has_total:
            cameras = [people for subject, people in newest.items() if self._is_camera(subject)]
            known = [people for people in cameras if people is not None]
            newest[TOTAL] = sum(known) if len(known) == len(cameras) else None
        return newest

    def _is_camera(self, subject: Subject) -> bool:
        """Whether it is a whole camera, which is part of the total."""
        return subject.zone is None and subject not in self._groups

    def _oldest_s(self, subject: Subject) -> int | None:
        recent = self._live.recent(subject.owner)
        return recent.oldest_s(subject.zone) if recent else None


def title(subject: Subject) -> str:
    """Returns what people call a count."""
    return QCoreApplication.translate("curve", "Total") if subject == TOTAL else str(subject)


def capacities(config: Config) -> dict[Subject, int | None]:
    """Returns how many people each camera, zone and group holds."""
    found: dict[Subject, int | None] = {Subject(owner.name): owner.capacity for owner in config.owners}
    zones = {(camera.name, zone.name): zone.capacity for camera in config.cameras for zone in camera.zones}
    return found | {Subject(*names): capacity for names, capacity in zones.items()}


def _newest(facts: CameraFacts | None, zone: str | None) -> float | None:
    if facts is None:
        return None
    return facts.newest.people if zone is None else (facts.newest.zones or {}).get(zone)
