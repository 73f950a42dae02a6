"""Whether the counts of a recording are being written to the log, and what is said of that."""

from PyQt6.QtCore import QCoreApplication

from app.notices import Level, Notices
from app.panels.sample_log import SampleLog
from app.panels.status_line import StatusLine, place_text
from app.running.bridge import Bridge

SOURCE = "recording"
"""Of the notices of recordings."""


class LogState:
    """Tells of the log at three places: above its samples, in the line at the foot, and as a notice."""

    def __init__(
        self, log: SampleLog, status: StatusLine, bridge: Bridge, notices: Notices, counts_of: str = ""
    ) -> None:
        """`counts_of` says whose counts are shown, where none are written here."""
        self._log, self._status, self._bridge, self._notices = log, status, bridge, notices
        self._counts_of = counts_of
        bridge.log_failed.connect(self._miss)
        bridge.log_resumed.connect(self._resume)

    def show(self, *, logged: bool) -> None:
        """Says at the foot where the log is."""
        database = self._bridge.setup.database
        if self._counts_of:
            self._status.show_log(_said("counts of {0}").format(self._counts_of))
        elif database is None:
            self._status.show_log(_said("no log is kept"))
        else:
            self._status.show_log(f"log: {place_text(database) if logged else 'not being written'}")

    def _miss(self, problem: str) -> None:
        self._notices.post(Level.PROBLEM, SOURCE, problem)
        self._show_all(logged=False)

    def _resume(self, loss: str) -> None:
        words = _said("the log is being written again") + (f"; {loss}" if loss else "")
        self._notices.post(Level.NEWS, SOURCE, words)
        self._show_all(logged=True)

    def _show_all(self, *, logged: bool) -> None:
        self._log.set_logged(logged)
        self.show(logged=logged)


def _said(words: str) -> str:
    return QCoreApplication.translate("recording", words)
