"""Counts whole recordings in the terminal: the work of `deepcount-engine count`.

What was counted before in the same way is taken from the user's cache, and a count that was stopped goes on there. The
annotated video needs a density map of every frame, so with it all is counted anew.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from engine.capture.recording import RecordingCapture
from engine.commands.count_bar import CountBar
from engine.commands.count_summary import FAILED, MEANINGS, Summary, failed, refused
from engine.commands.places import Place, check_folder, places
from engine.commands.report import Report, open_report
from engine.commands.truth import mean_absolute_error, read_truth
from engine.counting.batch import readings_of
from engine.counting.reading import Reading
from engine.counting.smoothing import Smoother
from engine.counting.trust import Trust
from engine.errors import DatabaseError, EngineError, SourceError
from engine.evidence.counting import count_rest
from engine.files import claimed
from engine.inference.error_table import ErrorTable
from engine.inference.model import Model
from engine.inference.variants import load_model
from engine.log.run import LoggedRun
from engine.log.store import Store
from engine.picture.tiling import Grid
from engine.picture.view import PLAIN, View
from engine.recording.cache import Cache
from engine.recording.counts import EVER, KeptCounts, Way, passed_counts
from engine.recording.identity import identity_of
from engine.recording.rest import Recalled, Rest
from engine.recording.sighting import seen_in
from engine.redacted_log import logged
from engine.settings.address import Address
from engine.sources import FileSource, FolderSource
from engine.sources.flaws import Flaws, Hole
from engine.sources.playback import Playback
from engine.stopping import heard

DATABASE = "deepcount.db"


@dataclass(frozen=True, slots=True)
class CountOrder:
    """What to count, how, and where to put it."""

    sources: Sequence[Path]
    """Videos, and folders of videos or of pictures."""
    out: Path | None = None
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
    again: bool = False
    """Whether what was counted before is counted anew."""
    as_json: bool = False

    @property
    def view(self) -> View:
        """How recordings are seen, as far as was said."""
        return View(Grid(*self.grid) if self.grid else None, aspect=self.aspect)

    def opened(self, source: Path, view: View) -> FileSource | FolderSource:
        """Opens a recording; raises SourceError."""
        if not source.is_dir():
            return FileSource(source, max_fps=self.max_fps, view=view)
        check_folder(source)
        return FolderSource(source, max_fps=self.max_fps, view=view)

    def way(self, model: Model, view: View) -> Way:
        """Returns what its counts depend on."""
        return Way(model.file.sha256, model.provider, self.max_fps, view.tiles_shape, self.aspect)


def count_recordings(order: CountOrder) -> int:
    """Counts recordings, writes their files and prints a summary; returns the exit status.

    Of several, one that cannot be counted is told, and the others are counted.

    Raises:
        EngineError: an input cannot be used, or the only recording breaks off (its readings are kept and summed up).
    """
    started, found = perf_counter(), places(order.sources, order.out)
    if order.truth and len(found) > 1:
        raise SourceError(f"{order.truth} has the true counts of one recording, but {len(found)} are given; give one")
    counts: list[_Count] = []
    try:
        with logged():
            expected, problems = heard(lambda: _expected(order, found))
            if len(problems) == len(found):
                return refused(found, problems, as_json=order.as_json)
            truth = read_truth(order.truth) if order.truth else {}
            model = heard(lambda: load_model(order.model, provider=order.provider))
            with CountBar(expected, len(found)) as bar:
                counts += [_Count(order, place, model, truth, bar) for place in found]
                counts[0].started_s = started
                return max(count.attempt() for count in counts)
    finally:
        _print(order, counts)


def _expected(order: CountOrder, found: Sequence[Place]) -> tuple[int | None, list[EngineError]]:
    """Returns how many frames the recordings promise, None where one does not say, and why some cannot be read."""
    promised: list[int | None] = []
    problems: list[EngineError] = []
    for place in found:
        try:
            with closing(order.opened(place.source, order.view)) as source:
                promised.append(source.expected_frames)
        except EngineError as error:
            problems.append(error)
    known = [frames for frames in promised if frames is not None]
    return sum(known) if len(known) == len(promised) else None, problems


def _print(order: CountOrder, counts: "Sequence[_Count]") -> None:
    summaries = [count.summary for count in counts if count.summary is not None]
    if not order.as_json:
        for summary in summaries:
            summary.print()
    elif summaries or len(counts) > 1:
        facts = [fact for count in counts if (fact := count.as_dict()) is not None]
        print(json.dumps(facts if len(counts) > 1 else facts[0], indent=2))
        for summary in summaries:
            summary.warn(sys.stderr)


@dataclass(eq=False, slots=True)
class _Count:
    """The count of one recording."""

    order: CountOrder
    place: Place
    model: Model
    truth: dict[int, float]
    bar: CountBar
    started_s: float | None = None
    """When it began, on the clock of `perf_counter`."""
    view: View = PLAIN
    """How it is seen."""
    known: int = 0
    """Frames that were counted before."""
    summary: Summary | None = None
    """What came out, once that is known."""
    error: EngineError | None = None
    """Why it failed or broke off."""

    def as_dict(self) -> dict[str, Any] | None:
        """Returns plain values, for JSON; None where it was never tried."""
        if self.summary is not None:
            return self.summary.as_dict()
        return None if self.error is None else failed(self.place, self.error)

    def attempt(self) -> int:
        """Counts it, and returns the exit status; raises EngineError only where there is no other recording."""
        try:
            self._run()
        except EngineError as error:
            self.error = error
            self.summary = self.summary and replace(self.summary, error=str(error))
            if self.bar.recordings == 1:
                raise
            self.bar.say(f"deepcount-engine: {error}")
            return FAILED
        return 0

    def _run(self) -> None:
        """Keeps a summary of what came out, also where it breaks off or is interrupted."""
        order, folder = self.order, self.place.folder
        self.started_s = perf_counter() if self.started_s is None else self.started_s
        with ExitStack() as stack:
            self.view = heard(lambda: seen_in(self.place.source, order.view, partial(readings_of, self.model)))
            source = heard(lambda: order.opened(self.place.source, self.view))
            rest = Rest(source)
            capture = RecordingCapture(rest, Playback(own_speed=False))
            stack.callback(capture.stop)
            self.bar.begin(source.name, expected=source.expected_frames)
            stack.enter_context(claimed(folder, *MEANINGS))
            kept = self._kept()
            rest.known = kept.numbers
            store = stack.enter_context(_opened_log(order.database or Address.of(str(folder / DATABASE))))
            report: Report | None = None
            try:
                rate = min(source.rate, order.max_fps or source.rate)
                title = f"{source.name}, counted by {self.model.file.name}"
                with open_report(folder, rate=rate, video=order.video, truth=self.truth, title=title) as report:
                    self._count_into(report, store, capture, kept)
            finally:
                kept.save()
                self.bar.end(known=self.known)
                if report is not None and report.rows:
                    self.summary = self._summary(report, kept.flaws if kept.is_complete else source.flaws, store)

    def _kept(self) -> KeptCounts:
        again = self.order.again or self.order.video
        identity = heard(lambda: identity_of(self.place.source))
        kept = passed_counts(Cache(), self.order.way(self.model, self.view).key(identity), again=again)
        self.known = len(kept)
        self.bar.leave_out(self.known)
        return kept

    def _summary(self, report: Report, flaws: Flaws, store: Store) -> Summary:
        elapsed_s = perf_counter() - (self.started_s or 0.0)
        mae = mean_absolute_error(report.rows, self.truth)
        return Summary(self.place, self.model, report, flaws, elapsed_s, self.known, mae, store.name)

    def _count_into(self, report: Report, store: Store, capture: RecordingCapture, kept: KeptCounts) -> None:
        """Writes down what was counted before, then counts the rest; raises what ended it early."""
        run = store.run(camera=capture.name, model=self.model.file)
        report.remarks += kept.remarks
        writing = _Writing(report, run, store, Smoother(self.order.smoothing_s), self.model.file.errors)
        known = Recalled(kept.readings(consistency=self.order.density))
        try:
            for reading in known.before(kept.done.next_missing(0)):
                writing.take(reading)
            if not kept.is_complete:
                self._count_rest(writing, capture, kept, known)
                kept.finish(capture.source.flaws)
        finally:  # also where it was interrupted
            flaws = kept.flaws if kept.is_complete else capture.source.flaws
            report.holes = [flaw for flaw in flaws.noted if isinstance(flaw, Hole)]
            run.close()

    def _count_rest(self, writing: "_Writing", capture: RecordingCapture, kept: KeptCounts, known: Recalled) -> None:
        def take(reading: Reading) -> bool:
            if self.order.video and not _is_shown(reading, capture):
                return False
            kept.add(reading)
            for one in known.before(reading.frame.index):
                writing.take(one)
            self.bar.advance(writing.take(reading))
            return True

        count_rest(self.model, capture, take, density=self.order.density)
        for one in known.before(EVER):
            writing.take(one)


@dataclass(frozen=True, slots=True)
class _Writing:
    """Where the readings of a recording are written down."""

    report: Report
    run: LoggedRun
    store: Store
    smoother: Smoother
    errors: ErrorTable | None
    """By how much the model is wrong."""

    def take(self, raw: Reading) -> float:
        """Takes a reading as it was counted; returns its count as it is steadied. Raises EngineError."""
        count = self.smoother.add(raw.frame.time_s, raw.count)
        reading = replace(raw, count=count, interval=Trust().interval(count, self.errors))
        self.report.add(reading)
        self.run.put(reading)
        if self.store.failure:
            raise self.store.failure
        return reading.count


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


def _is_shown(reading: Reading, capture: RecordingCapture) -> bool:
    """Makes the picture for people; where that cannot be done, the recording ends."""
    try:
        return reading.frame.picture.size > 0
    except Exception as error:  # whatever is wrong with the frame, as with its tiles
        capture.spoiled(reading.frame.time_s, error)
        return False
