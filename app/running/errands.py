"""Work that may take long, done in order in a thread that lives only while there is some; its outcomes are pulled."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from engine.errors import EngineError
from engine.worker import Worker


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an errand."""

    kind: str
    result: object = None
    problem: str = ""
    """Why it failed, in a sentence."""


class Errands:
    """Does one errand at a time; of those of a kind that still wait only the newest is done."""

    def __init__(self, name: str) -> None:
        self._name, self._lock = name, Lock()
        self._waiting: dict[str, Callable[[], object]] = {}
        self._outcomes: list[Outcome] = []
        self._worker: Worker | None = None
        self._busy, self._closed = "", False

    def ask(self, kind: str, work: Callable[[], object]) -> None:
        """Has something done; never waits."""
        with self._lock:
            if self._closed:
                return
            self._waiting[kind] = work
            if self._worker is None:
                self._worker = Worker(self._name, self._work)
                self._worker.start()

    def is_busy(self, kind: str) -> bool:
        """Whether an errand of a kind waits or is being done."""
        with self._lock:
            return kind in self._waiting or kind == self._busy

    def outcomes(self) -> list[Outcome]:
        """Takes out what was done since the last call."""
        with self._lock:
            outcomes, self._outcomes = self._outcomes, []
        return outcomes

    def close(self, *forgotten: str) -> None:
        """Takes no more, and waits until all is done but what still waits of these kinds; may be called twice."""
        with self._lock:
            self._closed, worker = True, self._worker
            for kind in forgotten:
                self._waiting.pop(kind, None)
        if worker is not None:
            worker.finish()

    def _work(self) -> None:
        while (next_one := self._next()) is not None:
            kind, work = next_one
            try:
                outcome = Outcome(kind, work())
            except EngineError as error:
                outcome = Outcome(kind, problem=str(error))
            except Exception as error:  # the last stop: the next errand may be well
                outcome = Outcome(kind, problem=f"{kind} failed unexpectedly ({type(error).__name__})")
            with self._lock:
                self._outcomes.append(outcome)
                self._busy = ""

    def _next(self) -> tuple[str, Callable[[], object]] | None:
        with self._lock:
            if not self._waiting:
                self._worker = None
                return None
            kind = next(iter(self._waiting))
            self._busy = kind
            return kind, self._waiting.pop(kind)
