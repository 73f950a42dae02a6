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


class Tap(Protocol):
    """Who takes packets; must not wait."""

    @property
    def is_wanted(self) -> bool:
        """Whether it takes any now."""
        ...

    def put(self, piece: Piece) -> None:
        """Takes one."""
        ...


class Tapping:
    """Hands on the packets of one stream, from a key frame on."""

    def __init__(self, stream: VideoStream, tap: Tap) -> None:
        self._stream, self._tap = stream, tap
        self._coding: Coding | None = None

    def put(self, packet: "Packet[VideoStream] | Packet[Stream]") -> None:
        """Takes a packet, in the order in which they are decoded."""
        if not self._tap.is_wanted:
            return
        if self._coding is None:
            if not packet.is_keyframe:
                return
            self._coding = _coding(self._stream, packet)
        base = packet.time_base or self._stream.time_base or Fraction(1)
        decoded_s, shown_s = (None if stamp is None else float(stamp * base) for stamp in (packet.dts, packet.pts))
        self._tap.put(Piece(bytes(packet), packet.is_keyframe, self._coding, decoded_s, shown_s))


def _coding(stream: VideoStream, packet: "Packet[VideoStream] | Packet[Stream]") -> Coding:
    context = stream.codec_context
    pixel = context.sample_aspect_ratio or stream.sample_aspect_ratio
    try:
        head = _head(stream, packet)
    except ERRORS:
        head = b""
    return Coding(context.name, context.extradata or b"", pixel or None, head)


def _head(stream: VideoStream, packet: "Packet[VideoStream] | Packet[Stream]") -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="nut") as container:
        target = container.add_stream_from_template(stream)
        first = av.Packet(bytes(packet))
        first.pts = first.dts = 0
        first.time_base, first.is_keyframe, first.stream = Fraction(1, 1000), True, target
        container.mux(first)
    return file.getvalue()
