"""The log's one writer: readings of any number of runs come in, one thread writes their samples to the database.

A database that fails is tried again for as long as the store is open, and counting goes on meanwhile: samples wait in
memory. Those for a server go on to disk when there are many, and when the store is closed before it answers again; they
are written later, be it by another program. Where there is no room for more, the oldest are let go, counted and said to
be lost. A `lossless` store, for recordings,
lets its givers wait where there is no room, and ends at a failure that does not pass by itself. What a database will
never take is put aside, counted and said, and holds up nothing else.

A second without readings has no sample: what was not seen is unknown, never zero.
"""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event, Lock
from time import monotonic

from engine.counting.reading import Sample
from engine.errors import DatabaseError
from engine.handoff import WAIT_S
from engine.inference.contract import ModelFile
from engine.log.backlog import Backlog
from engine.log.database import open_database
from engine.log.fence import Fence
from engine.log.place import HeldError, is_sqlite, named, reported
from engine.log.retention import Retention, delete_some
from engine.log.rollups import roll_up_some
from engine.log.run import Entry, LiveRun, LoggedRun, RunRecord, SummedRun, is_sample
from engine.log.stowage import Stowage
from engine.log.wall_time import WallTime, both_clocks
from engine.log.writing import RowRefusedError, write
from engine.paths import waiting_folder
from engine.stopping import close_in_any_case
from engine.worker import Worker

ROOM = 20_000  # samples that may wait: twenty cameras for a quarter of an hour, about 5 MB
STOWED = ROOM // 4  # of them wait in memory while a server fails, the rest on disk
AT_ONCE = 1000  # entries in a transaction: so few that each is over long before a database seems not to answer
RETRY_S = 2.0  # between two attempts at a database that fails
TIDY_S, TIDY_AGAIN_S = 60.0, 0.5  # between two looks at what is no longer kept; where some of it was deleted

logger = logging.getLogger(__name__)


class Store:
    """Writes what the runs of all cameras hand on."""

    def __init__(
        self,
        target: str | Path,
        *,
        lossless: bool = False,
        clocks: Callable[[], tuple[float, float]] = both_clocks,
        fence: Fence | None = None,
    ) -> None:
        """Opens the log.

        Args:
            target: a file's path, or a database URL.
            lossless: whether runs wait where there is no room, and what does not pass by itself ends the writing.
            clocks: wall time in seconds since 1970 and monotonic time, at one moment.
            fence: says of which cameras this process may write, where others write too; None lets it write of all.

        Raises:
            DatabaseError: it is locked, damaged, read-only, no database, or does not answer.
        """
        self._engine, self._fence = open_database(target), fence
        self.name = named(self._engine.url)
        self._lossless = lossless
        self._backlog: Backlog[Entry] = Backlog(ROOM, lossless=lossless, counts=is_sample)
        self._clocks, self._wall, self._looking = clocks, WallTime.of(*clocks()), Lock()
        self._runs: list[LoggedRun] = []
        self._ending = Event()
        self._stowage = None if is_sqlite(self._engine.url) or lossless else Stowage(waiting_folder(), self.name)
        self._problem: DatabaseError | None = None
        self._refused: dict[str, int] = {}
        self._in_hand: Sequence[Entry] = ()
        self._told_lost = 0
        self.retention = Retention()
        """What is kept for how long; any thread may set it."""
        self._tidied_s = float("-inf")
        self._worker = Worker(f"store of {Path(self._engine.url.database or 'samples').name}", self._write)
        self._worker.start()
        close_in_any_case(self)

    @property
    def problem(self) -> Exception | None:
        """Why samples are not being written now, or None; samples that were written stay."""
        return self.failure or self._problem

    @property
    def failure(self) -> Exception | None:
        """Why no more samples will be written, or None."""
        return self._worker.failure

    @property
    def waiting(self) -> int:
        """What is yet to be written, samples and what else there is of runs; what waits on disk is not in it."""
        return len(self._backlog) + len(self._in_hand)

    @property
    def stowed(self) -> int:
        """How many of this store's samples wait on disk; they are not lost."""
        return self._stowage.samples if self._stowage else 0

    @property
    def lost(self) -> int:
        """Samples that were never written: no room, refused by the database, or there when the log was closed."""
        return self._backlog.lost + sum(self._refused.values())

    @property
    def loss(self) -> str:
        """What of it will never be in the log and why, in a sentence; empty where nothing is missing."""
        if not self.lost:
            return ""
        reasons = [f"{number} refused for good ({why})" for why, number in self._refused.items()]
        if self._backlog.lost:
            reasons.append(str(self.problem or "it could not be written for too long"))
        return f"{self.lost} samples were lost: {'; '.join(reasons)}"

    def run(
        self,
        *,
        camera: str,
        model: ModelFile,
        live: bool = False,
        began_s: float | None = None,
        on_written: Callable[[list[Sample]], None] = lambda samples: None,
    ) -> LoggedRun:
        """Notes that a run begins now, and returns the outlet for its readings; never waits for the database.

        Args:
            camera: the camera's name; holds no secret.
            model: whose counts these will be.
            live: whether frames count from when they arrived, and not from their own time.
            began_s: when the time 0 of its frames was, in seconds since 1970 (UTC); None is now.
            on_written: called in the writing thread with samples of the run that are now safely in the log.
        """
        record = RunRecord(camera, model, self._clocks()[0] if began_s is None else began_s, on_written)
        run = LiveRun(record, self._backlog, self._wall_time) if live else LoggedRun(record, self._backlog)
        self._runs = [*(known for known in self._runs if not known.closed), run]
        return run

    def group_run(self, *, group: str, model: ModelFile) -> SummedRun:
        """Notes that a run of a group begins now, and returns what takes its seconds; never waits for the database."""
        return SummedRun(RunRecord(group, model, self._clocks()[0], kind="group"), self._backlog)

    def finish(self) -> None:
        """Ends all runs, and waits until all is written or the log has failed for good, however long it is held."""
        self._end_runs()
        while not self._worker.wait(WAIT_S):
            pass

    def end(self) -> None:
        """Ends all runs, and has what is left tried once more, without waiting for it; may be called twice."""
        self._ending.set()
        self._end_runs()

    def close(self) -> None:
        """Does as `end`, waits for it, and lets go of the database; may be called twice."""
        self.end()
        if not self._worker.finish():
            self._backlog.put_back(self._in_hand)
            self._backlog.give_up()
        self._engine.dispose()

    def _end_runs(self) -> None:
        for run in self._runs:
            run.close()
        self._backlog.close()

    def _wall_time(self) -> WallTime:
        """Looks at the clocks; says once that they were set."""
        with self._looking:
            before, self._wall = self._wall, self._wall.seen(*self._clocks())
            now = self._wall
        if now.steps > before.steps:
            went = "was set back" if now.step_s < 0 else "was set forward, or this computer slept,"
            logger.warning("the clock %s by %.0f s; the log goes on in new runs", went, abs(now.step_s))
        return now

    def _write(self) -> None:
        if self._stowage is not None:
            self._stowage.take_over()
        try:
            while not self._backlog.finished:
                if any(isinstance(run, LiveRun) for run in self._runs):
                    self._wall_time()
                entries = self._backlog.take(AT_ONCE)
                if entries and not self._attempt(entries):
                    self._ending.wait(RETRY_S)
                elif len(entries) < AT_ONCE and not self._catch_up():
                    self._tidy()
        finally:
            self._backlog.give_up()
            if self.stowed:
                logger.warning("%d samples wait on disk; whoever opens this log next writes them", self.stowed)
            if self._stowage is not None:
                self._stowage.close()

    def _catch_up(self) -> bool:
        """Writes a batch that waited on disk; False if there is none, or the database failed."""
        batch = self._stowage.first() if self._stowage and not self._ending.is_set() else None
        if self._stowage is None or batch is None or not self._attempt(batch.entries, is_stowed=True):
            return False
        self._stowage.drop(batch)
        if self._stowage.is_empty:
            logger.warning("what waited on disk is in the log")
        return True

    def _stow(self, room: int) -> None:
        """Puts on disk what is more than there is room for."""
        while self._stowage is not None and len(self._backlog) > room:
            entries = self._backlog.take(AT_ONCE, timeout_s=0.0)
            if not self._stowage.put(entries):
                self._backlog.put_back(entries)
                return

    def _tidy(self) -> None:
        """Deletes some of what is no longer kept, rolls up some of older runs; looks again soon if there was any."""
        now_s = monotonic()
        if now_s < self._tidied_s:
            return
        done, keeps_all = 0, self.retention.is_for_ever
        try:
            with reported(self._engine.url):
                done += 0 if keeps_all else delete_some(self._engine, self.retention, self._clocks()[0])
                done += roll_up_some(self._engine)
        except DatabaseError as error:
            logger.info("nothing is tidied up now: %s", error)
        self._tidied_s = now_s + (TIDY_AGAIN_S if done else TIDY_S)

    def _attempt(self, entries: Sequence[Entry], *, is_stowed: bool = False) -> bool:
        """Writes entries, in parts where one of them is refused; False if the database failed.

        Entries that are stowed wait on disk until they are all written.
        """
        left = [entries]
        while left:
            part = left.pop()
            if not is_stowed:
                self._in_hand = [entry for rest in (part, *reversed(left)) for entry in rest]
            try:
                with reported(self._engine.url):
                    written = write(self._engine, part, self._fence)
            except RowRefusedError as error:
                if len(part) > 1:
                    left += part[len(part) // 2 :], part[: len(part) // 2]
                else:
                    self._put_aside(part[0], str(error))
                continue
            except DatabaseError as error:
                self._fail(error)
                return False
            self._hand_on(written)
        self._in_hand = ()
        self._note(None)
        return True

    def _fail(self, error: DatabaseError) -> None:
        self._backlog.put_back(self._in_hand)
        self._in_hand = ()
        if self._lossless and not isinstance(error, HeldError):
            raise error
        self._note(error)
        self._stow(0 if self._ending.is_set() else STOWED)
        if self._ending.is_set():
            lost = self._backlog.give_up()
            if lost:
                logger.error("the log is closed with %d samples that could not be written", lost)

    def _put_aside(self, entry: Entry, reason: str) -> None:
        record, _ = entry
        if reason not in self._refused:
            logger.warning("the log refuses an entry of '%s' for good, which is put aside: %s", record.camera, reason)
        self._refused[reason] = self._refused.get(reason, 0) + is_sample(entry)

    def _hand_on(self, entries: Sequence[Entry]) -> None:
        for record in dict.fromkeys(record for record, _ in entries):
            written = [made for owner, made in entries if owner is record and isinstance(made, Sample)]
            if written:
                record.on_written(written)

    def _note(self, problem: DatabaseError | None) -> None:
        """Says once that writing fails, and once that it goes on; and what a slow database made us lose."""
        if problem and not self._problem:
            logger.warning("samples wait, none is being written: %s", problem)
        lost = self._backlog.lost - self._told_lost
        if not problem and (self._problem or lost):
            logger.warning("samples are being written again; %d were lost", lost)
            self._told_lost += lost
        self._problem = problem
