"""Pictures encoded of packets from what people may see: masked, in square pixels, at a bounded size and rate."""

from collections.abc import Iterator
from fractions import Fraction

import av
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from engine.picture.fields import Fields
from engine.picture.shot import Decoded, fields_in
from engine.picture.view import View
from engine.recording.pieces import TIME_BASE, Timed, packet_of
from engine.sources.bounds import LIMITS
from engine.sources.opening import ERRORS
from engine.sources.packets import Coding

WITHIN = 720, 1280  # height and width in pixels of what is encoded
MOST_FPS = 12.5  # of it
KEYS_EVERY = 50  # pictures
BT709, LIMITED = 1, 1  # FFmpeg's numbers for colour space, primaries and transfer; and for the range of video


class Encoder:
    """Puts what may be seen of packets of one coding into a file, from one moment of theirs on.

    Combs of fields that nobody tells of give way as those of a camera do, once pictures have shown them.
    """

    def __init__(self, container: OutputContainer, coding: Coding, view: View, *, begin_s: float = 0.0) -> None:
        """Writes nothing yet; the first picture's time in the file is counted from `begin_s`."""
        self._container, self._coding, self._view = container, coding, view
        self._begin_s = self._due_s = begin_s
        self._decoder, self._fields = _decoder(coding), Fields()
        self._stream: VideoStream | None = None
        self.frames = 0
        """That were written."""

    def put(self, timed: Timed) -> None:
        """Takes the next packet."""
        self._encode(packet_of(timed))

    def finish(self) -> None:
        """Writes what is still on its way."""
        self._encode(None)
        if self._stream is not None:
            self._container.mux(self._stream.encode(None))

    def _encode(self, packet: "Packet[Stream] | None") -> None:
        for frame in self._decoded(packet):
            shown_s, has_fields = float((frame.pts or 0) * TIME_BASE), fields_in(frame, self._fields)
            if shown_s < self._due_s:
                continue
            self._due_s = max(self._due_s + 1 / MOST_FPS, shown_s)
            shot = Decoded(frame, self._coding.pixel, has_fields=has_fields)
            self._write(_drawn(shot, self._view), shown_s)

    def _decoded(self, packet: "Packet[Stream] | None") -> Iterator[VideoFrame]:
        try:
            yield from self._decoder.decode(packet)
        except ERRORS:
            return

    def _write(self, drawn: VideoFrame, shown_s: float) -> None:
        if self._stream is None:
            self._stream = _stream(self._container, drawn.width, drawn.height)
        place = {"width": self._stream.width, "height": self._stream.height}
        coded = drawn.reformat(**place, format="yuv420p", dst_colorspace=BT709, dst_color_range=LIMITED)
        coded.pts, coded.time_base = round((shown_s - self._begin_s) / TIME_BASE), TIME_BASE
        self._container.mux(self._stream.encode(coded))
        self.frames += 1


def _decoder(coding: Coding) -> av.VideoCodecContext:
    decoder = av.CodecContext.create(coding.codec, "r")
    assert isinstance(decoder, av.VideoCodecContext)
    decoder.extradata = coding.extradata or None
    decoder.options = LIMITS
    return decoder


def _drawn(shot: Decoded, view: View) -> VideoFrame:
    """Returns what people may see of a picture, in a size that video can have: even, as 4:2:0 asks for."""
    picture = view.picture(shot, WITHIN)
    height, width = (max(2, side // 2 * 2) for side in picture.shape[:2])
    return VideoFrame.from_ndarray(picture[:height, :width].copy(), format="rgb24")


def _stream(container: OutputContainer, width: int, height: int) -> VideoStream:
    stream = container.add_stream("libx264", rate=Fraction(25, 2))
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    context = stream.codec_context
    context.time_base = TIME_BASE
    context.colorspace = context.color_primaries = context.color_trc = BT709
    context.color_range = LIMITED
    context.thread_count = 1  # the cores are for counting
    stream.options = {"preset": "veryfast", "crf": "25", "g": str(KEYS_EVERY)}
    return stream
