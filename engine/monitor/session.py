"""One camera while it is watched, as its settings say; from them alone follows what of it has to change."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.alerts.feed import Feed
from engine.calibration.heads import heads_of
from engine.calibration.outlook import Watch
from engine.camera import Camera
from engine.capture.health import HealthReport
from engine.capture.live import LiveCapture
from engine.capture.main_stream import MainCapture
from engine.capture.onlookers import Onlookers
from engine.counting.counter import Counter
from engine.counting.grid_finder import GridFinder
from engine.counting.reading import Reading
from engine.errors import ConfigError
from engine.handoff import Outlet
from engine.inference.contract import ModelFile
from engine.inference.model import Model
from engine.log.run import LoggedRun
from engine.log.store import Store
from engine.monitor.maps import ZONES_INTERVAL_S, Maps
from engine.monitor.recent import Recent
from engine.monitor.tally import Tally
from engine.picture.frame import Frame
from engine.picture.masks import Mask
from engine.picture.polygon import Polygon
from engine.picture.view import PLAIN, View
from engine.recording.recorder import Recorder
from engine.settings.address import Address
from engine.settings.config import CameraSettings, Config
from engine.sources.opening import LiveOrder
from engine.sources.trust import Trust


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """A camera, what counts it, and where its readings go."""

    settings: CameraSettings
    order: LiveOrder
    """With the password that was in the environment."""
    capture: LiveCapture
    counter: Counter
    maps: Maps
    tally: Tally
    recent: Recent
    feed: Feed
    """What rules and groups are told."""
    recorder: Recorder
    """What copies its packets to disk, where that is wanted."""
    finder: GridFinder
    """What finds the grid that suits its view, and keeps it while the view stays."""
    main: MainCapture | None = None
    """What reads its main stream, where another is counted; recordings, clips and large pictures are of it."""
    weight: float = 1.0
    """How often it is counted beside the others, where not all can be."""
    model: Model | None = None
    """Of its own; None takes that of all."""
    run: LoggedRun | None = None
    """In the log; None where there is no log, the camera is not counted, or before it has begun."""

    @property
    def name(self) -> str:
        """What people call the camera."""
        return self.settings.name

    @property
    def key(self) -> str:
        """By which a screen knows it."""
        return self.settings.name

    @property
    def is_counted(self) -> bool:
        """Whether the model sees it, or people only."""
        return self.settings.counted

    @property
    def view(self) -> View:
        """How its pictures are seen."""
        return self.finder.seen(self.order.view)

    @property
    def onlookers(self) -> Onlookers:
        """Who gets its frames, as they come."""
        return self.capture.onlookers

    @property
    def footage(self) -> LiveCapture:
        """What reads what is recorded of it and kept in clips."""
        return self.main or self.capture

    @property
    def health(self) -> HealthReport:
        """How it is doing: what is counted, with a remark where its main stream is wanted and not there."""
        health, remark = self.capture.health, self.main.remark if self.main else ""
        return replace(health, remark="; ".join(filter(None, (health.remark, remark)))) if remark else health

    @property
    def large_onlookers(self) -> Onlookers | None:
        """Who gets frames of its main stream, where another is counted."""
        return self.main.onlookers if self.main else None

    @property
    def frame(self) -> Frame | None:
        """None: the next one is soon there."""
        return None

    @property
    def camera(self) -> Camera:
        """What the pipeline is given."""
        kept: Sequence[Outlet[Reading]] = [self.tally, self.recent, self.feed, self.maps]
        outlets = kept if self.run is None else [*kept, self.run]
        return Camera(
            self.capture,
            outlets,
            self.counter,
            self.maps.schedule,
            self.view,
            self.is_counted,
            self.weight,
            self.model,
            self.finder,
        )

    @property
    def intervals(self) -> dict[str, float]:
        """Between two counts and between two maps, as far as they are set."""
        return _intervals(self.settings)

    def look(self, now_s: float, *, is_alerting: bool) -> None:
        """Records it while one of its alerts is open, if it is to be; has to be called about once a second."""
        self.recorder.look(now_s, lambda from_s: self.footage.preroll.since(from_s)[0], is_alerting=is_alerting)

    def watch_closely(self, *, wanted: bool) -> None:
        """Keeps what proves an alert, its last packets and its newest frame, or nothing of it."""
        if wanted is not self.footage.preroll.is_wanted:
            self.footage.preroll.is_wanted = wanted
            self.feed.want_newest(wanted=wanted)

    def unshown(self, time_s: float, error: Exception) -> None:
        """Notes that a frame could not be shown."""
        self.capture.unshown(time_s, error)

    def begin_run(self, store: Store | None, model: ModelFile) -> LoggedRun | None:
        """Returns a new run of it in a log, if there is one and it is counted."""
        own = self.model.file if self.model else model
        return store.run(camera=self.name, model=own, live=True) if store and self.is_counted else None

    def with_model(self, model: Model | None) -> "Session":
        """Returns the session with another model of its own, itself where it is the same."""
        if model is self.model:
            return self
        return replace(self, model=model, counter=_counter(self.settings), finder=GridFinder(), run=None)

    def is_counted_unlike(self, before: "Session") -> bool:
        """Whether the pipeline has to be told of it, which counts the camera as it was before."""
        return self._counting != before._counting

    @property
    def _counting(self) -> tuple[object, ...]:
        return self.counter, self.run, self.is_counted, self.weight, self.model

    def weighing(self, weight: float) -> "Session":
        """Returns the session with another weight, itself where it is the same."""
        return self if weight == self.weight else replace(self, weight=weight)

    def with_settings(self, settings: CameraSettings, order: LiveOrder) -> "Session":
        """Returns the session by which it is to be replaced, itself where nothing changed; nothing is touched yet."""
        if (settings, order) == (self.settings, self.order):
            return self
        if _connection(order) != _connection(self.order):
            return replace(_begun(settings, order), tally=self.tally, recent=self.recent, feed=self.feed)
        if order.view != self.order.view or _way(settings) != _way(self.settings):
            finder = self.finder if order.view == self.order.view else GridFinder()
            return replace(self, settings=settings, order=order, counter=_counter(settings), finder=finder, run=None)
        return replace(self, settings=settings, order=order)

    def take_effect(self) -> None:
        """Tells the parts that it shares with the session before, all but how its frames are counted."""
        self.capture.is_counted = self.is_counted
        for each in (self.capture, self.footage):
            each.view, each.seen = self.order.view, self.finder.seen
        self.feed.is_looked_at = self.onlookers.__bool__
        self.counter.zones = self.settings.counted_zones
        calibration = self.settings.calibration
        self.counter.watch = Watch(calibration.outlook if calibration else None)
        self.finder.heads = heads_of(calibration.ground, _counted_parts(self.settings)) if calibration else None
        self.maps.expect(self.settings.density_interval_s, for_zones=_needs_maps(self.settings))
        self.tally.expect(**_intervals(self.settings), settings=self.settings)
        self.recent.expect([zone.name for zone in self.settings.zones], **_intervals(self.settings))


def planned_sessions(
    config: Config, before: Mapping[str, Session], ordered: Callable[[CameraSettings], LiveOrder]
) -> dict[str, Session]:
    """Returns the sessions of the enabled cameras by their names; nothing is touched yet, and `ordered` may raise."""
    orders = {camera.name: (camera, ordered(camera)) for camera in config.cameras if camera.enabled}
    planned = {
        name: before[name].with_settings(*wanted) if name in before else _begun(*wanted)
        for name, wanted in orders.items()
    }
    return {name: session.weighing(config.weight_of(session.settings)) for name, session in planned.items()}


def _begun(settings: CameraSettings, order: LiveOrder) -> Session:
    maps = Maps(settings.density_interval_s, for_zones=_needs_maps(settings))
    tally = Tally(**_intervals(settings), settings=settings)
    capture = LiveCapture(order)
    main = MainCapture(order.main, beside=capture) if order.main else None
    recorder = Recorder(settings.name, lambda: capture.view)
    (main or capture).taps.add(recorder)
    counter, finder = _counter(settings), GridFinder()
    session = Session(settings, order, capture, counter, maps, tally, Recent(), Feed(), recorder, finder, main)
    capture.is_counted, capture.seen = settings.counted, finder.seen
    return session


def view_of(settings: CameraSettings) -> View:
    """Returns how a camera's pictures are seen."""
    return View(settings.tiles, Mask(settings.include), Mask(settings.privacy), settings.shape)


def order_of(settings: CameraSettings) -> LiveOrder:
    """Returns what is watched, as sources take it: the small stream, with the main one beside it, where it has both.

    Raises:
        ConfigError: its password is not where it should be.
    """
    main, small = _order(settings, Address.of(settings.full_address)), settings.full_address_small
    if small is None:
        return main
    main = replace(main, stream="main stream")
    return replace(main, address=Address.of(small), stream="small stream", main=main)


def order_anyway(settings: CameraSettings) -> LiveOrder:
    """Returns the same, but one that says why nobody can connect where the password is not where it should be."""
    try:
        return order_of(settings)
    except ConfigError as error:
        return _order(settings, settings.address, obstacle=str(error))


def _order(settings: CameraSettings, address: Address, obstacle: str = "") -> LiveOrder:
    return LiveOrder(
        name=settings.name,
        address=address,
        transport=settings.transport,
        open_timeout_s=settings.open_timeout_s,
        read_timeout_s=settings.read_timeout_s,
        max_fps=settings.max_fps,
        hardware=settings.hardware,
        loop=settings.loop,
        trust=Trust(settings.tls_verify, settings.tls_ca.path if settings.tls_ca else None),
        motion_gate=settings.motion_gate,
        view=view_of(settings),
        obstacle=obstacle,
    )


def _connection(order: LiveOrder) -> LiveOrder:
    """What of an order needs another capture where it changes: all but how its pictures are seen."""
    main = replace(order.main, view=PLAIN) if order.main else None
    return replace(order, view=PLAIN, main=main)


def _counter(settings: CameraSettings) -> Counter:
    return Counter(smoothing_s=settings.smoothing_s, zones=settings.counted_zones)


def _needs_maps(settings: CameraSettings) -> bool:
    """Whether something is told by density maps alone, on a screen or not."""
    return bool(settings.zones) or settings.calibration is not None


def _counted_parts(settings: CameraSettings) -> Sequence[Polygon]:
    """Returns where the people stand who count: in its zones, or else in what is included; none is everywhere."""
    return [zone.polygon for zone in settings.zones] or settings.include


def _way(settings: CameraSettings) -> tuple[object, ...]:
    """How the frames of a view are counted, of what needs another run in the log where it changes."""
    return settings.smoothing_s, settings.counted, settings.correction


def _intervals(settings: CameraSettings) -> dict[str, float]:
    return {
        "interval_s": 1 / settings.max_fps if settings.max_fps else 0.0,
        "map_interval_s": ZONES_INTERVAL_S if settings.density_interval_s is None else settings.density_interval_s,
    }
