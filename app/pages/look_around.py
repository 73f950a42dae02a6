"""Looking at any time of the recording that is shown, while the rest of it is counted at full speed."""

from collections.abc import Callable

from app.notices import Level, Notices
from app.panels.readout import Readout
from app.running.bridge import Bridge
from engine.monitor.looking import Looked

SECOND_S, MINUTE_S = 1.0, 60.0


class LookAround:
    """What of the page of recordings goes to a time; it is off until somebody does."""

    def __init__(self, bridge: Bridge, readout: Readout, notices: Notices, source: str) -> None:
        """`source` is that of its notices."""
        self.is_on = False
        """Whether what is shown is not what is counted."""
        self._bridge, self._readout, self._notices, self._source = bridge, readout, notices, source
        self._problem = ""
        self.speed = 1.0
        """At which it runs, over the recording's own."""

    @property
    def looked(self) -> Looked | None:
        """What is looked at; None while it is off."""
        return self._bridge.looked if self.is_on else None

    def begin(self) -> None:
        """Another recording is shown; one of which something is known already is looked at from its beginning."""
        self.is_on, self._problem = self._bridge.looked is not None, ""

    def seek(self, time_s: float, *, runs: bool = False) -> None:
        """Shows the frame of a time, and those after it if it `runs`."""
        self._bridge.look(time_s, runs=runs, speed=self.speed)
        self._turn()

    def step(self, frames: int) -> None:
        """Shows the frame so many behind the one that is shown, or before it."""
        self._bridge.step(frames, self._readout.time_s)
        self._turn()

    def run(self, *, runs: bool) -> None:
        """Goes on from the frame that is shown, or stays there."""
        self.seek(self._readout.time_s, runs=runs)

    def commands(self, only_if: Callable[[Callable[[], None]], None]) -> dict[str, Callable[[], object]]:
        """Returns what the keys do; `only_if` does it where there is something to look at."""
        seconds = {"second_back": -SECOND_S, "second_on": SECOND_S, "minute_back": -MINUTE_S, "minute_on": MINUTE_S}
        frames = {"frame_back": -1, "frame_on": 1}
        return {
            **{name: lambda by=by: only_if(lambda: self.step(by)) for name, by in frames.items()},  # type: ignore[misc]
            **{
                name: lambda by=by: only_if(lambda: self.seek(self._readout.time_s + by))  # type: ignore[misc]
                for name, by in seconds.items()
            },
        }

    def follow(self) -> None:
        """Shows what is known of the frame that is looked at, and says once why there is none."""
        looked = self.looked
        if looked is None:
            return
        self._readout.show_looked(looked)
        problem, before = self._bridge.look_problem, self._problem
        self._problem = problem
        if problem and problem != before:
            self._notices.post(Level.WARNING, self._source, problem)

    def _turn(self) -> None:
        self.is_on = True
        self._readout.hold()
        self.follow()
