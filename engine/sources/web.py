"""What a camera answers over HTTP: one connection that is kept, logins, redirects, and never more than is waited for.

A user and a password go to the host of the address alone, whoever redirects; a redirect leads to the web or nowhere.
"""

import http.client
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from typing import Self
from urllib.parse import quote, unquote, urljoin, urlsplit

from engine.errors import SourceError
from engine.sources.login import Login
from engine.sources.opening import LiveOrder, RefusedError, refusal
from engine.sources.parts import PICTURES, PIECE_BYTES, TooLargeError
from engine.sources.waiting import Waiting
from engine.sources.wire import Wire

PORTS = {"http": 80, "https": 443}
MOST_REDIRECTS = 5
MOST_ASKED_AGAIN = 3  # for a login
MOST_LEFT_BYTES = 64 * 1024  # of an answer that nobody wants: with more to come it is cheaper to connect again
SAFE = "/%?=&;:@+$,!~*'()[]-._"
ANY_ZIP = 47  # of zlib: gzip or deflate, by their heads
MOST_BOUNDARY_BYTES = 80
PLAYLIST = b"#EXTM3U"
HEADERS = {"User-Agent": "DeepCount", "Accept": "*/*"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where something lies on the web, without user and password."""

    scheme: str
    host: str
    port: int
    target: str

    @classmethod
    def of(cls, url: str) -> Self:
        """Takes a URL apart; raises ValueError if it leads nowhere on the web."""
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ValueError("is no web address")
        target = parts.path or "/"
        target = quote(f"{target}?{parts.query}" if parts.query else target, safe=SAFE)
        return cls(parts.scheme, parts.hostname, parts.port or PORTS[parts.scheme], target)

    @property
    def url(self) -> str:
        """As it is written."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.target}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """Whom it is asked of."""
        return self.scheme, self.host, self.port

    def is_home_of(self, login_place: "Place") -> bool:
        """Whether the login of another place may be shown here: the same server, or the same host better encrypted."""
        return self.host == login_place.host and (self.origin == login_place.origin or self.scheme == "https")


class Answer:
    """What a server answers, to be read bit by bit."""

    def __init__(self, response: http.client.HTTPResponse, place: Place, web: "Web") -> None:
        self._response, self.place, self.web = response, place, web
        self.status = response.status
        self.headers: Message = response.headers
        packed = response.headers.get("Content-Encoding", "identity").lower() not in ("identity", "")
        self._unpacker = zlib.decompressobj(ANY_ZIP) if packed else None
        self._first, self._is_broken = b"", False

    @property
    def kind(self) -> str:
        """The type of its content, such as 'image/jpeg'."""
        return self.headers.get_content_type() if "Content-Type" in self.headers else ""

    @property
    def boundary(self) -> str:
        """What separates its parts, as its head says, or its first line."""
        if said := self.headers.get_boundary():
            return str(said)
        return self.peek(MOST_BOUNDARY_BYTES).lstrip().split(b"\n")[0].strip().decode("latin-1")

    @property
    def holds_parts(self) -> bool:
        """Whether it is a message of many parts, by its head or by how it begins."""
        return self.kind.startswith("multipart/") or self.peek(MOST_BOUNDARY_BYTES).lstrip().startswith(b"--")

    @property
    def is_playlist(self) -> bool:
        """Whether it lists the segments of a stream (HLS)."""
        return self.peek(len(PLAYLIST)) == PLAYLIST

    @property
    def is_picture(self) -> bool:
        """Whether it is one picture."""
        return self.kind in PICTURES

    def read(self, size: int = PIECE_BYTES) -> bytes:
        """Returns what there is, at most so many bytes and at least one; nothing at the end.

        Raises:
            OSError: the time is over, or the connection broke.
        """
        if self._first:
            piece, self._first = self._first[:size], self._first[size:]
            return piece
        if self._is_broken:
            return b""  # FFmpeg asks again after an error, and PyAV prints a second one
        try:
            return self._received(size)
        except OSError:
            self._is_broken = True
            raise

    def _received(self, size: int) -> bytes:
        try:
            piece = self._response.read1(size) if self._unpacker is None else self._unpacked(self._unpacker, size)
        except (http.client.HTTPException, zlib.error, ValueError):
            raise ConnectionError("the answer is not whole") from None
        if not piece:
            self._response.close()  # or the connection takes no other request
            if self._response.length:
                raise ConnectionError("the answer is not whole")
        return piece

    def peek(self, size: int) -> bytes:
        """Returns the beginning, which will be read again."""
        while len(self._first) < size and (more := self._more(size)):
            self._first += more
        return self._first[:size]

    def whole(self, most: int) -> bytes:
        """Returns all of it; raises `TooLargeError` if that is more than so many bytes."""
        content = bytearray()
        while piece := self.read():
            content += piece
            if len(content) > most:
                raise TooLargeError(len(content))
        return bytes(content)

    def checked(self) -> Self:
        """Returns it if it has content; raises SourceError otherwise."""
        if self.status != HTTPStatus.OK:
            raise refusal(self.web.order, self.status)
        return self

    def finish(self) -> bool:
        """Reads what is left; returns whether the connection can be used again."""
        try:
            self.whole(MOST_LEFT_BYTES)
        except (OSError, TooLargeError):
            return False
        return not self._response.will_close

    def _more(self, size: int) -> bytes:
        held, self._first = self._first, b""
        try:
            return self.read(size)
        finally:
            self._first = held

    def _unpacked(self, unpacker: "zlib._Decompress", size: int) -> bytes:
        piece = b""
        while not piece:
            packed = unpacker.unconsumed_tail or self._response.read1(size)
            if not packed:
                return b""
            piece = unpacker.decompress(packed, size)
        return piece


class Web:
    """Asks a camera, and whom it redirects to."""

    def __init__(self, order: LiveOrder, waiting: Waiting) -> None:
        """Nothing is asked yet; raises SourceError if the address leads nowhere."""
        self.order, self._waiting = order, waiting
        try:
            parts = urlsplit(order.address.full)
            self._home = Place.of(order.address.full)
        except ValueError:
            raise RefusedError(f"{order.who} has an address that leads nowhere; check it") from None
        self._login = Login(unquote(parts.username or ""), unquote(parts.password or "")) if parts.username else None
        self._connection: _Connection | None = None

    def another(self) -> "Web":
        """Returns one with the same login, for a connection beside this one."""
        web = Web(self.order, self._waiting)
        web._login = self._login
        return web

    def get(self, url: str = "", headers: Mapping[str, str] | None = None) -> Answer:
        """Asks for what lies at the camera's address, or at another.

        Raises:
            SourceError: a redirect that leads nowhere.
            OSError: the camera cannot be reached, or not in time.
            http.client.HTTPException: what answers does not speak HTTP.
        """
        place = self._led_to(url, self._home) if url else self._home
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._asked(place, {**HEADERS, **(headers or {})})
            if answer.status not in (301, 302, 303, 307, 308):
                return answer
            place = self._led_to(answer.headers.get("Location", ""), place)
            self._done_with(answer)
        raise SourceError(f"{self.order.who} redirects more than {MOST_REDIRECTS} times; check its address")

    @property
    def security(self) -> str:
        """Who vouches for the server that answered last; empty where the connection is not encrypted."""
        is_encrypted = self._connection is not None and self._connection.place.scheme == "https"
        return self.order.trust.words if is_encrypted else ""

    def close(self) -> None:
        """Hangs up; may be called twice."""
        if self._connection is not None:
            self._connection.hang_up()
            self._connection = None

    def _led_to(self, url: str, base: Place) -> Place:
        try:
            return Place.of(urljoin(base.url, url))
        except ValueError:
            if url.startswith("crypto"):  # as FFmpeg calls it
                raise RefusedError(f"{self.order.who} encrypts its segments, which is not supported") from None
            raise RefusedError(
                f"{self.order.who} leads to something that is no web address, which is not followed; check its settings"
            ) from None

    def _asked(self, place: Place, headers: Mapping[str, str | bytes]) -> Answer:
        login = self._login if place.is_home_of(self._home) else None
        answered = False
        for _ in range(MOST_ASKED_AGAIN):
            shown = login.answer("GET", place.target) if login else None
            answer = self._sent(place, {**headers, "Authorization": shown.encode()} if shown else headers)
            if answer.status != 401 or login is None:
                break
            if not login.takes(answer.headers.get_all("WWW-Authenticate", [])) or (answered and not login.was_late):
                break
            answered = True
            self._done_with(answer)
        return answer

    def _sent(self, place: Place, headers: Mapping[str, str | bytes]) -> Answer:
        is_new = self._connection is None or self._connection.place.origin != place.origin
        if self._connection is None or is_new:
            self.close()
            self._connection = _Connection(self.order, place, self._waiting)
        try:
            self._connection.request("GET", place.target, headers=headers)
            return Answer(self._connection.getresponse(), place, self)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self.close()
            if is_new:
                raise
            return self._sent(place, headers)  # it had hung up meanwhile, as servers do

    def _done_with(self, answer: Answer) -> None:
        if not answer.finish():
            self.close()


class _Connection(http.client.HTTPConnection):
    """Connects by our own wire."""

    def __init__(self, order: LiveOrder, place: Place, waiting: Waiting) -> None:
        super().__init__(place.host, place.port)
        self.place = place
        self._trust, self._waiting = order.trust if place.scheme == "https" else None, waiting
        self._wire: Wire | None = None

    def connect(self) -> None:
        self.hang_up()
        self._wire = Wire(self.place.host, self.place.port, self._trust, self._waiting)
        self.sock = self._wire

    def hang_up(self) -> None:
        if self._wire is not None:
            self._wire.hang_up()
