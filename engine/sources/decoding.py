"""Decodes the picture of a recording from beginning to end, and goes on behind what cannot be read or decoded.

PyAV loses what comes out of the decoder together with an error. That happens at the end, where all its threads are
emptied at once. So the last packets are kept, and decoded again on one thread where their pictures never came.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from itertools import dropwhile
from time import monotonic

from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from engine.errors import SourceError
from engine.sources.bounds import LIMITS, excess_of
from engine.sources.opening import ERRORS, reason
from engine.sources.packets import Tap, Tapping, own_time
from engine.sources.thrift import NOTHING, Thrift

DOUBTED_FRAMES = 32  # after a fault: one for each thread of the decoder, and those that are shown out of order
IN_FLIGHT = 64  # packets whose pictures the decoder may still hold
KEPT_BYTES = 32 << 20  # at most, back to the key frame from which they can be decoded


class Decoding:
    """One pass through a recording."""

    def __init__(self, container: InputContainer, stream: VideoStream, again: Callable[[], InputContainer]) -> None:
        """Reads from where the container is; `again` opens it a second time."""
        self._container, self._stream, self._again = container, stream, again
        self.undecoded = 0
        """Packets that could not be read or decoded."""
        self.stuck = 0
        """Packets at the end that gave no picture, once the end is reached."""
        self.problem = ""
        """Why the end was not reached."""
        self.excess = ""
        """In what a picture was too large to be decoded."""
        self._kept: list[Packet[VideoStream]] = []
        """The last packets, from a key frame on where there is room for so many."""
        self._kept_bytes = 0
        self._waiting: list[int] = []
        self._dts: int | None = None
        self._blamed: list[int | None] = []
        """Time stamps of the packets at which the decoder complained, of these or of some before."""
        self._doubted = 0
        self._tapping: Tapping | None = None
        self._thrift: Thrift | None = None
        self._spares = False
        """Whether the packet at hand may give no picture, and is not expected to."""

    def tap(self, tap: Tap) -> None:
        """Hands on packets as they are read."""
        self._tapping = Tapping(self._stream, tap)

    def spare(self, thrift: Thrift) -> None:
        """Leaves out what need not be decoded, by a decoder whose threads hold no pictures back: no packet is kept."""
        thrift.begin()
        self._thrift = thrift

    @property
    def is_doubtful(self) -> bool:
        """Whether pictures may be missing before the one that came last."""
        return self._doubted > 0

    def pictures(self) -> Iterator[VideoFrame]:
        """Yields what can be decoded, in the order in which it is shown; a picture that is cut off is left out."""
        for packet in self.packets():
            if self._thrift is not None:
                skip = self._thrift.skip(is_key=packet.is_keyframe, now_s=monotonic(), own_s=own_time(packet))
                self._stream.codec_context.skip_frame, self._spares = skip, skip != NOTHING
            self._expect(packet)
            if self._tapping is not None:
                self._tapping.put(packet)
            yield from self._decoded(packet)
        yield from self._decoded(None)
        if self._waiting:
            yield from self._decoded_again()
        self.stuck = len(self._waiting)

    def packets(self) -> Iterator["Packet[VideoStream]"]:
        """Yields the packets; one that is cut off by the end of the file is none."""
        marks_losses = self._container.format.name == "mpegts"  # all others so mark only what is cut off
        held: Packet[VideoStream] | None = None
        for packet in self._packets():
            if held is not None:
                yield held
            held = packet if packet.is_corrupt and not marks_losses else None
            if held is None:
                yield packet
        if held is not None:
            self.problem = "its last picture is cut off"

    def _decoded_again(self) -> Iterator[VideoFrame]:
        """Yields the pictures of the last packets that did not come."""
        lost = set(self._waiting)
        self._doubted = DOUBTED_FRAMES
        for picture in self._on_one_thread():
            if picture.pts in lost:
                lost.discard(picture.pts)
                yield from self._shown([picture])
        self.undecoded += len(lost.difference(self._blamed))

    def _on_one_thread(self) -> Iterator[VideoFrame]:
        with suppress(SourceError), closing(self._again()) as container:
            stream = next(one for one in container.streams.video if one.index == self._stream.index)
            stream.thread_type = "SLICE"
            stream.codec_context.options = LIMITS
            for packet in (*dropwhile(lambda kept: not kept.is_keyframe, self._kept), None):
                with suppress(*ERRORS):
                    yield from stream.decode(packet)

    def _expect(self, packet: "Packet[VideoStream]") -> None:
        """Notes that a packet should give a picture."""
        if packet.is_corrupt:
            self._doubted = DOUBTED_FRAMES
        if packet.dts is not None:
            if self._dts is not None and packet.dts < self._dts:
                self._waiting.clear()  # another recording begins: the time stamps before it do not compare
            self._dts = packet.dts
        if self._thrift is None:
            self._keep(packet)
        if packet.pts is not None and not (packet.is_discard or self._spares):
            self._waiting = [*self._waiting[1 - IN_FLIGHT :], packet.pts]

    def _keep(self, packet: "Packet[VideoStream]") -> None:
        if packet.is_keyframe:
            keys = [place for place, kept in enumerate(self._kept[: 1 - IN_FLIGHT]) if kept.is_keyframe]
            self._forget(keys[-1] if keys else 0)
        self._kept.append(packet)
        self._kept_bytes += packet.size
        while self._kept_bytes > KEPT_BYTES:
            self._forget(1)

    def _forget(self, packets: int) -> None:
        self._kept_bytes -= sum(packet.size for packet in self._kept[:packets])
        del self._kept[:packets]

    def _decoded(self, packet: "Packet[VideoStream] | None") -> Iterator[VideoFrame]:
        begun_s = monotonic()
        try:
            pictures = self._stream.decode(packet)
        except ERRORS:
            if packet is not None or not self._waiting:  # what is waited for is counted once it did not come
                self._fail()
                self.excess = self.excess or (excess_of(packet) if packet is not None else "")
                self._blamed = [*self._blamed[1 - IN_FLIGHT :], packet.pts if packet else None]
            return
        if self._thrift is not None and packet is not None:
            self._thrift.decoded(len(pictures), monotonic() - begun_s)
        yield from self._shown(pictures)

    def _shown(self, pictures: Iterable[VideoFrame]) -> Iterator[VideoFrame]:
        for picture in pictures:
            self._doubted = DOUBTED_FRAMES if picture.is_corrupt else max(0, self._doubted - 1)
            shown = None if picture.pts is None else picture.pts + picture.duration // 2  # its other field may follow
            self._waiting = [] if shown is None else [pts for pts in self._waiting if pts > shown]
            yield picture

    def _fail(self) -> None:
        self.undecoded += 1
        self._doubted = DOUBTED_FRAMES

    def _packets(self) -> Iterator["Packet[VideoStream]"]:
        """Yields the packets that hold something; goes on after an error for as long as more come."""
        advances = True
        while advances:
            advances, self.problem = False, ""
            try:
                for packet in self._container.demux(self._stream):
                    if packet.size:
                        yield packet
                        advances = True
                return
            except ERRORS as error:
                self._fail()
                self.problem = f"it cannot be read on ({reason(error)})"
