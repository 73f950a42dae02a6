"""One camera while it is watched, as its settings say; from them alone follows what of it has to change."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.capture.live import LiveCapture
from engine.counting.counter import Counter
from engine.counting.reading import Reading
from engine.counting.schedule import DensitySchedule
from engine.handoff import Outlet
from engine.log.run import LoggedRun
from engine.monitor.tally import Tally
from engine.picture.masks import Mask
from engine.picture.view import PLAIN, View
from engine.serving import Camera
from engine.settings.address import Address
from engine.settings.config import CameraSettings
from engine.sources.opening import LiveOrder
from engine.sources.trust import Trust

ZONES_INTERVAL_S = 1.0  # between density maps, where zones need them and none are configured


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """A camera, what counts it, and where its readings go."""

    settings: CameraSettings
    order: LiveOrder
    """With the password that was in the environment."""
    capture: LiveCapture
    counter: Counter
    density: DensitySchedule
    tally: Tally
    run: LoggedRun | None = None
    """In the log; None where there is no log, or before it has begun."""

    @property
    def name(self) -> str:
        """What people call the camera."""
        return self.settings.name

    @property
    def camera(self) -> Camera:
        """What the pipeline is given."""
        outlets: Sequence[Outlet[Reading]] = [self.tally] if self.run is None else [self.tally, self.run]
        return Camera(self.capture, outlets, self.counter, self.density)

    def is_counted_unlike(self, before: "Session") -> bool:
        """Whether the pipeline has to be told of it, which counts the camera as it was before."""
        return self.counter is not before.counter or self.run is not before.run

    def with_settings(self, settings: CameraSettings) -> "Session":
        """Returns the session by which it is to be replaced, itself where nothing changed; nothing is touched yet.

        Raises:
            ConfigError: the camera's password is not in the environment.
        """
        order = order_of(settings)
        if (settings, order) == (self.settings, self.order):
            return self
        if _connection(order) != _connection(self.order):
            return replace(_begun(settings, order), tally=self.tally)
        if order.view != self.order.view or settings.smoothing_s != self.settings.smoothing_s:
            return replace(self, settings=settings, order=order, counter=_counter(settings), run=None)
        return replace(self, settings=settings, order=order)

    def take_effect(self) -> None:
        """Tells the parts that it shares with the session before."""
        self.capture.view, self.counter.zones = self.order.view, self.settings.counted_zones
        self.density.interval_s = _map_interval_s(self.settings)
        self.tally.expect(**_intervals(self.settings))


def begun(settings: CameraSettings) -> Session:
    """Returns a camera's first session; it connects when its capture is started.

    Raises:
        ConfigError: the camera's password is not in the environment.
    """
    return _begun(settings, order_of(settings))


def _begun(settings: CameraSettings, order: LiveOrder) -> Session:
    density = DensitySchedule(_map_interval_s(settings))
    return Session(settings, order, LiveCapture(order), _counter(settings), density, Tally(**_intervals(settings)))


def order_of(settings: CameraSettings) -> LiveOrder:
    """Returns what is watched, as sources take it; raises ConfigError where its password is not where it should be."""
    return LiveOrder(
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


def _connection(order: LiveOrder) -> LiveOrder:
    """What of an order needs another capture where it changes: all but how its pictures are seen."""
    return replace(order, view=PLAIN)


def _counter(settings: CameraSettings) -> Counter:
    return Counter(smoothing_s=settings.smoothing_s, zones=settings.counted_zones, included=Mask(settings.include))


def _map_interval_s(settings: CameraSettings) -> float | None:
    interval_s = settings.density_interval_s
    return ZONES_INTERVAL_S if interval_s is None and settings.zones else interval_s


def _intervals(settings: CameraSettings) -> dict[str, float]:
    return {
        "interval_s": 1 / settings.max_fps if settings.max_fps else 0.0,
        "map_interval_s": _map_interval_s(settings) or 0.0,
    }
