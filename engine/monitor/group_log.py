"""What groups of cameras come to: their last day in memory, and every second of them in the log."""

from collections.abc import Mapping, Sequence
from threading import Lock

from engine.alerts.counts import Group
from engine.counting.reading import Sample
from engine.inference.contract import ModelFile
from engine.log.run import SummedRun
from engine.log.store import Store
from engine.monitor.recent import RecentGroup


class GroupLog:
    """Keeps the sums of groups; they come from one thread and are asked for by any."""

    def __init__(self) -> None:
        self._store: Store | None = None
        self._model: ModelFile | None = None
        self._runs: dict[str, SummedRun] = {}
        self._days: dict[Group, RecentGroup] = {}
        self._lock = Lock()

    def recent(self, group: str) -> RecentGroup | None:
        """Returns the last day of a group; None where there is none of that name."""
        return next((day for each, day in self._days.items() if each.name == group), None)

    def keep_in(self, store: Store | None, model: ModelFile) -> None:
        """Writes to this log from now on what a model's counts come to; None keeps none."""
        with self._lock:
            if store is not self._store or model is not self._model:
                self._store, self._model, self._runs = store, model, {}

    def follow(self, groups: Sequence[Group], intervals: Mapping[str, float]) -> None:
        """Keeps the last day of each group, which goes on while it has the same members.

        Args:
            groups: all there are now.
            intervals: seconds between two counts of each camera, at most.
        """
        self._days = {group: self._days.get(group) or RecentGroup() for group in groups}
        for group, day in self._days.items():
            day.expect(max((intervals.get(member.owner, 0.0) for member in group.members), default=0.0))

    def put(self, group: str, second: int, sample: Sample) -> None:
        """Takes what a second of a group came to."""
        day = self.recent(group)
        if day is not None:
            day.put(second, sample)
        with self._lock:
            if self._store is None or self._model is None:
                return
            if group not in self._runs:
                self._runs[group] = self._store.group_run(group=group, model=self._model)
            run = self._runs[group]
        run.put(second, sample)
