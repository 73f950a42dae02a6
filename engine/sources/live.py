"""One connection to a live camera, read with PyAV until it is lost.

Health is judged by what arrives: where a read times out, FFmpeg may still give a left-over frame before it says so, and
where a server closes, it ends without an error.
"""

from collections.abc import Iterator
from time import monotonic

import av
from av.stream import Stream
from av.video.stream import VideoStream

from engine.errors import SourceError
from engine.picture.shot import Decoded
from engine.sources.arrival import Arrival, Link
from engine.sources.bounds import LIMITS, excess, excess_of
from engine.sources.hardware import DOWNLOADED_FORMATS, SOFTWARE, Hardware
from engine.sources.opening import ERRORS, HardwareError, LiveOrder, RefusedError, opened
from engine.sources.patience import Patience
from engine.sources.pixel_aspect import PixelAspect

DECODER_THREADS = 2  # per camera, on slices of one frame: threads on whole frames would each add a frame of latency


class LiveSource:
    """A camera that answered."""

    def __init__(self, order: LiveOrder, hardware: Hardware = SOFTWARE) -> None:
        """Connects; see `engine.sources.opening.opened` for what that raises and how long it takes."""
        self._order, self._hardware = order, hardware
        self._container = opened(order, self._hardware)
        self._stream = self._video_stream()
        self._stream.thread_type = "SLICE"
        self._stream.codec_context.thread_count = DECODER_THREADS
        self._stream.codec_context.options = LIMITS
        self._pixel = PixelAspect(self._stream)
        self._is_downloaded = False

    @property
    def link(self) -> Link:
        """How it is decoded; certain from the first picture on."""
        codec, name = self._stream.codec_context.name, self._hardware.name
        if not name or self._is_downloaded:
            return Link(codec, name or "software", self._hardware.remark)
        return Link(codec, "software", f"{name} does not decode this camera's {codec}, so software does")

    def arrivals(self) -> Iterator[Arrival | None]:
        """Yields pictures as they come, None for each that could not be decoded, until it raises SourceError."""
        patience = Patience(self._order.read_timeout_s, monotonic())
        for packet in self._packets():
            self._check(patience)
            if packet.stream.index != self._stream.index:
                continue
            patience.packet(monotonic())
            for arrival in self._decoded(packet):
                if arrival is None:
                    patience.error()
                else:
                    patience.frame(monotonic())
                yield arrival
        raise SourceError(f"{self._who} ended its stream; it may be restarting")

    def close(self) -> None:
        """Hangs up; may be called twice."""
        self._container.close()

    @property
    def _who(self) -> str:
        return f"camera '{self._order.name}'"

    def _packets(self) -> Iterator["av.Packet[Stream]"]:
        packets, asked_s = self._container.demux(), monotonic()  # all, so that sound does not hide a silent picture
        while True:
            try:
                packet = next(packets, None)
            except ERRORS:
                if monotonic() - asked_s >= self._order.read_timeout_s:
                    raise self._silence() from None
                raise SourceError(f"{self._who} broke off the connection; check its network") from None
            if packet is None or packet.size == 0:
                return
            yield packet
            asked_s = monotonic()

    def _check(self, patience: Patience) -> None:
        now = monotonic()
        if patience.is_silent(now):
            raise self._silence()
        if patience.is_hopeless(now):
            if self._hardware.name and not self._is_downloaded:
                raise HardwareError(f"{self._hardware.name} decodes nothing of {self._who}")
            raise SourceError(f"{self._who} sends nothing that can be decoded; check its codec and its network")

    def _silence(self) -> SourceError:
        limit = f"{self._order.read_timeout_s:g} s"
        return SourceError(f"{self._who} has sent no picture for {limit}; check its network and power")

    def _decoded(self, packet: "av.Packet[Stream]") -> Iterator[Arrival | None]:
        try:
            frames = packet.decode()
        except ERRORS:
            if too_large := excess_of(packet):
                raise RefusedError(f"{self._who} {too_large}") from None
            yield None
            return
        for frame in frames:
            assert isinstance(frame, av.VideoFrame)
            self._is_downloaded = frame.format.name in DOWNLOADED_FORMATS
            yield Arrival(Decoded(frame, self._pixel.now()), damaged=frame.is_corrupt, is_key=bool(frame.key_frame))

    def _video_stream(self) -> VideoStream:
        stream = next(iter(self._container.streams.video), None)
        if stream is None or stream.codec_context is None:
            self._container.close()
            raise RefusedError(f"{self._who} sends no video that is supported; choose H.264 or H.265 in it")
        if too_large := excess(stream.height, stream.width):
            self._container.close()
            raise RefusedError(f"{self._who} {too_large}")
        return stream
