"""What all scripted cameras share: a port, a thread with an event loop, commands that other threads give.

A command has taken effect when it returns: after `stall` not one more byte is sent. Between `go_away` and `come_back`
the port stays bound without listening, so that nobody else can take it while clients are refused.
"""

import asyncio
import math
import socket
import ssl
import threading
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from cameras.clip import Clip, Unit
from cameras.login import Login, Scheme
from cameras.script import Link, Script

HOST = "127.0.0.1"
COMMAND_TIMEOUT_S = 10.0
BACKLOG_BYTES = 256 * 1024  # of unsent data: above it a live camera leaves frames out


class Server(ABC):
    """A camera that plays a clip over and over to everyone who connects; a context manager."""

    scheme: str
    path: str

    def __init__(self, clip: Clip, *, rate: float, tls: ssl.SSLContext | None = None) -> None:
        self.clip, self.rate = clip, rate
        self.others: dict[str, Clip] = {}
        """What is sent to who asks for other paths; the clip is to be found at all the rest."""
        self.script = Script()
        self.connections = 0
        """How many clients have connected so far."""
        self.frames_sent = 0
        """How many frames have been sent so far, to all clients together."""
        self._tls = tls
        self._clock_offset_s = 0.0
        self._links: set[Link] = set()
        self._counted = threading.Condition()
        self._listener: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._born_s = self._loop.time()
        self._thread = threading.Thread(target=self._loop.run_forever, name="scripted camera", daemon=True)
        self._socket = _bound(0)
        self.port: int = self._socket.getsockname()[1]

    def __enter__(self) -> Self:
        self._thread.start()
        self.come_back()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(COMMAND_TIMEOUT_S)
        self._loop.close()
        self._socket.close()

    @property
    def address(self) -> str:
        """Where clients find the camera."""
        return f"{self.scheme}://{HOST}:{self.port}{self.path}"

    def address_with(self, user: str, password: str) -> str:
        """The address with a name and a password in it."""
        return f"{self.scheme}://{quote(user, '')}:{quote(password, '')}@{HOST}:{self.port}{self.path}"

    @property
    def connected(self) -> int:
        """How many clients are connected now."""
        return len(self._links)

    def until(self, holds: Callable[[], bool], *, timeout_s: float = COMMAND_TIMEOUT_S) -> bool:
        """Waits until a statement on the counters holds; False where that took too long."""
        with self._counted:
            return self._counted.wait_for(holds, timeout_s)

    def stall(self) -> None:
        """Sends nothing any more, on connections old and new, and leaves them open."""
        self._do(self.script.change(stalled=True))

    def go_on(self) -> None:
        """Ends all misbehaviour of sending and refusing; a login that is required stays so."""
        good = {"stalled": False, "babbling": False, "garbage_frames": 0, "bytes_per_s": None, "refusal": None}
        self._do(self.script.change(**good))

    def trickle(self, bytes_per_s: float) -> None:
        """Sends so many bytes per second and connection."""
        self._do(self.script.change(bytes_per_s=bytes_per_s))

    def garbage(self, frames: float = math.inf) -> None:
        """Sends random bytes instead of so many frames' content, within a protocol that is kept."""
        self._do(self.script.change(garbage_frames=frames))

    def babble(self) -> None:
        """Sends random bytes instead of the protocol."""
        self._do(self.script.change(babbling=True))

    def refuse(self, status: int) -> None:
        """Answers every request with this status; 401 is a login that nobody has."""
        self._do(self.script.change(refusal=status))

    def require(self, user: str, password: str, *, scheme: Scheme = "digest") -> None:
        """Answers 401 to every request that does not show this login."""
        self._do(self.script.change(login=Login(user, password, scheme)))

    def show_certificate(self, certificate: Path) -> None:
        """Shows another certificate to all who connect from now on; the key lies beside it."""
        if self._tls is not None:
            self._tls.load_cert_chain(certificate, certificate.with_suffix(".key"))

    def close_connections(self) -> None:
        """Closes all connections in order."""
        self._do(self._for_all(Link.close))

    def reset_connections(self) -> None:
        """Resets all connections."""
        self._do(self._for_all(Link.reset))

    def jump_clock(self, seconds: float) -> None:
        """Moves the time stamps of all later frames."""
        self._clock_offset_s += seconds

    def go_away(self) -> None:
        """Resets all connections and refuses new ones."""
        self._do(self._leave())

    def come_back(self) -> None:
        """Listens, on the same port as ever."""
        self._do(self._listen())

    @abstractmethod
    async def converse(self, link: Link) -> None:
        """Serves one client until it is gone or errs."""

    def clip_at(self, path: str) -> Clip:
        """What is sent now to who asked for a path."""
        return self.others.get(path, self.clip)

    async def pace(self, path: str = "") -> AsyncIterator[tuple[Unit, float]]:
        """Yields each access unit when it is due, from a keyframe on, with the time in seconds at which it is shown."""
        clip, place = self.clip_at(path), 0
        due = self._loop.time()
        while True:
            await self.script.until(lambda c: not c.stalled)
            due = max(due, self._loop.time() - 1 / self.rate)  # what a stall held back does not come in a burst
            await asyncio.sleep(due - self._loop.time())
            if self.script.conduct.stalled:
                continue
            if clip is not self.clip_at(path):
                clip, place = self.clip_at(path), 0
            unit = clip.units[place]
            yield unit, due + self._clock_offset_s - self._born_s + (unit.shown - place) / self.rate
            place = (place + 1) % len(clip.units)
            due += 1 / self.rate

    def count_frame(self) -> None:
        """Notes that a frame has been sent."""
        with self._counted:
            self.frames_sent += 1
            self._counted.notify_all()

    def _do(self, command: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(command, self._loop).result(COMMAND_TIMEOUT_S)

    async def _for_all(self, act: Callable[[Link], None]) -> None:
        for link in tuple(self._links):
            act(link)

    async def _listen(self) -> None:
        if self._listener is None:
            self._listener = await asyncio.start_server(self._serve, sock=self._socket, ssl=self._tls)

    async def _leave(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
            self._socket = _bound(self.port)
        await self._for_all(Link.reset)

    async def _end(self) -> None:
        await self._leave()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = Link(self.script, reader, writer)
        with self._counted:
            self.connections += 1
            self._links.add(link)
            self._counted.notify_all()
        try:
            await self.converse(link)
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass  # gone, or no client of this protocol, or this server ends
        finally:
            link.close()
            with self._counted:
                self._links.discard(link)
                self._counted.notify_all()


def _bound(port: int) -> socket.socket:
    own = socket.socket()
    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    own.bind((HOST, port))
    return own
