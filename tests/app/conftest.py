"""Real windows over the real engine, without a screen; recordings are written by the tests."""

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import gc
import json
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from engine.paths import LIGHT_MODEL
from engine.worker import JOIN_TIMEOUT_S, Worker

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
def no_engine_thread_is_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """But tasks that a dialog let go of may come to their ends, in the environment that the test had."""
    yield
    if "app.running.task" in sys.modules:
        sys.modules["app.running.task"].finish_tasks(JOIN_TIMEOUT_S)
    left = [thread.name for thread in threading.enumerate() if isinstance(thread, Worker)]
    assert left == [], f"engine threads are left: {left}"


@pytest.fixture(scope="session", autouse=True)
def garbage_is_collected_between_tests_alone() -> Iterator[None]:
    """For a thread of the engine must not collect a window; see `app.garbage`."""
    gc.collect()
    gc.freeze()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def garbage_is_collected() -> Iterator[None]:
    yield
    gc.collect()


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder that is new, for the configuration, the log and what is kept."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return home


def write_config(path: Path, database: Path | str | None, *cameras: str) -> Path:
    """Writes a configuration of the light model, and of cameras that are given as TOML tables."""
    head = [f"model = {json.dumps(str(LIGHT_MODEL))}"]
    if database is not None:
        head.append(f"database = {json.dumps(str(database))}")
    path.write_text("\n".join([*head, *(f"[[cameras]]\n{camera}" for camera in cameras)]) + "\n")
    return path


@pytest.fixture
def make_assembly(qtbot, tmp_path: Path, database: Path, no_engine_thread_is_left: None) -> Iterator[Callable]:
    from PyQt6.QtWidgets import QApplication

    from app import theme
    from app.assembly import Assembly
    from app.order import Order

    made = []

    def make(target: Path | str | None = database, *cameras: str, **order) -> Assembly:
        theme.apply(QApplication.instance())
        config = write_config(tmp_path / "cameras.toml", target, *cameras)
        assembly = Assembly(Order(config, **order))
        made.append(assembly)
        assembly.window.show()
        qtbot.waitExposed(assembly.window)
        assembly.start()
        return assembly

    yield make
    for assembly in made:
        assembly.quit()
        assembly.dispose()


@pytest.fixture
def assembly(make_assembly):
    return make_assembly()


@pytest.fixture
def window(assembly):
    return assembly.window


@pytest.fixture
def recording(assembly):
    """The page of recordings, which is visible."""
    assembly.window.show_page("recording")
    return assembly.recording
