"""The capture thread of a live camera: reads what it sends, and comes back to it for ever, until it is stopped."""

import logging
from collections.abc import Callable
from contextlib import closing
from math import inf
from random import random
from threading import Lock
from time import monotonic

from engine.capture.backoff import Backoff
from engine.capture.health import STALL_S, Health, HealthReport, State
from engine.capture.onlookers import Onlookers
from engine.capture.preroll import PreRoll
from engine.capture.scrutiny import Scrutiny
from engine.errors import SourceError
from engine.handoff import LatestSlot
from engine.picture.frame import Frame
from engine.picture.view import View
from engine.sources.arrival import Arrival, Connection
from engine.sources.base import Pace
from engine.sources.connecting import connected
from engine.sources.hardware import Hardware, hardware_for
from engine.sources.opening import HardwareError, LiveOrder, OverError, RefusedError
from engine.sources.packets import Taps
from engine.sources.playback import Playback
from engine.sources.rerun import Rerun
from engine.sources.thrift import YOUNG_S, Thrift
from engine.sources.trust import NOT_VERIFIED
from engine.sources.waiting import Waiting
from engine.worker import Worker

SOON_S = 0.05  # that a decoder may hold a picture back, and a camera send it early
KEY_EARLY = 0.1  # of the interval: a key frame that comes by so much too soon is not let pass, for the next is far
IDLE_S = 0.25  # between two looks at whether it is needed again
SLACK_S = 5.0  # for what a busy machine takes beyond the time-outs

logger = logging.getLogger(__name__)


class LiveCapture:
    """Reads a live camera: the newest frame waits for the model, older ones give way to it.

    A frame's time is counted in seconds from the making of the capture by our own monotonic clock, since those of
    cameras jump.
    """

    def __init__(self, order: LiveOrder, *, backoff: Backoff | None = None, stall_s: float = STALL_S) -> None:
        """Nothing is opened before `start`.

        Args:
            order: what to watch, and how.
            backoff: how long it waits before it tries again; by default 1 to 30 s.
            stall_s: after how long without a frame it counts as stalled.
        """
        self.name = order.name
        self.view = order.view
        """How pictures are seen from the next on; any thread may set it."""
        self.seen: Callable[[View], View] = lambda view: view
        """Adds to it what was found by looking at pictures; any thread may set it."""
        self.is_counted = True
        """Whether frames are offered to the model; any thread may set it."""
        self.onlookers = Onlookers()
        """They get every frame that comes, also those that nobody counts."""
        self.preroll = PreRoll(lambda: self.view)
        """The packets of the last seconds, where they are wanted."""
        self.taps = Taps(self.preroll)
        """Who gets its packets; more may be added before the start."""
        self._order, self._backoff = order, backoff or Backoff()
        self._frames: LatestSlot[Frame] = LatestSlot(order.max_fps or inf)
        self._playback, self._waiting = Playback(own_speed=True), Waiting()
        self._pace, self._scrutiny = Pace(order.max_fps), Scrutiny(motion_gate=order.motion_gate)
        self._interval_s = 1 / order.max_fps if order.max_fps else 0.0
        self._thrift = Thrift(
            self._is_wanted, lambda: bool(self.onlookers), self._interval_s, turn_s=lambda: self._frames.turn_s
        )
        self._spared, self._offered_s = 0, -inf
        self._unoffered = 0
        """Pictures that were not decoded since the last that was offered."""
        self._began_s = monotonic()
        self._decoded, self._problem, self._remark = 0, "", ""
        self._health, self._lock = Health(self._began_s, stall_s=stall_s), Lock()
        self._spoil = self._remark_on_pictures = ""
        self._end = ""
        """Why a recording was over before its end."""
        self._hardware: Hardware | None = None
        self._worker = Worker(f"capture of {order.name}", self._run)

    @property
    def frames(self) -> LatestSlot[Frame]:
        """Where the frames come out; closed when a recording that does not begin again is over."""
        return self._frames

    @property
    def is_unreadable(self) -> bool:
        """Whether it is a recording that cannot be read; it is tried again all the same, once in a while."""
        return self._order.address.kind == "path" and self.health.state is State.FAILED

    @property
    def failure(self) -> Exception | None:
        """Why the thread died, or None; a camera that is lost is no failure, see `health`."""
        return self._worker.failure

    @property
    def health(self) -> HealthReport:
        """How the camera is doing now; may be asked by any thread at any time."""
        with self._lock:
            return self._health.report(monotonic(), drops=self._frames.dropped)

    def spoiled(self, time_s: float, error: Exception) -> None:
        """Notes that a frame could not be counted: the camera goes on, and its health says so."""
        self._blame(self._health.spoiled, "counted", time_s, error)

    def unshown(self, time_s: float, error: Exception) -> None:
        """Notes that a frame could not be shown, whatever became of its count; any thread may call."""
        self._blame(self._health.unshown, "shown", time_s, error)

    @property
    def running(self) -> bool:
        """Whether its thread was started and has not ended."""
        return self._worker.running

    def start(self) -> None:
        """Starts the thread."""
        self._worker.start()

    def end(self) -> None:
        """Has the thread end, without waiting for it; may be called twice."""
        self._frames.close()
        self._playback.stop()
        self._waiting.end()

    def stop(self, timeout_s: float | None = None) -> None:
        """Ends the thread and waits for it, for so long at most; may be called twice.

        Waits end at once, and what FFmpeg waits for within a tenth of a second; only a resolver and a webcam's driver
        answer when they will, and are waited for as long as an opening may take unless told otherwise.
        """
        self.end()
        longest_s = max(2 * self._order.open_timeout_s, self._order.read_timeout_s) + SLACK_S
        self._worker.finish(longest_s if timeout_s is None else timeout_s)

    def _run(self) -> None:
        try:
            wait_s: float | None = 0.0
            while wait_s is not None and not self._frames.wait_closed(wait_s):
                wait_s = self._read() if self._is_needed() else IDLE_S
            with self._lock:
                self._health.ended(monotonic(), self._end)
        except Exception:
            with self._lock:
                self._health.failed(monotonic(), f"{self._worker.name} died of a defect, which is in the log")
            raise
        finally:
            self._frames.close()

    def _read(self) -> float | None:
        """Reads until the connection is lost or needed no more; returns the seconds to wait, None at the end."""
        first_s: float | None = None
        try:
            with closing(self._connected()) as connection:
                connection.tap(self.taps)
                connection.spare(self._thrift)
                for arrival in connection.arrivals():
                    if arrival is not None and first_s is None:
                        first_s = monotonic()
                        self._greet(connection)
                    self._take(arrival)
                    if self._frames.closed:
                        return None
                    if not self._is_needed():
                        return IDLE_S
            return None
        except SourceError as error:
            healthy_s = 0.0 if first_s is None else monotonic() - first_s
            return self._wait_after(error, healthy_s)

    def _is_needed(self) -> bool:
        """Whether it is to be connected now; one that is counted always is."""
        return True

    def _accept(self, frame: Frame) -> None:
        """Looks at a frame before anybody gets it; raises RefusedError where nobody may."""

    def _wait_after(self, error: SourceError, healthy_s: float) -> float | None:
        """Says what went wrong; returns the seconds to wait for the next try, None where it was stopped meanwhile."""
        if self._frames.closed:
            return None
        if isinstance(error, HardwareError):
            self._hardware = Hardware(remark=f"{error}, so software does")
            return 0.0
        if isinstance(error, OverError):
            self._end = str(error)
            logger.warning("%s: %s", self._order.who, error)
            return None
        refused = isinstance(error, RefusedError)
        self._complain(error, refused=refused)
        if refused:
            return self._backoff.after_refusal(chance=random())
        return self._backoff.after_loss(healthy_s=healthy_s, chance=random())

    def _connected(self) -> Connection:
        if self._order.address.kind == "path":
            return Rerun(self._order, self._playback)
        self._hardware = self._hardware or hardware_for(self._order.hardware)
        return connected(self._order, self._hardware, self._waiting, self._playback)

    def _take(self, arrival: Arrival | None) -> None:
        now = monotonic()
        self._note_spared(now)
        self._scrutiny.notice(arrival)
        if arrival is None or arrival.damaged:
            with self._lock:
                self._health.decode_error()
        if arrival is None:
            return
        try:
            frame = Frame(self._decoded, now - self._began_s, arrival.shot, self.seen(self.view), arrived_s=now)
        except Exception as error:  # whatever is wrong with one frame, the next may be well
            self.spoiled(now - self._began_s, error)
            return
        self._accept(frame)
        is_looked_at = self._handed_on(frame, arrival)
        self._decoded += 1
        self._remark_on(frame)
        with self._lock:
            self._health.frame(now, frame.layout, frame.look.condition if is_looked_at else None)

    def _handed_on(self, frame: Frame, arrival: Arrival) -> bool:
        """Puts a frame where it is wanted; returns whether it was looked at, which what nobody counts is not."""
        early_s = KEY_EARLY * self._interval_s if self._thrift.waits_for_keys else 0.0
        counts = self.is_counted and self._pace.wants(frame.arrived_s, early_s=early_s)
        if counts:
            try:
                frame.look = self._scrutiny.look(arrival, frame.time_s)
            except Exception as error:  # as above; it can be shown all the same
                counts = False
                self.spoiled(frame.time_s, error)
            else:
                self._frames.passed_over(self._passed_over(frame.arrived_s))
                self._frames.put(frame)
                self._offered_s, self._unoffered = frame.arrived_s, 0
        self.onlookers.put(frame)
        return counts

    def _passed_over(self, now_s: float) -> int:
        """Returns how many of the pictures that were not decoded since the one before were wanted."""
        if not self._interval_s:
            return self._unoffered
        wanted = (now_s - self._offered_s) / self._interval_s - 0.5
        return int(min(self._unoffered, max(0.0, wanted)))

    def _is_wanted(self, now_s: float) -> bool:
        """Whether a picture that comes now would be looked at; asked by this thread before it is decoded."""
        if not self.is_counted or not self._pace.is_due(now_s + SOON_S):
            return False
        return self._frames.is_empty or now_s - self._offered_s >= YOUNG_S

    def _note_spared(self, now: float) -> None:
        spared, self._spared = self._thrift.spared - self._spared, self._thrift.spared
        self._decoded += spared
        is_missed = self.is_counted and not self._thrift.waits_for_keys
        self._unoffered = self._unoffered + spared if is_missed else 0
        with self._lock:
            self._health.spared(now, spared)
            self._health.waits_for(self._thrift.waits_s)

    def _remark_on(self, frame: Frame) -> None:
        remark = frame.layout.remark
        if remark and remark != self._remark_on_pictures:
            logger.warning("%s: %s", self._order.who, remark)
        self._remark_on_pictures = remark

    def _blame(self, note: Callable[[float, str], None], what: str, time_s: float, error: Exception) -> None:
        problem = f"camera '{self.name}': a frame could not be {what} ({type(error).__name__})"
        with self._lock:
            note(monotonic(), problem)
        if problem != self._spoil:
            logger.error("%s, %.1f s after its start", problem, time_s, exc_info=error)
        self._spoil = problem

    def _greet(self, connection: Connection) -> None:
        link = connection.link
        with self._lock:
            self._health.connected(link)
        logger.info("%s is live: %s, decoded by %s", self._order.who, link.codec, link.decoder)
        unverified = "its certificate is not verified" if link.security == NOT_VERIFIED else ""
        remark = "; ".join(filter(None, (link.remark, unverified)))
        if remark and remark != self._remark:
            logger.warning("%s: %s", self._order.who, remark)
        self._remark = remark
        self._problem = ""

    def _complain(self, error: SourceError, *, refused: bool) -> None:
        problem = str(error)
        with self._lock:
            (self._health.failed if refused else self._health.lost)(monotonic(), problem)
        logger.log(logging.DEBUG if problem == self._problem else logging.WARNING, "%s", problem)
        self._problem = problem
