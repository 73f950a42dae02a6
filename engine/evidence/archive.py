"""Whether a ZIP is laid out as bundles are: member upon member, then their list, and not a byte besides; pure reading.

What a person sees of a ZIP depends on the program that opens it: bytes before the first member may be run, and a
symbolic link leads elsewhere. No bundle has any of that.
"""

import stat
import struct
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from engine.redaction import readable

MOST_MEMBERS = 10_000
MOST_SWELL = 1100
"""How much longer what was deflated can be at most, by the format."""
ROOM_BYTES = 1 << 20
LOCAL, LISTED, END = 30, 46, 22
"""Bytes of the fixed part of a member's header, of an entry of the list, and of what ends the list."""
LONG_END = 76
"""Bytes of what stands before the end where numbers are long."""
LONG_SIZES = 1
"""The kind of the only further field that members have."""
FOLDER = 0x10
"""A folder's attribute in DOS."""


def archive_faults(archive: ZipFile, file: IO[bytes], size: int) -> Iterator[str]:
    """Yields what is wrong with an archive as such.

    Args:
        archive: that is open.
        file: the same, for reading the headers.
        size: of the file in bytes.
    """
    infos = archive.infolist()
    if len(infos) > MOST_MEMBERS:
        yield f"it holds {len(infos):,} members, expected at most {MOST_MEMBERS:,}"
        return
    if archive.comment:
        yield "the archive has a comment, which no bundle has: it was added"
    names: set[str] = set()
    for info in infos:
        if info.filename.casefold() in names:
            yield f"{readable(info.filename)} is there twice"
        names.add(info.filename.casefold())
        yield from _of_member(info)
    yield from _strays(infos, file, archive.start_dir, size)


def _of_member(info: ZipInfo) -> Iterator[str]:
    """Yields what is odd with the entry of one member."""
    name = readable(info.filename)
    if _is_tricky(info.filename):
        yield f"{name} would be written outside of the folder that it is unpacked into"
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG) or info.external_attr & FOLDER:
        yield f"{name} is marked as a link, a folder or a device, expected a plain file: it was changed"
    if info.comment or not _is_plain(info.extra):
        yield f"{name} has more in its entry than any member has: it was added"
    if info.flag_bits & 0x1:
        yield f"{name} is encrypted, which no member is"
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        yield f"{name} is compressed in a way that no member is"
    if info.file_size > MOST_SWELL * info.compress_size + ROOM_BYTES:
        yield f"{name} promises {info.file_size:,} bytes in {info.compress_size:,}, which cannot be"


def _strays(infos: Sequence[ZipInfo], file: IO[bytes], list_at: int, size: int) -> Iterator[str]:
    """Yields where bytes lie that belong to no member, or to several."""
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        name = readable(info.filename)
        if info.header_offset < end:
            yield f"{name} shares its bytes with another member"
        elif info.header_offset > end:
            yield f"before {name} lie {info.header_offset - end:,} bytes that belong to no member"
        head = _read(file, info.header_offset, LOCAL)
        named, more = struct.unpack("<HH", head[26:30])
        if not _is_plain(_read(file, info.header_offset + LOCAL + named, more)):
            yield f"{name} has more in its header than any member has: it was added"
        end = info.header_offset + LOCAL + named + more + info.compress_size
    over = size - end - _list_bytes(infos, file, list_at)
    if list_at != end or over not in (END, END + LONG_END):
        yield f"behind the last member lie {size - end:,} bytes, more or others than a list of the members takes"


def _list_bytes(infos: Sequence[ZipInfo], file: IO[bytes], list_at: int) -> int:
    """Returns how long the list of the members is."""
    at = list_at
    for _ in infos:
        at += LISTED + sum(struct.unpack("<HHH", _read(file, at, LISTED)[28:34]))
    return at - list_at


def _is_plain(extra: bytes) -> bool:
    """Whether the further fields of a member are none, or its long sizes alone."""
    if not extra:
        return True
    return len(extra) >= 4 and struct.unpack("<HH", extra[:4]) == (LONG_SIZES, len(extra) - 4) and len(extra) <= 32


def _read(file: IO[bytes], at: int, length: int) -> bytes:
    file.seek(at)
    found = file.read(length)
    if len(found) < length:
        raise BadZipFile("it ends within a header")
    return found


def _is_tricky(name: str) -> bool:
    path = PurePosixPath(name)
    is_odd = "\\" in name or ":" in name or "\0" in name or not name.isprintable() or name.endswith("/")
    return path.is_absolute() or ".." in path.parts or not name or is_odd
