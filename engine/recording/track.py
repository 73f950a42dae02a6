"""The picture of one video file, decoded from any of its key frames on; which one came out is known by its stamp."""

from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from time import monotonic

from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from engine.picture.frame import Frame
from engine.picture.shot import Decoded
from engine.picture.view import View
from engine.recording.index import UNSTAMPED, Index
from engine.sources.bounds import LIMITS
from engine.sources.file import opened_file, video_stream
from engine.sources.opening import ERRORS
from engine.sources.pixel_aspect import PixelAspect
from engine.sources.untold import untold_fields

BY_BYTES = frozenset({"mpegts", "mpeg"})  # containers without an index, whose time stamps may start again
LOOK_AHEAD = 256  # pictures among which the one with a time stamp is looked for


class Track:
    """Decodes one video file; of one thread, and one pass through it at a time."""

    def __init__(self, path: Path, index: Index, view: View) -> None:
        """Opens the file.

        Args:
            path: of it.
            index: of its pictures.
            view: how they are seen, without combs of fields that the file does not tell of, as `FileSource` sees them.

        Raises:
            SourceError: it cannot be opened, or holds no video.
        """
        self.index, self._path, self._view = index, path, view
        self.container = opened_file(path)
        self.stream = video_stream(self.container, path)
        self.stream.thread_type = "AUTO"
        self.stream.codec_context.options = LIMITS
        self._pixel = PixelAspect(self.stream)

    def close(self) -> None:
        """Closes the file; may be called twice."""
        self.container.close()

    @cached_property
    def _has_fields(self) -> bool | None:
        """Whether each of its pictures has two fields; None where they are to be believed."""
        return untold_fields(self._path)

    def frame(self, place: int, picture: VideoFrame) -> Frame:
        """Returns a picture as the frame that it is."""
        stamp, tick = int(self.index.stamps[place]), self.stream.time_base
        own_s = None if stamp == UNSTAMPED or tick is None else float(stamp * tick)
        shot = Decoded(picture, self._pixel.now(), has_fields=self._has_fields)
        return Frame(place, float(self.index.times[place]), shot, self._view, arrived_s=monotonic(), own_s=own_s)

    def pictures(self, key: int) -> Iterator[tuple[int, VideoFrame]]:
        """Yields all pictures from a key frame on, each with its place, in the order in which they are shown.

        Those that are shown before the key frame, and lack what they need, are left out.
        """
        place = int(self.index.keys[key]) - 1 if len(self.index.keys) else -1
        for picture in self._decoded(key):
            found = self._place_of(picture, place + 1)
            if found is not None:
                place = found
                yield place, picture

    def _place_of(self, picture: VideoFrame, following: int) -> int | None:
        if picture.pts is None:
            return following if following < len(self.index) else None
        ahead = self.index.stamps[following : following + LOOK_AHEAD]
        hits = (ahead == picture.pts).nonzero()[0]
        if len(hits):
            return following + int(hits[0])
        return following if len(ahead) and ahead[0] == UNSTAMPED else None

    def _decoded(self, key: int) -> Iterator[VideoFrame]:
        for packet in self.packets(key):
            with suppress(*ERRORS):
                yield from self.stream.decode(packet)
        with suppress(*ERRORS):
            yield from self.stream.decode(None)

    def packets(self, key: int) -> "Iterator[Packet[VideoStream]]":
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
        if self.container.format.name not in BY_BYTES or position < 0:
            return False
        return self._sought(position, by_bytes=True)

    def _by_time(self, key: int) -> bool:
        stamp = int(self.index.key_stamps[key])
        return stamp != UNSTAMPED and self.container.format.name not in BY_BYTES and self._sought(stamp)

    def _to_the_beginning(self, _key: int) -> bool:
        return self._sought(0, by_bytes=True) or self._sought(int(self.index.key_stamps[0]))

    def _sought(self, where: int, *, by_bytes: bool = False) -> bool:
        try:
            if by_bytes:
                self.container.seek(where, stream=self.stream, unsupported_byte_offset=True)
            else:
                self.container.seek(where, stream=self.stream)
        except ERRORS:
            return False
        return True

    def _demuxed(self) -> "Iterator[Packet[VideoStream]]":
        advances = True
        while advances:
            advances = False
            with suppress(*ERRORS):
                for packet in self.container.demux(self.stream):
                    if packet.size:
                        yield packet
                        advances = True

    def _is_key(self, packet: "Packet[VideoStream]", key: int) -> bool:
        position = int(self.index.key_bytes[key])
        if packet.pos is not None and position >= 0:
            return packet.pos == position
        return bool((packet.pts if packet.dts is None else packet.dts) == self.index.key_stamps[key])
