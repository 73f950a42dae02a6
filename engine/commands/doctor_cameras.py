"""Tries every camera of a configuration once, all its streams, for `deepcount-engine doctor --config`."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from engine.commands.doctor import Finding
from engine.errors import EngineError
from engine.monitor.probe import Probe, probe
from engine.settings.address import Address
from engine.settings.config import CameraSettings
from engine.settings.makers import small_beside

AT_ONCE = 8  # cameras that are tried at a time


def examine_cameras(cameras: Sequence[CameraSettings]) -> Iterator[Finding]:
    """Yields what each enabled camera sends, or why nothing comes of it; never raises for what it finds.

    Where a camera has an `address_small`, both streams are tried; where it has none, one that answers as its maker's
    template says is advised.
    """
    watched = [camera for camera in cameras if camera.enabled]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(_examined, watched)


def _examined(camera: CameraSettings) -> Finding:
    subject = f"camera '{camera.name}'"
    try:
        found = probe(camera)
    except EngineError as error:
        return Finding(subject, str(error), False, str(error))
    if found.main is not None:
        words = f"small stream {_sent(found)}, main stream {_sent(found.main)}; {_saving(found, found.main)}"
    else:
        words = f"{_sent(found)}{_advice(camera, found)}"
    return Finding(subject, found.main_problem or words, not found.main_problem, found.main_problem)


def _advice(camera: CameraSettings, main: Probe) -> str:
    """Returns what a small stream would save; empty where nobody knows of one that can stand beside the main one."""
    address = None if camera.address_small else small_beside(camera.address)
    if address is None:
        return ""
    with suppress(EngineError):
        small = probe(camera.model_copy(update={"address_small": Address.of(address)}))
        if not small.main_problem and small.size != main.size:
            gain = f"would count its small stream {_sent(small)}, where heads are large enough: {_saving(small, main)}"
            return f'; address_small = "{address}" {gain}'
    return ""


def _sent(found: Probe) -> str:
    rate = "" if found.rate is None else f" at {found.rate:.0f}/s"
    return f"{found.size[1]}x{found.size[0]} {found.link.codec}{rate}"


def _saving(small: Probe, main: Probe) -> str:
    share = small.size[0] * small.size[1] / (main.size[0] * main.size[1])
    return f"{share:.0%} of the pixels are decoded"
