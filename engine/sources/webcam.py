"""Webcams: which device an address means, by number, by path or by name."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import av
from av.device import DeviceInfo, enumerate_input_devices

from engine.redaction import readable
from engine.settings.address import Address, is_webcam

FORMATS = {"linux": "v4l2", "darwin": "avfoundation", "win32": "dshow"}
"""FFmpeg's names for what speaks to webcams, by platform."""


@dataclass(frozen=True, slots=True)
class Webcam:
    """A webcam that is connected."""

    title: str
    """What people call it."""
    address: str
    """As it is configured."""


def device_of(address: Address, platform: str = sys.platform, there: Sequence[DeviceInfo] | None = None) -> str:
    """Returns what FFmpeg opens for 'webcam:0', 'webcam:NAME' or '/dev/video0'.

    Args:
        address: of the kind 'webcam'.
        platform: as `sys.platform` has it.
        there: the devices; None asks the system where it has to be known.

    Raises:
        FileNotFoundError: there is none of that name or number.
    """
    wanted = address.full
    if wanted.startswith("/"):
        return wanted
    wanted = wanted.partition(":")[2]
    if wanted.isdigit() and platform != "win32":
        return f"{wanted}:none" if platform == "darwin" else f"/dev/video{wanted}"
    devices = _there(platform) if there is None else there
    names = [device.description for device in devices]
    place = int(wanted) if wanted.isdigit() else names.index(wanted) if wanted in names else len(devices)
    if place >= len(devices):
        raise FileNotFoundError(wanted)
    if platform == "win32":
        return f"video={devices[place].name}"
    return f"{devices[place].name}:none" if platform == "darwin" else devices[place].name


def names_there() -> list[str]:
    """Returns what the webcams of this machine are called."""
    return [device.description for device in _there(sys.platform)]


def webcams(platform: str = sys.platform, there: Sequence[DeviceInfo] | None = None) -> list[Webcam]:
    """Returns the webcams of this machine; `there` are the devices, None asks the system."""
    found: dict[str, Webcam] = {}
    for place, device in enumerate(_there(platform) if there is None else there):
        title = readable(device.description).strip() or f"webcam {place}"
        named = f"webcam:{device.description}"
        other = device.name if platform == "linux" else f"webcam:{place}"
        found.setdefault(title, Webcam(title, named if is_webcam(named) else other))
    return list(found.values())


def _there(platform: str) -> Sequence[DeviceInfo]:
    """Returns what shows pictures; on Linux the nodes of one device share a name, and the first has the pictures."""
    try:
        found = enumerate_input_devices(FORMATS[platform])
    except (av.FFmpegError, OSError, ValueError, KeyError):
        return []
    shows = [device for device in found if "video" in device.media_types or not device.media_types]
    return sorted(shows, key=lambda device: device.name) if platform == "linux" else shows
