"""An HTTP server that sends pictures or MPEG-TS in all the ways that cameras do; see `Server` for the commands."""

import gzip
import io
import secrets
import ssl
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

import av

from cameras.clip import Clip, Unit
from cameras.login import Login
from cameras.message import Request, read_request, response
from cameras.rtp import CLOCK_HZ
from cameras.script import Link
from cameras.server import BACKLOG_BYTES, Server

NOBODY = Login("", secrets.token_hex(), "basic")
BOUNDARY = "picture"
SEGMENT_FRAMES = 30
LISTED_SEGMENTS = 5
Kind = Literal["mjpeg", "mpegts", "picture", "hls", "page"]
_PATHS = {"picture": "/snap.jpg", "hls": "/live.m3u8"}
_ENCODERS = {
    "h264": ("libx264", {"x264-params": "log-level=none"}),
    "h265": ("libx265", {"x265-params": "log-level=none:pools=1"}),
}


@dataclass
class Manner:
    """How a camera writes what it sends; may be changed while it does."""

    content_type: str | None = None
    """Said in place of the right one."""
    mark: str = f"--{BOUNDARY}"
    """Before each part."""
    says_length: bool = True
    announced: int | None = None
    """Said in place of a part's length."""
    empty_parts: int = 0
    """Before each picture."""
    chunked: bool = False
    packed: bool = False
    knows_changes: bool = True
    """Whether a picture is sent only to whom does not have it yet."""
    numbers: dict[str, int] = field(default_factory=dict)
    """Of the transport stream, see `TransportStream`."""


class WebCamera(Server):
    """An HTTP camera: pictures pushed or asked for, a transport stream as a whole or in segments; or just a page."""

    def __init__(
        self,
        kind: Kind = "mjpeg",
        clip: Clip | None = None,
        *,
        rate: float = 25.0,
        tls: ssl.SSLContext | None = None,
        **manner: object,
    ) -> None:
        is_jpeg = kind in ("mjpeg", "picture")
        super().__init__(clip or Clip.drawn("mjpeg" if is_jpeg else "h264"), rate=rate, tls=tls)
        self.scheme, self.path = "https" if tls else "http", _PATHS.get(kind, "/video")
        self.manner = Manner(**manner)
        self.requests: list[Request] = []
        """All that was asked so far."""
        self.shown = 0
        """Which picture of the clip is there to be asked for."""
        self.kind = kind
        self._nonce = secrets.token_hex()  # of the camera, since a client may answer it on a new connection

    def redirect(self, to: str | None) -> None:
        """Sends every client to another address."""
        self._do(self.script.change(redirect=to))

    async def converse(self, link: Link) -> None:
        """Serves one client until an answer is the last."""
        while True:
            request = await read_request(link.reader)
            self.requests.append(request)
            conduct = self.script.conduct
            login = NOBODY if conduct.refusal == 401 else conduct.login
            if conduct.refusal not in (None, 401):
                await link.send(response(request, conduct.refusal, {"Connection": "close"}))
                return
            if conduct.redirect is not None:
                await link.send(response(request, 302, {"Location": conduct.redirect, "Content-Length": "0"}))
            elif login and not login.accepts(request.method, request.headers.get("authorization", ""), self._nonce):
                challenge = {"WWW-Authenticate": login.challenge(self._nonce), "Content-Length": "0"}
                await link.send(response(request, 401, challenge))
            elif self.kind == "picture":
                await link.send(self._picture(request))
            elif self.kind == "hls":
                await link.send(self._segmented(request))
            elif self.kind == "page":
                await link.send(response(request, 200, {"Content-Type": "text/html"}, b"<html>Welcome</html>" * 20))
            else:
                await self._stream(link, request)
                return

    def _picture(self, request: Request) -> bytes:
        tag = f'"{self.shown}"'
        if self.manner.knows_changes and request.headers.get("if-none-match") == tag:
            return response(request, 304, {"ETag": tag})
        self.count_frame()
        headers = {"Content-Type": self.manner.content_type or "image/jpeg", "ETag": tag}
        return response(request, 200, headers, b"".join(self.clip.units[self.shown].nals))

    def _segmented(self, request: Request) -> bytes:
        length_s = SEGMENT_FRAMES / self.rate
        if request.url.startswith("/segment"):
            number = int(request.url.removeprefix("/segment").removesuffix(".ts"))
            wrapped = TransportStream(self.clip, self.rate)
            units = enumerate(self.clip.units[:SEGMENT_FRAMES])
            content = b"".join(wrapped.wrap(unit, number * length_s + place / self.rate) for place, unit in units)
            self.count_frame()
            return response(request, 200, {"Content-Type": "video/mp2t"}, content)
        newest = int((self._loop.time() - self._born_s) / length_s) + LISTED_SEGMENTS
        lines = ["#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{max(1, round(length_s))}"]
        lines += [f"#EXT-X-MEDIA-SEQUENCE:{newest - LISTED_SEGMENTS + 1}"]
        for number in range(newest - LISTED_SEGMENTS + 1, newest + 1):
            lines += [f"#EXTINF:{length_s:.3f},", f"segment{number}.ts"]
        content = "\n".join([*lines, ""]).encode()
        return response(request, 200, {"Content-Type": "application/vnd.apple.mpegurl"}, content)

    async def _stream(self, link: Link, request: Request) -> None:
        manner = self.manner
        is_parts = self.kind == "mjpeg"
        kind = f"multipart/x-mixed-replace; boundary={BOUNDARY}" if is_parts else "video/mp2t"
        headers = {"Content-Type": manner.content_type or kind, "Connection": "close"}
        headers |= {"Transfer-Encoding": "chunked"} if manner.chunked else {}
        headers |= {"Content-Encoding": "gzip"} if manner.packed else {}
        await link.send(response(request, 200, headers))
        numbers, wrapped = manner.numbers, _Parts(manner) if is_parts else TransportStream(self.clip, self.rate)
        packer = _Packer() if manner.packed else None
        async for unit, time_s in self.pace():
            if manner.numbers is not numbers:
                numbers, wrapped = manner.numbers, TransportStream(self.clip, self.rate, **manner.numbers)
            if link.backlog < BACKLOG_BYTES:
                data = wrapped.wrap(unit, time_s)
                data = self.script.random.randbytes(len(data)) if self.script.spoils_frame() else data
                data = packer.packed(data) if packer else data
                await link.send(f"{len(data):x}\r\n".encode() + data + b"\r\n" if manner.chunked else data)
                self.count_frame()


class _Packer:
    """A stream in gzip of which every piece can be unpacked when it comes."""

    def __init__(self) -> None:
        self._out = io.BytesIO()
        self._gzip = gzip.GzipFile(fileobj=self._out, mode="wb")

    def packed(self, data: bytes) -> bytes:
        self._gzip.write(data)
        self._gzip.flush()
        return _taken(self._out)


class _Parts:
    """Pictures as the parts of one endless message."""

    def __init__(self, manner: Manner) -> None:
        self._manner = manner

    def wrap(self, unit: Unit, time_s: float) -> bytes:
        jpeg, manner = b"".join(unit.nals), self._manner
        empty = f"{manner.mark}\r\nContent-Type: image/jpeg\r\nContent-Length: 0\r\n\r\n\r\n".encode()
        length = f"Content-Length: {manner.announced or len(jpeg)}\r\n" if manner.says_length else ""
        head = f"{manner.mark}\r\nContent-Type: image/jpeg\r\n{length}\r\n"
        return empty * manner.empty_parts + head.encode() + jpeg + b"\r\n"


class TransportStream:
    """Access units in an MPEG transport stream."""

    def __init__(self, clip: Clip, rate: float, *, pid: int = 0x100, program: int = 1) -> None:
        """`pid` is the number of the stream, in a program of another number."""
        self._out = io.BytesIO()
        version = pid % 32  # of the tables, which say so
        numbers = {"mpegts_start_pid": pid, "mpegts_service_id": program, "tables_version": version}
        options = {"flush_packets": "1", "mpegts_flags": "resend_headers"} | {k: str(v) for k, v in numbers.items()}
        self._container = av.open(self._out, "w", format="mpegts", options=options)
        # The encoder is there because the container asks for one; it never sees a picture.
        name, quiet = _ENCODERS[clip.codec]
        self._stream = self._container.add_stream(name, rate=Fraction(rate).limit_denominator(1000), options=quiet)
        self._stream.height, self._stream.width = clip.size
        self._stream.pix_fmt = "yuv420p"

    def wrap(self, unit: Unit, time_s: float) -> bytes:
        packet = av.Packet(unit.annex_b)
        packet.stream, packet.time_base = self._stream, Fraction(1, CLOCK_HZ)
        packet.pts = packet.dts = round(time_s * CLOCK_HZ)
        packet.is_keyframe = unit.keyframe
        self._container.mux(packet)
        return _taken(self._out)


def _taken(out: io.BytesIO) -> bytes:
    data = out.getvalue()
    out.seek(0)
    out.truncate()
    return data
