"""What is configured of a camera's correction: how its counts are put right, and by what that was found."""

from engine.settings.fields import setting
from engine.settings.table import Settings


class CorrectionSettings(Settings):
    """How counts are put right; without the table they stay as the model says."""

    gain: float = setting("Gain", "What counts are multiplied by.", 1.0, ge=0.2, le=5)
    offset: float = setting("Offset", "What is then added.", 0.0, unit="people", ge=-1000, le=1000)
    checks: int | None = setting("Checks", "From how many checked frames it was found.", None, ge=0)
    before: float | None = setting("Error before", "On these frames, mean absolute.", None, unit="people", ge=0)
    after: float | None = setting(
        "Error after", "On these frames, each judged without itself.", None, unit="people", ge=0
    )
    model: str | None = setting(
        "Model", "SHA-256 of the model for which it was found; another is counted as it says.", None
    )
