"""Whether a file ends before its own structure does; its headers' lengths and numbers of frames prove nothing.

Edit lists, dropped frames and sound that is longer than the picture make those wrong in files that are whole.
"""

from pathlib import Path

from av.container import InputContainer
from av.video.stream import VideoStream

EDGE_BYTES = 4096
EBML, SEGMENT = 0x1A45DFA3, 0x18538067  # the two outermost elements of a Matroska file
SYNC, PACKET_BYTES = 0x47, 188  # how each packet of a transport stream begins, and how long it is
PACKET_STEPS = (188, 192, 204)  # bytes from one to the next: plain, with a time code, with error correction


def ends_early(path: Path, container: InputContainer, stream: VideoStream) -> bool:
    """Says whether bytes are missing at the end of a file that was read as far as it goes; no, where it is gone."""
    try:
        return _ends_early(path, container, stream)
    except OSError:
        return False


def _ends_early(path: Path, container: InputContainer, stream: VideoStream) -> bool:
    size = path.stat().st_size
    index = stream.index_entries
    if len(index) and index[len(index) - 1].pos + index[len(index) - 1].size > size:
        return True
    with path.open("rb") as file:
        if container.format.name == "mpegts":
            file.seek(max(0, size - EDGE_BYTES))
            return _ends_in_a_packet(file.read())
        end = _segment_end(file.read(EDGE_BYTES))
    return end is not None and end > size


def _ends_in_a_packet(tail: bytes) -> bool:
    """Says whether the last packet of a transport stream is cut off; what is no packet at all is no sign of that."""
    for step in PACKET_STEPS:
        for start in range(step):
            if set(tail[start::step]) == {SYNC}:
                return (len(tail) - start) % step not in (0, PACKET_BYTES)
    return False


def _segment_end(head: bytes) -> int | None:
    """Returns where a Matroska file ends by its own account; None where it does not say, or is none."""
    place = 0
    for wanted in (EBML, SEGMENT):
        if int.from_bytes(head[place : place + 4], "big") != wanted or place + 5 > len(head):
            return None
        width = 9 - head[place + 4].bit_length()
        number = int.from_bytes(head[place + 4 : place + 4 + width], "big") & ((1 << 7 * width) - 1)
        start = place + 4 + width
        if number == (1 << 7 * width) - 1:  # written while it grew
            return None
        place = start + number
    return place
