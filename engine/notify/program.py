"""A program that is run for each message, with JSON on its standard input; status 0 is yes, and no shell is near."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime
from threading import Lock

import psutil

from engine.errors import NotifyError
from engine.notify.message import Message
from engine.notify.sink import Standing
from engine.settings.sinks import SinkAccess, SinkSettings

NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)


class Program:
    """Runs a program; one that takes too long is killed with all that it started."""

    shows = False

    def __init__(self, settings: SinkSettings, _access: SinkAccess) -> None:
        self._settings, self._lock = settings, Lock()
        self._running: subprocess.Popen[bytes] | None = None

    def deliver(self, message: Message) -> str:
        """Runs it and waits for its end."""
        body = message.body(datetime.now(UTC))
        try:
            process = subprocess.Popen(
                list(self._settings.program or ()),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                creationflags=NO_WINDOW,
            )
        except (OSError, ValueError) as error:
            reason = (getattr(error, "strerror", None) or "its arguments are none").lower()
            raise self._failed(f"cannot be started: {reason}; correct its path, or its permissions") from None
        with self._lock:
            self._running = process
        try:
            process.communicate(body, timeout=self._settings.timeout_s)
        except subprocess.TimeoutExpired:
            _kill(process)
            raise self._failed(
                f"did not end within {self._settings.timeout_s:g} s and was killed with its children; make it faster, "
                "or give it a longer timeout_s"
            ) from None
        finally:
            with self._lock:
                self._running = None
        if process.returncode:
            raise self._failed(f"ended with status {process.returncode}, expected 0; look at what it does")
        return "was run, and ended with status 0"

    def show(self, standing: Standing) -> None:
        """A program shows nothing."""

    def close(self) -> None:
        """Kills what runs."""
        with self._lock:
            running = self._running
        if running is not None:
            _kill(running)

    def _failed(self, words: str) -> NotifyError:
        return NotifyError(f"sink '{self._settings.name}': the program {words}")


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kills a program, its children, and theirs, also those that made themselves a group of their own."""
    family: list[psutil.Process] = []
    with suppress(psutil.Error):
        family = psutil.Process(process.pid).children(recursive=True)
    if sys.platform != "win32":
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)  # it is the first of its session
    for child in family:
        with suppress(psutil.Error):
            child.kill()
    process.kill()
    process.wait()
