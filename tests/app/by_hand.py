"""The window on a real display with a window manager, by real mouse and keys (`make try-window`).

    python tests/app/by_hand.py [PICTURE]

It adds a camera with a password by keys alone, draws a zone with the mouse, makes the window small and full, minimises
it and has a second start raise it, and ends it by a signal; the display is one of its own that nobody sees. Ends with
status 0 where all of it went well or tools are missing, which it says, and 1 where something did not.
"""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from pkgutil import iter_modules
from tempfile import TemporaryDirectory
from time import monotonic, sleep

ROOT = Path(__file__).resolve().parents[2]
sys.path += [str(ROOT), str(ROOT / "tests" / "engine")]  # for the cameras of the tests

from app.places import page_keys  # noqa: E402
from cameras import Clip, ScriptedCamera  # noqa: E402

TOOLS = ("Xvfb", "openbox", "xdotool", "scrot")
SCREEN, WINDOW, SMALL = (1600, 1000), (1400, 860), (640, 400)
PASSWORD = "p@ss/word 1"
WAIT_S, AGAIN_S, END_S, LOOK_S, KEYS_MS = 40.0, 3.0, 5.0, 0.1, 12
CORNERS = ((0.2, 0.2), (0.55, 0.25), (0.5, 0.6), (0.2, 0.55))
"""Of the zone, in shares of the editor; its picture is in the upper left of it."""


class Desk:
    """A display with a window manager, and somebody's hands."""

    def __init__(self, home: Path, display: str) -> None:
        self.home = home
        own = {"HOME": str(home), "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        keyring = {"PYTHON_KEYRING_BACKEND": "keyrings.alt.file.PlaintextKeyring"}
        gone = ("WAYLAND_DISPLAY", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR")
        self.environment = {name: value for name, value in os.environ.items() if name not in gone} | own | keyring
        self.errors = home / "stderr.txt"
        self._started: list[subprocess.Popen[bytes]] = []

    def hands(self, *arguments: str) -> str:
        """Runs xdotool; returns what it says."""
        command = ["xdotool", *arguments]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False, timeout=WAIT_S
        )
        return done.stdout.strip()

    def start(self) -> subprocess.Popen[bytes]:
        """Starts the product, as its command does."""
        command = [sys.executable, "-m", "app"]
        with self.errors.open("ab") as errors:
            self._started.append(subprocess.Popen(command, cwd=ROOT, env=self.environment, stderr=errors))
        return self._started[-1]

    def close(self) -> None:
        """Ends what is still running."""
        for process in self._started:
            process.kill()
            process.wait()

    def shoot(self, picture: Path) -> None:
        """Takes a picture of the display."""
        subprocess.run(["scrot", "--overwrite", str(picture)], env=self.environment, check=False)

    def call(self, title: str, *keys: str) -> str:
        """Presses keys, again and again while the window is still starting, until another one opens; returns that."""
        again_s = [0.0]

        def opened() -> bool:
            if title in self.hands("getactivewindow", "getwindowname"):
                return True
            if monotonic() > again_s[0]:
                again_s[0] = monotonic() + AGAIN_S
                self.keys(*keys)
            return False

        until(f"{' '.join(keys)} opens “{title}”", opened)
        return self.hands("getactivewindow")

    def window(self, title: str) -> str:
        """Waits until a window with this in its title is in front, and returns it."""
        until(f"a window “{title}” is in front", lambda: title in self.hands("getactivewindow", "getwindowname"))
        return self.hands("getactivewindow")

    def keys(self, *keys: str) -> None:
        """Presses keys."""
        self.hands("key", "--delay", str(KEYS_MS), *keys)

    def write(self, text: str) -> None:
        """Types."""
        self.hands("type", "--delay", str(KEYS_MS), text)

    def click(self, window: str, x: int, y: int) -> None:
        """Clicks in a window."""
        self.hands("mousemove", "--window", window, str(x), str(y), "click", "1")

    def size(self, window: str) -> tuple[int, int]:
        """How large a window is."""
        lines = dict(line.split("=") for line in self.hands("getwindowgeometry", "--shell", window).splitlines())
        return int(lines["WIDTH"]), int(lines["HEIGHT"])

    def resize(self, window: str, size: tuple[int, int]) -> None:
        """Gives a window another size, and waits for it."""
        self.hands("windowsize", window, *map(str, size))
        until(f"the window is {size[0]}×{size[1]}", lambda: self.size(window) == size)

    @property
    def cameras(self) -> list[dict[str, object]]:
        """What is configured."""
        path = self.home / ".config" / "deepcount" / "cameras.toml"
        return list(tomllib.loads(path.read_text()).get("cameras", [])) if path.exists() else []

    def logged(self) -> int:
        """How many seconds of a zone are in the log."""
        path = self.home / ".local" / "share" / "deepcount" / "deepcount.db"
        with suppress(sqlite3.OperationalError), closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as log:
            return int(log.execute("SELECT count(*) FROM zone_sample").fetchone()[0])
        return 0


def key_of(page: str) -> str:
    """Returns what leads to a page, as xdotool writes it."""
    there = [module.name for module in iter_modules([str(ROOT / "app" / "pages")])]
    return page_keys(["live", *there])[page].lower()


def until(what: str, holds: Callable[[], bool], timeout_s: float = WAIT_S) -> None:
    """Waits until something is so.

    Raises:
        TimeoutError: it never was.
    """
    end_s = monotonic() + timeout_s
    while not holds():
        if monotonic() > end_s:
            raise TimeoutError(f"not within {timeout_s:g} s: {what}")
        sleep(LOOK_S)
    print(f"✓ {what}", flush=True)


def add_camera(desk: Desk, camera: ScriptedCamera) -> None:
    """By keys alone."""
    desk.window("DeepCount")
    desk.call("Add a camera", key_of("setup"), "ctrl+n")
    desk.write(camera.address_with("guard", PASSWORD))
    desk.keys("Tab", "alt+a")
    desk.write("Gate")
    desk.keys("Return")
    until("the camera is configured", lambda: [each["name"] for each in desk.cameras] == ["Gate"])
    wanted = {"address": camera.address, "user": "guard", "password": "keyring"}
    until("its password is in the keyring alone", lambda: wanted.items() <= desk.cameras[0].items())


def draw_zone(desk: Desk, window: str) -> None:
    """With the mouse, on the picture of the camera that stands first on the wall."""
    desk.keys("ctrl+1")
    sleep(1.0)
    desk.click(window, 300, 450)
    desk.keys("z")
    editor = desk.window("Zones and masks of Gate")
    desk.keys("Insert")
    width, height = desk.size(editor)
    for x, y in CORNERS:
        desk.click(editor, round(x * width), round(y * height))
    desk.keys("Return", "ctrl+s")
    until("a zone is configured", lambda: len(desk.cameras[0].get("zones", [])) == 1)  # type: ignore[arg-type]
    until("it is counted and logged", lambda: desk.logged() > 0)


def change_window(desk: Desk, window: str, picture: Path) -> None:
    """Small, full, minimised, and raised by a second start."""
    desk.window("DeepCount")
    desk.shoot(picture)
    desk.resize(window, SMALL)
    desk.resize(window, WINDOW)
    desk.keys("F11")
    until("the window fills the screen", lambda: desk.size(window) == SCREEN)
    desk.keys("Escape")
    until("it fills it no longer", lambda: desk.size(window) == WINDOW)
    desk.hands("windowminimize", window)
    until("it is minimised", lambda: desk.hands("getactivewindow") != window)
    second = desk.start()
    until("a second start ends", lambda: second.poll() is not None)
    until("and raises the first", lambda: second.returncode == 0 and desk.hands("getactivewindow") == window)


def end(desk: Desk, process: subprocess.Popen[bytes]) -> None:
    """By a signal."""
    asked_s = monotonic()
    process.send_signal(signal.SIGTERM)
    until("the window has ended", lambda: process.poll() is not None)
    needed_s = monotonic() - asked_s
    until(f"with status 0, after {needed_s:.1f} s", lambda: process.returncode == 0 and needed_s < END_S)
    errors = desk.errors.read_text()
    until("nothing was complained of", lambda: "Traceback" not in errors and "rror" not in errors)


@contextmanager
def display(home: Path) -> Iterator[str]:
    """Has a display of its own until the end of the block, with a window manager on it."""
    reader, writer = os.pipe()
    size = f"{SCREEN[0]}x{SCREEN[1]}x24"
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", size, "-nolisten", "tcp"],
        pass_fds=(writer,),
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    with os.fdopen(reader) as told:
        name = f":{told.readline().strip()}"
    own = {**os.environ, "DISPLAY": name, "HOME": str(home)}
    manager = subprocess.Popen(["openbox"], env=own, stderr=subprocess.DEVNULL)
    try:
        yield name
    finally:
        for process in (manager, server):
            process.terminate()
            process.wait(WAIT_S)


def tried_out(scene: Callable[[Desk], None], picture: Path) -> int:
    """Does something at a desk of its own; returns the exit status, and leaves a picture of where it failed."""
    if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
        print(f"not tried by hand, since {', '.join(missing)} is missing: apt-get install xvfb openbox xdotool scrot")
        return 0
    with TemporaryDirectory(prefix="deepcount-hands-") as folder, display(Path(folder)) as name:
        desk = Desk(Path(folder), name)
        try:
            scene(desk)
        except TimeoutError as error:
            print(f"✗ {error}", desk.errors.read_text(), sep="\n", file=sys.stderr)
            desk.shoot(picture)
            return 1
        finally:
            desk.close()
    return 0


def main(picture: Path) -> int:
    """Does all of it; returns the exit status."""
    clip = Clip.of_file(ROOT / "assets" / "demo" / "pets2009_s1l1.mp4")

    def scene(desk: Desk) -> None:
        with ScriptedCamera(clip, rate=7.0) as camera:
            camera.require("guard", PASSWORD)
            process = desk.start()
            add_camera(desk, camera)
            window = desk.window("DeepCount")
            desk.resize(window, WINDOW)
            draw_zone(desk, window)
            change_window(desk, window, picture)
            end(desk, process)

    return tried_out(scene, picture)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "by-hand.png").absolute()))
