"""What spot checks propose: a correction of their camera's counts, for the model that counted last there; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.checks.spot_check import SpotCheck
from engine.counting.correction import Checked, Proposal, proposed
from engine.settings.correction import CorrectionSettings


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal, and the model whose counts it puts right."""

    proposal: Proposal
    model_sha256: str

    @property
    def settings(self) -> CorrectionSettings:
        """As it is configured."""
        correction, proposal = self.proposal.correction, self.proposal
        return CorrectionSettings(
            gain=correction.gain,
            offset=correction.offset,
            checks=proposal.checks,
            before=round(proposal.before, 2),
            after=round(proposal.after, 2),
            model=self.model_sha256,
        )


def checked_by(checks: Sequence[SpotCheck], model_sha256: str) -> tuple[Checked, ...]:
    """Returns the frames on which one model counted what somebody checked."""
    return tuple(
        Checked(check.counted, float(check.people))
        for check in checks
        if check.counted is not None and check.model_sha256 == model_sha256
    )


def proposal_of(checks: Sequence[SpotCheck], model_sha256: str | None = None) -> Proposed | None:
    """Returns what helps a camera whose frames these are; None where they are too few, or nothing helps.

    Args:
        checks: of one camera.
        model_sha256: of the model that counts; None takes that of the check which was noted last.
    """
    if model_sha256 is None:
        counted = [check for check in checks if check.counted is not None and check.noted_at is not None]
        if not counted:
            return None
        model_sha256 = max(counted, key=lambda check: str(check.noted_at)).model_sha256
    found = proposed(checked_by(checks, model_sha256))
    return None if found is None else Proposed(found, model_sha256)
