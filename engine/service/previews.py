"""A camera as pictures one after the other in one answer (MJPEG), which browsers and video players show as it comes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from time import monotonic

from anyio.to_thread import run_sync

from engine.service.pictures import Gallery, Overlay

MOST_PREVIEWS = 32
BOUNDARY = "picture"
MEDIA_TYPE = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
LOOK_S = 0.05  # between two looks for a picture that is not there yet
SILENT_S = 10.0  # without a picture, after which a preview ends


class Previews:
    """All that are being sent; of the thread of the event loop."""

    def __init__(self) -> None:
        """Nobody looks yet."""
        self.number = 0

    @property
    def is_full(self) -> bool:
        """Whether no more may come."""
        return self.number >= MOST_PREVIEWS

    @contextmanager
    def _one(self) -> Iterator[None]:
        self.number += 1
        try:
            yield
        finally:
            self.number -= 1

    async def of(self, gallery: Gallery, name: str, overlay: Overlay, width: int, fps: float) -> AsyncIterator[bytes]:
        """Yields a camera's pictures, at most so many a second, until there are none any more."""
        with self._one():
            yield f"--{BOUNDARY}\r\n".encode()
            shown, seen_s = b"", monotonic()
            while gallery.ask(name, overlay) and monotonic() - seen_s < SILENT_S:
                begun_s = monotonic()
                picture = await run_sync(gallery.jpeg, name, overlay, width) or b""
                if picture and picture is not shown:
                    shown, seen_s = picture, begun_s
                    yield _part(picture)
                    await asyncio.sleep(max(0.0, begun_s + 1 / fps - monotonic()))
                else:
                    await asyncio.sleep(LOOK_S)


def _part(picture: bytes) -> bytes:
    """Returns a picture as it is sent; with the boundary after it, so that it is shown at once."""
    head = f"Content-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n".encode()
    return head + picture + f"\r\n--{BOUNDARY}\r\n".encode()
