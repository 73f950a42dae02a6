"""Records one live camera: takes its packets as they come and writes them in a thread of its own.

Neither capture nor counting ever waits: packets wait in a line of so many bytes, and what does not fit is a gap. What
privacy masks hide is written nowhere: such a camera is encoded from what may be seen, or not recorded at all.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from threading import Event, Lock
from time import monotonic, time

from engine.picture.view import View
from engine.recording.cutting import Taken
from engine.recording.plan import Plan, RecordingFacts
from engine.recording.stock import Stock
from engine.recording.writing import Writing
from engine.sources.packets import Kept, Piece
from engine.worker import Worker

MOST_BYTES = 64 << 20
"""That wait to be written; more are lost."""
LOOK_S = 0.5  # between two looks at what came
CLOSE_S = 3.0  # for what is still to be written at the end

logger = logging.getLogger(__name__)


class Recorder:
    """Takes packets in the capture's thread, and orders from any other."""

    def __init__(self, name: str, view: Callable[[], View]) -> None:
        """Records nothing yet; `view` returns how the camera's pictures are seen now."""
        self._name, self._view = name, view
        self._plan = Plan()
        self._stock: Stock | None = None
        self._lock, self._bell, self._is_closed = Lock(), Event(), False
        self._waiting: deque[Taken] = deque()
        self._bytes, self._lost, self._follows = 0, 0, True
        self._is_on, self._until_s = False, float("-inf")
        self._last: Piece | None = None
        self._begun_s: float | None = None
        self._being_written = 0
        self._problem, self._told = "", ""
        self._worker = Worker(f"recording of {name}", self._run)

    @property
    def is_wanted(self) -> bool:
        """Whether packets are taken now."""
        return self._is_on

    def expect(self, plan: Plan, stock: Stock) -> None:
        """Records as a plan says from now on, into the folder of a stock."""
        with self._lock:
            self._plan, self._stock = plan, stock
            self._is_on = plan.keep == "always" or (plan.keep == "on alert" and self._is_on)
        if plan.keep != "never" and self._worker.ident is None and not self._is_closed:
            self._worker.start()

    def look(self, now_s: float, before: Callable[[float], Sequence[Kept]], *, is_alerting: bool) -> None:
        """Begins and ends what is recorded on alert; has to be called about once a second.

        Args:
            now_s: on the monotonic clock.
            before: returns the last packets from a moment on, back to a key frame.
            is_alerting: whether an alert of the camera is open.
        """
        plan = self._plan
        if plan.keep != "on alert":
            return
        if is_alerting:
            self._until_s = now_s + plan.after_s
        if not self._is_on and is_alerting:
            self._begin(before(now_s - plan.before_s))
        elif self._is_on and now_s >= self._until_s:
            self._is_on = False

    def put(self, piece: Piece) -> None:
        """Takes a packet, in the order in which they are decoded; never waits."""
        taken = Taken(Kept(piece, monotonic()), time(), self._view())
        with self._lock:
            if not self._is_on or piece is self._last:
                return
            self._take(taken)

    @property
    def facts(self) -> RecordingFacts | None:
        """How it is doing; None where it is not to be recorded and nothing was."""
        plan, stock, begun_s = self._plan, self._stock, self._begun_s
        held, since_s = stock.held(self._name) if stock else (0, None)
        if plan.keep == "never":
            return None
        return RecordingFacts(
            plan.keep,
            begun_s is not None,
            held + self._being_written,
            begun_s if since_s is None else since_s,
            self._problem,
            self._lost,
        )

    def end(self) -> None:
        """Has what came written and then the thread end, without waiting for it; may be called twice."""
        self._is_closed, self._is_on = True, False
        self._bell.set()

    def close(self, timeout_s: float = CLOSE_S) -> None:
        """The same, and waits for it so long; may be called twice."""
        self.end()
        self._worker.finish(timeout_s)

    def _begin(self, kept: Sequence[Kept]) -> None:
        """Takes what was before, and from there on what comes."""
        now_s, wall_s, view = monotonic(), time(), self._view()
        with self._lock:
            self._is_on, self._follows = True, False
            for each in kept:
                self._take(Taken(each, wall_s - (now_s - each.arrived_s), view))
            self._last = kept[-1].piece if kept else None

    def _take(self, taken: Taken) -> None:
        size = len(taken.kept.piece.data)
        if self._bytes + size > MOST_BYTES:
            self._lost += 1
            self._follows = False
            return
        self._bytes += size
        self._waiting.append(taken if self._follows else Taken(taken.kept, taken.wall_s, taken.view, follows=False))
        self._follows = True

    def _taken(self) -> list[Taken]:
        with self._lock:
            taken, self._waiting, self._bytes = list(self._waiting), deque(), 0
        return taken

    def _run(self) -> None:
        writing: Writing | None = None
        told = 0
        while True:
            is_last, stock, taken, lost = self._is_closed, self._stock, self._taken(), self._lost
            if writing is not None and writing.stock is not stock:
                writing.close()
                writing = None
            if writing is None and stock is not None:
                writing = Writing(self._name, stock)
            if writing is not None:
                writing.write(taken, self._plan, is_on=self._is_on and not is_last)
                self._begun_s, self._being_written = writing.begun_s, writing.bytes
                self._say(writing.problem, lost - told)
            told = lost
            if is_last:
                break
            self._bell.wait(LOOK_S)
        if writing is not None:
            writing.close()

    def _say(self, problem: str, lost: int) -> None:
        """Says once what goes wrong again and again."""
        if lost:
            problem = problem or "what comes could not be written as fast; there is a gap"
        self._problem = problem
        if problem and problem != self._told:
            logger.warning("camera '%s' is not recorded: %s", self._name, problem)
        self._told = problem or self._told
