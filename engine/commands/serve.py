"""Watches live cameras as a service: the work of `deepcount-engine serve`."""

import logging
import signal
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from engine.commands.given import AS_CONFIGURED, Given, reported
from engine.errors import EngineError
from engine.redacted_log import logged
from engine.settings.config import Config
from engine.settings.config_file import load_config
from engine.stopping import INTERRUPTED, Stop, stopped_by_signals

INCOMPLETE = 2  # the log lacks samples

NEEDED = "fastapi", "prometheus_client", "uvicorn"


@dataclass(frozen=True, slots=True)
class ServeOrder:
    """What to watch, and where to be reached."""

    config: Path
    host: str
    port: int
    given: Given = AS_CONFIGURED


def serve(order: ServeOrder) -> int:
    """Serves until a signal; returns the exit status.

    Raises:
        EngineError: packages are missing, the address cannot be had, the configuration, the model or the log cannot be
            used, or counting failed.
    """
    _check_installed()
    status = 0  # where somebody asked to stop before there was anything to serve
    logging.getLogger("engine.service").setLevel(logging.INFO)
    with logged(), stopped_by_signals() as stop:
        status = _serve(order, stop)
    return INTERRUPTED if stop.interrupted else status


def _serve(order: ServeOrder, stop: Stop) -> int:
    from engine.service.listening import listening
    from engine.service.service import Service
    from engine.service.systemd import Announcer

    def read() -> Config:
        return order.given.over(load_config(order.config))

    read()  # what cannot be used is said before anything is begun
    place = listening(order.host, order.port)
    host, port = place.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    service = Service(order.config, read, place, Announcer())
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, lambda number, frame: service.configuration.ask())
    service.run(stop, lambda: print(f"watching, and answering on http://{shown}:{port}", flush=True))
    if service.monitor.loss:
        print(f"log: {service.monitor.loss}", file=sys.stderr)
    if service.failure:
        raise reported(service.failure)
    return INCOMPLETE if service.monitor.loss else 0


def _check_installed() -> None:
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise EngineError(
            f"serve needs Python packages that are not installed ({', '.join(missing)}); pip install 'deepcount[serve]'"
        )
