"""The screen saver is kept away while people watch, and only then."""

import os
import shutil
import subprocess
import sys

import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from app.panels.wakefulness import Wakefulness

DESKTOP = """
from PyQt6.QtCore import QCoreApplication, QObject, pyqtClassInfo, pyqtSlot
from PyQt6.QtDBus import QDBusAbstractAdaptor, QDBusConnection
from app.panels.wakefulness import PATH, SERVICE, Wakefulness

@pyqtClassInfo("D-Bus Interface", SERVICE)
class Saver(QDBusAbstractAdaptor):
    @pyqtSlot(str, str, result="uint")
    def Inhibit(self, program, reason):
        print("held by", program, "since", reason)
        return 4_000_000_000

    @pyqtSlot("uint")
    def UnInhibit(self, cookie):
        print("released", cookie)

application = QCoreApplication([])
bus, desktop = QDBusConnection.sessionBus(), QObject()
saver, wakefulness = Saver(desktop), Wakefulness()
wakefulness.hold("there is no such service yet")
print("held:", wakefulness.is_held)
assert bus.registerService(SERVICE) and bus.registerObject(PATH, desktop)
for _ in range(2):
    wakefulness.hold("people watch")
print("held:", wakefulness.is_held)
for _ in range(2):
    wakefulness.release()
print("held:", wakefulness.is_held)
"""


@pytest.mark.skipif(shutil.which("dbus-run-session") is None, reason="the program dbus-run-session is missing")
def test_the_desktop_is_asked_once_and_told_when_it_is_over():
    done = subprocess.run(
        ["dbus-run-session", "--", sys.executable, "-c", DESKTOP],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.splitlines() == [
        "held: False",
        "held by DeepCount since people watch",
        "held: True",
        "released 4000000000",
        "held: False",
    ], done.stderr


def test_without_a_desktop_nothing_happens(qapp):
    if os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        pytest.skip("there is a desktop")
    wakefulness = Wakefulness()
    wakefulness.hold("people watch")
    assert not wakefulness.is_held
    wakefulness.release()
