"""Whether a file ends before its own structure does; its headers' lengths and numbers of frames prove nothing.

Edit lists, dropped frames and sound that is longer than the picture make those wrong in files that are whole.
"""

from pathlib import Path

from av.container import InputContainer
from av.video.stream import VideoStream

HEAD_BYTES = 4096
EBML, SEGMENT = 0x1A45DFA3, 0x18538067  # the two outermost elements of a Matroska file
TRANSPORT_PACKETS = (188, 192, 204)  # bytes: plain, with a time code, with error correction


def ends_early(path: Path, container: InputContainer, stream: VideoStream) -> bool:
    """Says whether bytes are missing at the end of a file that was read as far as it goes; raises OSError."""
    size = path.stat().st_size
    index = stream.index_entries
    if len(index) and index[len(index) - 1].pos + index[len(index) - 1].size > size:
        return True
    if container.format.name == "mpegts":
        return all(size % packet for packet in TRANSPORT_PACKETS)
    with path.open("rb") as file:
        end = _segment_end(file.read(HEAD_BYTES))
    return end is not None and end > size


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
