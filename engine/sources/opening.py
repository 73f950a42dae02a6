"""What is to be watched, and in our own words why it cannot be.

FFmpeg's messages hold the whole address, and its error codes mislead: an RTSP time-out comes as invalid data, an
unknown host as an input/output error. So only the code is taken, with the time that passed, what the resolver says, and
the server's certificate.
"""

import http.client
import socket
import ssl
from dataclasses import dataclass
from http import HTTPStatus

import av

from engine.errors import SourceError
from engine.picture.view import PLAIN, View
from engine.settings.address import Address
from engine.sources.hardware import OFF
from engine.sources.trust import SYSTEM, Trust
from engine.sources.webcam import names_there

ERRORS = (av.FFmpegError, OSError, ValueError, RuntimeError)
"""What PyAV raises; the last two where a clock or a text is not what it expects."""


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
    trust: Trust = SYSTEM
    """Whose certificates are taken, where it has one."""
    motion_gate: bool = False
    """Whether frames in which nothing moves are marked as idle."""
    view: View = PLAIN
    obstacle: str = ""
    """Why it cannot be connected to before a person has put something right, in a sentence; empty where it can."""
    stream: str = ""
    """Which of a camera's two it is, 'small stream' or 'main stream', for messages; empty where it has only one."""
    main: "LiveOrder | None" = None
    """The main stream of the same camera, where this one is the small; it is not counted."""

    @property
    def who(self) -> str:
        """How messages call it."""
        return f"camera '{self.name}'" + (f" ({self.stream})" if self.stream else "")


def opening_error(order: LiveOrder, error: Exception, waited_s: float) -> SourceError:
    """Returns our own error for FFmpeg's or the system's, without a word of its message."""
    who, host = order.who, order.address.host
    if order.address.kind == "webcam":
        return _webcam_error(who, error)
    match error:
        case av.HTTPUnauthorizedError() | av.HTTPForbiddenError():
            return refusal(order, HTTPStatus.UNAUTHORIZED)
        case av.HTTPNotFoundError():
            return refusal(order, HTTPStatus.NOT_FOUND)
        case av.HTTPError() | av.HTTPClientError():
            return refusal(order, HTTPStatus.SERVICE_UNAVAILABLE, reason(error))
        case ssl.SSLCertVerificationError():
            return RefusedError(
                f"{who} shows a certificate that is not trusted ({error.verify_message}); name a file with it or its "
                "authority in tls_ca, or set tls_verify = false"
            )
        case ssl.SSLError():
            fault = (error.reason or "unknown").lower().replace("_", " ")
            return SourceError(f"{who} cannot agree on an encryption ({fault}); is the port the encrypted one?")
        case av.error.ProtocolNotFoundError() if order.address.kind == "srt":
            return RefusedError(f"{who} speaks SRT, which this FFmpeg was built without; let it send rtsp:// or udp://")
        case av.error.ProtocolNotFoundError() | av.error.DemuxerNotFoundError() | av.error.DecoderNotFoundError():
            return RefusedError(f"{who} sends a kind of stream that is not supported; choose H.264 or H.265 in it")
        case ConnectionRefusedError():
            return SourceError(f"{who} refuses the connection to {host or 'it'}; is it on, and the port right?")
        case ConnectionError():
            return break_off(order)
    if isinstance(error, TimeoutError | av.error.ExitError) or waited_s >= order.open_timeout_s:
        return SourceError(f"{who} did not answer within {order.open_timeout_s:g} s; check its network and power")
    return _looked_into(order, error)


def silence(order: LiveOrder) -> SourceError:
    """Returns the error for a camera from which nothing comes any more."""
    limit = f"{order.read_timeout_s:g} s"
    return SourceError(f"{order.who} has sent no picture for {limit}; check its network and power")


def ending(order: LiveOrder) -> SourceError:
    """Returns the error for a stream that is over."""
    return SourceError(f"{order.who} ended its stream; it may be restarting")


def break_off(order: LiveOrder) -> SourceError:
    """Returns the error for a connection that is gone."""
    return SourceError(f"{order.who} broke off the connection; check its network")


def nonsense(order: LiveOrder) -> SourceError:
    """Returns the error for content of which nothing can be decoded."""
    return SourceError(f"{order.who} sends nothing that can be decoded; check its codec and its network")


def refusal(order: LiveOrder, status: int, words: str = "") -> SourceError:
    """Returns the error for the status of an answer; `words` are FFmpeg's for it."""
    match status:
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            return RefusedError(f"{order.who} refuses its user or password; correct them in the camera's settings")
        case HTTPStatus.NOT_FOUND:
            return SourceError(f"{order.who} answers that it has no such stream (404); check the path of its address")
    return SourceError(f"{order.who} answers with an error ({words or status}); it may be busy or restarting")


def _looked_into(order: LiveOrder, error: Exception) -> SourceError:
    """Asks the resolver, since FFmpeg's code does not say it."""
    who, host = order.who, order.address.host
    if host and _is_unknown(host):
        return RefusedError(f"{who} cannot be found: the host {host} is unknown; check its address")
    if isinstance(error, av.error.PatchWelcomeError) and order.address.kind == "rtp":
        return RefusedError(f"{who} sends a kind of stream that is not supported; let it send MPEG-TS, or use rtsp://")
    if isinstance(error, av.error.InvalidDataError | http.client.HTTPException):
        return SourceError(f"{who} answers with something that is no video; check the path of its address")
    return SourceError(f"{who} cannot be opened ({reason(error)}); check its address, network and power")


def _webcam_error(who: str, error: Exception) -> SourceError:
    if isinstance(error, PermissionError):
        return RefusedError(f"{who} may not be opened by this user; give it the right to use video devices")
    if isinstance(error, FileNotFoundError):
        there = f" (there are: {', '.join(names)})" if (names := names_there()) else ""
        return SourceError(f"{who} is not connected to this machine; plug it in, or choose another{there}")
    return SourceError(f"{who} cannot be opened ({reason(error)}); is another program using it?")


def reason(error: Exception) -> str:
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
