"""Opens live cameras with FFmpeg, and says in our own words why one did not open.

FFmpeg's messages hold the whole address, and its error codes mislead: an RTSP time-out comes as invalid data, an
unknown host as an input/output error. So only the code is taken, with the time that passed and what the resolver says.
"""

import socket
import sys
from dataclasses import dataclass
from time import monotonic

import av
from av.container import InputContainer
from av.device import enumerate_input_devices

from engine.errors import SourceError
from engine.picture.view import PLAIN, View
from engine.settings.address import Address
from engine.sources.bounds import LIMITS
from engine.sources.hardware import OFF, Hardware
from engine.sources.libav_log import silence

ERRORS = (av.FFmpegError, OSError, ValueError, RuntimeError)
"""What PyAV raises; the last two where a clock or a text is not what it expects."""

WEBCAM_FORMATS = {"linux": "v4l2", "darwin": "avfoundation", "win32": "dshow"}
PROTOCOLS = {"rtsp": "rtsp,rtsps,rtp,udp,tcp,tls", "http": "http,https,httpproxy,tcp,tls,crypto"}
"""What an address may lead to: a server cannot make FFmpeg read local files."""


class RefusedError(SourceError):
    """A camera that cannot be opened until a person has put something right."""


class OverError(SourceError):
    """A recording that breaks off: nothing more will come of it."""


class HardwareError(SourceError):
    """The camera may be well, but the hardware did not decode it."""


@dataclass(frozen=True, slots=True)
class LiveOrder:
    """A camera to be watched, and how."""

    name: str
    """What people call it; holds no secret."""
    address: Address
    """With user and password, which it does not show."""
    transport: str = "tcp"
    """Or 'udp'; of RTSP alone."""
    open_timeout_s: float = 5.0
    read_timeout_s: float = 5.0
    max_fps: float | None = None
    """Frames per second to keep at most; None keeps all."""
    hardware: str = OFF
    """What decodes: 'off', 'auto', or the name of a kind of hardware."""
    loop: bool = False
    """Whether a file or folder begins again at its end."""
    motion_gate: bool = False
    """Whether frames in which nothing moves are marked as idle."""
    view: View = PLAIN


def opened(order: LiveOrder, hardware: Hardware) -> InputContainer:
    """Connects to a camera; takes at most twice its time to open (connecting, then learning the codec).

    Raises:
        HardwareError: the hardware has no room for another decoder.
        RefusedError: wrong user or password, an unknown host, or a stream that FFmpeg does not know.
        SourceError: anything else, which may be over the next time.
    """
    silence()
    begun = monotonic()
    try:
        return av.open(
            ffmpeg_name(order.address),
            mode="r",
            format=WEBCAM_FORMATS.get(sys.platform) if order.address.kind == "webcam" else None,
            options=ffmpeg_options(order) | LIMITS,
            timeout=(order.open_timeout_s, order.read_timeout_s),
            hwaccel=hardware.accel,
            metadata_errors="replace",  # names in cameras' descriptions are in any alphabet
        )
    except ERRORS as error:
        if hardware.name and not getattr(error, "filename", None):  # errors of the network name what was opened
            raise HardwareError(f"{hardware.name} cannot decode another camera at the moment") from None
        raise opening_error(order, error, monotonic() - begun) from None


def ffmpeg_name(address: Address, platform: str = sys.platform) -> str:
    """Returns what FFmpeg opens, with all secrets."""
    if address.kind != "webcam":
        return address.full
    if address.full.startswith("/"):
        return address.full
    number = int(address.full.partition(":")[2])
    if platform == "win32":
        names = [device.name for device in enumerate_input_devices("dshow") if "video" in device.media_types]
        return f"video={names[number]}" if number < len(names) else "video="
    return f"{number}:none" if platform == "darwin" else f"/dev/video{number}"


def ffmpeg_options(order: LiveOrder) -> dict[str, str]:
    """Returns the options for a camera.

    Probing for the frame rate is off: it takes about a second and nobody asks for the result. Buffering stays on: what
    was probed is decoded at once, without it the picture would wait for the next key frame. Only the picture of an RTSP
    camera is asked for, since sound that goes on would hide that the picture stopped.
    """
    kind = order.address.kind
    if kind == "webcam":
        return {"framerate": "30"} if sys.platform == "darwin" else {}
    options = {"fpsprobesize": "0", "protocol_whitelist": PROTOCOLS[kind]} if kind in PROTOCOLS else {}
    if kind == "rtsp":
        options |= {"rtsp_transport": order.transport, "allowed_media_types": "video"}
    return options


def opening_error(order: LiveOrder, error: Exception, waited_s: float) -> SourceError:
    """Returns our own error for FFmpeg's, without a word of its message."""
    who, host = f"camera '{order.name}'", order.address.host
    if order.address.kind == "webcam":
        return _webcam_error(who, error)
    match error:
        case av.HTTPUnauthorizedError() | av.HTTPForbiddenError():
            return RefusedError(f"{who} refuses its user or password; correct them in the camera's settings")
        case av.HTTPNotFoundError():
            return SourceError(f"{who} answers that it has no such stream (404); check the path of its address")
        case av.HTTPError() | av.HTTPClientError():
            return SourceError(f"{who} answers with an error ({_word(error)}); it may be busy or restarting")
        case av.error.ProtocolNotFoundError() | av.error.DemuxerNotFoundError() | av.error.DecoderNotFoundError():
            return RefusedError(f"{who} sends a kind of stream that is not supported; choose H.264 or H.265 in it")
        case ConnectionRefusedError():
            return SourceError(f"{who} refuses the connection to {host or 'it'}; is it on, and the port right?")
    if isinstance(error, TimeoutError | av.error.ExitError) or waited_s >= order.open_timeout_s:
        return SourceError(f"{who} did not answer within {order.open_timeout_s:g} s; check its network and power")
    if host and _is_unknown(host):
        return RefusedError(f"{who} cannot be found: the host {host} is unknown; check its address")
    if isinstance(error, av.error.InvalidDataError):
        return SourceError(f"{who} answers with something that is no video; check the path of its address")
    return SourceError(f"{who} cannot be opened ({_word(error)}); check its address, network and power")


def _webcam_error(who: str, error: Exception) -> SourceError:
    if isinstance(error, PermissionError):
        return RefusedError(f"{who} may not be opened by this user; give it the right to use video devices")
    if isinstance(error, FileNotFoundError):
        return SourceError(f"{who} is not connected to this machine; plug it in, or choose another number")
    return SourceError(f"{who} cannot be opened ({_word(error)}); is another program using it?")


def _word(error: Exception) -> str:
    """Returns FFmpeg's or the system's name of an error code, which holds nothing of the address."""
    return (getattr(error, "strerror", None) or type(error).__name__).lower()


def _is_unknown(host: str) -> bool:
    try:
        socket.getaddrinfo(host, None)
    except socket.gaierror as error:
        return error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
    except (OSError, UnicodeError):
        return False
    return False
