"""A PyAV client as simple as can be, to see what a camera sends."""

import contextlib
import itertools
from collections.abc import Iterator
from typing import Self

import av

from cameras.clip import number_of

SOON_S = 0.3  # read time-out where a fault is expected
LATE_S = 5.0  # read time-out where none is


class Client:
    """One PyAV client: packets are read one by one, so that an error of the decoder ends nothing."""

    def __init__(self, address: str, *, transport: str = "tcp", read_s: float = LATE_S) -> None:
        options = {"analyzeduration": "20000"} | ({"rtsp_transport": transport} if address.startswith("rtsp") else {})
        self.container = av.open(address, options=options, timeout=(LATE_S, read_s))
        self.codec = self.container.streams.video[0].codec_context.name

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.container.close()

    def frames(self) -> Iterator[av.VideoFrame]:
        """All frames until the connection ends; raises what a read raises."""
        for packet in self.container.demux(self.container.streams.video[0]):
            try:
                yield from packet.decode()
            except av.InvalidDataError:
                yield from ()

    def take(self, count: int) -> list[av.VideoFrame]:
        """The next frames, at most so many."""
        return list(itertools.islice(self.frames(), count))

    def drain(self) -> int:
        """How many frames still come; whether the end is an error depends on where in a packet it falls."""
        count = 0
        with contextlib.suppress(av.FFmpegError):
            for _ in itertools.islice(self.frames(), 1000):
                count += 1
        return count

    def numbers(self, count: int) -> list[int]:
        """The numbers that the next pictures show."""
        return [number_of(frame.to_ndarray(format="rgb24")) for frame in self.take(count)]
