"""Short clips as access units, ready to be sent over and over.

Every synthetic picture carries its number as a row of black and white blocks, so that a test can tell whether the
picture that was sent is the one that arrived.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Literal, Self

import av
import numpy as np
from av.bitstream import BitStreamFilterContext
from numpy.typing import NDArray

Codec = Literal["h264", "h265", "mjpeg"]

NUMBER_BITS = 8
BLOCK = 16  # pixels; a macroblock, so that its edges survive the encoder
KEYFRAME_EVERY = 10

_ENCODERS = {
    "h264": ("libx264", {"preset": "ultrafast", "tune": "zerolatency", "x264-params": "scenecut=0:log-level=none"}),
    "h265": (
        "libx265",
        {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "x265-params": "scenecut=0:open-gop=0:repeat-headers=1:log-level=none:pools=1",
        },
    ),
    "mjpeg": ("mjpeg", {"qscale": "4"}),
}
_PARAMETER_SETS = {"h264": (7, 8), "h265": (32, 33, 34)}


@dataclass(frozen=True, slots=True)
class Unit:
    """One access unit: all that belongs to one picture."""

    nals: tuple[bytes, ...]
    """NAL units without start codes; those of a keyframe begin with the parameter sets. Of MJPEG, the one picture."""
    keyframe: bool
    shown: int
    """Position in the order of presentation, counted from 0 within the clip."""

    @property
    def annex_b(self) -> bytes:
        """The unit as a byte stream with start codes."""
        return b"".join(b"\0\0\0\1" + nal for nal in self.nals)


@dataclass(frozen=True, slots=True)
class Clip:
    """Encoded pictures in decoding order; the first is a keyframe."""

    codec: Codec
    size: tuple[int, int]
    """Height and width in pixels."""
    units: tuple[Unit, ...]

    @classmethod
    def drawn(
        cls, codec: Codec = "h264", *, size: tuple[int, int] = (240, 320), frames: int = 30, pixel: int = 1
    ) -> Self:
        """A synthetic clip in which everything moves.

        `size` is height and width, both even, at least 16 by 128; `pixel` is how wide a pixel is shown.
        """
        return _drawn(cls, codec, size, frames, pixel)

    @classmethod
    def of_file(cls, path: Path) -> Self:
        """The pictures of an MP4 or MKV file with H.264 or H.265, as they are."""
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            codec: Codec = {"h264": "h264", "hevc": "h265"}[stream.codec_context.name]
            in_band = BitStreamFilterContext(f"{stream.codec_context.name}_mp4toannexb", stream)
            packets = [p for raw in container.demux(stream) if raw.size for p in in_band.filter(raw)]
            order = {pts: place for place, pts in enumerate(sorted(p.pts for p in packets))}
            units = tuple(Unit(tuple(nal_units(bytes(p))), p.is_keyframe, order[p.pts]) for p in packets)
            return cls(codec, (stream.height, stream.width), units)

    @property
    def parameter_sets(self) -> tuple[bytes, ...]:
        """SPS and PPS of H.264; VPS, SPS and PPS of H.265."""
        wanted = _PARAMETER_SETS[self.codec]
        return tuple(nal for kind in wanted for nal in self.units[0].nals if nal_type(nal, self.codec) == kind)


def nal_type(nal: bytes, codec: Codec) -> int:
    """The type of a NAL unit (H.264 section 7.3.1, H.265 section 7.3.1.2)."""
    return nal[0] & 0x1F if codec == "h264" else nal[0] >> 1 & 0x3F


def nal_units(stream: bytes) -> list[bytes]:
    """Splits a byte stream at its start codes (H.264 annex B)."""
    starts = []
    at = stream.find(b"\0\0\1")
    while at >= 0:
        starts.append(at)
        at = stream.find(b"\0\0\1", at + 3)
    return [stream[a + 3 : b].rstrip(b"\0") for a, b in pairwise([*starts, len(stream)])]


def picture(number: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    """A coloured texture, uint8 (height, width, 3) RGB, that moves with its number and shows it as blocks."""
    height, width = size
    coarse = np.random.default_rng(1).integers(40, 216, (height // 8 + 1, width // 8 + 1, 3), dtype=np.uint8)
    texture = np.roll(coarse.repeat(8, 0).repeat(8, 1)[:height, :width], (2 * number, 5 * number), (0, 1))
    for bit in range(NUMBER_BITS):
        texture[:BLOCK, bit * BLOCK : (bit + 1) * BLOCK] = 255 if number >> bit & 1 else 0
    return texture


def number_of(shown: NDArray[np.uint8]) -> int:
    """The number that a picture (height, width, 3) of a synthetic clip shows."""
    row = shown[BLOCK // 4 : 3 * BLOCK // 4, : NUMBER_BITS * BLOCK].mean(axis=(0, 2)).reshape(NUMBER_BITS, BLOCK)
    return sum(1 << bit for bit, level in enumerate(row[:, BLOCK // 4 : -BLOCK // 4].mean(axis=1)) if level > 127)


@lru_cache(maxsize=16)
def _drawn(kind: type[Clip], codec: Codec, size: tuple[int, int], frames: int, pixel: int) -> Clip:
    name, options = _ENCODERS[codec]
    encoder = av.CodecContext.create(name, "w")
    encoder.height, encoder.width, encoder.pix_fmt = *size, "yuvj420p" if codec == "mjpeg" else "yuv420p"
    encoder.framerate, encoder.time_base = Fraction(25), Fraction(1, 25)
    encoder.sample_aspect_ratio = Fraction(pixel)
    encoder.gop_size, encoder.thread_count = KEYFRAME_EVERY, 1
    encoder.options = options
    packets = []
    for number in range(frames):
        frame = av.VideoFrame.from_ndarray(picture(number, size), format="rgb24")
        frame.pts = number
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    split = (lambda data: [data]) if codec == "mjpeg" else nal_units
    units = tuple(Unit(tuple(split(bytes(p))), p.is_keyframe, n) for n, p in enumerate(packets))
    return kind(codec, size, units)
