"""Has the recordings of an archive counted by a crew, piece by piece, and puts the pieces together in order."""

import shutil
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

import numpy as np

from engine.archive.counting import Counted, Surveyed
from engine.archive.crew import Crew, Outcome
from engine.archive.fetching import at_hand
from engine.archive.ledger import Ledger
from engine.archive.listing import Recording
from engine.archive.pieces import Job, Manner, Piece, Place, Survey
from engine.archive.result import Progress, Result, Skipped
from engine.archive.tables import table_rows, write_table
from engine.errors import EngineError
from engine.inference.contract import ModelFile
from engine.recording.identity import identity_of
from engine.sources.flaws import Flaws

MOST_TRIES = 3
AHEAD = 2  # jobs for each worker that wait or are done, below which the next recording is begun
LOOK_S = 0.25


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of the counts."""

    manner: Manner
    file: ModelFile
    """The model by which all is counted."""
    provider: str
    out: Path
    format: str = "csv"
    smoothing_s: float = 0.0
    fetches: bool = False
    """Whether what lies elsewhere is fetched here, for all workers, and not by each machine for itself."""
    again: bool = False
    """Whether what was counted before is counted anew."""


@dataclass(slots=True, eq=False)
class _Open:
    """A recording that is being counted."""

    recording: Recording
    key: str
    place: Place
    pieces: tuple[Piece, ...] = ()
    pending: set[str] = field(default_factory=set)
    """Names of the pieces that are not through."""
    skipped: dict[str, Skipped] = field(default_factory=dict)
    tries: Counter[str] = field(default_factory=Counter)

    @property
    def frames(self) -> int:
        """That are expected in all."""
        return sum(piece.frames for piece in self.pieces)


class Foreman:
    """Counts recordings; of one thread."""

    def __init__(self, recordings: Sequence[Recording], plan: Plan, crew: Crew, ledger: Ledger) -> None:
        """Begins nothing yet."""
        self.results: dict[str, Result] = {}
        """What came of recordings that are through, by their names."""
        self._waiting, self._total = deque(recordings), len(recordings)
        self._plan, self._crew, self._ledger = plan, crew, ledger
        self._open: dict[Place, _Open] = {}
        self._jobs = 0
        self._bytes = sum(recording.bytes for recording in recordings)
        self._done_bytes, self._frames = 0.0, 0

    def run(self) -> Iterator[Progress]:
        """Does all, and yields some times a second how far it is.

        Raises:
            EngineError: no worker can do anything, or no result can be written; what was counted is kept.
        """
        while self._waiting or self._open:
            while self._waiting and self._jobs < AHEAD * self._crew.size:
                self._begin(self._waiting.popleft())
            if self._open:
                for outcome in self._crew.outcomes(LOOK_S):
                    self._jobs -= 1
                    self._take(outcome)
            yield self._progress()

    def _progress(self) -> Progress:
        share = 1.0 if not self._bytes else min(1.0, self._done_bytes / self._bytes)
        return Progress(len(self.results), self._total, self._frames, share, self._crew.size)

    def _begin(self, recording: Recording) -> None:
        """Begins a recording, unless it is done."""
        try:
            place = recording.place()
            key = self._key(recording, place)
            if self._plan.again:
                self._ledger.forget(key)
            before = self._ledger.done(key)
            if before is not None and (not before.file or (self._plan.out / before.file).is_file()):
                self._bytes -= recording.bytes  # the time that is left is of what is to be done
                self.results[recording.name] = replace(before, source=recording.shown, counted_before=True)
                return
            if recording.remote is not None and self._plan.fetches:
                with at_hand(place, self._fetched(key)) as path:
                    place = Place(str(path), identity_of(path))
        except EngineError as error:
            self._bytes -= recording.bytes
            self.results[recording.name] = Result(recording.shown, error=str(error))
            return
        self._open[place] = _Open(recording, key, place)
        self._submit(Survey(place))

    def _key(self, recording: Recording, place: Place) -> str:
        plan = self._plan
        said = (
            plan.manner.key(place.identity, plan.file.sha256, plan.provider),
            recording.name,
            plan.format,
            plan.smoothing_s,
        )
        return sha256(repr(said).encode()).hexdigest()[:32]

    def _fetched(self, key: str) -> Path:
        return self._ledger.folder / "fetched" / key

    def _submit(self, job: Job) -> None:
        self._jobs += 1
        self._crew.submit(job)

    def _take(self, outcome: Outcome) -> None:
        job, result = outcome.job, outcome.result
        one = self._open.get(job.place)
        name = job.name if isinstance(job, Piece) else ""
        if one is None or (name and name not in one.pending):
            return  # it was torn, and is counted as a whole
        if isinstance(result, Surveyed):
            self._cut(one, result.pieces)
        elif isinstance(result, Counted) and isinstance(job, Piece):
            self._keep(one, job, result)
        else:
            self._try_again(one, job, name, outcome.problem)
        if one.pieces and not one.pending:
            self._end(one, self._put_together(one))

    def _cut(self, one: _Open, pieces: tuple[Piece, ...]) -> None:
        """Has those pieces counted of which nothing is kept."""
        one.pieces = pieces
        for piece in pieces:
            if self._ledger.kept(one.key, piece) is not None:
                self._done_bytes += self._bytes_of(one, piece)
            else:
                one.pending.add(piece.name)
                self._submit(piece)

    def _keep(self, one: _Open, piece: Piece, counted: Counted) -> None:
        if counted.is_torn:
            done = [each for each in one.pieces if each.name not in one.pending]
            self._done_bytes -= sum(self._bytes_of(one, each) for each in done)
            whole = piece.as_whole(one.frames)
            one.pending, one.skipped = set(), {}
            self._cut(one, (whole,))
            return
        self._ledger.keep(one.key, piece, counted)
        self._frames += len(counted.rows)
        self._done_bytes += self._bytes_of(one, piece)
        one.pending.discard(piece.name)

    def _try_again(self, one: _Open, job: Job, name: str, problem: str) -> None:
        one.tries[name] += 1
        if one.tries[name] < MOST_TRIES:
            self._submit(job)
        elif isinstance(job, Piece):
            from_s, to_s = job.span_s or (0.0, 0.0)
            one.skipped[name] = Skipped(from_s, to_s, problem)
            one.pending.discard(name)
            self._done_bytes += self._bytes_of(one, job)
        else:
            self._done_bytes += one.recording.bytes
            self._end(one, Result(one.recording.shown, error=problem))

    def _bytes_of(self, one: _Open, piece: Piece) -> float:
        return one.recording.bytes * (piece.frames / one.frames if one.frames else 1 / len(one.pieces))

    def _end(self, one: _Open, result: Result) -> None:
        del self._open[one.place]
        self.results[one.recording.name] = result
        if result.file and not result.skipped:
            self._ledger.finish(one.key, result)
        shutil.rmtree(self._fetched(one.key), ignore_errors=True)

    def _put_together(self, one: _Open) -> Result:
        """Writes the table of a recording, as far as there is one, and returns what came of it."""
        found = [kept for piece in one.pieces if (kept := self._ledger.kept(one.key, piece)) is not None]
        result = Result(
            one.recording.shown,
            remarks=tuple(dict.fromkeys(remark for kept in found for remark in kept.remarks)),
            flaws=found[0].flaws if found else Flaws(),
            skipped=tuple(one.skipped[piece.name] for piece in one.pieces if piece.name in one.skipped),
        )
        counts = np.concatenate([kept.rows for kept in found]) if found else np.empty((0, 0))
        if not len(counts):
            return replace(result, error="" if result.skipped else "nothing of it was counted")
        rows = list(table_rows(counts, self._plan.smoothing_s, self._plan.file.errors))
        file = f"{one.recording.name}.{self._plan.format}"
        write_table(self._plan.out / file, rows)
        people = np.array([row.count for row in rows])
        peak = int(people.argmax())
        return replace(
            result,
            file=file,
            frames=len(rows),
            seconds=round(rows[-1].time_s, 3),
            mean=round(float(people.mean()), 2),
            least=round(float(people.min()), 2),
            most=round(float(people[peak]), 2),
            most_at_s=round(rows[peak].time_s, 3),
            doubtful_frames=sum(bool(row.doubt) for row in rows),
            error=result.flaws.breaks_off,
        )
