"""A camera tried once, before it is watched: its first picture and what can be measured in a few seconds.

Whatever a camera, a resolver, a driver or a keyring does, whoever asks has an answer in time: the work is done in a
thread of its own, which is left to itself when the time is over.
"""

import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from threading import Event
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from engine.capture.main_stream import unlike_words
from engine.errors import EngineError, SourceError
from engine.handoff import WAIT_S
from engine.monitor.session import order_of
from engine.picture.frame import Frame
from engine.settings.config import CameraSettings
from engine.sources.arrival import Connection, Link
from engine.sources.connecting import connected
from engine.sources.hardware import SOFTWARE, hardware_for
from engine.sources.opening import HardwareError, LiveOrder
from engine.sources.playback import Playback
from engine.sources.rerun import Rerun
from engine.sources.waiting import Waiting
from engine.worker import Worker

PATIENCE_S = 5.0
SPARE_S = 0.3  # of the patience, for handing on what was measured
MEASURE_S = 2.0  # from the first picture on
BURST_S = 0.5  # in which what the camera sent while it was connected comes at once
WITHIN = 720, 1280  # height and width of the picture

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Probe:
    """What came of a try."""

    picture: NDArray[np.uint8] = field(compare=False, repr=False)
    """The first one, RGB (height, width, 3), within 720x1280, without what privacy masks hide."""
    size: tuple[int, int]
    """Height and width of the camera's pictures, as shown."""
    rate: float | None
    """Pictures per second as they came; None where too few came to tell."""
    first_s: float
    """From the question to the first picture."""
    link: Link
    """Codec, decoder, encryption."""
    remark: str = ""
    """How its pictures are seen, where people should know; mostly empty."""
    main: "Probe | None" = None
    """What came of its main stream, where this is the small one."""
    main_problem: str = ""
    """Why nothing did, or why it cannot stand beside the small one, in a sentence; mostly empty."""


class Trial:
    """A camera being tried, each of its streams in a thread of its own."""

    def __init__(
        self,
        settings: CameraSettings,
        *,
        password: str | None = None,
        patience_s: float = PATIENCE_S,
        is_main: bool = False,
    ) -> None:
        """Nothing is opened before `start`.

        Args:
            settings: of the camera.
            password: one that is kept nowhere yet, in place of what the settings say.
            patience_s: within which there is an answer.
            is_main: whether only its main stream is tried, where it has both.
        """
        self._settings, self._password, self._patience_s = settings, password, patience_s
        has_other = settings.address_small is not None and not is_main
        self._is_main = is_main
        self._main = Trial(settings, password=password, patience_s=patience_s, is_main=True) if has_other else None
        self._waiting, self._playback = Waiting(), Playback(own_speed=True)
        self._begun_s, self._cancelled = monotonic(), Event()
        self._probe: Probe | None = None
        self._problem: EngineError | None = None
        self._seen = False
        self._worker = Worker(f"trial of {settings.name}", self._try)

    def start(self) -> None:
        """Begins."""
        self._begun_s = monotonic()
        self._worker.start()
        if self._main:
            self._main.start()

    def cancel(self) -> None:
        """Ends it; may be called from any thread, at any time."""
        self._cancelled.set()
        self._playback.stop()
        self._waiting.end()
        if self._main:
            self._main.cancel()

    def result(self) -> Probe:
        """Waits for what comes of it, no longer than the patience.

        Raises:
            EngineError: why there is no picture, in one sentence without secrets; or it was cancelled.
        """
        try:
            found = self._answer()
            return found if self._main is None else _beside(found, self._main)
        finally:
            self.cancel()  # what still runs is told that nobody waits for it

    def _answer(self) -> Probe:
        until_s = self._begun_s + self._patience_s
        while not self._worker.wait(min(WAIT_S, until_s - monotonic())):
            if monotonic() >= until_s or self._cancelled.is_set():
                break
        finished = not self._worker.running
        if self._probe is not None:
            return self._probe
        raise (self._problem if finished else None) or self._unanswered()

    def _unanswered(self) -> SourceError:
        which = " (main stream)" if self._is_main else " (small stream)" if self._main else ""
        who = f"camera '{self._settings.name}'{which}"
        if self._worker.failure is not None:
            return SourceError(f"{who} could not be tried ({type(self._worker.failure).__name__}), as the log says")
        deed = "answered but sent no picture" if self._seen else "did not answer"
        return SourceError(f"{who} {deed} within {self._patience_s:g} s; check its address, network and power")

    def _try(self) -> None:
        try:
            order = self._order()
            try:
                self._connect(order)
            except HardwareError as error:
                logger.info("%s, so it is tried with software", error)
                self._connect(replace(order, hardware="off"))
        except EngineError as error:
            self._problem = error

    def _order(self) -> LiveOrder:
        settings = self._settings
        if self._password is not None:
            address = settings.address.with_credentials(settings.login or "", self._password)
            own = {"user": None, "password": None, "password_env": None}
            settings = settings.model_copy(update={"address": address, **own})
        order = order_of(settings)
        order = order.main if self._is_main and order.main else order
        open_s, read_s = min(order.open_timeout_s, self._patience_s), min(order.read_timeout_s, self._patience_s)
        return replace(order, open_timeout_s=open_s, read_timeout_s=read_s)

    def _connect(self, order: LiveOrder) -> None:
        with closing(self._connected(order)) as connection:
            self._seen = True
            self._measure(order, connection)

    def _connected(self, order: LiveOrder) -> Connection:
        if order.address.kind == "path":
            return Rerun(order, self._playback)
        hardware = SOFTWARE if order.hardware == "off" else hardware_for(order.hardware)
        return connected(order, hardware, self._waiting, self._playback)

    def _measure(self, order: LiveOrder, connection: Connection) -> None:
        """Takes pictures for a while; those that cannot be decoded do not count."""
        until_s = self._begun_s + self._patience_s - SPARE_S
        times: list[float] = []
        try:
            for frame in self._frames(order, connection):
                times.append(frame.arrived_s)
                if self._probe is None:
                    self._probe = self._seen_first(frame, connection)
                    until_s = min(until_s, frame.arrived_s + MEASURE_S)
                if frame.arrived_s >= until_s:
                    break
        except SourceError:
            if self._probe is None:
                raise
        if self._probe is not None:
            self._probe = replace(self._probe, rate=_rate(times))

    def _seen_first(self, frame: Frame, connection: Connection) -> Probe:
        picture, first_s = frame.picture_within(*WITHIN), frame.arrived_s - self._begun_s
        return Probe(picture, frame.size, None, first_s, connection.link, frame.layout.remark)

    def _frames(self, order: LiveOrder, connection: Connection) -> Iterator[Frame]:
        for arrival in connection.arrivals():
            if arrival is not None and not arrival.damaged:
                now = monotonic()
                yield Frame(0, now - self._begun_s, arrival.shot, order.view, arrived_s=now)
            if self._cancelled.is_set():
                return


def probe(settings: CameraSettings, *, password: str | None = None, patience_s: float = PATIENCE_S) -> Probe:
    """Tries a camera once, and waits for what comes of it; see `Trial`."""
    trial = Trial(settings, password=password, patience_s=patience_s)
    trial.start()
    return trial.result()


def _beside(small: Probe, trial: Trial) -> Probe:
    """Returns what came of a small stream with what comes of the main one."""
    try:
        main = trial.result()
    except EngineError as error:
        return replace(small, main_problem=str(error))
    unlike = unlike_words(main.size, small.size)
    return replace(small, main=main, main_problem=f"its main stream {unlike}" if unlike else "")


def _rate(times: list[float]) -> float | None:
    """Returns how often pictures came, without those that had waited; None where that cannot be told."""
    settled = [time for time in times if time - times[0] >= BURST_S]
    counted = settled if len(settled) > 1 else times
    span_s = counted[-1] - counted[0]
    return (len(counted) - 1) / span_s if span_s >= BURST_S else None
