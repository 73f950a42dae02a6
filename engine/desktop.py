"""Whether a window can be opened here: the display, and the system libraries that PyQt6's wheels leave to the system.

Knows their names only; Qt itself is never imported, for without a display it would end the process.
"""

import ctypes
import os
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress

LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libOpenGL.so.0": "libopengl0",
    "libbrotlidec.so.1": "libbrotli1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
"""What Qt loads on Linux, and the Debian package that holds it (OpenCV needs libGL and GLib too)."""
UNSEEN_PLATFORMS = ("offscreen", "minimal")
"""Qt draws there for tests alone."""


def missing_packages() -> list[str]:
    """Debian and Ubuntu packages that a window needs and that are not installed; empty on other systems."""
    if not sys.platform.startswith("linux"):
        return []
    return [package for library, package in LIBRARIES.items() if not _loads(library)]


def install_line(packages: list[str]) -> str:
    """The command that installs packages on Debian and Ubuntu."""
    return "sudo apt-get install -y " + " ".join(packages)


def display_problem(environment: Mapping[str, str] = os.environ) -> str | None:
    """Why no window can be opened, in one clause, or None if one can."""
    if not sys.platform.startswith("linux"):
        return None
    named = [name for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM") if environment.get(name)]
    if not named:
        return "neither DISPLAY nor WAYLAND_DISPLAY is set"
    if named == ["DISPLAY"] and not _answers(environment["DISPLAY"]):
        return f"DISPLAY is {environment['DISPLAY']!r}, but no X server answers there"
    packages = missing_packages()
    if packages:
        return f"system libraries are missing, install them with '{install_line(packages)}'"
    return None


def unseen_platform(environment: Mapping[str, str] = os.environ) -> str | None:
    """Why a window that opens would be seen by nobody, in one clause, or None if it would be seen."""
    platform = environment.get("QT_QPA_PLATFORM", "").partition(":")[0]
    return f"QT_QPA_PLATFORM is {platform!r}, which shows nothing" if platform in UNSEEN_PLATFORMS else None


def _answers(display: str) -> bool:
    """Whether an X server of this machine accepts a connection; one elsewhere is believed to be there."""
    host, _, number = display.rpartition(":")
    if host not in ("", "unix"):
        return True
    place = f"/tmp/.X11-unix/X{number.partition('.')[0]}"
    for address in (place, f"\0{place}"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection, suppress(OSError):
            connection.connect(address)
            return True
    return False


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
