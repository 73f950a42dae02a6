"""What is known of the errors of watched cameras: what people counted there, as the log has it, and corrections."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Engine

from engine.checks.kept import checks_of
from engine.checks.proposing import checked_by
from engine.counting.correction import AS_IT_IS, Correction
from engine.counting.trust import Trust
from engine.errors import DatabaseError
from engine.inference.contract import ModelFile
from engine.monitor.session import Session
from engine.settings.config import CameraSettings

logger = logging.getLogger(__name__)


def correction_of(settings: CameraSettings, model_sha256: str) -> Correction:
    """Returns the correction of a camera, none where it was found for another model."""
    configured = settings.correction
    if configured is None or configured.model not in (None, model_sha256):
        return AS_IT_IS
    return Correction(configured.gain, configured.offset)


def look_at_checks(sessions: Sequence[Session], model: ModelFile, engine: Engine | None) -> None:
    """Tells cameras how far off their counts are known to be; where the log cannot be read, no checks are known."""
    for session in sessions:
        sha256 = session.model.file.sha256 if session.model else model.sha256
        trust = Trust(correction=correction_of(session.settings, sha256))
        if engine is not None:
            try:
                checks = [check for check in checks_of(engine, session.name) if check.source_sha256 is None]
                trust = replace(trust, checks=checked_by(checks, sha256))
            except DatabaseError as error:
                logger.warning("the spot checks of '%s' cannot be read: %s", session.name, error)
        session.counter.trust = trust
