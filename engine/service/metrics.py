"""Figures for Prometheus, made when it asks; what is not known is left out, never zero."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from engine import __version__
from engine.capture.health import State
from engine.monitor.facts import CameraFacts, facts_of, groups_of
from engine.monitor.latencies import BOUNDS_S, Latencies
from engine.monitor.session import Session
from engine.service.desk import Desk

PREFIX = "deepcount"
CAMERA, ZONE = ("camera",), ("camera", "zone")
FRAMES = (
    ("frames_read", "Frames that were decoded."),
    ("frames_counted", "Frames that were counted."),
    ("frames_dropped", "Frames that were wanted, and replaced by newer ones before they could be counted."),
    ("stalls", "How often a camera sent nothing for a while."),
    ("reconnects", "How often frames came again after a loss."),
    ("decode_errors", "Packets that could not be decoded, and frames that could not be counted."),
    ("model_seconds", "Time that the model took."),
)


def registry_of(desk: Desk) -> CollectorRegistry:
    """Returns all that can be said of a service now."""
    registry = CollectorRegistry()
    registry.register(_Figures(desk))
    ProcessCollector(namespace=PREFIX, registry=registry)
    return registry


class _Figures(Collector):
    """Those of the service itself."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def collect(self) -> Iterator[Metric]:
        """Yields them all."""
        sessions = {session.name: session for session in self._desk.monitor.sessions}
        cameras = [facts for facts in facts_of(self._desk.monitor) if facts.name in sessions]
        yield from _counters(cameras, sessions)
        yield _latencies(cameras, sessions)
        yield from _counts(cameras)
        yield from _states(cameras)
        yield from _alerts(self._desk, cameras)
        yield from _log(self._desk)
        yield from _service(self._desk)


def _counters(cameras: Iterable[CameraFacts], sessions: dict[str, Session]) -> Iterator[Metric]:
    families = {name: CounterMetricFamily(f"{PREFIX}_{name}", text, labels=CAMERA) for name, text in FRAMES}
    for each in cameras:
        values = _values(each, sessions[each.name])
        for family, value in zip(families.values(), values, strict=True):
            family.add_metric([each.name], value)
    yield from families.values()


def _values(camera: CameraFacts, session: Session) -> list[float]:
    """Returns the values of `FRAMES`."""
    health = camera.health
    frames = (health.frames, camera.total.readings, health.drops)
    return [*frames, health.stalls, health.reconnects, health.decode_errors, session.tally.latencies.model_s]


def _latencies(cameras: Iterable[CameraFacts], sessions: dict[str, Session]) -> Metric:
    family = HistogramMetricFamily(f"{PREFIX}_latency_seconds", "From a frame's arrival to its reading.", labels=CAMERA)
    for each in cameras:
        known = sessions[each.name].tally.latencies
        family.add_metric([each.name], buckets=_buckets(known), sum_value=known.latency_s)
    return family


def _buckets(known: Latencies) -> list[tuple[str, float]]:
    bounds = [*map(str, BOUNDS_S), "+Inf"]
    return [(bound, float(number)) for bound, number in zip(bounds, accumulate(known.classes), strict=True)]


def _counts(cameras: Iterable[CameraFacts]) -> Iterator[Metric]:
    people = GaugeMetricFamily(f"{PREFIX}_people", "People that were counted last.", labels=CAMERA)
    zones = GaugeMetricFamily(f"{PREFIX}_zone_people", "Those in a zone.", labels=ZONE)
    crowding = GaugeMetricFamily(f"{PREFIX}_zone_people_per_m2", "How crowded a zone is.", labels=ZONE)
    for each in cameras:
        if each.newest.people is not None:
            people.add_metric([each.name], each.newest.people)
        for zone, number in (each.newest.zones or {}).items():
            zones.add_metric([each.name, zone], number)
        for zone, share in (each.newest.crowding.zones if each.newest.crowding else {}).items():
            if share is not None:
                crowding.add_metric([each.name, zone], share)
    yield from (people, zones, crowding)


def _states(cameras: Iterable[CameraFacts]) -> Iterator[Metric]:
    states = GaugeMetricFamily(f"{PREFIX}_camera_state", "1 of the state it is in.", labels=("camera", "state"))
    ages = GaugeMetricFamily(f"{PREFIX}_frame_age_seconds", "Since its newest frame came.", labels=CAMERA)
    recording = GaugeMetricFamily(f"{PREFIX}_recording", "Whether it is recorded now.", labels=CAMERA)
    stored = GaugeMetricFamily(f"{PREFIX}_recorded_bytes", "Of all that was recorded of it.", labels=CAMERA)
    for each in cameras:
        for state in State:
            states.add_metric([each.name, state.value], each.health.state is state)
        if each.health.age_s is not None:
            ages.add_metric([each.name], each.health.age_s)
        if each.recording is not None:
            recording.add_metric([each.name], each.recording.is_recording)
            stored.add_metric([each.name], each.recording.bytes)
    yield from (states, ages, recording, stored)


def _alerts(desk: Desk, cameras: Sequence[CameraFacts]) -> Iterator[Metric]:
    alarms = desk.monitor.alarms
    labels = ("owner", "zone", "rule", "severity", "acknowledged")
    firing = GaugeMetricFamily(f"{PREFIX}_alert_firing", "1 of each alert that is open.", labels=labels)
    for each in alarms.firing:
        subject, known = each.placed.subject, "yes" if each.acknowledged_by else "no"
        firing.add_metric([subject.owner, subject.zone or "", each.placed.rule.name, each.severity.value, known], 1)
    yield firing
    groups = GaugeMetricFamily(f"{PREFIX}_group_people", "People that a group has now.", labels=("group",))
    for group in groups_of(desk.monitor, cameras):
        if group.people is not None:
            groups.add_metric([group.name], group.people)
    yield groups
    waiting = GaugeMetricFamily(f"{PREFIX}_notifications_waiting", "That are yet to be told.", labels=("sink",))
    failed = GaugeMetricFamily(f"{PREFIX}_notifications_failed", "That were given up.", labels=("sink",))
    for sink in alarms.sinks:
        waiting.add_metric([sink.name], sink.waiting)
        failed.add_metric([sink.name], sink.failed)
    yield from (waiting, failed)
    yield CounterMetricFamily(f"{PREFIX}_alerts_lost", "Alerts and deeds that are not in the log.", value=alarms.lost)


def _log(desk: Desk) -> Iterator[Metric]:
    store = desk.monitor.store
    if store is None:
        return
    yield GaugeMetricFamily(f"{PREFIX}_log_queue", "What waits to be written to the log.", value=store.waiting)
    yield CounterMetricFamily(f"{PREFIX}_samples_lost", "Samples that are not in the log.", value=store.lost)
    yield GaugeMetricFamily(f"{PREFIX}_log_failing", "Whether it cannot be written now.", value=bool(store.problem))


def _service(desk: Desk) -> Iterator[Metric]:
    monitor, configuration, model = desk.monitor, desk.configuration, desk.monitor.model
    known = {"model": model.file.name, "provider": model.provider} if model else {}
    yield InfoMetricFamily(f"{PREFIX}_build", "What runs.", value={"version": __version__, **known})
    yield GaugeMetricFamily(f"{PREFIX}_healthy", "Whether the service does its work.", value=not desk.vitals.problem)
    yield GaugeMetricFamily(f"{PREFIX}_overloaded", "Whether too many frames come.", value=monitor.is_overloaded)
    yield CounterMetricFamily(f"{PREFIX}_configuration_reloads", "Put in force.", value=configuration.reloads)
    refused = bool(configuration.problem)
    yield GaugeMetricFamily(f"{PREFIX}_configuration_refused", "Whether what its file holds is not.", value=refused)
    yield GaugeMetricFamily(f"{PREFIX}_event_clients", "That listen to events.", value=desk.hub.clients)
    yield CounterMetricFamily(f"{PREFIX}_event_clients_dropped", "That were too slow.", value=desk.hub.dropped)
