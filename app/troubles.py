"""Has a notice of what is wrong with the configuration, the cameras and the log, and takes it back when it is well."""

from PyQt6.QtCore import QObject

from app.notices import Level, Notices
from app.running.document import Document, Problems
from app.running.live import Live
from engine.settings.config import Config

CONFIGURATION, CAMERAS, LOG, BACKUP = "configuration", "cameras", "log", "back-up"
"""Sources of notices."""


class Troubles(QObject):
    """Follows a document and what runs of it."""

    def __init__(self, notices: Notices, document: Document, live: Live) -> None:
        super().__init__()
        self._notices, self._document = notices, document
        live.applied.connect(lambda _: notices.dismiss(CAMERAS))
        for problem in (live.refused, live.failed):
            problem.connect(lambda why: notices.post(Level.PROBLEM, CAMERAS, why))
        live.lacking.connect(self._tell_lack)
        live.unsaved.connect(self._tell_unsaved)
        document.changed.connect(lambda _: notices.dismiss(CONFIGURATION))
        document.mended.connect(lambda: notices.dismiss(CONFIGURATION))
        document.refused.connect(self._tell_problems)

    def begin(self, config: Config) -> None:
        """Says what is wrong at the start; `config` is what is to run."""
        self._tell_problems(self._document.problems)
        if not self._document.problems and config.database is None:
            words = self.tr("no log is kept, since {file} names no database").format(file=self._document.path.name)
            self._notices.post(Level.NEWS, CONFIGURATION, words, remedy=self.tr("name one under Set-up"))

    def _tell_problems(self, problems: Problems) -> None:
        remedy = self.tr("what was in force before stays in force")
        for problem in problems:
            self._notices.post(Level.PROBLEM, CONFIGURATION, problem.sentence, remedy=remedy)

    def _tell_lack(self, why: str) -> None:
        self._notices.dismiss(LOG)
        if why:
            words = self.tr("nothing is kept of what is counted: {why}").format(why=why)
            self._notices.post(Level.PROBLEM, LOG, words)

    def _tell_unsaved(self, why: str) -> None:
        self._notices.dismiss(BACKUP)
        if why:
            self._notices.post(Level.PROBLEM, BACKUP, self.tr("the log is not backed up: {why}").format(why=why))
