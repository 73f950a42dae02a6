"""Finds the ground by marks in a thread, since it takes a moment; of marks that follow each other the newest count."""

from dataclasses import dataclass

from app.dialogs.ground.marks import Mark, Marks
from app.running.errands import Errands
from engine.calibration.fitting import CalibrationError, Fit, fitted

KIND = "calibration"


@dataclass(frozen=True, slots=True)
class Solved:
    """What came of marks."""

    marks: tuple[Mark, ...]
    aspect: float
    """Of the picture, width over height."""
    fit: Fit | None = None
    refusal: str = ""
    """Why there is none, in a sentence."""


class Solver:
    """Is asked, and pulled; for the GUI thread."""

    def __init__(self) -> None:
        self._errands = Errands(KIND)

    def ask(self, marks: Marks, aspect: float) -> None:
        """Has the ground found."""
        self._errands.ask(KIND, lambda: _solved(marks, aspect))

    def pull(self) -> Solved | None:
        """Takes out the newest that was found since the last call."""
        found = [each.result for each in self._errands.outcomes() if isinstance(each.result, Solved)]
        return found[-1] if found else None

    def close(self) -> None:
        """Ends, after what is being done."""
        self._errands.close(KIND)


def _solved(marks: Marks, aspect: float) -> Solved:
    try:
        return Solved(marks.all, aspect, fitted(marks.people, marks.distances, aspect))
    except CalibrationError as error:
        return Solved(marks.all, aspect, refusal=str(error))
