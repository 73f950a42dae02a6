"""What is configured of recordings: whether a live camera is recorded, for how long that is kept, and where."""

from typing import Literal

from engine.settings.fields import Days, FileAddress, setting
from engine.settings.table import Settings

MOST_BEFORE_S = 30.0
"""So long the last packets of a camera are kept in memory."""


class RecordingSettings(Settings):
    """How one camera is recorded."""

    keep: Literal["never", "always", "on alert"] = setting(
        "Record", "When what the camera sends is written to disk; 'on alert' while one of its alerts is open.", "never"
    )
    days: Days = setting("Delete after", "Older recordings are deleted; never keeps them for ever.", 7, unit="d", ge=1)
    gigabytes: float | None = setting(
        "Keep at most", "Of this camera; the oldest goes first. None is as much as the disk has.", None, unit="GB", gt=0
    )
    masked: Literal["encode", "none"] = setting(
        "With privacy masks",
        "'encode' records the masked picture, which costs encoding; 'none' records nothing. Never what is masked.",
        "encode",
    )
    before_s: float = setting(
        "Before an alert", "How much of what was before is recorded too.", 10.0, unit="s", ge=0, le=MOST_BEFORE_S
    )
    after_s: float = setting(
        "After an alert", "How long it goes on when the alert is over.", 30.0, unit="s", ge=0, le=3600
    )


class RecordingsSettings(Settings):
    """Where all recordings are."""

    folder: FileAddress | None = setting("Folder", "Of all recordings; none is one in the user's data folder.", None)
    free_gigabytes: float = setting(
        "Leave free",
        "So much of the disk is left free: the oldest recordings go first.",
        5.0,
        unit="GB",
        ge=0,
        le=100_000,
    )
