"""The real window on a stage of its own: a new home, cameras that play the demonstration clip, and a photographer."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

import av
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

from app.assembly import Assembly
from app.order import Order
from app.preferences import preferences_path
from cameras import Clip, ScriptedCamera
from engine.paths import DEMO_CLIP, LIGHT_MODEL, default_config, default_database
from engine.settings.first_config import made_config

NAMES = ("North path", "Lamp post", "Car park", "Corner", "Gate 5", "Gate 6", "Gate 7", "Gate 8")
WAIT_S = 60.0
USUAL, SMALL = (1400, 900), (640, 400)
ZONES = """
[[cameras.zones]]
name = "junction"
polygon = [[0.30, 0.28], [0.72, 0.26], [0.72, 0.52], [0.34, 0.48]]
capacity = 20
[[cameras.zones]]
name = "road"
polygon = [[0.76, 0.30], [0.98, 0.36], [0.98, 0.80], [0.74, 0.56]]
"""
MASK = "privacy = [[[0.62, 0.02], [0.86, 0.02], [0.86, 0.14], [0.62, 0.14]]]\n"


class Stage:
    """One window, and what stands around it."""

    def __init__(self, home: Path, clips: list[Path], shoot: Callable[[str, QWidget], None], look: str) -> None:
        os.environ["HOME"] = str(home)
        self.home, self.clips, self._shoot, self._look = home, clips, shoot, look
        self.camera = ScriptedCamera(Clip.of_file(DEMO_CLIP), rate=7.0)
        """One in the network, which can fail."""
        self.assembly: Assembly

    def open(self, *cameras: str, logged: bool = True, is_first: bool = False) -> Assembly:
        """Opens the window on cameras that are given as TOML tables, and waits until it shows them."""
        config = default_config()
        made_config(config, default_database())
        if not is_first:
            config.write_text(self.text(*cameras, logged=logged))
        preferences_path(config).write_text(f"look = {json.dumps(self._look)}\n")
        self.assembly = Assembly(Order(config, is_first=is_first))
        self.assembly.window.resize(*USUAL)
        self.assembly.window.show()
        self.assembly.start()
        self.resize(*USUAL)
        self._until_in_force()
        return self.assembly

    def close(self) -> None:
        """Ends the window."""
        self.assembly.window.close()
        self.assembly.dispose()

    def text(self, *cameras: str, logged: bool = True) -> str:
        """Returns a configuration."""
        log = f"database = {json.dumps(str(default_database()))}\n" if logged else ""
        return f"model = {json.dumps(str(LIGHT_MODEL))}\n{log}" + "".join(f"[[cameras]]\n{each}\n" for each in cameras)

    def film(self, number: int, own: str = "", *, fps: float = 1.0) -> str:
        """Returns the table of a camera that plays the clip from another moment than its neighbours."""
        name = NAMES[number] if number < len(NAMES) else f"Hall {number + 1}"
        clip = json.dumps(str(self.clips[number % len(self.clips)]))
        return f"name = {json.dumps(name)}\naddress = {clip}\nloop = true\nmax_fps = {fps}\n{own}"

    def reconfigure(self, *cameras: str) -> None:
        """Writes another configuration by hand, and waits until it is in force and everything is counted."""
        document = self.assembly.document
        document.path.write_text(self.text(*cameras))
        document.look()
        self._until_in_force()
        self.counted()

    def _until_in_force(self) -> None:
        live, cameras = self.assembly.live, self.assembly.watched.config.cameras
        self.until(lambda: live.names == tuple(camera.name for camera in cameras if camera.enabled))

    def counted(self) -> None:
        """Waits until every camera has a count and every picture is there."""
        self.until(lambda: all(each.newest.people is not None for each in self.assembly.live.facts().values()))
        self.until(lambda: all(tile.picture is not None for tile in self.assembly.wall.wall.visible_tiles))
        self.rest(1.5)

    def show(self, page: str) -> QWidget:
        """Goes to a page."""
        self.assembly.window.show_page(page)
        self.rest(0.4)
        return self.assembly.window.pages[page]

    def resize(self, width: int, height: int) -> None:
        """Gives the window another size."""
        self.assembly.window.resize(width, height)
        self.rest(0.4)

    def shoot(self, name: str, widget: QWidget | None = None) -> None:
        """Takes a picture of a widget, or of the window."""
        self.rest(0.3)
        self._shoot(name, widget or self.assembly.window)

    def dialog(self, kind: type[QWidget]) -> QWidget:
        """Returns the dialog of a kind that is open."""
        return next(each for each in self.assembly.window.findChildren(kind) if each.isVisible())

    @staticmethod
    def rest(seconds: float) -> None:
        """Lets the window live."""
        QTest.qWait(round(1000 * seconds))

    @staticmethod
    def until(holds: Callable[[], bool], timeout_s: float = WAIT_S) -> None:
        """Waits until something is so.

        Raises:
            TimeoutError: it never was.
        """
        end_s = monotonic() + timeout_s
        while not holds():
            if monotonic() > end_s:
                raise TimeoutError(f"waited {timeout_s:g} s in vain")
            QTest.qWait(20)


@contextmanager
def stage(clips: list[Path], shoot: Callable[[str, QWidget], None], look: str = "dark") -> Iterator[Stage]:
    """Has a stage until the end of the block."""
    with TemporaryDirectory(prefix="deepcount-stage-") as home:
        made = Stage(Path(home), clips, shoot, look)
        with made.camera:
            yield made


def write_clips(folder: Path, number: int = 4) -> list[Path]:
    """Writes the demonstration clip, each time from another moment on."""
    with av.open(str(DEMO_CLIP)) as clip:
        rate = clip.streams.video[0].average_rate
        frames = [frame.to_ndarray(format="yuv420p") for frame in clip.decode(video=0)]
    paths = []
    for start in range(number):
        paths.append(folder / f"view-{start + 1}.mp4")
        first = len(frames) * (2 * start + 1) // (2 * number)
        with av.open(str(paths[-1]), "w") as written:
            stream = written.add_stream("libx264", rate=rate, options={"crf": "20", "preset": "veryfast"})
            stream.height, stream.width = frames[0].shape[0] * 2 // 3, frames[0].shape[1]
            for frame in (*frames[first:], *frames[:first]):
                written.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="yuv420p")))
            written.mux(stream.encode())
    return paths


def application(arguments: list[str]) -> QApplication:
    """Returns the application, on screens that are large enough where there is none."""
    made = QApplication.instance() or QApplication(arguments)
    assert isinstance(made, QApplication)
    made.setApplicationName("DeepCount")
    return made
