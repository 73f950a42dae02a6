"""What `watch` shows: a live table on a terminal, plain lines elsewhere, or JSON lines."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from engine.alerts.guard import Firing
from engine.alerts.suspension import Suspension
from engine.capture.health import State
from engine.counting.schedule import blame
from engine.log.backups import BackupFacts
from engine.monitor.facts import CameraFacts, GroupFacts
from engine.notify.delivery import SinkFacts
from engine.rules.rule import Severity

TABLE_S, LINES_S, JSON_S = 0.5, 5.0, 1.0  # between two refreshes
UNKNOWN = "–"
OVERLOADED = "overload: more frames arrive than can be counted"
COLOURS = {State.LIVE: "green", State.FAILED: "bold red", State.ENDED: "dim"}
SEVERITIES = {Severity.INFO: "cyan", Severity.WARNING: "yellow", Severity.CRITICAL: "bold red"}
Outlet = SinkFacts | BackupFacts
"""Where what the log holds goes."""
COLUMNS = ("camera", "state", "people", "frames/s", "latency", "drops", "reconnects", "age")


class Screen(Protocol):
    """Somewhere to show how the cameras are doing."""

    interval_s: float
    """How often it wants to be told."""

    def show(
        self,
        cameras: Sequence[CameraFacts],
        groups: Sequence[GroupFacts],
        outlets: Sequence[Outlet],
        *,
        overloaded: bool,
    ) -> None:
        """Shows all cameras, groups and outlets as they are now."""
        ...

    def close(self) -> None:
        """Gives the terminal back; may be called twice."""
        ...


class TableScreen:
    """A table on a terminal that is drawn again in its place."""

    interval_s = TABLE_S

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, auto_refresh=False, vertical_overflow="visible")
        self._live.start()

    def show(
        self,
        cameras: Sequence[CameraFacts],
        groups: Sequence[GroupFacts],
        outlets: Sequence[Outlet],
        *,
        overloaded: bool,
    ) -> None:
        """Draws it anew."""
        self._live.update(drawn(cameras, groups, outlets, overloaded=overloaded), refresh=True)

    def close(self) -> None:
        """Leaves the last table on the terminal."""
        self._live.stop()


class LineScreen:
    """A line for each camera every few seconds, as for a journal."""

    interval_s = LINES_S

    def show(
        self,
        cameras: Sequence[CameraFacts],
        groups: Sequence[GroupFacts],
        outlets: Sequence[Outlet],
        *,
        overloaded: bool,
    ) -> None:
        """Prints them."""
        now = datetime.now().strftime("%H:%M:%S")
        for camera in cameras:
            print(f"{now} {line(camera)}{'  OVERLOAD' if overloaded else ''}", flush=True)
        for group in groups:
            print(f"{now} {group_line(group)}", flush=True)
        for outlet in outlets:
            if outlet.problem:
                print(f"{now} {_trouble(outlet)}", flush=True)

    def close(self) -> None:
        """Nothing is to be given back."""


class JsonScreen:
    """One JSON object in a line for each camera, group, sink and the back-ups, every second."""

    interval_s = JSON_S

    def show(
        self,
        cameras: Sequence[CameraFacts],
        groups: Sequence[GroupFacts],
        outlets: Sequence[Outlet],
        *,
        overloaded: bool,
    ) -> None:
        """Prints them."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        every: list[CameraFacts | GroupFacts | Outlet] = [*cameras, *groups, *outlets]
        for facts in every:
            values = {"time": now, **facts.as_dict, "overloaded": overloaded}
            print(json.dumps(values, allow_nan=False, ensure_ascii=False), flush=True)

    def close(self) -> None:
        """Nothing is to be given back."""


def drawn(
    cameras: Sequence[CameraFacts],
    groups: Sequence[GroupFacts] = (),
    outlets: Sequence[Outlet] = (),
    *,
    overloaded: bool,
) -> Group:
    """Returns the table, with lines below for zones, alerts and problems."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for number, name in enumerate(COLUMNS):
        table.add_column(name, justify="left" if number < 2 else "right", no_wrap=number > 0)
    for camera in cameras:
        state = camera.health.state
        table.add_row(
            Text(camera.name),
            Text(_state(camera), style=COLOURS.get(state, "yellow")),
            Text(_people(camera), style="bold"),
            _rate(camera),
            _latency(camera),
            str(camera.health.drops),
            str(camera.health.reconnects),
            _age(camera),
        )
    for group in groups:
        table.add_row(Text(group.name), Text("group", "dim"), Text(_number(group.people), style="bold"))
    alerts = [alert for camera in cameras for alert in camera.alerts]
    below = [_alert(alert) for alert in (*alerts, *(alert for group in groups for alert in group.alerts))]
    owners: list[CameraFacts | GroupFacts] = [*cameras, *groups]
    below += [Text(f"{each.name}: {suspended_words(known)}", "dim") for each in owners for known in each.suspended]
    below += [Text(f"{camera.name}: {_zones(camera)}", "dim") for camera in cameras if camera.newest.zones]
    below += [Text(f"{camera.name}: {camera.health.remark}", "dim") for camera in cameras if camera.health.remark]
    below += [Text(f"{camera.name}: {_stale(camera)}", "yellow") for camera in cameras if _stale(camera)]
    below += [Text(f"{camera.name}: {_recording(camera)}", "dim") for camera in cameras if camera.recording]
    below += [_problem(camera) for camera in cameras if camera.health.problem]
    below += [Text(_trouble(outlet), "yellow") for outlet in outlets if outlet.problem]
    if overloaded:
        heavy = blame([camera.name for camera in cameras], [camera.load for camera in cameras])
        below.append(Text(OVERLOADED + heavy, "yellow"))
    return Group(table, *below)


def line(camera: CameraFacts) -> str:
    """Returns a camera as one line of text."""
    zones = f" ({_zones(camera)})" if camera.newest.zones else ""
    people = f"{_people(camera)} people{zones}"
    health = camera.health
    end = "".join(f"  {words}" for words in _said(camera))
    end += f"  {_recording(camera)}" if camera.recording and camera.recording.problem else ""
    end += f"  {_stale(camera)}" if _stale(camera) else ""
    end += f"  {health.problem}" if health.problem else ""
    return (
        f"{camera.name}: {_state(camera)}  {people}  {_rate(camera)} frames/s  {_latency(camera)}  "
        f"{health.drops} dropped  {health.reconnects} reconnects{end}"
    )


def group_line(group: GroupFacts) -> str:
    """Returns a group as one line of text."""
    return f"{group.name}: group  {_number(group.people)} people" + "".join(f"  {words}" for words in _said(group))


def alert_words(alert: Firing) -> str:
    """Returns an open alert in words."""
    placed = alert.placed
    since = datetime.fromtimestamp(alert.raised).strftime("%H:%M:%S")
    where = f" in {placed.subject.zone}" if placed.subject.zone else ""
    by = f", acknowledged by {alert.acknowledged_by}" if alert.acknowledged_by else ""
    return f"{alert.severity.value.upper()} {placed.rule.name}{where}: {placed.rule.said}, since {since}{by}"


def suspended_words(suspension: Suspension) -> str:
    """Returns in words that a rule raises nothing."""
    by = f" by {suspension.who}" if suspension.who else ""
    return f"rule '{suspension.rule}' is suspended until {when(suspension.until)}{by}"


def when(second: int) -> str:
    """Returns a moment by the clock here, with its date where that is not today's."""
    moment = datetime.fromtimestamp(second)
    return moment.strftime("%H:%M" if moment.date() == datetime.now().date() else "%Y-%m-%d %H:%M")


def summary(camera: CameraFacts) -> str:
    """Returns what a whole watch of a camera came to, as one line."""
    total, health = camera.total, camera.health
    after = f"; {health.drops} frames dropped, {health.stalls} stalls, {health.reconnects} reconnects"
    if camera.change_p95 is not None:
        after += f"; moved by {camera.change_p95:.1f} at most in 95 % of the frames"
    if health.problem and (health.state is State.ENDED or not total.readings):
        after += f"; {health.problem}"
    if not total.readings:
        return f"{camera.name}: nothing was counted{after}"
    return (
        f"{camera.name}: {total.mean:.1f} people on average, {total.least:.0f} at least, {total.most:.0f} at most, "
        f"in {total.readings} frames{after}"
    )


def _said(owner: CameraFacts | GroupFacts) -> list[str]:
    """Returns what is to be said of its rules."""
    return [*map(alert_words, owner.alerts), *map(suspended_words, owner.suspended)]


def _state(camera: CameraFacts) -> str:
    health = camera.health
    marked = health.state is State.LIVE and health.condition.value != "clear"
    return f"{health.state.value}, {health.condition.value}" if marked else health.state.value


def _people(camera: CameraFacts) -> str:
    return _number(camera.newest.people)


def _number(people: float | None) -> str:
    return UNKNOWN if people is None else f"{people:.0f}"


def _alert(alert: Firing) -> Text:
    return Text(f"{alert.placed.subject.owner}: {alert_words(alert)}", SEVERITIES[alert.severity])


def _recording(camera: CameraFacts) -> str:
    return camera.recording.words if camera.recording else ""


def _stale(camera: CameraFacts) -> str:
    return camera.newest.crowding.stale if camera.newest.crowding else ""


def _trouble(outlet: Outlet) -> str:
    waiting = outlet.waiting if isinstance(outlet, SinkFacts) else 0
    return f"{outlet.problem} ({waiting} waiting)" if waiting else outlet.problem


def _zones(camera: CameraFacts) -> str:
    crowding = camera.newest.crowding
    known = {name: each for name, each in (crowding.zones if crowding else {}).items() if each is not None}
    zones = (camera.newest.zones or {}).items()
    return ", ".join(
        f"{name} {people:.0f}" + (f" at {known[name]:.1f}/m²" if name in known else "") for name, people in zones
    )


def _rate(camera: CameraFacts) -> str:
    return f"{camera.load.counted_fps:.1f}/{camera.load.offered_fps:.1f}"


def _latency(camera: CameraFacts) -> str:
    latency_s = camera.load.latency_p50_s
    return UNKNOWN if latency_s is None else f"{1000 * latency_s:.0f} ms"


def _age(camera: CameraFacts) -> str:
    age_s = camera.health.age_s
    return UNKNOWN if age_s is None else f"{age_s:.1f} s"


def _problem(camera: CameraFacts) -> Text:
    health = camera.health
    named = health.problem if f"'{camera.name}'" in health.problem else f"{camera.name}: {health.problem}"
    return Text(named, "red" if health.state is State.FAILED else "yellow")
