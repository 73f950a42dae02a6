"""Where the service is reached: an address of this computer, and the requests that may come in at all."""

import ipaddress
import socket
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from engine.errors import ConfigError

BACKLOG = 128
MOST_OPEN = 768  # connections, of which those that speak are limited further
SEND_ROOM = 128 << 10  # bytes that the system keeps for one client
SILENT_MS = 20_000  # after which the system gives up a client that takes nothing
MOST_BODY = 16 << 10  # bytes of a request
SAFE = ("GET", "HEAD", "OPTIONS")

Headers = Iterable[tuple[bytes, bytes]]


class Refusal(NamedTuple):
    """Why a request is not answered."""

    status: int
    sentence: str
    after_s: int | None = None
    """After which it may be asked again."""

    @property
    def headers(self) -> dict[str, str]:
        """What the answer says beside the sentence."""
        after = {} if self.after_s is None else {"retry-after": str(self.after_s)}
        return after | ({"www-authenticate": "Bearer"} if self.status == 401 else {})


class Place(socket.socket):
    """Where clients connect, as many as there is room for: before TLS has begun, nothing else counts them.

    Where there is none, that one goes first that has been silent for longest, before anybody is turned away.
    """

    def __init__(self, *given: int) -> None:
        """Takes what a socket does."""
        super().__init__(*given)
        self._open: list[socket.socket] = []
        self._heard: set[int] = set()
        """Numbers of sockets whose connections stand, TLS and all."""

    def accept(self) -> tuple[socket.socket, Any]:
        """Returns the next client; hangs up on one for whom there is no room."""
        client, address = super().accept()
        self._open = [each for each in self._open if each.fileno() >= 0]
        self._heard.discard(client.fileno())
        if len(self._open) >= MOST_OPEN and not self._make_room():
            client.close()
            raise ConnectionAbortedError
        self._open.append(client)
        return client, address

    def hears(self, number: int) -> None:
        """Notes that the connection stands of the socket with this number."""
        self._heard.add(number)

    def _make_room(self) -> bool:
        """Ends the oldest connection that does not stand yet; returns whether there is one."""
        silent = next((each for each in self._open if each.fileno() not in self._heard), None)
        if silent is None:
            return False
        self._open.remove(silent)
        with suppress(OSError):  # it has gone by itself
            silent.shutdown(socket.SHUT_RDWR)
        return True


def listening(host: str, port: int) -> Place:
    """Returns a socket at which clients can connect.

    Args:
        host: `localhost`, or an IP address of this computer.
        port: 0 for any that is free.

    Raises:
        ConfigError: it is no such address, or somebody else has it.
    """
    address = address_of(host)
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    place = Place(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":
            place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        place.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_ROOM)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            place.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENT_MS)
        place.bind((str(address), port))
        place.listen(BACKLOG)
    except OSError as error:
        place.close()
        reason = (error.strerror or str(error)).lower()
        raise ConfigError(
            f"port {port} of {address} cannot be had: {reason}; end what uses it, or give another with --port"
        ) from None
    place.setblocking(False)
    return place


def address_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Returns an address of this computer; raises ConfigError where it is none."""
    try:
        return ipaddress.ip_address("127.0.0.1" if host.lower() == "localhost" else host.strip("[]"))
    except ValueError:
        raise ConfigError(f"--host {host!r} is no IP address such as 127.0.0.1 or ::1, expected one") from None


def refusal_of(method: str, headers: Headers, *, is_local: bool = True) -> Refusal | None:
    """Returns why a request is refused by its method and headers (names in small letters), or None.

    Args:
        method: of the request.
        headers: of it.
        is_local: whether this computer alone may ask, and is asked for no token.

    A page from elsewhere that a browser on this computer shows can reach the service too: it gives itself away by the
    name under which it found this computer, or by its own origin.
    """
    known = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
    if is_local and not _is_local(known.get("host", "")):
        return Refusal(403, "the Host header names another computer, expected localhost or 127.0.0.1")
    origin = known.get("origin")
    if method not in SAFE and origin is not None and _netloc(origin) != known.get("host"):
        return Refusal(403, "the request comes from a page of another origin, expected one of this service")
    if "transfer-encoding" in known:
        return Refusal(411, "the body has no Content-Length, expected one")
    length = known.get("content-length", "0")
    if not (length.isascii() and length.isdigit() and len(length) < 20):
        return Refusal(400, "the Content-Length is no number, expected one")
    if int(length) > MOST_BODY:
        return Refusal(413, f"the body has {length} bytes, expected at most {MOST_BODY}")
    return None


def _netloc(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def _is_local(host: str) -> bool:
    """Says whether a Host header names this computer by a name that no other can give it."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
