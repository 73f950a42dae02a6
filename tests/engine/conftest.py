"""Small real clips and models for the engine's tests."""

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest

import postgres as postgres_server
from cameras.certificate import serving, signed_by_itself
from engine.inference.contract import ModelFile, read_model_file
from engine.inference.model import Model
from engine.inference.variants import load_model
from engine.paths import LIGHT_MODEL
from logged import started

ENGINE_THREADS = (
    *("capture of", "inference of", "store of", "pictures for", "rules of", "notifications to"),
    *("recording of", "upkeep of", "configuration ", "answers over"),
)


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cache folder that is new: what was counted before the tests is nothing to them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def model() -> Model:
    """The model that comes with the product."""
    return load_model(LIGHT_MODEL, provider="cpu")


@pytest.fixture(scope="session")
def model_file() -> ModelFile:
    """The file of that model."""
    return read_model_file(LIGHT_MODEL)


@pytest.fixture
def clip(tmp_path: Path) -> Callable[..., Path]:
    """Writes a clip of noise: `clip(frames=..., rate=..., size=(height, width), name=..., faststart=...)`."""

    def write(frames=12, rate=6, size=(96, 128), name="clip.mp4", faststart=False, codec="libx264") -> Path:
        path = tmp_path / name
        rng = np.random.default_rng(1)
        options = {"movflags": "faststart"} if faststart else {}
        quick = {"preset": "ultrafast"} if codec == "libx264" else {}  # a tenth of the time: noise is hard to encode
        with av.open(str(path), "w", options=options) as container:
            stream = container.add_stream(codec, rate=rate, options=quick)
            stream.height, stream.width, stream.pix_fmt = *size, "yuv420p"
            for _ in range(frames):
                picture = rng.integers(0, 256, (*size, 3), dtype=np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            container.mux(stream.encode(None))
        return path

    return write


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that a server on this machine signed itself."""
    if shutil.which("openssl") is None:
        pytest.skip("the program openssl is needed to make a certificate")
    return signed_by_itself(tmp_path_factory.mktemp("tls") / "server.pem")


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    """A server with that certificate."""
    return serving(certificate)


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgres_server.Server]:
    """A running PostgreSQL server; skips where there is none to run."""
    with postgres_server.serving() as server:
        yield server


@pytest.fixture
def watching(clip: Callable[..., Path], tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts `watch` of a clip that begins again and again, with a log; yields it once some of it is in the log."""
    processes = []

    def start(before="pass", database=tmp_path / "log.db"):
        config = tmp_path / "cameras.toml"
        clip(frames=30, rate=10)
        config.write_text(
            '[[cameras]]\nname = "yard"\naddress = "clip.mp4"\nloop = true\ndensity_interval_s = "never"\n'
        )
        processes.append(started("watch", "--config", config, "--database", database, "--json", before=before))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def free_port() -> Iterator[int]:
    """A port at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """Fails a test that leaves a thread of the engine behind."""
    yield
    left = [t.name for t in threading.enumerate() if t.name.startswith(ENGINE_THREADS)]
    assert not left
