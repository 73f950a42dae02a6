"""Looks at this machine for a person who wonders why something does not work."""

import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine import __version__
from engine.desktop import display_problem, install_line, missing_packages
from engine.errors import EngineError
from engine.inference.runtime import PACKAGES, check_packages, installed
from engine.paths import DEMO_CLIP, default_database
from engine.stopping import heard

SHOWN = ("numpy", "opencv-python", "av", "onnx", *PACKAGES, "PyQt6", "pyqtgraph", "SQLAlchemy", "alembic", "torch")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report: what was looked at, what was found, whether it is well, and the remedy if not."""

    subject: str
    found: str
    well: bool = True
    remedy: str = ""


def examine(model: Path | None = None, database: str | Path | None = None) -> Iterator[Finding]:
    """Yields what can be said of this machine, of a model and of a log; never raises for what it finds.

    Args:
        model: see `load_model`.
        database: file or URL of the log; None takes that of a recording.
    """
    yield Finding("DeepCount", f"{__version__}, Python {platform.python_version()} on {platform.platform()}")
    yield Finding("processor", f"{os.cpu_count()} cores, {platform.machine()}")
    yield Finding("packages", ", ".join(f"{name} {installed(name)}" for name in SHOWN if installed(name)))
    yield from _system_libraries()
    yield _display()
    yield _checked("ONNX Runtime", _runtime)
    yield Finding("OpenVINO", installed("openvino") or "not installed; optional: pip install 'deepcount[openvino]'")
    yield _checked("model", lambda: _model(model))
    yield _checked("demonstration clip", _clip)
    yield _checked("log", lambda: _log(database))


def _system_libraries() -> Iterator[Finding]:
    missing = missing_packages()
    if missing:
        yield Finding("system libraries", f"missing: {', '.join(missing)}", False, install_line(missing))
    elif sys.platform.startswith("linux"):
        yield Finding("system libraries", "all that the window needs are installed")


def _display() -> Finding:
    problem = display_problem()
    if problem is None:
        return Finding("display", os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY") or "available")
    return Finding("display", problem, False, "log in to a desktop for the window; 'deepcount-engine count' needs none")


def _checked(subject: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(subject, look())
    except EngineError as error:
        return Finding(subject, str(error), False, str(error))
    except ImportError as error:
        return Finding(subject, f"cannot be looked at: {error}", False, "install what is named above, then try again")


def _runtime() -> str:
    package = check_packages()
    import onnxruntime

    providers = ", ".join(name.removesuffix("ExecutionProvider") for name in onnxruntime.get_available_providers())
    return f"{package} {onnxruntime.__version__}, providers: {providers}"


def _model(path: Path | None) -> str:
    from engine.inference.variants import load_model

    model = heard(lambda: load_model(path))
    facts = model.file.facts
    return (
        f"{model.file.name} ({model.file.network}) runs on {model.provider} "
        f"({model.details}); MAE {facts['validation_mae']} on held-out pictures of {facts['training_data']}; "
        f"SHA-256 {model.file.sha256[:12]}"
    )


def _clip() -> str:
    from engine.picture.layout import laid_out
    from engine.picture.view import PLAIN
    from engine.recording.sighting import seen_in
    from engine.sources import FileSource

    with FileSource(DEMO_CLIP) as source:
        layout = laid_out(source.size, None, seen=seen_in(DEMO_CLIP, PLAIN, lambda frames: []).seen)
        (height, width), frames = source.size, source.expected_frames
    return f"{source.name}, {frames} frames of {width}x{height} pixels, counted in {layout.tiles}"


def _log(database: str | Path | None) -> str:
    from engine.log.database import database_state

    return database_state(default_database() if database is None else database)
