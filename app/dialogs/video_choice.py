"""Asks for a video file, in the folder of the one before."""

from pathlib import Path

from PyQt6.QtCore import QCoreApplication
from PyQt6.QtWidgets import QFileDialog, QWidget

VIDEOS = "Videos (*.mp4 *.mkv *.mov *.avi *.webm *.m4v *.mpg *.mpeg *.ts *.mts *.wmv *.flv *.ogv);;All files (*)"


class VideoChoice:
    """Remembers where the last one was."""

    def __init__(self) -> None:
        self.folder = str(Path.home())
        """In which it is looked for first."""

    def ask(self, window: QWidget | None) -> Path | None:
        """Returns the file that was chosen; None where none was."""
        title = QCoreApplication.translate("recording", "Open a video")
        chosen, _ = QFileDialog.getOpenFileName(window, title, self.folder, VIDEOS)
        if not chosen:
            return None
        self.folder = str(Path(chosen).parent)
        return Path(chosen)

    def restore(self, folder: object) -> None:
        """Takes a folder that was kept; one that is not there any more is left out."""
        if isinstance(folder, str) and Path(folder).is_dir():
            self.folder = folder
