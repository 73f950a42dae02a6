"""What a program left of a segment that died while it wrote it: cut back to what is whole, or removed."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import av

from engine.files import ffmpeg_file
from engine.recording.segments import finished_path
from engine.sources.opening import ERRORS

HEADER = 8  # bytes of a box
LARGE = 1  # in place of a box's length, which then stands behind its name


def mend(partial: Path) -> Path | None:
    """Makes a finished segment of one that was not, in place; returns it, None where nothing of it can be played."""
    with suppress(OSError):
        if partial.suffix == ".mp4":
            _cut_back(partial)
        length_s = _length_s(partial)
        if length_s > 0:
            return partial.replace(finished_path(partial, length_s))
        partial.unlink()
    return None


def _cut_back(path: Path) -> None:
    """Cuts a file off behind its last whole fragment; one that was finished has none."""
    whole = 0
    with path.open("rb") as file:
        before = b""
        for kind, end in _boxes(file, path.stat().st_size):
            if kind == b"mdat" and before in (b"moof", b"moov"):
                whole = end
            before = kind
    if whole:
        os.truncate(path, whole)


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int]]:
    """Yields the boxes of an MP4 file (ISO 14496-12) that are whole: what they are, and where they end."""
    at = 0
    while at + HEADER <= size:
        file.seek(at)
        head = file.read(2 * HEADER)
        length, kind = int.from_bytes(head[:4]), head[4:HEADER]
        if length == LARGE:
            length = int.from_bytes(head[HEADER:])
        at += length
        if length < HEADER or at > size:
            return
        yield kind, at


def _length_s(path: Path) -> float:
    """Returns from where to where its pictures reach; 0 without any."""
    begin_s, end_s, step_s = float("inf"), float("-inf"), 0.0
    with suppress(*ERRORS), av.open(ffmpeg_file(path), "r") as container:
        for packet in container.demux(video=0):
            if packet.pts is None or packet.time_base is None or not packet.size:
                continue
            shown_s = float(packet.pts * packet.time_base)
            step_s = shown_s - end_s if end_s > float("-inf") and shown_s > end_s else step_s
            begin_s, end_s = min(begin_s, shown_s), max(end_s, shown_s)
    return max(0.001, end_s - begin_s + step_s) if end_s >= begin_s else 0.0
