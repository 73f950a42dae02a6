"""Splits a message of many parts (multipart, RFC 2046), in which cameras push pictures; holds no more than one part.

Cameras write boundaries loosely: with or without dashes, quoted or not. So a part begins wherever its mark is found.
"""

import re
from collections.abc import Callable, Iterator
from email.parser import BytesHeaderParser

MEGABYTE = 2**20
MOST_BYTES = 32 * MEGABYTE
"""Of one part; a picture of 64 megapixels has about 20 million."""
MOST_HEAD_BYTES = 16 * 1024
PIECE_BYTES = 64 * 1024
PICTURES = frozenset({"image/jpeg", "image/jpg", "image/pjpeg"})
NO_LENGTH = -1


class TooLargeError(ValueError):
    """A picture is larger than any should be."""

    def __init__(self, size: int) -> None:
        super().__init__(f"a picture of {size / MEGABYTE:,.0f} MB, expected at most {MOST_BYTES / MEGABYTE:,.0f} MB")


class Parts:
    """The parts of a message that hold pictures, as they come."""

    def __init__(self, read: Callable[[int], bytes], boundary: str) -> None:
        """Takes what reads at most so many bytes, nothing at the end, and what separates the parts."""
        self._read, self._buffer = read, bytearray()
        self._mark = b"--" + boundary.strip().lstrip("-").encode("latin-1", "replace")

    def pictures(self) -> Iterator[bytes]:
        """Yields the content of each part that is a picture and not empty; raises `TooLargeError` for a large one."""
        while self._skip_to_mark() and (head := self._head()) is not None:
            length, kind = head
            content = self._up_to_mark() if length == NO_LENGTH else self._exactly(length)
            if content is None:
                return
            if content and kind in PICTURES:
                yield content

    def _skip_to_mark(self) -> bool:
        """Goes to the line after the next mark; False at the end."""
        while (at := self._buffer.find(self._mark)) < 0:
            del self._buffer[: 1 - len(self._mark)]
            if not self._fill():
                return False
        del self._buffer[: at + len(self._mark)]
        return self._line() is not None

    def _head(self) -> tuple[int, str] | None:
        """Returns a part's length and kind; None at the end."""
        lines, size = [], 0
        while line := self._line():
            size += len(line)
            if size <= MOST_HEAD_BYTES:
                lines.append(line)
        if line is None:
            return None
        fields = BytesHeaderParser().parsebytes(b"\n".join(lines))
        length = re.fullmatch(r"\s*(\d+)\s*", fields.get("Content-Length", ""))
        kind = fields.get_content_type() if "Content-Type" in fields else "image/jpeg"
        return (int(length[1][:18]) if length else NO_LENGTH), kind

    def _line(self) -> bytes | None:
        """Returns the next line without its end; None at the end. Of a line without end, what was looked at so far."""
        while (at := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > MOST_HEAD_BYTES:
                return self._taken(MOST_HEAD_BYTES)
            if not self._fill():
                return None
        return self._taken(at + 1).rstrip(b"\r\n")

    def _exactly(self, length: int) -> bytes | None:
        if length > MOST_BYTES:
            raise TooLargeError(length)
        while len(self._buffer) < length:
            if not self._fill():
                return None
        return self._taken(length)

    def _up_to_mark(self) -> bytes | None:
        looked_at = 0
        while (at := self._buffer.find(self._mark, looked_at)) < 0:
            looked_at = max(0, len(self._buffer) - len(self._mark))
            if len(self._buffer) > MOST_BYTES:
                raise TooLargeError(len(self._buffer))
            if not self._fill():
                return None
        return self._taken(at).rstrip(b"-").removesuffix(b"\n").removesuffix(b"\r")

    def _taken(self, length: int) -> bytes:
        taken = bytes(self._buffer[:length])
        del self._buffer[:length]
        return taken

    def _fill(self) -> bool:
        piece = self._read(PIECE_BYTES)
        self._buffer += piece
        return bool(piece)
