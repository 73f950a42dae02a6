"""What is known of how far a camera's counts are off, read from the log in a thread."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.checks.kept import checks_of
from engine.checks.proposing import Proposed, checked_by, proposal_of
from engine.checks.spot_check import Errors, SpotCheck
from engine.counting.correction import Checked
from engine.errors import MissingLogError
from engine.log.database import open_as_reader


@dataclass(frozen=True, slots=True)
class Known:
    """What spot checks say of a camera."""

    checks: tuple[SpotCheck, ...] = ()
    """Of the live camera, by whatever model."""
    counted: tuple[Checked, ...] = ()
    """On which the model counted that counts now."""
    proposed: Proposed | None = None

    @property
    def errors(self) -> Errors | None:
        """How far off the model is, before any correction."""
        return Errors.of([each.counted - each.people for each in self.counted])

    @property
    def pictures(self) -> int:
        """Of how many checks the picture is kept."""
        return sum(check.picture is not None for check in self.checks)


def read_known(database: str | None, camera: str, model_sha256: str) -> Known:
    """Reads the log; takes time. Without one nothing is known.

    Raises:
        DatabaseError: it cannot be read.
    """
    if database is None:
        return Known()
    try:
        engine = open_as_reader(database)
    except MissingLogError:
        return Known()
    try:
        return known_of(checks_of(engine, camera), model_sha256)
    finally:
        engine.dispose()


def known_of(checks: Sequence[SpotCheck], model_sha256: str) -> Known:
    """Returns what the checks of a camera say, those of recordings of its name left out."""
    live = tuple(check for check in checks if check.source_sha256 is None)
    return Known(live, checked_by(live, model_sha256), proposal_of(live, model_sha256))
