"""Counts a whole recording in the terminal: the work of `deepcount-engine count`."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from time import perf_counter
from typing import Any, TextIO

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from engine.capture.recording import RecordingCapture
from engine.commands.report import CSV, CURVE, VIDEO, Report, open_report
from engine.commands.truth import mean_absolute_error, read_truth
from engine.counting.counter import Counter
from engine.counting.reading import Reading
from engine.counting.schedule import DensitySchedule
from engine.errors import DatabaseError, EngineError
from engine.files import claimed
from engine.handoff import Line
from engine.inference.model import Model
from engine.inference.variants import load_model
from engine.log.store import Store
from engine.picture.tiling import Grid
from engine.picture.view import View
from engine.pipeline import Pipeline
from engine.redacted_log import logged
from engine.redaction import readable
from engine.serving import Camera
from engine.settings.address import Address
from engine.sources import FileSource, FolderSource, Source
from engine.sources.flaws import Flaws, Hole
from engine.sources.playback import Playback
from engine.stopping import heard

DATABASE = "deepcount.db"
READINGS_AHEAD = 4
MEANINGS = {CSV: "the count of every frame", CURVE: "the curve", VIDEO: "the video with heat-map and count"}


@dataclass(frozen=True, slots=True)
class CountOrder:
    """What to count, how, and where to put it."""

    source: Path
    folder: Path
    model: Path | None = None
    database: Address | None = None
    max_fps: float | None = None
    density: bool = True
    video: bool = True
    grid: tuple[int, int] | None = None
    aspect: Fraction | None = None
    """Width over height of the picture as shown; None takes what the recording says."""
    smoothing_s: float = 0.0
    truth: Path | None = None
    provider: str = "auto"
    as_json: bool = False


def count_recording(order: CountOrder) -> int:
    """Counts a recording, writes its files and prints a summary; returns the exit status.

    Raises:
        EngineError: an input cannot be used, or the recording breaks off (its readings are kept and summed up first).
    """
    started = perf_counter()
    truth = read_truth(order.truth) if order.truth else {}
    with logged(), ExitStack() as stack:
        source = heard(lambda: _opened(order))
        capture = RecordingCapture(source, Playback(own_speed=False))
        stack.callback(capture.stop)
        model = heard(lambda: load_model(order.model, provider=order.provider))
        stack.enter_context(claimed(order.folder, *MEANINGS))
        log = order.database or Address.of(str(order.folder / DATABASE))
        store = stack.enter_context(_opened_log(log))
        report: Report | None = None
        try:
            rate = min(source.rate, order.max_fps or source.rate)
            title = f"{source.name}, counted by {model.file.name}"
            with open_report(order.folder, rate=rate, video=order.video, truth=truth, title=title) as report:
                _count_into(report, order, capture, model, store)
        finally:
            if report is not None and report.rows:
                elapsed_s, mae = perf_counter() - started, mean_absolute_error(report.rows, truth)
                Summary(order, model, report, source.flaws, elapsed_s, mae, store.name).print()
    return 0


def _opened(order: CountOrder) -> FileSource | FolderSource:
    view = View(Grid(*order.grid) if order.grid else None, aspect=order.aspect)
    kind = FolderSource if order.source.is_dir() else FileSource
    return kind(order.source, max_fps=order.max_fps, view=view)


@contextmanager
def _opened_log(target: Address) -> Iterator[Store]:
    """Yields the log; at the end all is written, however long another program holds it, unless somebody interrupts."""
    with closing(heard(lambda: Store(target.full, lossless=True))) as store:
        try:
            yield store
        except EngineError:
            store.finish()
            raise
        store.finish()
    if store.failure:
        raise store.failure
    if store.loss:
        raise DatabaseError(f"the log is incomplete: {store.loss}")


def _count_into(report: Report, order: CountOrder, capture: RecordingCapture, model: Model, store: Store) -> None:
    """Runs the pipeline to its end; raises what ended it early."""
    readings: Line[Reading] = Line(READINGS_AHEAD)
    counter, density = Counter(smoothing_s=order.smoothing_s), DensitySchedule(0.0 if order.density else None)
    run = store.run(camera=capture.name, model=model.file)
    pipeline = Pipeline(model, [Camera(capture, (readings, run), counter, density)])
    try:
        with pipeline, _progress(capture.source) as advance:
            for reading in readings:
                if order.video and not _is_shown(reading, capture):
                    break
                report.add(reading)
                advance(reading)
                if store.failure:
                    raise store.failure
    finally:  # also where it was interrupted
        report.holes = [flaw for flaw in capture.source.flaws.noted if isinstance(flaw, Hole)]
    if pipeline.failure:
        raise pipeline.failure


def _is_shown(reading: Reading, capture: RecordingCapture) -> bool:
    """Makes the picture for people; where that cannot be done, the recording ends."""
    try:
        return reading.frame.picture.size > 0
    except Exception as error:  # whatever is wrong with the frame, as with its tiles
        capture.spoiled(reading.frame.time_s, error)
        return False


def change_p95(counts: Sequence[float]) -> float:
    """Returns by how many people the count moves between neighbouring frames, in 95 % of them at most."""
    return float(np.quantile(np.abs(np.diff(counts)), 0.95))


@dataclass(frozen=True, slots=True)
class Summary:
    """What came out of a count."""

    order: CountOrder
    model: Model
    report: Report
    flaws: Flaws
    elapsed_s: float
    mae: float | None
    database: str

    def as_dict(self) -> dict[str, Any]:
        """Returns plain values, for JSON."""
        counts = [row.count for row in self.report.rows]
        return {
            "source": readable(str(self.order.source)),
            "frames": len(counts),
            "mean": round(sum(counts) / len(counts), 2),
            "least": round(min(counts), 2),
            "most": round(max(counts), 2),
            "most_at_s": round(max(self.report.rows, key=lambda row: row.count).time_s, 3),
            "change_p95": None if len(counts) < 2 else round(change_p95(counts), 2),
            "elapsed_s": round(self.elapsed_s, 2),
            "frames_per_second": round(len(counts) / self.elapsed_s, 2),
            "mae": None if self.mae is None else round(self.mae, 2),
            "remarks": self.report.remarks,
            "recording": self.flaws.as_dict,
            "model": {
                "name": self.model.file.name,
                "precision": self.model.file.precision,
                "sha256": self.model.file.sha256,
                "provider": self.model.provider,
                "details": self.model.details,
            },
            "files": {name: readable(str(self.order.folder / name)) for name in self._files()},
            "database": self.database,
        }

    def print(self) -> None:
        """Prints it, as JSON or for people."""
        facts = self.as_dict()
        if self.order.as_json:
            print(json.dumps(facts, indent=2))
            self._warn(sys.stderr)
            return
        print(
            f"{readable(self.order.source.name)}: {facts['frames']} frames in {self.elapsed_s:.1f} s "
            f"({facts['frames_per_second']:.1f} a second, by {self.model.file.name} {self.model.file.precision} on "
            f"{self.model.provider})"
        )
        if self.model.remark:
            print(f"model: {self.model.file.path.name}, {self.model.remark}")
        for remark in self.report.remarks:
            print(f"note: {remark}")
        print(
            f"people: {facts['mean']:.1f} on average, {facts['least']:.0f} at least, "
            f"{facts['most']:.0f} at most (at {facts['most_at_s']:.1f} s)"
        )
        if facts["change_p95"] is not None:
            print(f"from frame to frame: by {facts['change_p95']:.1f} people at most in 95 % of them")
        if self.mae is not None:
            print(f"against the true counts: mean absolute error {self.mae:.2f} people")
        self._warn(sys.stdout)
        print("wrote:")
        for name, path in facts["files"].items():
            print(f"  {path:<36} {MEANINGS[name]}")
        print(f"  {self.database:<36} the log of every second")

    def _warn(self, stream: TextIO) -> None:
        for warning in self.flaws.warnings:
            print(f"warning: {warning}", file=stream)

    def _files(self) -> list[str]:
        return [name for name in MEANINGS if name in self.report.files]


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.finished_speed or task.speed or 0:.1f} frames/s")


@contextmanager
def _progress(source: Source) -> Iterator[Callable[[Reading], None]]:
    columns = (
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total} frames"), _Rate(),
        TextColumn("{task.fields[people]} people"), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(file=sys.stderr)) as bar:
        task = bar.add_task(source.name, total=source.expected_frames, people="–")
        yield lambda reading: bar.update(task, advance=1, people=f"{reading.count:.0f}")
        if not source.flaws.breaks_off:
            bar.update(task, total=bar.tasks[0].completed)  # what was expected is but what the file promised
