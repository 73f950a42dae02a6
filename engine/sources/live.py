"""One connection to a live camera, read with PyAV until it is lost.

Health is judged by what arrives: where a read times out, FFmpeg may still give a left-over frame before it says so, and
where a server closes, it ends without an error.
"""

from collections.abc import Iterator
from time import monotonic

import av
from av.stream import Stream
from av.video.stream import VideoStream

from engine.picture.fields import Fields
from engine.picture.shot import Decoded, fields_in
from engine.sources.arrival import Arrival, Link
from engine.sources.bounds import DECODER_THREADS, LIMITS, excess, excess_of
from engine.sources.ffmpeg import Opened
from engine.sources.hardware import DOWNLOADED_FORMATS, Hardware
from engine.sources.opening import (
    ERRORS,
    HardwareError,
    LiveOrder,
    RefusedError,
    break_off,
    ending,
    nonsense,
    silence,
)
from engine.sources.packets import Tap, Tapping, own_time
from engine.sources.patience import Patience
from engine.sources.pixel_aspect import PixelAspect
from engine.sources.playback import Playback
from engine.sources.thrift import Thrift
from engine.sources.waiting import Waiting

LONGEST_STEP_S = 2.0  # between two pictures; more is a jump


class LiveSource:
    """A camera that answered."""

    def __init__(
        self, order: LiveOrder, hardware: Hardware, waiting: Waiting, opened: Opened, playback: Playback | None = None
    ) -> None:
        """Takes over what was opened.

        Args:
            order: what is watched.
            hardware: what it was asked to be decoded by.
            waiting: limits every read, and ends them.
            opened: where to read.
            playback: holds each picture back until its own time, where many come at once; None shows them as they come.

        Raises:
            RefusedError: it has no picture.
        """
        self._order, self._hardware, self._waiting, self._playback = order, hardware, waiting, playback
        self._opened, self._container = opened, opened.container
        self._own_time = _OwnTime()
        self._stream = self._video_stream()
        self._stream.thread_type = "SLICE"
        self._stream.codec_context.thread_count = DECODER_THREADS
        self._stream.codec_context.options = LIMITS
        self._pixel, self._fields = PixelAspect(self._stream), Fields()
        self._is_downloaded = False
        self._tapping: Tapping | None = None
        self._thrift = Thrift()

    @property
    def link(self) -> Link:
        """How it is decoded; certain from the first picture on."""
        codec, name = self._stream.codec_context.name, self._hardware.name
        if not name or self._is_downloaded:
            return Link(codec, name or "software", self._hardware.remark, self._opened.security)
        remark = f"{name} does not decode this camera's {codec}, so software does"
        return Link(codec, "software", remark, self._opened.security)

    def tap(self, tap: Tap) -> None:
        """Hands on the packets of its picture."""
        self._tapping = Tapping(self._stream, tap)

    def spare(self, thrift: Thrift) -> None:
        """Leaves out what need not be decoded."""
        thrift.begin()
        self._thrift = thrift

    def arrivals(self) -> Iterator[Arrival | None]:
        """Yields pictures as they come, None for each that could not be decoded, until it raises SourceError."""
        patience = Patience(self._order.read_timeout_s, monotonic())
        for packet in self._packets():
            self._check(patience)
            if packet.stream.index != self._stream.index:
                continue
            patience.packet(monotonic())
            if self._tapping is not None:
                self._tapping.put(packet)
            for arrival in self._decoded(packet):
                if arrival is None:
                    patience.error()
                else:
                    patience.frame(monotonic())
                yield arrival
        raise ending(self._order)

    def close(self) -> None:
        """Hangs up; may be called twice."""
        self._container.close()
        self._opened.hang_up()

    def _packets(self) -> Iterator["av.Packet[Stream]"]:
        packets, asked_s = self._container.demux(), monotonic()  # all, so that sound does not hide a silent picture
        while True:
            self._waiting.allow(self._order.read_timeout_s)
            try:
                with self._waiting.within_ffmpeg():
                    packet = next(packets, None)
            except ERRORS:
                if monotonic() - asked_s >= self._order.read_timeout_s:
                    raise silence(self._order) from None
                raise break_off(self._order) from None
            if packet is None or packet.size == 0:
                return
            yield packet
            asked_s = monotonic()

    def _check(self, patience: Patience) -> None:
        now = monotonic()
        if patience.is_silent(now):
            raise silence(self._order)
        if patience.is_hopeless(now):
            if self._hardware.name and not self._is_downloaded:
                raise HardwareError(f"{self._hardware.name} decodes nothing of {self._order.who}")
            raise nonsense(self._order)

    def _decoded(self, packet: "av.Packet[Stream]") -> Iterator[Arrival | None]:
        begun_s = monotonic()
        skip = self._thrift.skip(is_key=packet.is_keyframe, now_s=begun_s, own_s=own_time(packet))
        self._stream.codec_context.skip_frame = skip
        try:
            frames = packet.decode()
        except ERRORS:
            if too_large := excess_of(packet):
                raise RefusedError(f"{self._order.who} {too_large}") from None
            yield None
            return
        self._thrift.decoded(len(frames), monotonic() - begun_s)
        for frame in frames:
            assert isinstance(frame, av.VideoFrame)
            if self._playback is not None:
                self._playback.wait(self._own_time.of(frame.time))
            self._is_downloaded = frame.format.name in DOWNLOADED_FORMATS
            shot = Decoded(frame, self._pixel.now(), has_fields=fields_in(frame, self._fields))
            yield Arrival(shot, damaged=frame.is_corrupt, is_key=bool(frame.key_frame))

    def _video_stream(self) -> VideoStream:
        stream = next(iter(self._container.streams.video), None)
        if stream is None or stream.codec_context is None:
            self.close()
            raise RefusedError(f"{self._order.who} sends no video that is supported; choose H.264 or H.265 in it")
        if too_large := excess(stream.height, stream.width):
            self.close()
            raise RefusedError(f"{self._order.who} {too_large}")
        return stream


class _OwnTime:
    """A stream's own time from 0, in which jumps are closed."""

    def __init__(self) -> None:
        self._now_s, self._last_s = 0.0, 0.0

    def of(self, time_s: float | None) -> float:
        """Takes a picture's presentation time; None where it has none."""
        if time_s is not None:
            step_s, self._last_s = time_s - self._last_s, time_s
            self._now_s += step_s if 0 <= step_s <= LONGEST_STEP_S else 0.0
        return self._now_s
