"""A crew of tasks on a Ray cluster, whose machines may come and go while it works.

How often a piece failed is counted by the foreman, as with processes, so that Ray tries nothing again by itself.
"""

from collections.abc import Sequence
from typing import Any

from engine.archive.crew import Outcome, Outfit, Worker
from engine.archive.pieces import Job
from engine.cluster import joined
from engine.errors import EngineError

_workers: dict[tuple[str, str, int], Worker] = {}
"""Of this process, which does one task after the other."""


class RayCrew:
    """Tasks of one thread each, as many at a time as the cluster has processors."""

    def __init__(self, address: str, outfit: Outfit) -> None:
        """Joins the cluster of an address; raises EngineError where that cannot be done."""
        self._ray = joined(address)
        self._outfit = self._ray.put(outfit)
        self._task = self._ray.remote(num_cpus=outfit.threads, max_retries=0)(_attempt)
        self._threads = outfit.threads
        self._jobs: dict[Any, Job] = {}

    @property
    def size(self) -> int:
        """How many tasks are done at a time by the machines that there are now."""
        return max(1, int(self._ray.cluster_resources().get("CPU", 0)) // self._threads)

    def submit(self, job: Job) -> None:
        """Takes a job."""
        self._jobs[self._task.remote(self._outfit, job)] = job

    def outcomes(self, timeout_s: float) -> Sequence[Outcome]:
        """Returns how tasks ended; raises EngineError where no machine can do any."""
        if not self._jobs:
            return []
        ready, _ = self._ray.wait(list(self._jobs), num_returns=1, timeout=timeout_s)
        more, _ = self._ray.wait(list(self._jobs), num_returns=len(self._jobs), timeout=0)
        return [self._outcome(task) for task in dict.fromkeys([*ready, *more])]

    def close(self) -> None:
        """Leaves the cluster, which forgets the tasks."""
        self._jobs.clear()
        self._ray.shutdown()

    def _outcome(self, task: Any) -> Outcome:
        job = self._jobs.pop(task)
        try:
            said: Outcome | EngineError = self._ray.get(task)
        except self._ray.exceptions.RayError as error:  # its process or its machine died
            first = str(error).strip().partition("\n")[0]
            return Outcome(job, problem=f"the task that counted it was lost ({type(error).__name__}: {first})")
        if isinstance(said, EngineError):
            raise said
        return Outcome(job, said.result, said.problem)


def _attempt(outfit: Outfit, job: Job) -> Outcome | EngineError:
    """Is a task; its process keeps the model for the next."""
    key = outfit.file.sha256, outfit.provider, outfit.threads
    try:
        if key not in _workers:
            _workers.clear()
            _workers[key] = Worker(outfit)
    except EngineError as error:
        return error
    return _workers[key].attempt(job)
