"""Watches live cameras in the terminal: the work of `deepcount-engine watch`."""

import os
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain, count
from pathlib import Path
from threading import Event
from time import monotonic

from rich.console import Console

from engine.capture.live import LiveCapture
from engine.commands.watch_facts import CameraFacts, Tally, camera_facts
from engine.commands.watch_table import JsonScreen, LineScreen, Screen, TableScreen, summary
from engine.counting.counter import Counter
from engine.counting.reading import Reading
from engine.counting.schedule import DensitySchedule
from engine.errors import ConfigError, EngineError
from engine.handoff import Outlet
from engine.inference.model import Model
from engine.inference.variants import load_model
from engine.log.store import Store
from engine.memory import FreedMemory
from engine.picture.masks import Mask
from engine.picture.view import View
from engine.pipeline import Pipeline
from engine.redacted_log import logged
from engine.redaction import redacted
from engine.serving import Camera
from engine.settings.address import Address, camera_address
from engine.settings.config import LONGEST_NAME, CameraSettings, Config
from engine.settings.config_file import checked, load_config
from engine.sources.opening import LiveOrder
from engine.sources.trust import Trust
from engine.stopping import INTERRUPTED, Stop, heard, stopped_by_signals

TICK_S = 0.1  # how soon a signal or the end of a recording is noticed
ZONES_INTERVAL_S = 1.0  # between density maps, where zones need them and none are configured
INCOMPLETE = 2  # the log lacks samples, or nothing is left but recordings of which one cannot be read


@dataclass(frozen=True, slots=True)
class WatchOrder:
    """What to watch, and how; what is None is taken from the configuration."""

    config: Path | None = None
    addresses: tuple[str, ...] = ()
    database: Address | None = None
    model: Path | None = None
    provider: str | None = None
    strict_provider: bool = False
    duration_s: float | None = None
    as_json: bool = False


@dataclass(frozen=True, slots=True)
class Watched:
    """A camera that is being watched."""

    capture: LiveCapture
    tally: Tally


def watch(order: WatchOrder) -> int:
    """Watches until a signal, the duration's end or the end of all recordings; returns the exit status.

    Raises:
        EngineError: the configuration, the model or the log cannot be used, or the model failed.
    """
    config = load_config(order.config) if order.config else addressed(order.addresses)
    cameras = [camera for camera in config.cameras if camera.enabled]
    if not cameras:
        raise ConfigError("no camera is enabled, expected at least one; add one, or take out enabled = false")
    status = 0  # where somebody asked to stop before there was anything to watch
    with logged(), stopped_by_signals() as stop:
        status = _watch(order, config, cameras, stop)
    return INTERRUPTED if stop.interrupted else status


def _watch(order: WatchOrder, config: Config, cameras: Sequence[CameraSettings], stop: Stop) -> int:
    model = heard(lambda: _model(order, config), stop)
    with _opened_log(order.database or config.database, stop) as store:
        watched = [_watched(camera) for camera in cameras]
        pipeline = Pipeline(model, [_camera(c, w, model, store) for c, w in zip(cameras, watched, strict=True)])
        screen = _screen(order)
        try:
            with pipeline:
                _follow(pipeline, watched, screen, _Until(stop, order.duration_s))
                last = _facts(watched, pipeline)  # before all is stopped, while it is still known what was wrong
                unread = _is_through(watched) and any(camera.capture.is_unreadable for camera in watched)
        finally:
            screen.close()
    _print_summary([replace(facts, total=w.tally.total) for facts, w in zip(last, watched, strict=True)], order)
    loss = store.loss if store is not None else ""
    if loss:
        print(f"log: {loss}", file=sys.stderr)
    if pipeline.failure:
        raise _reported(pipeline.failure)
    return INCOMPLETE if loss or unread else 0


def addressed(addresses: Sequence[str]) -> Config:
    """Returns a configuration of nothing but addresses, named by their files or hosts; names are made short and unique.

    Raises:
        ConfigError: an address that cannot be.
    """
    cameras: list[dict[str, object]] = []
    names: set[str] = set()
    for number, text in enumerate(addresses, 1):
        try:
            address = camera_address(text)
        except ValueError as error:
            raise ConfigError(f"address {number} {error}") from None
        name = _name(address, names)
        names.add(name.casefold())
        cameras.append({"name": name, "address": address})
    return checked(Config, {"cameras": cameras}, "the command line")


def _name(address: Address, taken: Collection[str]) -> str:
    """Returns a name that no other camera has, in small letters as they compare."""
    own = redacted(Path(address.shown).name) if address.kind == "path" else address.host or address.shown
    own = own.strip() or "camera"
    for ending in chain([""], (f" {number}" for number in count(2))):
        room = LONGEST_NAME - len(ending)
        name = (own if len(own) <= room else f"{own[: room // 2 - 1]}…{own[-room // 2 :]}") + ending
        if name.casefold() not in taken:
            break
    return name


def opened_capture(settings: CameraSettings) -> LiveCapture:
    """Returns the capture of a configured camera; it connects when it is started.

    Raises:
        ConfigError: its password is not in the environment.
    """
    return LiveCapture(
        LiveOrder(
            name=settings.name,
            address=Address.of(settings.full_address),
            transport=settings.transport,
            open_timeout_s=settings.open_timeout_s,
            read_timeout_s=settings.read_timeout_s,
            max_fps=settings.max_fps,
            hardware=settings.hardware,
            loop=settings.loop,
            trust=Trust(settings.tls_verify, settings.tls_ca.path if settings.tls_ca else None),
            motion_gate=settings.motion_gate,
            view=View(settings.tiles, Mask(settings.include), Mask(settings.privacy), settings.shape),
        )
    )


def _model(order: WatchOrder, config: Config) -> Model:
    return load_model(
        order.model or (config.model.path if config.model else None),
        provider=order.provider or config.provider,
        strict=order.strict_provider or config.strict_provider,
        spinning=False,  # decoding needs the cores beside it
    )


@contextmanager
def _opened_log(target: Address | None, stop: Stop) -> Iterator[Store | None]:
    if target is None:
        yield None
        return
    store = heard(lambda: Store(target.full), stop)
    try:
        yield store
    finally:
        store.close()


def _map_interval_s(settings: CameraSettings) -> float | None:
    interval_s = settings.density_interval_s
    return ZONES_INTERVAL_S if interval_s is None and settings.zones else interval_s


def _watched(settings: CameraSettings) -> Watched:
    tally = Tally(
        interval_s=1 / settings.max_fps if settings.max_fps else 0.0, map_interval_s=_map_interval_s(settings) or 0.0
    )
    return Watched(opened_capture(settings), tally)


def _camera(settings: CameraSettings, watched: Watched, model: Model, store: Store | None) -> Camera:
    outlets: list[Outlet[Reading]] = [watched.tally]
    if store is not None:
        outlets.append(store.run(camera=settings.name, model=model.file, live=True))
    counter = Counter(smoothing_s=settings.smoothing_s, zones=settings.counted_zones, included=Mask(settings.include))
    return Camera(watched.capture, outlets, counter, DensitySchedule(_map_interval_s(settings)))


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


def _follow(pipeline: Pipeline, watched: Sequence[Watched], screen: Screen, until: _Until) -> None:
    """Shows how the cameras are doing until it is over, or nobody reads it any more."""
    tick, memory, due_s = Event(), FreedMemory(), monotonic() + screen.interval_s
    try:
        while pipeline.running and not _is_through(watched) and not until.is_over():
            tick.wait(TICK_S)
            memory.give_back(monotonic())
            if monotonic() >= due_s:
                screen.show(_facts(watched, pipeline), overloaded=pipeline.is_overloaded)
                due_s = max(due_s + screen.interval_s, monotonic())
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that nothing fails on it at exit


def _is_through(watched: Sequence[Watched]) -> bool:
    """Says whether nothing is left but recordings that are over or cannot be read."""
    return all(camera.capture.frames.finished or camera.capture.is_unreadable for camera in watched)


def _facts(watched: Sequence[Watched], pipeline: Pipeline) -> list[CameraFacts]:
    return [
        camera_facts(camera.capture.name, camera.capture.health, load, camera.tally)
        for camera, load in zip(watched, pipeline.load(), strict=True)
    ]


def _print_summary(cameras: Sequence[CameraFacts], order: WatchOrder) -> None:
    """Prints what it came to, beside the JSON and not into it."""
    for camera in cameras:
        print(summary(camera), file=sys.stderr if order.as_json else sys.stdout)


def _reported(failure: Exception) -> EngineError:
    if isinstance(failure, EngineError):
        return failure
    return EngineError(f"counting stopped on an unexpected error ({type(failure).__name__}); what was counted is kept")
