"""An HTTP server that sends MJPEG or MPEG-TS without end; see `Server` for the commands."""

import io
import secrets
from fractions import Fraction
from typing import Literal

import av

from cameras.clip import Clip, Unit
from cameras.login import Login
from cameras.message import read_request, response
from cameras.rtp import CLOCK_HZ
from cameras.script import Link
from cameras.server import BACKLOG_BYTES, Server

NOBODY = Login("", secrets.token_hex(), "basic")
BOUNDARY = "picture"
_TYPES = {"mjpeg": f"multipart/x-mixed-replace; boundary={BOUNDARY}", "mpegts": "video/mp2t"}
_ENCODERS = {
    "h264": ("libx264", {"x264-params": "log-level=none"}),
    "h265": ("libx265", {"x265-params": "log-level=none:pools=1"}),
}


class WebCamera(Server):
    """An HTTP camera: pictures one after another, or a transport stream with H.264 or H.265."""

    scheme, path = "http", "/video"

    def __init__(
        self, kind: Literal["mjpeg", "mpegts"] = "mjpeg", clip: Clip | None = None, *, rate: float = 25.0
    ) -> None:
        super().__init__(clip or Clip.drawn("mjpeg" if kind == "mjpeg" else "h264"), rate=rate)
        self._kind = kind
        self._nonce = secrets.token_hex()  # of the camera, since a client may answer it on a new connection

    async def converse(self, link: Link) -> None:
        """Serves one client."""
        request = await read_request(link.reader)
        conduct = self.script.conduct
        login = NOBODY if conduct.refusal == 401 else conduct.login
        if conduct.refusal not in (None, 401):
            await link.send(response(request, conduct.refusal))
        elif login and not login.accepts(request.method, request.headers.get("authorization", ""), self._nonce):
            await link.send(response(request, 401, {"WWW-Authenticate": login.challenge(self._nonce)}))
        else:
            await link.send(response(request, 200, {"Content-Type": _TYPES[self._kind], "Connection": "close"}))
            await self._stream(link)

    async def _stream(self, link: Link) -> None:
        wrapped = _Parts() if self._kind == "mjpeg" else _TransportStream(self.clip, self.rate)
        async for unit, time_s in self.pace():
            if link.backlog < BACKLOG_BYTES:
                data = wrapped.wrap(unit, time_s)
                await link.send(self.script.random.randbytes(len(data)) if self.script.spoils_frame() else data)
                self.count_frame()


class _Parts:
    """Pictures as the parts of one endless message."""

    def wrap(self, unit: Unit, time_s: float) -> bytes:
        jpeg = b"".join(unit.nals)
        head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
        return head.encode() + jpeg + b"\r\n"


class _TransportStream:
    """Access units in an MPEG transport stream."""

    def __init__(self, clip: Clip, rate: float) -> None:
        self._out = io.BytesIO()
        self._container = av.open(self._out, "w", format="mpegts", options={"flush_packets": "1"})
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
        data = self._out.getvalue()
        self._out.seek(0)
        self._out.truncate()
        return data
