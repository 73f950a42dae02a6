"""Templates of the addresses at which network cameras of common makers send their pictures.

They follow what the makers publish of their RTSP addresses, and fit most models, not all: a camera's own manual wins.
Recorders take the number of the camera behind them as the channel; a camera of its own is channel 1. The main stream is
the large one, the sub stream a small one, which is decoded at a fraction of the cost.
"""

import re
from dataclasses import dataclass
from typing import Literal

from engine.settings.address import Address

Stream = Literal["main", "sub"]


@dataclass(frozen=True, slots=True)
class Maker:
    """A kind of network camera; `{channel}` stands for the channel in its paths."""

    title: str
    """For people."""
    main: str
    sub: str
    user: str = "admin"
    """Whom it knows when it is new."""


MAKERS: dict[str, Maker] = {
    # VAPIX, "Video streaming over RTSP"
    "axis": Maker(
        "Axis",
        "/axis-media/media.amp?camera={channel}",
        "/axis-media/media.amp?camera={channel}&resolution=640x360",
        "root",
    ),
    # Hikvision, "RTSP URL of network cameras": channel, then two digits of the stream
    "hikvision": Maker("Hikvision", "/Streaming/Channels/{channel}01", "/Streaming/Channels/{channel}02"),
    # Dahua, "HTTP API", section "Get RTSP stream"
    "dahua": Maker(
        "Dahua", "/cam/realmonitor?channel={channel}&subtype=0", "/cam/realmonitor?channel={channel}&subtype=1"
    ),
    # Reolink, "Introduction to RTSP"
    "reolink": Maker("Reolink", "/Preview_{channel:02d}_main", "/Preview_{channel:02d}_sub"),
    # Uniview, "RTSP of cameras" and "RTSP of recorders"
    "uniview": Maker("Uniview camera", "/media/video1", "/media/video2"),
    "uniview-recorder": Maker("Uniview recorder", "/unicast/c{channel}/s0/live", "/unicast/c{channel}/s1/live"),
    # ONVIF names no path: a camera tells its own when it is asked. These are the most common.
    "onvif": Maker("ONVIF: /onvif1", "/onvif1", "/onvif2"),
    "onvif-profile": Maker("ONVIF: /onvif/profile1", "/onvif/profile1/media.smp", "/onvif/profile2/media.smp"),
    "stream": Maker("ONVIF: /stream1", "/stream1", "/stream2"),
}
"""By the names that programs know them by."""

_CHANNEL = re.compile(r"\{channel[^}]*\}")
_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.%]+\]|[^\s:/?#@\[\]]+)(?::(?P<port>\d{1,5}))?")


def address_of(maker: str, host: str, *, channel: int = 1, stream: Stream = "main") -> str:
    """Returns the address of a camera, without user and password.

    Args:
        maker: a key of `MAKERS`.
        host: name or number, perhaps with a port: 'gate.local', '10.0.0.7:8554', '[fe80::1]'.
        channel: from 1.
        stream: the large or the small one.

    Raises:
        ValueError: the host or the channel cannot be; for beside its field.
    """
    found = _HOST.fullmatch(host.strip())
    if found is None or not 0 < int(found["port"] or 1) < 65536:
        raise ValueError("is no host, expected such as camera.local, 10.0.0.7 or 10.0.0.7:8554")
    if channel < 1:
        raise ValueError(f"is {channel}, expected 1 or more")
    template = MAKERS[maker].main if stream == "main" else MAKERS[maker].sub
    return f"rtsp://{found[0]}{template.format(channel=channel)}"


def small_beside(address: Address) -> str | None:
    """Returns the address of the small stream beside a main one, by its maker's template; None where none fits.

    User and password are not in it: a camera's two streams have the same.
    """
    parts = re.fullmatch(r"(rtsps?://[^/]+)(/.*)", address.without_login()[0].full)
    for maker in MAKERS.values() if parts else ():
        pattern = r"(?P<channel>\d{1,3})".join(map(re.escape, _CHANNEL.split(maker.main)))
        if parts and (found := re.fullmatch(pattern, parts[2], re.IGNORECASE)):
            return parts[1] + maker.sub.format(channel=int(found.groupdict().get("channel", 1)))
    return None
