"""Looks at this machine and writes reports, in threads of their own; the window hears of it by signals."""

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from engine.commands.doctor import Finding, examine
from engine.diagnosis import Diagnosis, write_report
from engine.errors import OutputError
from engine.settings.config import Config
from engine.worker import Worker

CLOSE_S = 2.0  # a model may be being loaded, and the window closes within seconds


class Examination(QObject):
    """What was found of this machine; all methods belong to the GUI thread."""

    changed = pyqtSignal()
    """Something was found, or a look has begun or ended."""
    saved = pyqtSignal(str)
    """A report was written, to this file."""
    failed = pyqtSignal(str)
    """A report could not be written, and why."""
    _found = pyqtSignal(object)
    _done = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.findings: tuple[Finding, ...] = ()
        self._worker: Worker | None = None
        self._closed = False
        self._found.connect(self._take)
        self._done.connect(self._end)

    @property
    def busy(self) -> bool:
        """Whether it looks or writes just now; it does one at a time."""
        return self._worker is not None

    def look(self, config: Config) -> None:
        """Looks at the machine, the model and the log that are configured."""
        self._start(lambda: self._examine(config))

    def save(self, path: Path, diagnosis: Callable[[tuple[Finding, ...]], Diagnosis], config: Config) -> None:
        """Writes a report, after a look where there was none.

        Args:
            path: of the file.
            diagnosis: makes all that the report tells of what was found; called in another thread.
            config: what is looked at.
        """
        found = self.findings
        self._start(lambda: self._write(path, diagnosis, config, found))

    def close(self) -> None:
        """Ends what it does, and waits a moment for it."""
        self._closed = True
        if self._worker is not None:
            self._worker.finish(CLOSE_S)

    def _start(self, work: Callable[[], object]) -> None:
        if self._worker is not None:
            return

        def attempt() -> None:
            try:
                work()
            finally:
                self._done.emit()

        self._worker = Worker("diagnosis", attempt)
        self._worker.start()
        self.changed.emit()

    def _examine(self, config: Config) -> tuple[Finding, ...]:
        model = config.model.path if config.model else None
        database = config.database
        place = None if database is None else database.path if database.kind == "path" else database.full
        found: tuple[Finding, ...] = ()
        for finding in examine(model, place):
            found = (*found, finding)
            self._found.emit(found)
            if self._closed:
                break
        return found

    def _write(
        self,
        path: Path,
        diagnosis: Callable[[tuple[Finding, ...]], Diagnosis],
        config: Config,
        found: tuple[Finding, ...],
    ) -> None:
        try:
            write_report(diagnosis(found or self._examine(config)), path)
        except OutputError as error:
            self.failed.emit(str(error))
        except Exception as error:
            self.failed.emit(f"the report could not be written ({type(error).__name__})")
            raise
        else:
            self.saved.emit(str(path))

    def _take(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        self.changed.emit()

    def _end(self) -> None:
        if self._worker is not None:
            self._worker.finish()
        self._worker = None
        self.changed.emit()
