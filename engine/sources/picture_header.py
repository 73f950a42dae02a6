"""The size of a picture by its header, before anything is decoded: a small file may hold one that fills all memory.

Only the formats of `engine.sources.folder` are known: what begins otherwise is no picture for us, whatever OpenCV
would make of it.
"""

import struct
from collections.abc import Callable

Size = tuple[int, int]
"""Height and width in pixels."""

FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # of a JPEG: they hold its size
LONE_MARKERS = frozenset({0x01, *range(0xD0, 0xD9)})  # of a JPEG: no length follows them
MOST_MARKERS = 10_000  # of a JPEG before its size; a hundred are many
TIFF_TAGS = {257: 0, 256: 1}  # height and width


def picture_size(content: bytes) -> Size | None:
    """Returns the size that the header of a JPEG, PNG, BMP, WebP or TIFF gives; None of anything else."""
    for beginning, size_of in _FORMATS.items():
        if content.startswith(beginning):
            try:
                return size_of(content)
            except (struct.error, IndexError, ValueError):
                return None
    return None


def _png(content: bytes) -> Size:
    width, height = struct.unpack_from(">II", content, 16)
    return height, width


def _bmp(content: bytes) -> Size:
    is_old = struct.unpack_from("<I", content, 14)[0] == 12
    width, height = struct.unpack_from("<HH" if is_old else "<ii", content, 18)
    return abs(height), abs(width)


def _jpeg(content: bytes) -> Size | None:
    at = 2
    for _ in range(MOST_MARKERS):
        at = content.index(b"\xff", at)
        marker = content[at + 1]
        if marker in FRAME_MARKERS:
            height, width = struct.unpack_from(">HH", content, at + 5)
            return height, width
        if marker in LONE_MARKERS or marker in (0x00, 0xFF):  # 0xFF fills, and a marker comes after it
            at += 1 if marker == 0xFF else 2
        else:
            at += 2 + struct.unpack_from(">H", content, at + 2)[0]
    return None


def _webp(content: bytes) -> Size | None:
    kind = content[12:16]
    if content[8:12] != b"WEBP":
        return None
    if kind == b"VP8X":
        return 1 + int.from_bytes(content[27:30], "little"), 1 + int.from_bytes(content[24:27], "little")
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", content, 21)[0]
        return (bits >> 14 & 0x3FFF) + 1, (bits & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", content, 26)
    return height & 0x3FFF, width & 0x3FFF


def _tiff(content: bytes) -> Size | None:
    order = "<" if content.startswith(b"II") else ">"
    start = struct.unpack_from(f"{order}I", content, 4)[0]
    size = [0, 0]
    for entry in range(struct.unpack_from(f"{order}H", content, start)[0]):
        at = start + 2 + 12 * entry
        tag, kind = struct.unpack_from(f"{order}HH", content, at)
        if tag in TIFF_TAGS and not size[TIFF_TAGS[tag]]:
            size[TIFF_TAGS[tag]] = struct.unpack_from(f"{order}{'H' if kind == 3 else 'I'}", content, at + 8)[0]
    return (size[0], size[1]) if all(size) else None


_FORMATS: dict[bytes, Callable[[bytes], Size | None]] = {
    b"\xff\xd8\xff": _jpeg,
    b"\x89PNG\r\n\x1a\n": _png,
    b"BM": _bmp,
    b"RIFF": _webp,
    b"II*\0": _tiff,
    b"MM\0*": _tiff,
}
