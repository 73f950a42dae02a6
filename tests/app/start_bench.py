"""Starts the program as a person does, offscreen, on the demonstration clip in a new home, and says when it had what.

The first start also finds out which file of the model is fastest here; the others remember. Modules are compiled, as
they are where the product is installed, and what was counted of the clip is forgotten. Times are from the start of the
process; what it computed is that of all its threads.

python tests/app/start_bench.py [--starts 3]
"""

import argparse
import compileall
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

TREE = Path(__file__).resolve().parents[2]
STARTED = "DEEPCOUNT_BENCH_STARTED"  # when the process was started, on the system's monotonic clock


def main() -> None:
    """Prints the figures of all starts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--starts", type=int, default=3)
    starts = parser.parse_args().starts
    for package in ("app", "engine"):
        compileall.compile_dir(TREE / package, quiet=1)
    with TemporaryDirectory() as home:
        for number in range(1, starts + 1):
            shutil.rmtree(Path(home, ".cache/deepcount/recordings"), ignore_errors=True)
            busy_s, began_s = os.getloadavg()[0], time.monotonic()
            sys.stdout.write(f"start {number}, load {busy_s:.1f}\n")
            sys.stdout.flush()
            given = {"HOME": home, "QT_QPA_PLATFORM": "offscreen", STARTED: str(began_s)}
            subprocess.run([sys.executable, __file__, "--once"], env=os.environ | given, check=True)


def once() -> None:
    """Is the program, with a look at it every few milliseconds from when its window runs."""
    tell("Python")
    from PyQt6.QtCore import QTimer
    from PyQt6.QtWidgets import QApplication

    from app.__main__ import program
    from engine.paths import DEMO_CLIP

    run, look = QApplication.exec, QTimer()

    def observed() -> int:
        from app.window import Window

        tell("the window is shown")
        window = next(each for each in QApplication.topLevelWidgets() if isinstance(each, Window))
        page = window.pages["recording"]
        steps = [
            ("the model is there", lambda: page.bridge._engine.monitor.model is not None),
            ("the first picture", lambda: page.panels.video.has_picture),
            ("the first count", lambda: page.panels.plot.points > 0),
        ]

        def looked() -> None:
            while steps and steps[0][1]():
                tell(steps.pop(0)[0])
            if not steps:
                window.close()

        look.timeout.connect(looked)
        look.start(2)
        return run()

    QApplication.exec = staticmethod(observed)
    sys.argv[1:] = [str(DEMO_CLIP)]
    program()


def tell(what: str) -> None:
    """Says when something was so."""
    after_s = time.monotonic() - float(os.environ[STARTED])
    computed = f"{time.process_time():5.2f} s computed, {time.thread_time():5.2f} s of it by the window's thread"
    sys.stdout.write(f"  {what:20} {after_s:6.2f} s, {computed}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.path.insert(0, str(TREE))
    once() if "--once" in sys.argv else main()
