"""How a camera behaves just now, and the connections through which that takes effect."""

import asyncio
import random
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from cameras.login import Login

TRICKLE_STEP_S = 0.05


@dataclass(frozen=True, slots=True)
class Conduct:
    """What the camera does to its clients."""

    stalled: bool = False
    babbling: bool = False
    garbage_frames: float = 0
    """How many frames still go out as random payloads; may be infinite."""
    bytes_per_s: float | None = None
    """Pace of everything that is sent; None is as fast as it goes."""
    refusal: int | None = None
    redirect: str | None = None
    """Where every client is sent instead."""
    login: Login | None = None


class Script:
    """The conduct of the moment, and a way to wait for another; used in the camera's own thread alone."""

    def __init__(self) -> None:
        self.conduct = Conduct()
        self.random = random.Random(1)
        self._changed = asyncio.Condition()

    async def change(self, **parts: Any) -> None:
        """Replaces parts of the conduct and wakes who waits for that."""
        async with self._changed:
            self.conduct = replace(self.conduct, **parts)
            self._changed.notify_all()

    async def until(self, holds: Callable[[Conduct], bool]) -> None:
        """Waits until the conduct is as wanted."""
        async with self._changed:
            await self._changed.wait_for(lambda: holds(self.conduct))

    def spoils_frame(self) -> bool:
        """Whether this frame goes out as garbage; counts it."""
        left = self.conduct.garbage_frames
        if left > 0:
            self.conduct = replace(self.conduct, garbage_frames=left - 1)
        return left > 0


class Link:
    """One client's connection; everything that goes out obeys the script."""

    def __init__(self, script: Script, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.script, self.reader = script, reader
        self._writer = writer
        self._turn = asyncio.Lock()

    @property
    def backlog(self) -> int:
        """Bytes that the client has not taken yet, without those in the system's buffers."""
        return self._writer.transport.get_write_buffer_size()

    @property
    def peer_host(self) -> str:
        """Where the client is."""
        return str(self._writer.get_extra_info("peername")[0])

    async def send(self, data: bytes) -> None:
        """Sends in one piece, seen from other senders; raises ConnectionError where the connection is closed."""
        async with self._turn:
            await self.script.until(lambda c: not c.stalled)
            if self.script.conduct.babbling:
                data = self.script.random.randbytes(len(data))
            while (pace := self.script.conduct.bytes_per_s) is not None and data:
                step = max(1, round(pace * TRICKLE_STEP_S))
                self._write(data[:step])
                data = data[step:]
                await asyncio.sleep(step / pace)
                await self.script.until(lambda c: not c.stalled)
            self._write(data)

    def close(self) -> None:
        """Closes in order: what is on its way still arrives."""
        self._writer.close()

    def reset(self) -> None:
        """Closes at once; the client sees a reset."""
        own = self._writer.get_extra_info("socket")
        if own is not None and own.fileno() >= 0:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    def _write(self, data: bytes) -> None:
        if self._writer.is_closing():
            raise ConnectionResetError("the connection is closed")
        self._writer.write(data)
