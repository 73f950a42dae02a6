"""A crew of processes on this machine; one that dies is replaced, and the job that it had is told as undone."""

import logging
import os
import signal
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from engine.archive.crew import Outcome, Outfit, Worker
from engine.archive.pieces import Job
from engine.errors import EngineError
from engine.redacted_log import FORMAT, RedactedHandler

MOST_STILLBORN = 3  # workers in succession that end before they can do anything
END_S = 2.0  # for a process to end that was told to

_SPAWN = get_context("spawn")  # a fork would share the threads of the runtime, of which it has none


@dataclass(slots=True, eq=False)
class _Hand:
    """One worker process, as it is seen from here."""

    process: SpawnProcess
    pipe: Connection
    is_ready: bool = False
    job: Job | None = None


class Processes:
    """Worker processes, each with a model of its own."""

    def __init__(self, workers: int, outfit: Outfit) -> None:
        """Starts so many; they are ready somewhat later."""
        self.size, self._outfit = workers, outfit
        self._waiting: deque[Job] = deque()
        self._stillborn = 0
        self._hands: list[_Hand] = []
        self._staff()

    @property
    def pids(self) -> list[int]:
        """The numbers of the processes."""
        return [hand.process.pid for hand in self._hands if hand.process.pid is not None]

    def submit(self, job: Job) -> None:
        """Takes a job."""
        self._waiting.append(job)
        self._hand_out()

    def outcomes(self, timeout_s: float) -> Sequence[Outcome]:
        """Returns how jobs ended; raises EngineError where no worker can be started."""
        heard = wait([each for hand in self._hands for each in (hand.pipe, hand.process.sentinel)], timeout_s)
        found = []
        for hand in tuple(self._hands):
            if hand.pipe in heard or hand.process.sentinel in heard:
                found += self._listen(hand)
        self._staff()
        self._hand_out()
        return found

    def close(self) -> None:
        """Ends all processes."""
        hands, self._hands = self._hands, []
        for hand in hands:
            hand.pipe.close()
            hand.process.terminate()
        for hand in hands:
            hand.process.join(END_S)
            if hand.process.is_alive():
                hand.process.kill()
                hand.process.join()
            hand.process.close()

    def _listen(self, hand: _Hand) -> list[Outcome]:
        found = []
        with suppress(EOFError, OSError):  # it is dead
            while hand.pipe.poll():
                said = hand.pipe.recv()
                if isinstance(said, EngineError):
                    raise said
                if isinstance(said, Outcome):
                    found.append(said)
                    hand.job = None
                hand.is_ready, self._stillborn = True, 0
            return found
        return found + self._bury(hand)

    def _bury(self, hand: _Hand) -> list[Outcome]:
        self._hands.remove(hand)
        hand.pipe.close()
        hand.process.join()
        how = _ended(hand.process.exitcode or 0)
        hand.process.close()
        if not hand.is_ready:
            self._stillborn += 1
        if self._stillborn >= MOST_STILLBORN:
            raise EngineError(f"worker processes end before they begin to count: {how}; is there enough memory?")
        return [] if hand.job is None else [Outcome(hand.job, problem=f"the process that counted it {how}")]

    def _staff(self) -> None:
        while len(self._hands) < self.size:
            ours, theirs = _SPAWN.Pipe()
            process = _SPAWN.Process(target=_work, args=(theirs, self._outfit), name="deepcount worker", daemon=True)
            process.start()
            theirs.close()
            self._hands.append(_Hand(process, ours))

    def _hand_out(self) -> None:
        for hand in self._hands:
            if hand.is_ready and hand.job is None and self._waiting:
                hand.job = self._waiting.popleft()
                with suppress(OSError):  # it is dead, which is told soon
                    hand.pipe.send(hand.job)


def _ended(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"


def _work(pipe: Connection, outfit: Outfit) -> None:
    """Is a worker process, until nobody wants it any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started it, who ends it
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    logging.basicConfig(level=logging.CRITICAL, format=FORMAT, handlers=[RedactedHandler()])
    with suppress(EOFError, OSError):
        try:
            worker = Worker(outfit)
        except EngineError as error:
            pipe.send(error)
            return
        pipe.send(None)
        while True:
            pipe.send(worker.attempt(pipe.recv()))


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
