"""Writes into a configuration how a camera's counts are put right: the work of `deepcount-engine checks correct`."""

from pathlib import Path

from engine.checks.kept import checks_of
from engine.checks.proposing import Proposed, proposal_of
from engine.counting.correction import LEAST_CHECKS
from engine.errors import ConfigError, EngineError
from engine.log.database import open_as_reader
from engine.settings.config import CameraSettings
from engine.settings.config_file import load_config, save_config

REMEDY = "give --config FILE and --camera NAME"


def correct(path: Path | None, camera: str | None, place: str | None) -> int:
    """Takes over what the checks of a camera propose, or no correction any more; returns the exit status.

    Args:
        path: of the configuration, which is written.
        camera: its name.
        place: the log with the checks; None takes the correction out.

    Raises:
        EngineError: there is no such camera, its checks propose nothing, or a file cannot be read or written.
    """
    if path is None or camera is None:
        raise ConfigError(f"a correction is kept in a configuration, beside its camera; {REMEDY}")
    config = load_config(path)
    known = next((each for each in config.cameras if each.name == camera), None)
    if known is None:
        raise ConfigError(f"{path.name} has no camera '{camera}', expected one of those that it has; {REMEDY}")
    found = None if place is None else _proposal(place, known)
    settings = known.model_copy(update={"correction": found and found.settings})
    cameras = tuple(settings if each is known else each for each in config.cameras)
    save_config(config.model_copy(update={"cameras": cameras}), path)
    if found is None:
        print(f"{camera}: counts stay as the model says")
    else:
        print(f"{camera}: {found.proposal.sentence}; it is in {path.name} now, --off takes it out")
    return 0


def _proposal(place: str, camera: CameraSettings) -> Proposed:
    engine = open_as_reader(place)
    try:
        checks = [check for check in checks_of(engine, camera.name) if check.source_sha256 is None]
    finally:
        engine.dispose()
    found = proposal_of(checks)
    if found is None:
        raise EngineError(
            f"the {len(checks)} checked frames of '{camera.name}' propose no correction; expected at least "
            f"{LEAST_CHECKS}, and a lower error with one; check more frames (M in the window)"
        )
    return found
