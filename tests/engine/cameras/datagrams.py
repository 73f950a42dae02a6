"""Sends MPEG-TS by UDP or RTP (RFC 2250) to an address, as encoders do; a context manager."""

import contextlib
import secrets
import socket
import struct
import threading
from time import monotonic
from types import TracebackType
from typing import Literal, Self

from cameras.clip import Clip
from cameras.rtp import CLOCK_HZ
from cameras.web import TransportStream

HOST = "127.0.0.1"
PACKETS, PACKET_BYTES = 7, 188  # of the transport stream in each datagram
MPEG_TS = 33  # payload type of RTP
END_TIMEOUT_S = 10.0


class Datagrams:
    """Sends until it is left."""

    def __init__(self, clip: Clip, *, rate: float, protocol: Literal["udp", "rtp"], group: str | None = None) -> None:
        self._clip, self._rate, self._is_rtp = clip, rate, protocol == "rtp"
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(HOST))
        self._stream = TransportStream(clip, rate)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind((HOST, 0))
            self.port: int = free.getsockname()[1]
        self._to = (group or HOST, self.port)
        self.unreachable = self._reached()
        """Why nothing can be sent there; empty where it can."""
        self._ended = threading.Event()
        self._number, self._source = secrets.randbits(16), secrets.randbits(32)
        self._thread = threading.Thread(target=self._run, name="scripted camera", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join(END_TIMEOUT_S)
        self._socket.close()

    def move(self, **numbers: int) -> None:
        """Goes on with the same pictures under other numbers, in new versions of the tables."""
        self._stream = TransportStream(self._clip, self._rate, **numbers)

    def _reached(self) -> str:
        try:
            self._socket.sendto(b"", self._to)
        except OSError as error:
            return str(error)
        return ""

    def _run(self) -> None:
        begun, place = monotonic(), 0
        while not self._ended.wait(max(0.0, begun + place / self._rate - monotonic())):
            data = self._stream.wrap(self._clip.units[place % len(self._clip.units)], place / self._rate)
            for start in range(0, len(data), PACKETS * PACKET_BYTES):
                piece = data[start : start + PACKETS * PACKET_BYTES]
                with contextlib.suppress(ConnectionRefusedError):  # nobody listens yet
                    self._socket.sendto(self._headed(piece, place) if self._is_rtp else piece, self._to)
            place += 1

    def _headed(self, piece: bytes, place: int) -> bytes:
        self._number = (self._number + 1) % 2**16
        time = round(place / self._rate * CLOCK_HZ) % 2**32
        return struct.pack(">BBHII", 0x80, MPEG_TS, self._number, time, self._source) + piece
