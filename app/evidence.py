"""Bundles of evidence, asked for from anywhere in the window; where one lies is told as a notice."""

import math
from time import time

from PyQt6.QtCore import QCoreApplication
from PyQt6.QtWidgets import QWidget

from app.dialogs.evidence import EvidenceDialog, Subject
from app.notices import Level, Notices
from app.running.alerts import Alerts, Configured
from app.running.bridge import Bridge
from app.running.exports import Exports
from engine.alerts.listing import Alert
from engine.evidence.account import ended, utc
from engine.evidence.order import Made, RecordingSubject
from engine.evidence.watched import LONGEST_S, LogPlace
from engine.picture.view import View
from engine.recording.camera_footage import CameraFootage

EVIDENCE = "evidence"
"""Source of its notices."""
AROUND_S = 60.0
"""Before and after an alert that are offered."""


class Evidence:
    """Opens the dialog; there is one at a time."""

    def __init__(self, configured: Configured, alerts: Alerts, bridge: Bridge, notices: Notices) -> None:
        """`alerts` knows who works here."""
        self._configured, self._alerts, self._bridge, self._notices = configured, alerts, bridge, notices
        self.exports = Exports()
        self.dialog: EvidenceDialog | None = None
        """Open just now."""

    def of_alert(self, alert: Alert, window: QWidget) -> None:
        """Asks for a bundle of an alert, with a minute before and after it."""
        begin_s, end_s = utc(alert.began_at) - AROUND_S, ended(alert, time()) + AROUND_S
        self._open(Subject(alert.owner, begin_s, min(end_s, time()), self._place, self._alerts.who), window)

    def of_recording(self, span: tuple[float, float] | None, window: QWidget) -> None:
        """Asks for a bundle of a part of the recording that is shown, or of all."""
        recording, setup = self._bridge.recording, self._bridge.setup
        if recording is None:
            return
        begin_s, end_s = span or (0.0, math.ceil(recording.duration_s or LONGEST_S))
        footage: object = recording.footage
        if isinstance(footage, CameraFootage):
            first_s = footage.begin_s
            subject = Subject(footage.camera, first_s + begin_s, first_s + end_s, self._place, self._alerts.who)
        elif recording.path is not None:
            source = RecordingSubject(recording.path, setup.model, setup.provider, View(aspect=setup.aspect))
            subject = Subject(recording.name, begin_s, end_s, self._place, self._alerts.who, source)
        else:
            return
        self._open(subject, window)

    def close(self) -> None:
        """Gives up what is being made, and waits for its end; may be called twice."""
        self.exports.close()

    @property
    def _place(self) -> LogPlace | None:
        config = self._configured.config
        database = config.database
        is_there = database is not None and (database.kind != "path" or database.path.exists())
        return LogPlace(database.full, config) if database is not None and is_there else None

    def _open(self, subject: Subject, window: QWidget) -> None:
        if self.dialog is not None:
            self.dialog.raise_()
            self.dialog.activateWindow()
            return
        self.dialog = dialog = EvidenceDialog(subject, self.exports, self._tell, window)
        dialog.finished.connect(self._forget)
        dialog.show()

    def _forget(self) -> None:
        self.dialog = None

    def _tell(self, made: Made) -> None:
        words = QCoreApplication.translate("Evidence", "the evidence lies in {file}; SHA-256 of its manifest: {sha256}")
        told = words.format(file=made.path, sha256=made.sha256)
        self._notices.post(Level.NEWS, EVIDENCE, "; ".join([told, *made.remarks]), place=made.path)
