"""Opens what FFmpeg reads: addresses of cameras, and what was fetched for it."""

import ssl
import sys
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import av
from av.container import InputContainer

from engine.settings.address import Address
from engine.sources.bounds import LIMITS
from engine.sources.hardware import Hardware
from engine.sources.libav_log import silence
from engine.sources.opening import ERRORS, HardwareError, LiveOrder, opening_error
from engine.sources.waiting import Waiting
from engine.sources.web import Answer, Web
from engine.sources.webcam import FORMATS, device_of
from engine.sources.wire import Wire

PROTOCOLS = {
    "rtsp": "rtsp,rtsps,rtp,udp,tcp,tls",
    "rtmp": "rtmp,rtmps,tcp,tls",
    "srt": "srt",
    "udp": "udp",
    "rtp": "rtp,udp",
}
"""What an address may lead to: a server cannot make FFmpeg read local files."""

TLS_PORTS = {"rtsps": 322, "rtmps": 443}
"""Schemes whose encryption is FFmpeg's, and where they are spoken by default."""

TRANSPORT_STREAM = {"merge_pmt_versions": "1"}
"""Options for MPEG-TS: a stream whose numbers change goes on as the same stream."""

RTMP_PROBE_US = "500000"  # of the stream; FFmpeg would wait 5 s for sound that never comes

QUICK = {"fpsprobesize": "0"}
"""Probing for the frame rate takes about a second, and nobody asks for the result."""

STREAMED = (
    TRANSPORT_STREAM | QUICK | {"format_whitelist": "mpegts,flv,matroska,webm,mov,mp4,ogg,h264,hevc,mjpeg,asf,nut"}
)
"""Options for a stream that a web server sends; FFmpeg's own format of many parts would hold whatever it is told to."""

SEGMENTED = QUICK | {"http_persistent": "0", "http_multiple": "0"}
"""Options for a stream in segments, which FFmpeg does not fetch itself."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What FFmpeg reads of a camera."""

    container: InputContainer
    security: str = ""
    """Who vouches for the camera; empty where nothing is encrypted."""
    hang_up: Callable[[], None] = lambda: None
    """Closes what it is read from, where that is not FFmpeg's."""


def opened(order: LiveOrder, hardware: Hardware, waiting: Waiting) -> Opened:
    """Connects to a camera; takes at most twice its time to open (connecting, then learning the codec).

    Raises:
        HardwareError: the hardware has no room for another decoder.
        RefusedError: wrong user or password, a certificate that is not trusted, an unknown host, or a stream that
            FFmpeg does not know.
        SourceError: anything else, which may be over the next time.
    """
    begun, form = monotonic(), FORMATS.get(sys.platform) if order.address.kind == "webcam" else None
    waiting.allow(2 * order.open_timeout_s)
    try:
        name, options = ffmpeg_name(order.address), ffmpeg_options(order)
        container = opened_by_ffmpeg(name, order, hardware, waiting, format=form, options=options)
    except ERRORS as error:
        raise opening_error(order, _distrust(order, waiting) or error, monotonic() - begun) from None
    return Opened(container, order.trust.words if order.address.scheme in TLS_PORTS else "")


def opened_from_web(answer: Answer, order: LiveOrder, hardware: Hardware, waiting: Waiting) -> Opened:
    """Opens a stream that a web server sends, or whose segments it lists (HLS); raises HardwareError, and `ERRORS`."""
    web = answer.web
    if answer.is_playlist:
        parts: dict[str, Any] = {"format": "hls", "io_open": lambda url, *_: _Segment(web, url)}
        container = opened_by_ffmpeg(answer.place.url, order, hardware, waiting, options=SEGMENTED, **parts)
    else:
        container = opened_by_ffmpeg(answer, order, hardware, waiting, options=STREAMED)
    return Opened(container, web.security, web.close)


class _Segment:
    """A piece of a stream, or a list of such, as FFmpeg reads files."""

    def __init__(self, web: Web, url: str) -> None:
        self._web = web.another()
        try:
            self._answer = self._web.get(url).checked()
        except BaseException:
            self._web.close()
            raise

    def read(self, size: int) -> bytes:
        return self._answer.read(size)

    def close(self) -> None:
        self._web.close()


def _distrust(order: LiveOrder, waiting: Waiting) -> Exception | None:
    """Connects to a server again to see its certificate; returns what is wrong with it, which FFmpeg does not tell."""
    if order.address.scheme not in TLS_PORTS or not order.trust.verify:
        return None
    place = urlsplit(order.address.full)
    waiting.allow(order.open_timeout_s)
    try:
        Wire(place.hostname or "", place.port or TLS_PORTS[place.scheme], order.trust, waiting).hang_up()
    except ssl.SSLCertVerificationError as error:
        return error
    except (OSError, ValueError):
        pass
    return None


def opened_by_ffmpeg(
    source: Any, order: LiveOrder, hardware: Hardware, waiting: Waiting, *, options: dict[str, str], **parts: Any
) -> InputContainer:
    """Opens an address or a file-like object; raises HardwareError, and `ERRORS` for all else."""
    silence()
    try:
        with waiting.within_ffmpeg():
            container: InputContainer = av.open(
                source,
                mode="r",
                timeout=(order.open_timeout_s, order.read_timeout_s),
                hwaccel=hardware.accel,
                metadata_errors="replace",  # names in cameras' descriptions are in any alphabet
                options=options | LIMITS,
                **parts,
            )
            return container
    except ERRORS as error:
        if hardware.name and not getattr(error, "filename", None):  # errors of the network name what was opened
            raise HardwareError(f"{hardware.name} cannot decode another camera at the moment") from None
        raise


def ffmpeg_name(address: Address, platform: str = sys.platform) -> str:
    """Returns what FFmpeg opens, with all secrets."""
    if address.kind == "webcam":
        return device_of(address, platform)
    return address.scheme + address.full[len(address.scheme) :]  # FFmpeg knows them in small letters only


def ffmpeg_options(order: LiveOrder) -> dict[str, str]:
    """Returns the options for a camera.

    Buffering stays on: what was probed is decoded at once, without it the picture would wait for the next key frame.
    Only the picture of an RTSP camera is asked for, since sound that goes on would hide that the picture stopped.
    """
    kind = order.address.kind
    if kind == "webcam":
        return {"framerate": "30"} if sys.platform == "darwin" else {}
    options = TRANSPORT_STREAM | QUICK | {"protocol_whitelist": PROTOCOLS[kind]}
    match kind:
        case "rtsp":
            options |= {"rtsp_transport": order.transport, "allowed_media_types": "video"}
        case "rtmp":
            options |= {"rtmp_live": "live", "analyzeduration": RTMP_PROBE_US}
        case "udp":
            options |= {"overrun_nonfatal": "1"}  # what comes too fast is lost, as the network loses it
    return options | (order.trust.ffmpeg_options() if order.address.scheme in TLS_PORTS else {})
