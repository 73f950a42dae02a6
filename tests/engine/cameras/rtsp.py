"""A real RTSP server (RFC 2326) which misbehaves on command; see `Server` for the commands."""

import asyncio
import secrets
import ssl
import struct
from collections.abc import Iterable
from urllib.parse import urlsplit

from cameras.clip import Clip, Codec, Unit
from cameras.login import Login
from cameras.message import Request, read_request, response
from cameras.rtp import Packetiser, description
from cameras.script import Link
from cameras.server import BACKLOG_BYTES, HOST, Server

RTP_HEADER_BYTES = 12
NOBODY = Login("", secrets.token_hex(), "digest")


class ScriptedCamera(Server):
    """An RTSP camera with H.264 or H.265, over TCP and UDP; RTSPS where it is given a TLS context."""

    path = "/live"

    def __init__(
        self, clip: Clip | None = None, *, rate: float = 25.0, udp: bool = True, tls: ssl.SSLContext | None = None
    ) -> None:
        super().__init__(clip or Clip.drawn(), rate=rate, tls=tls)
        self.scheme = "rtsps" if tls else "rtsp"
        self.offers_udp = udp

    def change(self, *, size: tuple[int, int] | None = None, codec: Codec | None = None) -> None:
        """Sends a synthetic clip of another size (height, width) or codec from now on.

        Another size comes in the middle of the stream; another codec closes all connections, since only a new
        description can say it.
        """
        before = self.clip
        self.clip = Clip.drawn(codec or before.codec, size=size or before.size)
        if self.clip.codec != before.codec:
            self.close_connections()

    async def converse(self, link: Link) -> None:
        """Serves one client."""
        await _Session(self, link).run()


class _Session:
    """One client's conversation."""

    def __init__(self, camera: ScriptedCamera, link: Link) -> None:
        self._camera, self._link = camera, link
        self._nonce, self._id = secrets.token_hex(), secrets.token_hex(4)
        self._channel, self._path = 0, ""
        self._datagrams: asyncio.DatagramTransport | None = None
        self._player: asyncio.Task[None] | None = None

    @property
    def _clip(self) -> Clip:
        return self._camera.clip_at(self._path)

    async def run(self) -> None:
        try:
            while True:
                request = await read_request(self._link.reader)
                await self._link.send(await self._answer(request))
                if request.method == "PLAY" and self._player is None:
                    self._player = asyncio.create_task(self._play())
                if request.method == "TEARDOWN":
                    return
        finally:
            if self._player is not None:
                self._player.cancel()
            if self._datagrams is not None:
                self._datagrams.close()

    async def _answer(self, request: Request) -> bytes:
        conduct = self._camera.script.conduct
        login = NOBODY if conduct.refusal == 401 else conduct.login
        shown = request.headers.get("authorization", "")
        if conduct.refusal not in (None, 401):
            return response(request, conduct.refusal)
        if login and request.method != "OPTIONS" and not login.accepts(request.method, shown, self._nonce):
            return response(request, 401, {"WWW-Authenticate": login.challenge(self._nonce)})
        match request.method:
            case "OPTIONS":
                return response(request, 200, {"Public": "DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN"})
            case "DESCRIBE":
                headers = {"Content-Type": "application/sdp", "Content-Base": request.url.rstrip("/") + "/"}
                self._path = urlsplit(request.url).path.rstrip("/")
                body = description(self._clip, rate=self._camera.rate).encode()
                return response(request, 200, headers, body)
            case "SETUP":
                return await self._set_up(request)
            case "PLAY":
                return response(request, 200, {"Session": self._id, "Range": "npt=now-"})
            case "GET_PARAMETER" | "TEARDOWN":
                return response(request, 200, {"Session": self._id})
        return response(request, 405)

    async def _set_up(self, request: Request) -> bytes:
        asked = request.headers.get("transport", "")
        fields = dict(part.partition("=")[::2] for part in asked.split(";"))
        if "RTP/AVP/TCP" in fields:
            self._channel = int(fields.get("interleaved", "0-1").split("-")[0])
            granted = f"RTP/AVP/TCP;unicast;interleaved={self._channel}-{self._channel + 1}"
        elif "client_port" in fields and self._camera.offers_udp:
            port = int(fields["client_port"].split("-")[0])
            self._datagrams, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                asyncio.DatagramProtocol, local_addr=(HOST, 0), remote_addr=(self._link.peer_host, port)
            )
            own = self._datagrams.get_extra_info("sockname")[1]
            granted = f"{asked};server_port={own}-{own + 1}"
        else:
            return response(request, 461)
        return response(request, 200, {"Transport": granted, "Session": f"{self._id};timeout=60"})

    async def _play(self) -> None:
        packetiser = Packetiser(self._clip.codec, ssrc=secrets.randbits(32))
        try:
            async for unit, time_s in self._camera.pace(self._path):
                if self._link.backlog < BACKLOG_BYTES:
                    await self._send(self._packets(packetiser, unit, time_s))
                    self._camera.count_frame()
        except ConnectionError:
            pass  # the conversation ends as well

    def _packets(self, packetiser: Packetiser, unit: Unit, time_s: float) -> Iterable[bytes]:
        script = self._camera.script
        packets = packetiser.packets(unit, time_s=time_s)
        if not script.spoils_frame():
            return packets
        return (p[:RTP_HEADER_BYTES] + script.random.randbytes(len(p) - RTP_HEADER_BYTES) for p in packets)

    async def _send(self, packets: Iterable[bytes]) -> None:
        if self._datagrams is None:
            framed = (b"$" + struct.pack(">BH", self._channel, len(p)) + p for p in packets)
            await self._link.send(b"".join(framed))
            return
        script = self._camera.script
        for packet in packets:
            await script.until(lambda c: not c.stalled)
            if (pace := script.conduct.bytes_per_s) is not None:
                await asyncio.sleep(len(packet) / pace)
            self._datagrams.sendto(script.random.randbytes(len(packet)) if script.conduct.babbling else packet)
