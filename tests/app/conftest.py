"""Real windows over the real engine, without a screen; recordings are written by the tests."""

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from app.running.player import Setup
from engine.paths import LIGHT_MODEL
from engine.worker import Worker

RATE, HEIGHT, WIDTH = 10, 240, 320
WAIT_MS = 20_000


def write_clip(path: Path, frames: int, *, seed: int = 0) -> Path:
    """Writes a recording of drifting noise."""
    noise = np.random.default_rng(seed).integers(0, 255, (HEIGHT // 8, WIDTH // 8, 3), np.uint8)
    picture = noise.repeat(8, axis=0).repeat(8, axis=1)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"g": "5", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for index in range(frames):
            shifted = np.ascontiguousarray(np.roll(picture, 4 * index, axis=1))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(shifted, format="rgb24")))
        container.mux(stream.encode())
    return path


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "short.mp4", 15)


@pytest.fixture
def long_clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "long.mp4", 300)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "log" / "deepcount.db"


@pytest.fixture(autouse=True)
def no_engine_thread_is_left() -> Iterator[None]:
    yield
    left = [thread.name for thread in threading.enumerate() if isinstance(thread, Worker)]
    assert left == [], f"engine threads are left: {left}"


@pytest.fixture
def make_window(qtbot, database: Path, no_engine_thread_is_left: None) -> Iterator[Callable]:
    from app import theme
    from app.running.bridge import Bridge
    from app.window import Window

    windows = []

    def make(target: Path | str = database) -> Window:
        from PyQt6.QtWidgets import QApplication

        theme.apply(QApplication.instance())
        window = Window(Bridge(Setup(LIGHT_MODEL, target)))
        windows.append(window)
        window.show()
        qtbot.waitExposed(window)
        return window

    yield make
    for window in windows:
        window.close()


@pytest.fixture
def window(make_window):
    return make_window()
