"""What is known of the errors of what is watched: what people counted there, as the log has it, and corrections."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Engine

from engine.checks.kept import checks_of
from engine.checks.proposing import checked_by
from engine.checks.spot_check import SpotCheck
from engine.counting.correction import AS_IT_IS, Correction
from engine.counting.trust import Trust
from engine.errors import DatabaseError
from engine.inference.contract import ModelFile
from engine.monitor.playing import Playing
from engine.monitor.session import Session
from engine.settings.config import CameraSettings

logger = logging.getLogger(__name__)


def correction_of(settings: CameraSettings, model_sha256: str) -> Correction:
    """Returns the correction of a camera, none where it was found for another model."""
    configured = settings.correction
    if configured is None or configured.model not in (None, model_sha256):
        return AS_IT_IS
    return Correction(configured.gain, configured.offset)


def look_at_checks(
    sessions: Sequence[Session], model: ModelFile, engine: Engine | None, playing: Playing | None = None
) -> None:
    """Tells cameras, and a recording, how far off their counts are known to be; takes time.

    Where the log cannot be read, no checks are known.
    """
    for session in sessions:
        sha256 = session.model.file.sha256 if session.model else model.sha256
        trust = Trust(correction=correction_of(session.settings, sha256))
        checks = [check for check in _checks(engine, camera=session.name) if check.source_sha256 is None]
        session.counter.trust = replace(trust, checks=checked_by(checks, sha256))
    identity = playing.identity if playing is not None else None
    if playing is not None and identity is not None:
        checks = _checks(engine, source_sha256=identity.sha256)
        playing.counter.trust = Trust(checked_by(checks, model.sha256))


def _checks(engine: Engine | None, *, camera: str | None = None, source_sha256: str | None = None) -> list[SpotCheck]:
    if engine is None:
        return []
    try:
        return checks_of(engine, camera, source_sha256)
    except DatabaseError as error:
        logger.warning("spot checks cannot be read: %s", error)
        return []
