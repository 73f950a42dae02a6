"""Recordings and pictures with faults, made for tests by editing the bytes and packets of sound ones."""

import struct
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

MILLISECONDS = Fraction(1, 1000)


def stamped(
    path: Path,
    times_s: Sequence[float],
    *,
    rate: int = 10,
    size: tuple[int, int] = (96, 128),
    options: dict[str, str] | None = None,
) -> Path:
    """Writes one frame for each time stamp, in the container that the suffix names."""
    rng = np.random.default_rng(1)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options=options or {"bf": "0"})
        stream.height, stream.width, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.time_base = MILLISECONDS
        for time_s in times_s:
            frame = av.VideoFrame.from_ndarray(rng.integers(0, 256, (*size, 3), dtype=np.uint8), format="rgb24")
            frame.pts, frame.time_base = round(time_s / MILLISECONDS), MILLISECONDS
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def copied(
    source: Path, target: Path, edit: Callable[[int, av.Packet], bool] = lambda number, packet: True, movflags: str = ""
) -> Path:
    """Copies the packets of the picture; `edit` may change each, and leaves out those for which it is false."""
    options = {"movflags": movflags} if movflags else {}
    with av.open(str(source)) as old, av.open(str(target), "w", options=options) as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for number, packet in enumerate(packet for packet in old.demux(video=0) if packet.size):
            if edit(number, packet):
                packet.stream = stream
                new.mux(packet)
    return target


def with_damaged_packets(path: Path, *numbers: int) -> Path:
    """Overwrites packets of a file, by their number in it, with what no decoder takes."""
    with av.open(str(path)) as container:
        places = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    content = bytearray(path.read_bytes())
    for number in numbers:
        start, size = places[number]
        content[start : start + size] = b"\xff" * size
    path.write_bytes(content)
    return path


def swollen(jpeg: bytes, side: int = 30_000) -> bytes:
    """Returns a JPEG whose header promises another size."""
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">HH", side, side) + jpeg[at + 4 :]
