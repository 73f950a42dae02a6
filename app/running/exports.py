"""One bundle of evidence at a time, made in a thread; how far it is and what became of it are pulled."""

from dataclasses import dataclass
from time import monotonic

from app.running.errands import Errands
from engine.evidence.order import Made, Order, Step

EXPORT = "exporting evidence"
LEAST_S = 2.0
"""After which it is said how long a step will still take."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is."""

    step: Step
    left_s: float | None = None
    """Of this step; None where nobody can tell yet."""


class Exports:
    """Makes bundles; for the GUI thread."""

    def __init__(self) -> None:
        self._errands = Errands("evidence")
        self._is_wanted = True
        self._began: tuple[str, float, float] = ("", 0.0, 0.0)
        """A step's words, when it began, and how far it was then."""
        self._step: Step | None = None

    @property
    def is_busy(self) -> bool:
        """Whether one is being made."""
        return self._errands.is_busy(EXPORT)

    def start(self, order: Order) -> None:
        """Begins to make one."""
        self._is_wanted, self._step = True, None
        self._errands.ask(EXPORT, lambda: self._make(order))

    def cancel(self) -> None:
        """Gives up what is being made; nothing of it is left."""
        self._is_wanted = False

    def progress(self) -> Progress | None:
        """Returns how far it is; None where nothing is known yet."""
        step = self._step
        if step is None:
            return None
        words, began_s, from_done = self._began
        passed_s, done = monotonic() - began_s, step.done - from_done
        if step.words != words or not step.total or passed_s < LEAST_S or done <= 0:
            return Progress(step)
        return Progress(step, passed_s * (step.total - step.done) / done)

    def outcome(self) -> tuple[Made | None, str] | None:
        """Takes out what became of the last one: what was made, or why it was not ('' where it was given up)."""
        for outcome in self._errands.outcomes():
            if isinstance(outcome.result, Made):
                return outcome.result, ""
            return None, outcome.problem if self._is_wanted else ""
        return None

    def close(self) -> None:
        """Gives up what is being made, and waits for its end; may be called twice."""
        self.cancel()
        self._errands.close(EXPORT)

    def _make(self, order: Order) -> Made:
        from engine.evidence.bundle import make  # it loads what draws, which takes a second

        return make(order, self._take, lambda: self._is_wanted)

    def _take(self, step: Step) -> None:
        if step.words != self._began[0]:
            self._began = step.words, monotonic(), step.done
        self._step = step
