"""Packets on their way into a file: with times that rise, and the stream that they are copied into."""

import io
from dataclasses import dataclass
from fractions import Fraction

import av
from av.container import OutputContainer
from av.stream import Stream

from engine.sources.packets import Coding, Kept
from engine.sources.picture_header import picture_size

TIME_BASE = Fraction(1, 90_000)
LONGEST_STEP_S, LEAST_STEP_S = 2.0, 0.001  # of a stream's own time; what is beyond is a jump, and goes by arrival
SEAM_S = 1.0  # within which a recording that begins again goes on as it did


@dataclass(frozen=True, slots=True)
class Timed:
    """A packet with rising times from the first one's on."""

    kept: Kept
    decoded_s: float
    shown_s: float


class Timing:
    """Gives packets times that rise: their own, in which jumps are closed, or else when they came."""

    def __init__(self) -> None:
        """The first packet is at 0."""
        self._before: Kept | None = None
        self._now_s, self._step_s = 0.0, LEAST_STEP_S
        self.has_jumped = False
        """Whether the stream's own time jumped since the first packet, while packets went on coming."""

    @property
    def end_s(self) -> float:
        """Where the last packet ends that was timed."""
        return self._now_s + self._step_s

    def of(self, kept: Kept) -> Timed:
        """Takes the next packet, in the order in which they are decoded."""
        piece, before = kept.piece, self._before
        if before is not None:
            own_s = between(piece.decoded_s, before.piece.decoded_s)
            came_s = kept.arrived_s - before.arrived_s
            if is_own(own_s):
                self._step_s = own_s or self._step_s
            elif own_s is None or came_s > SEAM_S:
                self._step_s = max(LEAST_STEP_S, came_s)
            self.has_jumped = self.has_jumped or (own_s is not None and not is_own(own_s))
            self._now_s += self._step_s
        self._before = kept
        return Timed(kept, self._now_s, self._now_s + max(0.0, between(piece.shown_s, piece.decoded_s) or 0.0))


def is_own(step_s: float | None) -> bool:
    """Whether a step of a stream's own time is one that can be believed."""
    return step_s is not None and LEAST_STEP_S <= step_s <= LONGEST_STEP_S


def between(later_s: float | None, earlier_s: float | None) -> float | None:
    """Returns the time from one stamp to another; None where one is not there."""
    return None if later_s is None or earlier_s is None else later_s - earlier_s


def packet_of(timed: Timed) -> "av.Packet[Stream]":
    """Returns a packet as FFmpeg takes it."""
    packet = av.Packet(timed.kept.piece.data)
    packet.time_base, packet.is_keyframe = TIME_BASE, timed.kept.piece.is_key
    packet.dts, packet.pts = round(timed.decoded_s / TIME_BASE), round(timed.shown_s / TIME_BASE)
    return packet


def add_stream(container: OutputContainer, first: Kept) -> Stream:
    """Adds the stream to a file that packets of one coding are copied into; `first` is a key frame of them."""
    coding = first.piece.coding
    if not coding.head:
        return _of_pictures(container, coding, first.piece.data)
    with av.open(io.BytesIO(coding.head), format="nut") as template:
        return container.add_stream_from_template(template.streams.video[0])


def _of_pictures(container: OutputContainer, coding: Coding, picture: bytes) -> Stream:
    height, width = picture_size(picture) or (0, 0)
    return container.add_mux_stream(coding.codec, width=width, height=height)
