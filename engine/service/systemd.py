"""Tells systemd how the service is doing, where that started it: a few words to the socket that it names."""

import os
import socket
from collections.abc import Mapping

SPARE = 3.0  # it is told so many times within the time after which it would end the service
PATIENCE_S = 1.0  # with one that takes nothing


class Announcer:
    """Says that the service is ready, alive, or about to end; without systemd it says nothing."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        """Takes the environment in which the process was started; None takes its own."""
        known = os.environ if environment is None else environment
        place = known.get("NOTIFY_SOCKET", "")
        self._place = f"\0{place[1:]}" if place.startswith("@") else place
        own = known.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        microseconds = known.get("WATCHDOG_USEC", "")
        self.interval_s = int(microseconds) / 1e6 / SPARE if own and microseconds.isdigit() else None
        """How often it has to be told that the service is alive; None where nobody asks."""
        self._told_s = float("-inf")

    def ready(self, words: str) -> None:
        """Says that the service does its work; `words` say which."""
        self._say("READY=1", f"STATUS={words}")

    def alive(self, now_s: float) -> None:
        """Says that it does, as often as is asked for; time is on the monotonic clock."""
        if self.interval_s is not None and now_s - self._told_s >= self.interval_s:
            self._told_s = now_s
            self._say("WATCHDOG=1")

    def status(self, words: str) -> None:
        """Says how it is doing."""
        self._say(f"STATUS={words}")

    def stopping(self) -> None:
        """Says that it ends."""
        self._say("STOPPING=1")

    def _say(self, *lines: str) -> None:
        if not self._place or not hasattr(socket, "AF_UNIX"):
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as own:
                own.settimeout(PATIENCE_S)
                own.sendto("\n".join(line.replace("\n", " ") for line in lines).encode(), self._place)
        except OSError:
            return  # whoever started it listens no more
