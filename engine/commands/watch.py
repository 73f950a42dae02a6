"""Watches live cameras in the terminal: the work of `deepcount-engine watch`."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from time import monotonic

from rich.console import Console

from engine.commands.given import AS_CONFIGURED, Given, reported
from engine.commands.watch_table import JsonScreen, LineScreen, Screen, TableScreen, summary
from engine.memory import FreedMemory
from engine.monitor.facts import CameraFacts, facts_of, groups_of
from engine.monitor.monitor import Monitor
from engine.redacted_log import logged
from engine.settings.addressed import addressed
from engine.settings.config import Config
from engine.settings.config_file import load_config
from engine.stopping import INTERRUPTED, Stop, heard, stopped_by_signals

TICK_S = 0.1  # how soon a signal or the end of a recording is noticed
INCOMPLETE = 2  # the log lacks samples, or nothing is left but recordings of which one cannot be read


@dataclass(frozen=True, slots=True)
class WatchOrder:
    """What to watch, and how; what is not given is taken from the configuration."""

    config: Path | None = None
    addresses: tuple[str, ...] = ()
    given: Given = AS_CONFIGURED
    duration_s: float | None = None
    as_json: bool = False


def watch(order: WatchOrder) -> int:
    """Watches until a signal, the duration's end or the end of all recordings; returns the exit status.

    Raises:
        EngineError: the configuration, the model or the log cannot be used, or the model failed.
    """
    config = _configured(order)
    status = 0  # where somebody asked to stop before there was anything to watch
    with logged(), stopped_by_signals() as stop:
        status = _watch(order, config, stop)
    return INTERRUPTED if stop.interrupted else status


def _watch(order: WatchOrder, config: Config, stop: Stop) -> int:
    with Monitor() as monitor:
        heard(lambda: monitor.apply(config), stop)
        screen = _screen(order)
        try:
            _follow(monitor, screen, _Until(stop, order.duration_s))
            last = facts_of(monitor)  # before all is stopped, while it is still known what was wrong
            unread = _is_through(monitor) and any(session.capture.is_unreadable for session in monitor.sessions)
            monitor.close()
        finally:
            screen.close()
    sessions = monitor.sessions
    _print_summary([replace(facts, total=s.tally.total) for facts, s in zip(last, sessions, strict=True)], order)
    if monitor.loss:
        print(f"log: {monitor.loss}", file=sys.stderr)
    if monitor.failure:
        raise reported(monitor.failure)
    return INCOMPLETE if monitor.loss or unread else 0


def _configured(order: WatchOrder) -> Config:
    """Returns what the file or the addresses say, and in its place what the order says.

    Raises:
        ConfigError: it cannot be read, or says what cannot be.
    """
    config = load_config(order.config) if order.config else addressed(order.addresses)
    return order.given.over(config)


def _screen(order: WatchOrder) -> Screen:
    if order.as_json:
        return JsonScreen()
    console = Console()
    return TableScreen(console) if console.is_terminal else LineScreen()


class _Until:
    """When to end: at a signal, or after the duration."""

    def __init__(self, stop: Stop, duration_s: float | None) -> None:
        self._stop = stop
        self._end_s = float("inf") if duration_s is None else monotonic() + duration_s

    def is_over(self) -> bool:
        return self._stop.asked or monotonic() >= self._end_s


def _follow(monitor: Monitor, screen: Screen, until: _Until) -> None:
    """Shows how the cameras are doing until it is over, or nobody reads it any more."""
    tick, memory, due_s = Event(), FreedMemory(), monotonic() + screen.interval_s
    try:
        while monitor.running and not _is_through(monitor) and not until.is_over():
            tick.wait(TICK_S)
            memory.give_back(monotonic())
            if monotonic() >= due_s:
                cameras = facts_of(monitor)
                groups, outlets = groups_of(monitor, cameras), monitor.alarms.outlets
                screen.show(cameras, groups, outlets, overloaded=monitor.is_overloaded)
                due_s = max(due_s + screen.interval_s, monotonic())
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that nothing fails on it at exit


def _is_through(monitor: Monitor) -> bool:
    """Says whether nothing is left but recordings that are over or cannot be read."""
    captures = [session.capture for session in monitor.sessions]
    return all(capture.frames.finished or capture.is_unreadable for capture in captures)


def _print_summary(cameras: Sequence[CameraFacts], order: WatchOrder) -> None:
    """Prints what it came to, beside the JSON and not into it."""
    for camera in cameras:
        print(summary(camera), file=sys.stderr if order.as_json else sys.stdout)
