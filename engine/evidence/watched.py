"""What the log knows of a camera or group over a span, as an account."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import time

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, Select, func, or_, select

from engine.alerts.listing import COLUMNS, Alert
from engine.alerts.orders import placed_of
from engine.alerts.table import ALERTS
from engine.checks.kept import checks_of
from engine.checks.spot_check import Errors, errors_of
from engine.errors import DatabaseError
from engine.evidence.account import Account, Kind, Level, ModelUsed, levels_of, levels_of_rule
from engine.evidence.accuracy import Accuracy, card_of, held_out_of, precision_of
from engine.evidence.known import Blocks, Gap, blocks_of, gaps_of, joined, spacing
from engine.evidence.span import DAY_S, HOUR_S, MINUTE_S, Span
from engine.history.query import History
from engine.history.series import Grid, Series
from engine.log.database import Run, StoredCamera, StoredSample, open_as_reader
from engine.log.place import briefly_named, named, reported
from engine.log.tables import WHOLE, RollUp, StoredGap, StoredZone
from engine.log.writing import storable
from engine.rules.series import Subject
from engine.settings.config import Config

SECONDS_UP_TO_S = 2 * HOUR_S  # spans that are told in seconds; longer ones in minutes
LONGEST_S = 62 * DAY_S
SAMPLES_UP_TO_S = 8 * DAY_S  # of which every second is read
WORDS = {"stalled": "camera stalled", "reconnecting": "camera lost", "failed": "camera failed"}
"""For why nothing was counted, as the log has it."""


@dataclass(frozen=True, slots=True)
class LogPlace:
    """Where the log lies, and what is configured, as far as that is known."""

    target: str
    config: Config | None = None
    model: Path | None = None
    """A model whose card may be needed, if it is none of ours."""

    def capacity(self, name: str) -> int | None:
        """Returns how many people a camera or group holds; None where that is not known."""
        owners = self.config.owners if self.config else ()
        return next((owner.capacity for owner in owners if owner.name == name), None)


def watched(place: LogPlace, name: str, span: Span, *, now_s: float | None = None) -> Account:
    """Returns the account of a camera or group.

    Args:
        place: the log.
        name: of the camera or group.
        span: of wall time; what lies after `now_s` is left out.
        now_s: in seconds since 1970; None is now.

    Raises:
        DatabaseError: the log cannot be read, or knows nobody of that name.
        ConfigError: the span cannot be told of.
    """
    now_s = time() if now_s is None else now_s
    span = _rounded(replace(span, to_s=min(span.to_s, now_s)) if span.from_s < now_s else span)
    engine, history = open_as_reader(place.target), History(place.target)
    try:
        with reported(engine.url):
            return _Reader(engine, history, place, name, span).account()
    finally:
        history.close()
        engine.dispose()


def _rounded(span: Span) -> Span:
    """Returns a span that begins and ends where buckets do."""
    step_s = 1 if span.length_s <= SECONDS_UP_TO_S else MINUTE_S
    return replace(span, from_s=span.from_s // step_s * step_s, to_s=-(-span.to_s // step_s) * step_s)


@dataclass(frozen=True, slots=True)
class _Run:
    id: int
    began_s: float
    last: int | None
    model: ModelUsed


@dataclass(frozen=True, slots=True)
class _Reader:
    engine: Engine
    history: History
    place: LogPlace
    name: str
    span: Span

    def account(self) -> Account:
        with self.engine.connect() as connection:
            kind = self._kind(connection)
            runs = self._runs(connection)
            seconds = self._seconds(connection, runs)
            spacing_s = spacing(seconds)
            blocks = joined(np.concatenate([self._minutes(connection, seconds), blocks_of(seconds, spacing_s)]))
            noted = self._noted(connection, runs)
            zones = connection.scalars(self._zone_names()).all()
            alerts = self._alerts(connection)
        series = self._series(None)
        known = [(zone, self._series(zone, series.grid.step_s)) for zone in zones]
        models = tuple(dict.fromkeys(run.model for run in runs))
        gaps = gaps_of(blocks, self.span, noted, [self._watched(run) for run in runs])
        return Account(
            self.name, kind, self.span, series, blocks, tuple(gaps),
            zones=tuple((zone, each) for zone, each in known if each.readings.any()),
            alerts=tuple(alerts), levels=self._levels(alerts), models=models,
            accuracy=self._accuracy(models), spacing_s=spacing_s,
            facts=(("log", briefly_named(self.engine.url)),), notes=self._notes(series),
        )  # fmt: skip

    def _kind(self, connection: Connection) -> Kind:
        query = select(StoredCamera.kind).where(StoredCamera.name == storable(self.name))
        kind = connection.scalar(query)
        if kind is None:
            names = connection.scalars(select(StoredCamera.name).order_by(StoredCamera.name)).all()
            there = ", ".join(names) or "none"
            raise DatabaseError(f"log {named(self.engine.url)} holds no camera '{self.name}', expected one of: {there}")
        return Kind.GROUP if kind == Kind.GROUP.value else Kind.CAMERA

    def _runs(self, connection: Connection) -> list[_Run]:
        """Returns the runs that reach into the span."""
        ends = (
            select(func.max(StoredSample.second)).where(StoredSample.run_id == Run.id).scalar_subquery(),
            select(func.max(RollUp.began_s)).where(RollUp.run_id == Run.id, RollUp.zone_id == WHOLE).scalar_subquery(),
            select(func.max(StoredGap.second + StoredGap.seconds)).where(StoredGap.run_id == Run.id).scalar_subquery(),
        )
        query = (
            select(Run.id, Run.started_at, Run.model_name, Run.model_sha256, *ends)
            .join(StoredCamera, StoredCamera.id == Run.camera_id)
            .where(StoredCamera.name == storable(self.name))
            .where(Run.started_at < datetime.fromtimestamp(self.span.to_s, UTC).replace(tzinfo=None))
            .order_by(Run.started_at)
        )
        found = []
        for row, started_at, model, sha256, sample, rolled, gap in connection.execute(query):
            began_s = started_at.replace(tzinfo=UTC).timestamp()
            last_s = max(sample or 0, gap or 0, (rolled or 0) + MINUTE_S - began_s)
            if began_s + last_s >= self.span.from_s:
                found.append(_Run(row, began_s, int(last_s), ModelUsed(model, sha256)))
        return found

    def _watched(self, run: _Run) -> Gap:
        return Gap(run.began_s, run.began_s + (run.last or 0) + 1, "nothing counted")

    def _seconds(self, connection: Connection, runs: Sequence[_Run]) -> NDArray[np.int64]:
        """Returns the seconds with a count, since 1970; none of a long span."""
        found = [np.empty(0, np.int64)]
        for run in runs if self.span.length_s <= SAMPLES_UP_TO_S else ():
            first, last = (int(np.ceil(edge - run.began_s)) for edge in (self.span.from_s, self.span.to_s))
            query = select(StoredSample.second).where(
                StoredSample.run_id == run.id, StoredSample.second >= first, StoredSample.second < last
            )
            own = np.fromiter(connection.scalars(query), np.int64)
            found.append(np.floor(own + run.began_s).astype(np.int64))
        return np.unique(np.concatenate(found))

    def _minutes(self, connection: Connection, seconds: NDArray[np.int64]) -> Blocks:
        """Returns the minutes, or hours, with a count before the first second that is still kept."""
        before_s = float(seconds[0]) if len(seconds) else self.span.to_s
        rows: list[list[float]] = []
        for step_s in (MINUTE_S, HOUR_S):
            query = (
                select(RollUp.began_s)
                .join(Run, Run.id == RollUp.run_id)
                .join(StoredCamera, StoredCamera.id == Run.camera_id)
                .where(StoredCamera.name == storable(self.name), RollUp.zone_id == WHOLE, RollUp.span_s == step_s)
                .where(RollUp.began_s + step_s > self.span.from_s, RollUp.began_s < before_s)
            )
            rows = [[began, min(began + step_s, before_s)] for began in connection.scalars(query)]
            if rows:
                break
        return np.array(rows, np.float64).reshape(-1, 2)

    def _noted(self, connection: Connection, runs: Sequence[_Run]) -> list[Gap]:
        found = []
        for run in runs:
            query = select(StoredGap.second, StoredGap.seconds, StoredGap.reason).where(StoredGap.run_id == run.id)
            for second, seconds, reason in connection.execute(query):
                begin_s = run.began_s + second
                found.append(Gap(begin_s, begin_s + seconds, WORDS.get(reason, reason)))
        return [gap for gap in found if gap.to_s > self.span.from_s and gap.from_s < self.span.to_s]

    def _zone_names(self) -> Select[str]:
        return (
            select(StoredZone.name)
            .join(StoredCamera, StoredCamera.id == StoredZone.camera_id)
            .where(StoredCamera.name == storable(self.name))
            .order_by(StoredZone.name)
        )

    def _alerts(self, connection: Connection) -> list[Alert]:
        first, last = (datetime.fromtimestamp(edge, UTC).replace(tzinfo=None) for edge in self._edges)
        over = func.coalesce(ALERTS.c.cleared_at, ALERTS.c.closed_at)
        query = (
            select(*COLUMNS)
            .where(ALERTS.c.owner == storable(self.name), ALERTS.c.raised_at < last)
            .where(or_(over.is_(None), over >= first))
            .order_by(ALERTS.c.raised_at, ALERTS.c.id)
        )
        return [Alert(*row) for row in connection.execute(query)]

    def _errors(self) -> Errors | None:
        """Returns how far counts were off in all spot checks of the camera, whenever they were made."""
        return errors_of([check for check in checks_of(self.engine, self.name) if check.source_sha256 is None])

    @property
    def _edges(self) -> tuple[float, float]:
        return self.span.from_s, self.span.to_s

    def _series(self, zone: str | None, step_s: int | None = None) -> Series:
        """Returns the count as finely as it is still kept."""
        fine = 1 if self.span.length_s <= SECONDS_UP_TO_S else MINUTE_S
        series = None
        for step in (step_s,) if step_s else dict.fromkeys((fine, MINUTE_S, HOUR_S)):
            first = int(self.span.from_s // step)
            grid = Grid(first * step, step, max(1, int(-(-self.span.to_s // step)) - first))
            series = self.history.series(Subject(self.name, zone), grid)
            if series.readings.any():
                break
        assert series is not None
        return series

    def _levels(self, alerts: Sequence[Alert]) -> tuple[Level, ...]:
        """Returns the rules as they stood, then those in force, and capacities."""
        found = levels_of(alerts)
        for placed in placed_of(self.place.config) if self.place.config else ():
            if placed.subject == Subject(self.name):
                found += levels_of_rule(placed)
        capacity = self.place.capacity(self.name)
        if capacity:
            found.append(Level(f"capacity {capacity}", float(capacity), is_capacity=True))
        return tuple({(level.words, float(level.people)): level for level in found}.values())

    def _accuracy(self, models: Sequence[ModelUsed]) -> Accuracy:
        card = card_of(models[-1].name, models[-1].sha256, self.place.model) if models else None
        return Accuracy(held_out_of(card), card, precision_of(card), self._errors())

    def _notes(self, series: Series) -> tuple[str, ...]:
        if series.grid.step_s == HOUR_S:
            return ("Of this span hours alone are still kept, so the curve and the peaks are of hours.",)
        return ()
