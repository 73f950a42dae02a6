"""Packets as a camera sent them, kept apart from FFmpeg's own, so that they outlast the connection.

They are handed on as they come, before they are decoded: to copy them into a clip costs no encoding.
"""

import io
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

import av
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from engine.sources.opening import ERRORS

START_CODE = b"\0\0\1"
SETS = {"h264": (7, 8), "hevc": (32, 33, 34)}
"""Types of NAL units that say how what follows is coded (H.264 section 7.3.1, H.265 section 7.3.1.2)."""
LENGTH_PREFIXED = b"\1"
"""With what extradata begins where packets hold lengths in place of start codes."""
SLICES = {"h264": range(1, 6), "hevc": range(32)}


@dataclass(frozen=True, slots=True)
class Coding:
    """How the packets of one connection are coded."""

    codec: str
    """As FFmpeg calls it."""
    extradata: bytes = field(default=b"", repr=False)
    """What a decoder has to know first; empty where the packets hold it."""
    pixel: Fraction | None = None
    """Width over height of a pixel; None where nobody tells."""
    head: bytes = field(default=b"", compare=False, repr=False)
    """A file in the format NUT with one packet, of which a stream to copy them into is made; empty for pictures."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One packet."""

    data: bytes = field(repr=False)
    is_key: bool
    coding: Coding
    decoded_s: float | None = None
    """Its time stamps, in seconds, as far as it has them."""
    shown_s: float | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A packet, and when it came on the monotonic clock."""

    piece: Piece
    arrived_s: float


class Tap(Protocol):
    """Who takes packets; must not wait."""

    @property
    def is_wanted(self) -> bool:
        """Whether it takes any now."""
        ...

    def put(self, piece: Piece) -> None:
        """Takes one."""
        ...


class Taps:
    """Hands packets on to several, each as far as it wants any."""

    def __init__(self, *taps: Tap) -> None:
        self._taps = taps
        self.is_open = True
        """Whether they get any, however much they want some."""

    def add(self, tap: Tap) -> None:
        """Has one more get packets from now on."""
        self._taps = (*self._taps, tap)

    @property
    def is_wanted(self) -> bool:
        """Whether any of them takes some now."""
        return any(tap.is_wanted for tap in self._taps)

    def put(self, piece: Piece) -> None:
        """Hands one on."""
        for tap in self._taps if self.is_open else ():
            if tap.is_wanted:
                tap.put(piece)


class Tapping:
    """Hands on the packets of one stream, from a key frame on."""

    def __init__(self, stream: VideoStream, tap: Tap) -> None:
        self._stream, self._tap = stream, tap
        self._coding: Coding | None = None
        self._sets = b""

    def put(self, packet: "Packet[VideoStream] | Packet[Stream]") -> None:
        """Takes a packet, in the order in which they are decoded."""
        if not self._tap.is_wanted:
            return
        data = bytes(packet)
        coding = self._coding_at(packet, data) if packet.is_keyframe else self._coding
        if coding is None:
            return
        base = packet.time_base or self._stream.time_base or Fraction(1)
        decoded_s, shown_s = (None if stamp is None else float(stamp * base) for stamp in (packet.dts, packet.pts))
        self._tap.put(Piece(data, packet.is_keyframe, coding, decoded_s, shown_s))

    def _coding_at(self, packet: "Packet[VideoStream] | Packet[Stream]", data: bytes) -> Coding:
        """Returns how a key frame and what follows it is coded: a stream may change its size on the way."""
        if self._coding is None:
            self._coding = _coding(self._stream, packet)
            if self._coding.codec in SETS and not self._coding.extradata:
                self._coding = _coding_of_bytes(data, self._coding)
        is_in_stream = not self._coding.extradata.startswith(LENGTH_PREFIXED)
        sets = parameter_sets(data, self._coding.codec) if is_in_stream else b""
        if sets and self._sets and sets != self._sets:
            self._coding = _coding_of_bytes(data, self._coding)
        self._sets = sets or self._sets
        return self._coding


def own_time(packet: "Packet[VideoStream] | Packet[Stream]") -> float | None:
    """Returns when a packet is due to be decoded, in seconds of its stream's clock; None where it does not say."""
    due = packet.pts if packet.dts is None else packet.dts
    return None if due is None else float(due * packet.time_base)


def _coding(stream: VideoStream, packet: "Packet[VideoStream] | Packet[Stream]") -> Coding:
    context = stream.codec_context
    pixel = context.sample_aspect_ratio or stream.sample_aspect_ratio
    try:
        head = _head(stream, packet)
    except ERRORS:
        head = b""
    return Coding(context.name, context.extradata or b"", pixel or None, head)


def parameter_sets(data: bytes, codec: str) -> bytes:
    """Returns what a packet of H.264 or H.265 with start codes says of its coding; empty where it says nothing."""
    if codec not in SETS or not data.startswith((START_CODE, b"\0" + START_CODE)):
        return b""
    found, at = b"", data.find(START_CODE)
    while at >= 0 and at + 3 < len(data):
        kind, following = _kind(data[at + 3], codec), data.find(START_CODE, at + 3)
        if kind in SLICES[codec]:
            break
        if kind in SETS[codec]:
            found += START_CODE + data[at + 3 : following if following >= 0 else len(data)].rstrip(b"\0")
        at = following
    return found


def _kind(header: int, codec: str) -> int:
    return header & 0x1F if codec == "h264" else header >> 1 & 0x3F


def _coding_of_bytes(data: bytes, before: Coding) -> Coding:
    """Returns how a key frame is coded that holds its parameter sets; as before where that cannot be found out."""
    try:
        with av.open(io.BytesIO(data), "r", format=before.codec) as container:
            stream = container.streams.video[0]
            packet = next(iter(container.demux(stream)))
            return Coding(before.codec, stream.codec_context.extradata or b"", before.pixel, _head(stream, packet))
    except (*ERRORS, StopIteration, IndexError):
        return before


def _head(stream: VideoStream, packet: "Packet[VideoStream] | Packet[Stream]") -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="nut") as container:
        target = container.add_stream_from_template(stream)
        first = av.Packet(bytes(packet))
        first.pts = first.dts = 0
        first.time_base, first.is_keyframe, first.stream = Fraction(1, 1000), True, target
        container.mux(first)
    return file.getvalue()
