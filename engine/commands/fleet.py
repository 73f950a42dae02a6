"""Watches cameras by many machines: the work of `deepcount-engine fleet`."""

import json
import logging
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic

import psutil
from rich.console import Console
from rich.live import Live
from rich.table import Table

from engine.commands.given import AS_CONFIGURED, Given, reported
from engine.errors import ConfigError, DatabaseError
from engine.fleet.node import FleetNode
from engine.fleet.standing import Standing, standing_of
from engine.log.database import open_database
from engine.monitor.state import Changes
from engine.redacted_log import logged
from engine.service.configuration import Configuration
from engine.settings.config import Config
from engine.settings.config_file import load_config
from engine.stopping import INTERRUPTED, Stop, stopped_by_signals

TICK_S, LOOK_S = 0.1, 1.0  # how soon a signal is noticed, and how often all is looked at

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FleetOrder:
    """What to watch, and by whom."""

    config: Path
    ray: str | None = None
    """Address of a cluster whose machines watch; None has this machine be one node of the fleet."""
    given: Given = AS_CONFIGURED
    as_json: bool = False


def fleet(order: FleetOrder) -> int:
    """Watches until a signal; returns the exit status.

    Raises:
        EngineError: the configuration, the model, the log or the cluster cannot be used.
    """
    with logged(), stopped_by_signals() as stop:
        _fleet(order, stop)
    return INTERRUPTED if stop.interrupted else 0


def _fleet(order: FleetOrder, stop: Stop) -> None:
    def read() -> Config:
        return order.given.over(load_config(order.config))

    config = read()
    if config.database is None:
        raise ConfigError(
            'a fleet needs a log that all its machines write to, and none is configured; add database = "postgresql://'
            'USER@HOST/NAME", or give --database'
        )
    with ExitStack() as stack:
        engine = open_database(config.database.full)
        stack.callback(engine.dispose)
        look, configure = _by_cluster(order.ray, config, stack) if order.ray else _here(config, stack)
        following = Configuration(order.config, read, lambda now: _apply(configure, now))
        following.begin()
        stack.callback(following.close)
        with _Screen(as_json=order.as_json) as screen:
            tick, due_s = Event(), monotonic()
            while not stop.asked:
                tick.wait(TICK_S)
                if monotonic() < due_s:
                    continue
                due_s = monotonic() + LOOK_S
                following.look()
                look()
                try:
                    screen.show(standing_of(engine, following.current))
                except DatabaseError as error:
                    logger.warning("%s", error)


def _apply(configure: Callable[[Config], None], config: Config) -> Changes:
    configure(config)
    return Changes()


def _here(config: Config, stack: ExitStack) -> tuple[Callable[[], None], Callable[[Config], None]]:
    """Begins the node that this process is; returns what looks after it, and what gives it a configuration."""
    node = FleetNode(config, capacity=float(psutil.cpu_count() or 1))
    stack.callback(node.close)
    node.start()

    def look() -> None:
        if node.failure is not None:
            raise reported(node.failure)

    return look, node.configure


def _by_cluster(address: str, config: Config, stack: ExitStack) -> tuple[Callable[[], None], Callable[[Config], None]]:
    from engine.fleet.cluster import Cluster

    cluster = Cluster(address, config)
    stack.callback(cluster.close)
    return cluster.look, cluster.configure


class _Screen:
    """One status table: live on a terminal, elsewhere printed whenever it is another."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json, self._before = as_json, ""
        console = Console()
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal and not as_json else None

    def __enter__(self) -> "_Screen":
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_ended: object) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, standing: Standing) -> None:
        """Shows how the fleet stands."""
        if self._live is not None:
            self._live.update(_table(standing), refresh=True)
            return
        words = "\n".join(_lines(standing))
        if words != self._before:
            print(json.dumps(standing.as_dict) if self._as_json else words, flush=True)
            self._before = words


def _lines(standing: Standing) -> list[str]:
    lines = [
        f"{each.node.name}: {len(each.cameras)} cameras ({', '.join(each.cameras) or 'none'})"
        f"{''.join(f'; {problem}' for problem in each.problems)}"
        for each in standing.nodes
    ]
    waiting = f"watched by nobody: {', '.join(standing.unwatched)}" if standing.unwatched else ""
    return [*lines, *filter(None, [waiting, standing.problem])]


def _table(standing: Standing) -> Table:
    table = Table("node", "cores", "load", "cameras", "", title=standing.problem or None)
    for each in standing.nodes:
        load = "" if each.load is None else f"{each.load:.0%}"
        shown = ", ".join(each.cameras[:6]) + (" ..." if len(each.cameras) > 6 else "")
        problems = "; ".join(each.problems)
        table.add_row(each.node.name, f"{each.node.capacity:g}", load, f"{len(each.cameras)}: {shown}", problems)
    if standing.unwatched:
        table.add_row("nobody", "", "", f"{len(standing.unwatched)}: {', '.join(standing.unwatched[:6])}", "")
    return table
