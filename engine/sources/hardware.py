"""Which part of the machine decodes video: tried once, so that a missing driver costs no connection."""

import sys
from dataclasses import dataclass
from functools import lru_cache

import av
from av.codec.hwaccel import HWAccel, hwdevices_available

OFF, AUTO = "off", "auto"
PREFERRED = {"darwin": ("videotoolbox",), "win32": ("cuda", "d3d11va"), "linux": ("cuda", "vaapi")}
DOWNLOADED_FORMATS = frozenset({"nv12", "p010le", "p016le"})
"""What comes back from hardware; no software decoder of H.264 or H.265 gives them."""


@dataclass(frozen=True, slots=True)
class Hardware:
    """What to ask PyAV for."""

    name: str = ""
    """As FFmpeg calls it; empty is software."""
    remark: str = ""
    """Why it is software although hardware was asked for."""

    @property
    def accel(self) -> HWAccel | None:
        """For `av.open`; a stream that the hardware cannot decode goes to software."""
        return HWAccel(self.name, allow_software_fallback=True) if self.name else None


SOFTWARE = Hardware()


@lru_cache
def hardware_for(wanted: str) -> Hardware:
    """Returns what there is of 'off', 'auto', or the name of a kind of hardware; never raises."""
    if wanted == OFF:
        return SOFTWARE
    names = PREFERRED.get(sys.platform, ()) if wanted == AUTO else (wanted,)
    found = next((name for name in names if _works(name)), None)
    if found:
        return Hardware(found)
    return Hardware(remark=f"{' and '.join(names) or 'hardware'} cannot decode on this machine, so software does")


def _works(name: str) -> bool:
    if name not in hwdevices_available():  # FFmpeg takes a name that it does not know for any kind
        return False
    try:
        HWAccel(name).create(av.Codec("h264", "r"))
    except (av.FFmpegError, OSError, RuntimeError):
        return False
    return True
