"""One segment while it is written: packets copied as they came, or what may be seen of them encoded.

An MP4 file is written in fragments, so that what is on disk can be played whenever the program dies, and becomes an
ordinary one at its end, which every player plays. What MP4 does not hold (pictures) goes into a Matroska file.
"""

import hashlib
import os
from contextlib import suppress
from pathlib import Path

import av
from av.container import OutputContainer

from engine.errors import OutputError
from engine.files import ffmpeg_file
from engine.picture.masks import Mask
from engine.picture.view import View
from engine.recording.encoding import Encoder
from engine.recording.mending import mend
from engine.recording.pieces import Timing, add_stream, packet_of
from engine.recording.segments import Segment, finished_path, partial_path
from engine.sources.opening import ERRORS
from engine.sources.packets import Coding, Kept

NOTE = "comment"
"""Metadata of a file that tell under which masks it was encoded."""
IN_MP4 = ("h264", "hevc")
"""Copied into MP4."""
FRAGMENTS = {"movflags": "+frag_keyframe+hybrid_fragmented", "frag_duration": "2000000", "flush_packets": "1"}
"""Options of MP4: written to disk from key frame to key frame, after two seconds (in microseconds) at the latest."""
CLUSTERS = {"cluster_time_limit": "2000", "flush_packets": "1"}
"""The same of Matroska, in milliseconds."""


def mark_of(private: Mask) -> str:
    """Returns by what masks are known in a file, which does not tell where they are; empty without any."""
    shown = hashlib.sha256(repr(private.polygons).encode()).hexdigest()[:16]
    return f"privacy masks {shown}" if private else ""


class SegmentFile:
    """A file that is being written; of one thread."""

    def __init__(self, folder: Path, begin_s: float, first: Kept, view: View | None = None) -> None:
        """Begins one with a key frame; encoded as a view shows it, or copied where that is None.

        Raises:
            OSError: it cannot be written; or, as all of `ERRORS`, FFmpeg cannot copy what is coded so.
        """
        self.begin_s, self.bytes = begin_s, 0
        self.coding: Coding = first.piece.coding
        is_mp4 = view is not None or self.coding.codec in IN_MP4
        self.path = partial_path(folder, begin_s, ".mp4" if is_mp4 else ".mkv")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.timing = Timing()
        self._container: OutputContainer = av.open(
            ffmpeg_file(self.path),
            "w",
            format="mp4" if is_mp4 else "matroska",
            options=FRAGMENTS if is_mp4 else CLUSTERS,
        )
        if view is not None:
            self._container.metadata[NOTE] = mark_of(view.private)
        try:
            self._encoder = None if view is None else Encoder(self._container, self.coding, view)
            self._stream = add_stream(self._container, first) if view is None else None
        except ERRORS:
            self.abandon()
            raise

    @property
    def end_s(self) -> float:
        """Where the last packet ends, in seconds since 1970."""
        return self.begin_s + self.timing.end_s

    def put(self, kept: Kept) -> None:
        """Takes the next packet; raises `ERRORS` where it cannot be written."""
        timed = self.timing.of(kept)
        self.bytes += len(kept.piece.data)
        if self._encoder is not None:
            self._encoder.put(timed)
        if self._stream is not None:
            packet = packet_of(timed)
            packet.stream = self._stream
            self._container.mux(packet)

    def finish(self) -> Segment | None:
        """Ends it and gives it its name; None where there was nothing to be seen.

        Raises:
            OutputError: it could not be written to its end; what there is of it is kept.
        """
        try:
            if self._encoder is not None:
                self._encoder.finish()
            self._container.close()
            with self.path.open("rb+") as file:
                os.fsync(file.fileno())
        except ERRORS as error:
            self.abandon()
            raise OutputError(f"{self.path} cannot be written: {getattr(error, 'strerror', None) or error}") from error
        if self._encoder is not None and not self._encoder.frames:
            self.path.unlink(missing_ok=True)
            return None
        path = self.path.replace(finished_path(self.path, self.timing.end_s))
        return Segment(self.begin_s, self.end_s, path, path.stat().st_size)

    def abandon(self) -> Path | None:
        """Ends it where it stands; returns what there is of it, as a finished segment."""
        with suppress(*ERRORS):
            self._container.close()
        return mend(self.path)
