"""A connection to a web server whose every wait has an end, and can be ended by another thread.

It is what `http.client` takes for a socket. Waits are cut into slices, between which is seen whether they are over.
"""

import errno
import io
import os
import selectors
import socket
from collections.abc import Callable
from typing import Any, TypeVar

from engine.sources.trust import Trust
from engine.sources.waiting import Waiting

SLICE_S = 0.1
BUFFER_BYTES = 64 * 1024

T = TypeVar("T")


class Wire:
    """One TCP connection, encrypted where a trust is given."""

    def __init__(self, host: str, port: int, trust: Trust | None, waiting: Waiting) -> None:
        """Connects, within the wait.

        Raises:
            OSError: of many kinds: the time is over, the host is unknown, refuses, or its certificate is not trusted.
        """
        self._waiting = waiting
        self._socket = self._connected(host, port)
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if trust is not None:
                context = trust.context()
                self._socket = context.wrap_socket(self._socket, server_hostname=host, do_handshake_on_connect=False)
                self._tried(self._socket.do_handshake)
        except BaseException:
            self.hang_up()
            raise

    def sendall(self, data: bytes) -> None:
        """Sends a request."""
        self._waiting.check()
        self._socket.settimeout(self._waiting.left_s)
        self._socket.sendall(data)

    def read_into(self, buffer: Any) -> int:
        """Fills a buffer with what there is, at least one byte; returns how many, 0 at the end."""
        return self._tried(lambda: self._socket.recv_into(buffer))

    def makefile(self, *_: Any) -> io.BufferedReader:
        """Returns what answers are read from."""
        return io.BufferedReader(_Reader(self), BUFFER_BYTES)

    def close(self) -> None:
        """Does nothing: `http.client` closes its socket when an answer is the last, whose content is yet to be read."""

    def hang_up(self) -> None:
        """Closes the connection; may be called twice."""
        self._socket.close()

    def _tried(self, act: Callable[[], T]) -> T:
        while True:
            self._waiting.check()
            self._socket.settimeout(SLICE_S)
            try:
                return act()
            except TimeoutError:
                continue

    def _connected(self, host: str, port: int) -> socket.socket:
        places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        error: OSError = TimeoutError("the wait is over")
        for left, (family, kind, protocol, _, place) in zip(range(len(places), 0, -1), places, strict=True):
            own = socket.socket(family, kind, protocol)
            try:
                self._reach(own, place, self._waiting.left_s / left)
                return own
            except OSError as found:
                own.close()
                error = found
        raise error

    def _reach(self, own: socket.socket, place: Any, seconds: float) -> None:
        own.setblocking(False)
        code = own.connect_ex(place)
        if code not in (0, errno.EINPROGRESS, errno.EWOULDBLOCK):
            raise OSError(code, os.strerror(code))
        with selectors.DefaultSelector() as ready:
            ready.register(own, selectors.EVENT_WRITE)
            while seconds > 0 and not ready.select(SLICE_S):
                seconds -= SLICE_S
                self._waiting.check()
        if seconds <= 0:
            raise TimeoutError("the wait is over")
        code = own.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code))


class _Reader(io.RawIOBase):
    """Unlike the reader of a socket it may be asked again after a time-out."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._wire.read_into(buffer)
