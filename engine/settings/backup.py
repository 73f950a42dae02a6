"""What is configured of back-ups: whether the log is copied by itself, when, where, and how many copies are kept."""

from typing import Literal

from engine.settings.fields import FileAddress, setting
from engine.settings.table import Settings


class BackupSettings(Settings):
    """When the log is copied."""

    folder: FileAddress | None = setting("Folder", "Where copies of the log lie; none makes no back-ups.", None)
    every: Literal["daily", "weekly"] = setting("Every", "How often the log is copied; weekly is on Sundays.", "daily")
    at: str = setting(
        "At", "When, by this computer's clock, such as 03:00.", "03:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$"
    )
    keep: int = setting("Keep", "So many copies are kept; the oldest goes first.", 7, ge=1, le=1000)

    @property
    def hour_minute(self) -> tuple[int, int]:
        """The time of the day."""
        hour, minute = self.at.split(":")
        return int(hour), int(minute)
