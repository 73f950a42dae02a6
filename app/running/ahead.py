"""The text of a file taken apart before somebody wants to change it, in a thread, since that takes long."""

from pathlib import Path

from tomlkit import TOMLDocument

from engine.errors import ConfigError
from engine.settings.config_file import document_of
from engine.worker import Worker

SHORT = 4000  # characters, which are taken apart in some milliseconds when they are wanted


class ReadAhead:
    """Keeps what one text is made of; belongs to one thread."""

    def __init__(self, path: Path) -> None:
        """Takes the file of the texts."""
        self._path, self._text = path, ""
        self._found: TOMLDocument | None = None
        self._worker: Worker | None = None

    def begin(self, text: str) -> None:
        """Takes a text apart that may be changed soon; what is known of another is forgotten."""
        self.finish()
        self._text, self._found = text, None
        if len(text) > SHORT:
            self._worker = Worker("reading of the configuration", lambda: self._read(text))
            self._worker.start()

    def take(self, text: str) -> TOMLDocument | None:
        """Takes out what a text is made of, once; None where that is not known."""
        self.finish()
        found, self._found = self._found, None
        return found if text == self._text else None

    def finish(self) -> None:
        """Waits until nothing is being read."""
        if self._worker is not None:
            self._worker.finish()
            self._worker = None

    def _read(self, text: str) -> None:
        try:
            self._found = document_of(text, self._path)
        except ConfigError:
            self._found = None  # whoever wants to change it is told
