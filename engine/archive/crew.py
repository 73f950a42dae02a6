"""Who does the jobs: processes of this machine, or of several."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

import cv2

from engine import __version__
from engine.archive.counting import Result, do
from engine.archive.fetching import at_hand
from engine.archive.pieces import Job, Manner
from engine.errors import EngineError, ModelError
from engine.inference.contract import ModelFile
from engine.inference.model import Model
from engine.inference.session import RunOptions


@dataclass(frozen=True, slots=True)
class Outfit:
    """What a worker needs for any job."""

    manner: Manner
    file: ModelFile = field(repr=False)
    """The model, with all that its file holds, so that it need not lie where the worker is."""
    provider: str
    threads: int
    """On the processor, of each worker."""
    version: str = __version__


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended."""

    job: Job
    result: Result | None = None
    problem: str = ""
    """Why there is no result, in a sentence."""


class Crew(Protocol):
    """Does any number of jobs, some at a time; of one thread."""

    @property
    def size(self) -> int:
        """How many jobs can be done at a time now."""
        ...

    def submit(self, job: Job) -> None:
        """Takes a job."""
        ...

    def outcomes(self, timeout_s: float) -> Sequence[Outcome]:
        """Returns how jobs ended since the last call; waits for the first, but not longer.

        Raises:
            EngineError: nobody can do any job.
        """
        ...

    def close(self) -> None:
        """Ends at once, whatever is being done; may be called twice."""
        ...


class Worker:
    """Does one job after the other; of one thread."""

    def __init__(self, outfit: Outfit) -> None:
        """Starts the model; raises EngineError where it is another than was sent, or cannot be run here."""
        if outfit.version != __version__:
            raise EngineError(
                f"a node runs DeepCount {__version__}, expected {outfit.version} as where the command was given; "
                "install the same on all nodes"
            )
        if sha256(outfit.file.content).hexdigest() != outfit.file.sha256:
            raise ModelError(f"model {outfit.file.name} came damaged to a worker, which its hash tells; try again")
        cv2.setNumThreads(outfit.threads)
        self._manner = outfit.manner
        self._model = Model(outfit.file, RunOptions(outfit.provider, outfit.threads))

    def attempt(self, job: Job) -> Outcome:
        """Does a job, and returns how it ended, whatever went wrong."""
        try:
            with at_hand(job.place) as path:
                return Outcome(job, do(job, path, self._manner, self._model))
        except EngineError as error:
            return Outcome(job, problem=str(error))
        except Exception as error:  # whatever a recording does to a library: the next one may be sound
            return Outcome(job, problem=str(EngineError(f"it cannot be counted ({type(error).__name__}: {error})")))
