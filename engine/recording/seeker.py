"""Pictures of a recording by their time: the last that is not after it, decoded from the key frame before it.

What was decoded last is kept, so that a step back costs nothing; a step forward goes on decoding where it was.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic

import numpy as np
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from engine.errors import SourceError
from engine.picture.frame import Frame
from engine.picture.shot import Decoded
from engine.picture.view import PLAIN, View
from engine.recording.finder import Found
from engine.recording.index import UNSTAMPED, Index
from engine.redaction import readable
from engine.sources.bounds import LIMITS
from engine.sources.file import opened_file, video_stream
from engine.sources.opening import ERRORS
from engine.sources.pixel_aspect import PixelAspect

MOST_BYTES = 96 << 20  # of decoded pictures that are kept
BY_BYTES = frozenset({"mpegts", "mpeg"})  # containers without an index, whose time stamps may start again
LOOK_AHEAD = 256  # pictures among which the one with a time stamp is looked for


class Seeker:
    """Finds pictures of one video file; of one thread."""

    def __init__(self, path: Path, index: Index, *, view: View = PLAIN, most_bytes: int = MOST_BYTES) -> None:
        """Opens the file; raises SourceError where that cannot be done."""
        self.name, self.index = readable(path.name), index
        self._view, self._most_bytes = view, most_bytes
        self._container = opened_file(path)
        self._stream = video_stream(self._container, path)
        self._stream.thread_type = "AUTO"
        self._stream.codec_context.options = LIMITS
        self._pixel = PixelAspect(self._stream)
        self._kept: OrderedDict[int, VideoFrame] = OrderedDict()
        self._kept_bytes = 0
        self._coming: Iterator[VideoFrame] = iter(())
        self._place = -1
        """The picture that was decoded last."""

    @property
    def times(self) -> NDArray[np.float64]:
        """Of all pictures, in seconds, rising."""
        return self.index.times

    def place(self, time_s: float) -> int:
        """Returns the number of the last picture whose time is not after a time, the first for times before it."""
        return self.index.place(time_s)

    def close(self) -> None:
        """Closes the file."""
        self._coming = iter(())
        self._kept.clear()
        self._container.close()

    @property
    def stream(self) -> VideoStream:
        """The track that is read, of which a copy can be made."""
        return self._stream

    def packets(self, time_s: float) -> "Iterator[Packet[VideoStream]]":
        """Yields the packets from the key frame before a time on, in the order in which they are decoded."""
        return self._packets(self.index.key(self.index.place(time_s)))

    def frame(self, time_s: float) -> Frame:
        """Returns the frame of a time in seconds; raises SourceError where it and all before it are damaged."""
        *_, found = self.frames(time_s)
        return found.frame

    def frames(self, time_s: float, is_wanted: Callable[[], bool] = lambda: True) -> Iterator[Found]:
        """Yields a frame near a time as soon as there is one, then the exact one; stops once it is not wanted.

        Raises:
            SourceError: it and all before it are damaged.
        """
        place = self.index.place(time_s)
        if place in self._kept:
            self._kept.move_to_end(place)
            yield Found(self._frame(place), is_exact=True)
            return
        for key in range(self.index.key(place), -1, -1):
            best: int | None = None
            for at in self._decoded(key, place):
                if at > place:
                    break
                if best is None and at < place:
                    yield Found(self._frame(at), is_exact=False)
                best = at
                if at == place or not is_wanted():
                    break
            if not is_wanted():
                return
            if best is not None:
                yield Found(self._frame(best), is_exact=True)
                return
        raise SourceError(f"{self.name}: nothing can be decoded up to {time_s:.1f} s")

    def _frame(self, place: int) -> Frame:
        picture, stamp = self._kept[place], int(self.index.stamps[place])
        tick = self._stream.time_base
        own_s = None if stamp == UNSTAMPED or tick is None else float(stamp * tick)
        shot = Decoded(picture, self._pixel.now())
        return Frame(place, float(self.index.times[place]), shot, self._view, arrived_s=monotonic(), own_s=own_s)

    def _decoded(self, key: int, place: int) -> Iterator[int]:
        """Yields the places of pictures as they are decoded, on the way to one that is not there yet."""
        first = int(self.index.keys[key]) if len(self.index.keys) else 0
        if not first <= self._place < place:
            self._coming, self._place = self._pictures(key), first - 1
        elif self._place in self._kept:
            yield self._place
        for picture in self._coming:
            at = self._place_of(picture)
            if at is not None:
                self._place = at
                self._keep(at, picture)
                yield at

    def _place_of(self, picture: VideoFrame) -> int | None:
        """Returns which picture came out; None for one that is shown before the key frame, and lacks what it needs."""
        following = self._place + 1
        if picture.pts is None:
            return following if following < len(self.index) else None
        ahead = self.index.stamps[following : following + LOOK_AHEAD]
        hits = (ahead == picture.pts).nonzero()[0]
        if len(hits):
            return following + int(hits[0])
        return following if len(ahead) and ahead[0] == UNSTAMPED else None

    def _keep(self, place: int, picture: VideoFrame) -> None:
        if place not in self._kept:
            self._kept_bytes += _bytes(picture)
        self._kept[place] = picture
        self._kept.move_to_end(place)
        while self._kept_bytes > self._most_bytes and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._kept_bytes -= _bytes(oldest)

    def _pictures(self, key: int) -> Iterator[VideoFrame]:
        """Yields all pictures from a key frame on, in the order in which they are shown."""
        for packet in self._packets(key):
            with suppress(*ERRORS):
                yield from self._stream.decode(packet)
        with suppress(*ERRORS):
            yield from self._stream.decode(None)

    def _packets(self, key: int) -> "Iterator[Packet[VideoStream]]":
        """Yields the packets from a key frame on; by whatever way it can be reached."""
        for seek in (self._by_bytes, self._by_time, self._to_the_beginning):
            if not seek(key):
                continue
            packets = self._demuxed()
            for packet in packets:
                if self._is_key(packet, key):
                    yield packet
                    yield from packets
                    return
                if seek == self._by_time and packet.dts is not None and packet.dts > self.index.key_stamps[key]:
                    break

    def _by_bytes(self, key: int) -> bool:
        position = int(self.index.key_bytes[key])
        if self._container.format.name not in BY_BYTES or position < 0:
            return False
        return self._sought(position, by_bytes=True)

    def _by_time(self, key: int) -> bool:
        stamp = int(self.index.key_stamps[key])
        return stamp != UNSTAMPED and self._container.format.name not in BY_BYTES and self._sought(stamp)

    def _to_the_beginning(self, _key: int) -> bool:
        return self._sought(0, by_bytes=True) or self._sought(int(self.index.key_stamps[0]))

    def _sought(self, where: int, *, by_bytes: bool = False) -> bool:
        try:
            if by_bytes:
                self._container.seek(where, stream=self._stream, unsupported_byte_offset=True)
            else:
                self._container.seek(where, stream=self._stream)
        except ERRORS:
            return False
        return True

    def _demuxed(self) -> "Iterator[Packet[VideoStream]]":
        advances = True
        while advances:
            advances = False
            with suppress(*ERRORS):
                for packet in self._container.demux(self._stream):
                    if packet.size:
                        yield packet
                        advances = True

    def _is_key(self, packet: "Packet[VideoStream]", key: int) -> bool:
        position = int(self.index.key_bytes[key])
        if packet.pos is not None and position >= 0:
            return packet.pos == position
        return bool((packet.pts if packet.dts is None else packet.dts) == self.index.key_stamps[key])


def _bytes(picture: VideoFrame) -> int:
    return sum(plane.buffer_size for plane in picture.planes)
