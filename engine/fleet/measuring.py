"""What the cameras of a node cost it, measured while they are counted."""

from collections.abc import Mapping
from time import monotonic

import psutil

from engine.monitor.monitor import Monitor

WINDOW_S = 10.0  # over which it is measured
STEP = 1.25
"""By so many times a cost has to change before anybody hears of it, so that nothing moves for noise."""


class Costs:
    """Divides a process's time among its cameras, by the tiles that are wanted of each."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._process = psutil.Process()
        self._begun_s, self._used_s = monotonic(), self._used()
        self.known: dict[str, float] = {}
        """Seconds of processor time a second, of cameras."""

    def look(self, monitor: Monitor) -> None:
        """Looks at the cameras that are counted now."""
        now_s, used_s = monotonic(), self._used()
        if now_s - self._begun_s < WINDOW_S:
            return
        rate = (used_s - self._used_s) / (now_s - self._begun_s)
        self._begun_s, self._used_s = now_s, used_s
        loads = {session.name: monitor.load(session) for session in monitor.sessions if session.is_counted}
        tiles = {name: (load.wanted_tiles, load.dropped_share) for name, load in loads.items() if load.is_whole}
        known = {name: cost for name, cost in self.known.items() if name in loads}
        self.known = told(known, divided(rate, tiles))

    def _used(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system


def divided(rate: float, tiles: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """Returns what cameras would cost if all that is wanted of them were counted.

    Args:
        rate: seconds of processor time a second, of all that was counted.
        tiles: of each camera those that were wanted a second, and which share of them was not counted.
    """
    counted = sum(wanted * (1 - dropped) for wanted, dropped in tiles.values())
    return {name: rate * wanted / counted for name, (wanted, _) in tiles.items() if wanted} if counted else {}


def told(before: Mapping[str, float], now: Mapping[str, float]) -> dict[str, float]:
    """Returns the costs that are said: as before, where they are nearly the same."""
    found = dict(before)
    for name, cost in now.items():
        known = found.get(name)
        if known is None or not known / STEP < cost < known * STEP:
            found[name] = round(cost, 4)
    return found
