"""Watches live cameras as a service: the work of `deepcount-engine serve`."""

import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING

from engine.commands.given import AS_CONFIGURED, Given, reported
from engine.errors import EngineError
from engine.files import claim
from engine.paths import cache_folder
from engine.redacted_log import logged
from engine.settings.config import Config
from engine.settings.config_file import load_config
from engine.stopping import INTERRUPTED, Stop, stopped_by_signals

if sys.platform != "win32":
    import resource

if TYPE_CHECKING:
    from engine.service.reach import Reach
    from engine.service.service import Service

MOST_FILES = 8192
INCOMPLETE = 2  # the log lacks samples

NEEDED = "fastapi", "prometheus_client", "uvicorn"


@dataclass(frozen=True, slots=True)
class ServeOrder:
    """What to watch, and where to be reached."""

    config: Path
    reach: "Reach"
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
    from engine.service.web import Front

    def read() -> Config:
        return order.given.over(load_config(order.config))

    _allow_files()
    read()  # what cannot be used is said before anything is begun
    access, certificate = order.reach.access(), order.reach.proof()
    with served_once(order.config), listening(order.reach.host, order.reach.port) as place:
        return _run(
            Service(order.config, read, Front(place, access, certificate), Announcer()),
            _address_at(place, is_encrypted=certificate is not None),
            stop,
        )


def _run(service: "Service", address: str, stop: Stop) -> int:
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, lambda number, frame: service.configuration.ask())
    service.run(stop, lambda: print(f"watching, and answering on {address}", flush=True))
    if service.monitor.loss:
        print(f"log: {service.monitor.loss}", file=sys.stderr)
    if service.failure:
        raise reported(service.failure)
    return INCOMPLETE if service.monitor.loss else 0


def _allow_files() -> None:
    """Lets this process open as many files as a crowd of clients and cameras takes, as far as the system lets it."""
    if sys.platform != "win32":
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(MOST_FILES, hard)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _address_at(place: socket, *, is_encrypted: bool) -> str:
    host, port = place.getsockname()[:2]
    return f"http{'s' if is_encrypted else ''}://{f'[{host}]' if ':' in host else host}:{port}"


@contextmanager
def served_once(config: Path) -> Iterator[None]:
    """Lets no other service serve a configuration while the block runs: both would raise every alert.

    Raises:
        EngineError: another does.
    """
    name = sha256(str(config.resolve()).encode()).hexdigest()[:16]
    folder = cache_folder() / "served" / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        place = claim(folder)
    except OSError:  # nothing can be kept here, so nobody else can be noticed either
        yield
        return
    if place is None:
        raise EngineError(
            f"{config} is served by another process already, which would raise every alert twice; end that one, or "
            "give another configuration"
        )
    try:
        yield
    finally:
        os.close(place)


def _check_installed() -> None:
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise EngineError(
            f"serve needs Python packages that are not installed ({', '.join(missing)}); pip install 'deepcount[serve]'"
        )
