"""A model that learns from the checked frames of one camera: the trainer as a process, which can be stopped and go on.

Its folder holds the pictures, the run and, in the end, the model with its card and what was found of it. Every third
frame is held out of all learning.
"""

import json
import logging
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from importlib.util import find_spec
from pathlib import Path
from threading import Event, Lock
from time import monotonic
from typing import Any

from engine.checks.judging import Verdict, judged
from engine.checks.spot_check import SpotCheck
from engine.checks.training import export
from engine.errors import EngineError, OutputError
from engine.files import unwritable, written_whole
from engine.inference.contract import WHOLE, read_model_file
from engine.redaction import readable

LEAST_FRAMES = 6
"""So that two are held out."""
EVERY = 3
PICTURES, RUN, RESULT, HELD_OUT = "pictures", "run", "result.json", "held_out.txt"
BEST, LAST = "best.safetensors", "last.safetensors"
STOP_S = 30.0
LINES_KEPT = 3
LACK = (
    "learning needs the Python package torch, which is not installed; pip install 'deepcount[cpu,train]' "
    "('deepcount[gpu,train]' with an NVIDIA card)"
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TuningOrder:
    """What is to be learnt."""

    camera: str
    folder: Path
    """Of its own."""
    start: Path
    """The model to begin with, an ONNX file in fp32 or fp16."""
    counts: Path | None = None
    """The model that counts the camera now; None where that is `start`."""
    used: frozenset[Path] = frozenset()
    """Models that count this or another camera, which stay as they are."""
    minutes: float = 10.0
    threads: int = 1
    settings: tuple[str, ...] = ()
    """Values of the training in place of those of its preset, such as 'steps=2'."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is."""

    words: str
    share: float | None = None
    """Of its time, 0 to 1; None while nobody knows."""


def folder_of(root: Path, camera: str) -> Path:
    """Returns the folder of a camera's model."""
    return root / (re.sub(r"[^\w-]+", "_", camera) or "camera")


def check_possible() -> None:
    """Raises EngineError with the one command that helps, where the trainer cannot run here."""
    if find_spec("torch") is None or find_spec("trainer") is None:
        raise EngineError(LACK)


class Tuning:
    """One training; `steps` belongs to one thread, `stop` to any."""

    def __init__(self, order: TuningOrder) -> None:
        self.order = order
        self._process: subprocess.Popen[str] | None = None
        self._lock, self._stop = Lock(), Event()

    @property
    def model(self) -> Path:
        """Where the model lies that learnt, or will lie: never in the place of one that counts."""
        known = self._result().get("model")
        free = (name for name in self._names if self.order.folder / name not in self.order.used)
        return self.order.folder / (known or next(free))

    @property
    def _names(self) -> tuple[str, ...]:
        """Of the models, one more than can be used."""
        name = self.order.folder.name
        return f"{name}.onnx", *(f"{name}-{number + 2}.onnx" for number in range(len(self.order.used) + 1))

    @property
    def can_go_on(self) -> bool:
        """Whether a training was stopped that can go on."""
        return (self.order.folder / RUN / LAST).is_file() and self.verdict is None

    @property
    def verdict(self) -> Verdict | None:
        """What was found of the model; None before it is through."""
        facts = self._result()
        if not facts or not self.model.is_file():
            return None
        return Verdict(**{name: value for name, value in facts.items() if name != "model"})

    def steps(self, checks: Sequence[SpotCheck], pictures: Path) -> Iterator[Progress | Verdict]:
        """Learns, and yields how far it is and, at the end, what was found; one that was stopped goes on.

        Args:
            checks: of the camera.
            pictures: the folder in which theirs are kept.

        Raises:
            EngineError: there are too few checks, the trainer is missing or fails, or the disk is full.
        """
        check_possible()
        if not self.can_go_on:
            yield Progress("writing the pictures")
            self._write_pictures(checks, pictures)
        data = ["--data", str(self.order.folder / PICTURES), "--hold-out", str(self.order.folder / HELD_OUT)]
        yield from self._run("train", self._training(data), self.order.minutes * 60)
        if self._stop.is_set():
            return
        yield Progress("writing the model")
        best = str(self.order.folder / RUN / BEST)
        yield from self._run("export", [best, *data, "--out", str(self.model), "--no-behaviour"], None)
        yield from self._whole_people(data)
        if self._stop.is_set():
            return
        yield Progress("comparing both models")
        before = self.order.counts or self.order.start
        verdict = judged(before, self.model, self.order.folder / PICTURES, self._held_out(), self.order.start)
        with written_whole(self.order.folder / RESULT) as partial:
            partial.write_text(json.dumps({"model": self.model.name, **asdict(verdict)}), "utf-8")
        yield verdict

    def stop(self) -> None:
        """Ends it; what was learnt stays, and it can go on from there."""
        with self._lock:
            self._stop.set()
            if self._process is not None:
                self._process.terminate()

    def forget(self) -> None:
        """Deletes all of it but the models that count, so that the next one begins anew."""
        for name in (PICTURES, RUN):
            shutil.rmtree(self.order.folder / name, ignore_errors=True)
        for name in (RESULT, HELD_OUT):
            (self.order.folder / name).unlink(missing_ok=True)
        for ending in (".onnx", ".md", ".jpg"):
            self.model.with_suffix(ending).unlink(missing_ok=True)

    def _result(self) -> dict[str, Any]:
        """Returns what was found of the model that learnt, by the names of `Verdict`; empty where nothing was."""
        try:
            facts = json.loads((self.order.folder / RESULT).read_text("utf-8"))
            is_known = facts.keys() == {"model", *(field.name for field in fields(Verdict))}
        except (OSError, ValueError, AttributeError):
            return {}
        is_name = is_known and isinstance(facts["model"], str) and Path(facts["model"]).name == facts["model"]
        return facts if is_name else {}

    def _write_pictures(self, checks: Sequence[SpotCheck], pictures: Path) -> None:
        self.forget()
        folder = self.order.folder / PICTURES
        written = export(checks, pictures, folder)
        if written.pictures < LEAST_FRAMES:
            raise EngineError(
                f"{written.pictures} checked frames of '{self.order.camera}' have a picture, expected at least "
                f"{LEAST_FRAMES}; check more (M), of other times and other crowds"
            )
        names = sorted(path.name for path in folder.glob("*.png"))
        try:
            (self.order.folder / HELD_OUT).write_text("\n".join(names[EVERY - 1 :: EVERY]) + "\n", "utf-8")
        except OSError as error:
            raise unwritable(self.order.folder, error) from error

    def _held_out(self) -> tuple[str, ...]:
        return tuple((self.order.folder / HELD_OUT).read_text("utf-8").split("\n")[:-1])

    def _training(self, data: Sequence[str]) -> list[str]:
        order = self.order
        words = ["--preset", "tune", "--start", str(order.start), "--run", str(order.folder / RUN)]
        words += ["--minutes", f"{order.minutes:g}", "--threads", str(order.threads), "--device", "cpu"]
        return [*words, *data, *(word for value in order.settings for word in ("--set", value))]

    def _whole_people(self, data: Sequence[str]) -> Iterator[Progress]:
        """Has the model count whole people if its start does; where that is refused, it counts as it learnt."""
        if self._stop.is_set() or WHOLE not in read_model_file(self.order.start).facts:
            return
        try:
            yield from self._run("whole", [str(self.model), *data], None)
        except EngineError as error:
            logger.info("%s does not count whole people: %s", self.model.name, error)

    def _run(self, command: str, words: Sequence[str], length_s: float | None) -> Iterator[Progress]:
        """Runs a command of the trainer, and yields its lines; raises EngineError where it fails."""
        begun_s, last = monotonic(), list[str]()
        with self._lock:
            if self._stop.is_set():
                return
            try:
                process = self._process = subprocess.Popen(
                    [sys.executable, "-m", "trainer", command, *words],
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    stdin=subprocess.DEVNULL,
                    text=True,
                    errors="replace",
                )
            except OSError as error:
                raise OutputError(f"the trainer cannot be started: {error.strerror}") from error
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                last = [*last[1 - LINES_KEPT :], readable(line.strip())]
                share = None if length_s is None else min(1.0, (monotonic() - begun_s) / length_s)
                yield Progress(last[-1], share)
        status = process.wait()
        if status != 0 and not self._stop.is_set():
            raise EngineError(f"the trainer ended with {status}: {last[-1] if last else 'no word'}; the model stays")
