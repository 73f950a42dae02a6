"""Asking for a note on alerts before they are acknowledged or closed; one dialog at a time."""

from collections.abc import Callable, Mapping, Sequence

from PyQt6.QtCore import QCoreApplication
from PyQt6.QtWidgets import QWidget

from app.dialogs.acknowledge import AcknowledgeDialog, Deed
from app.panels.alert_words import heading
from app.running.looked import Alerted
from engine.alerts.listing import Alert, State


class Dealing:
    """What is done with alerts."""

    def __init__(self, alerts: Alerted, window: Callable[[], QWidget | None]) -> None:
        """`window` is that over which is asked."""
        self._alerts, self._window = alerts, window
        self.dialog: AcknowledgeDialog | None = None
        """Open just now."""

    def acknowledge(self, alerts: Mapping[str, str]) -> None:
        """Asks for a note on alerts, given by what they are called, and acknowledges them."""
        words = Deed(_said("Acknowledge"), _said("Note it in the log, for good (Ctrl+Enter)"))
        self._ask(alerts, words, self._alerts.acknowledge)

    def close(self, alerts: Sequence[Alert]) -> None:
        """Asks for a note on those that are not closed, and closes them; warns where one still stands."""
        wanted = [alert for alert in alerts if alert.state is not State.CLOSED]
        firing = {each.uid for each in self._alerts.firing}
        warning = ""
        if any(alert.uid in firing for alert in wanted):
            warning = _said("It still stands, and clears by itself; closed now, it is raised again if its rule holds.")
        words = Deed(_said("Close alert"), _said("Close it for good, whatever its rule says (Ctrl+Enter)"), warning)
        self._ask({alert.uid: heading(alert) for alert in wanted}, words, self._alerts.settle)

    def _ask(self, alerts: Mapping[str, str], words: Deed, then: Callable[..., None]) -> None:
        if self.dialog is not None or not alerts:
            return
        self.dialog = dialog = AcknowledgeDialog(list(alerts.values()), self._alerts.who, self._window(), words)
        dialog.accepted.connect(lambda: then(list(alerts), note=dialog.note, who=dialog.who))
        dialog.finished.connect(self._forget)
        dialog.open()

    def _forget(self) -> None:
        self.dialog = None


def _said(words: str) -> str:
    return QCoreApplication.translate("Alerts", words)
