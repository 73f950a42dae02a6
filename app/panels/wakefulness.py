"""Keeps the screen saver away while people watch; does nothing where the desktop has no such service."""

import logging
from typing import cast

from PyQt6.QtCore import QMetaType, QVariant

try:
    from PyQt6.QtDBus import QDBusConnection, QDBusInterface, QDBusMessage
except ImportError:  # on systems without D-Bus
    QDBusConnection = None  # type: ignore[assignment,misc]

SERVICE = "org.freedesktop.ScreenSaver"
PATH = "/org/freedesktop/ScreenSaver"
UNSIGNED = cast(int, QMetaType.Type.UInt.value)  # which the service takes, and nothing else
ANSWER_MS = 500  # that a desktop may take, since the window waits for it

logger = logging.getLogger(__name__)


class Wakefulness:
    """Holds the screen awake from `hold` to `release`; the desktop ends it too when the program ends."""

    def __init__(self) -> None:
        self._cookie: int | None = None

    @property
    def is_held(self) -> bool:
        """Whether the desktop has agreed."""
        return self._cookie is not None

    def hold(self, reason: str) -> None:
        """Asks the desktop to keep the screen on, and tells it why."""
        if self._cookie is not None:
            return
        reply = _asked("Inhibit", "DeepCount", reason)
        self._cookie = reply if isinstance(reply, int) else None

    def release(self) -> None:
        """Lets the screen saver come again."""
        if self._cookie is not None:
            cookie, self._cookie = QVariant(self._cookie), None
            cookie.convert(QMetaType(UNSIGNED))
            _asked("UnInhibit", cookie)


def _asked(method: str, *arguments: object) -> object:
    """Returns the first value of the answer, None without one."""
    if QDBusConnection is None:
        return None
    bus = QDBusConnection.sessionBus()
    known = bus.interface() if bus.isConnected() else None
    if known is None or not known.isServiceRegistered(SERVICE).value():
        return None
    service = QDBusInterface(SERVICE, PATH, SERVICE, bus)
    service.setTimeout(ANSWER_MS)
    answer = service.call(method, *arguments)
    if answer.type() == QDBusMessage.MessageType.ErrorMessage:
        logger.info("the desktop did not answer %s: %s", method, answer.errorMessage())
        return None
    return next(iter(answer.arguments()), None)
