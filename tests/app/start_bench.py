"""Starts the real window, offscreen, on the demonstration clip in a new home, twice, and says when each had what.

The first start also finds out which file of the model is fastest here; the second remembers. Times are from the start
of the process.

python tests/app/start_bench.py
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def main() -> None:
    """Prints the figures of both starts."""
    with TemporaryDirectory() as home:
        for which in ("first", "second"):
            sys.stdout.write(f"{which} start\n")
            sys.stdout.flush()
            subprocess.run([sys.executable, __file__, "--once"], env=os.environ | {"HOME": home}, check=True)


def once() -> None:
    """Starts the window in this process."""
    tell("Python", lambda: True)
    from PyQt6.QtTest import QTest
    from PyQt6.QtWidgets import QApplication

    from app import theme
    from app.assembly import Assembly
    from app.desktop import SWITCH_S
    from app.order import Order
    from engine.paths import DEMO_CLIP, default_config, default_database
    from engine.settings.first_config import made_config

    tell("all is imported", lambda: True)
    application = QApplication(sys.argv[:1])
    theme.apply(application)
    sys.setswitchinterval(SWITCH_S)  # as the program does
    made_config(default_config(), default_database())
    assembly = Assembly(Order(default_config(), source=DEMO_CLIP))
    assembly.window.show()
    assembly.start()
    QTest.qWait(1)
    tell("the window is shown", lambda: True)
    page, wait = assembly.recording, lambda: QTest.qWait(2)
    tell("the first picture", lambda: page.panels.video.has_picture, wait)
    tell("the model is there", lambda: page.bridge._engine.monitor.model is not None, wait)
    tell("the first count", lambda: page.panels.plot.points > 0, wait)
    assembly.window.close()
    assembly.dispose()


def tell(what, holds, wait=lambda: None) -> None:
    """Says when something was so."""
    while not holds():
        wait()
    process = psutil.Process()
    computed_s = sum(process.cpu_times()[:2])
    after_s = time.time() - process.create_time()
    sys.stdout.write(f"  {what:22} {after_s:6.2f} s, {computed_s:5.2f} s of them computed\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    once() if "--once" in sys.argv else main()
