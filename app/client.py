"""The window as a client: the same panels, of a service that counts elsewhere; nothing is counted or set up here."""

from pathlib import Path

from PyQt6 import sip
from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QApplication

from app import theme
from app.alarm import Alarm
from app.footages import Footages
from app.keeping import PREFERENCES, left, restore
from app.notices import Level, Notices
from app.pages.alerts import AlertCallbacks, AlertsPage
from app.pages.outside import Known, Outside
from app.pages.recording import RecordingPage
from app.pages.wall import WallCallbacks, WallPage
from app.panels.alert_words import seconds_of
from app.preferences import load_preferences, preferences_path, save_preferences
from app.recent_menu import RecentMenu
from app.running.bridge import Bridge
from app.running.distant import DistantAlerts, DistantCameras, DistantLog
from app.running.player import Setup
from app.window import Window
from engine.client.door import Service
from engine.client.grant import NEEDED, Grant
from engine.client.remote import Remote
from engine.errors import EngineError
from engine.recording.footage import Footage
from engine.redacted_log import KeptLog

SERVICE = "service"
"""Source of notices."""
HIDDEN = ("open", "demo", "tray")
"""What the window can be told elsewhere, and not here."""
SET_UP = ("lock", "heads", "edit_zones", "calibrate", "trust", "set_up", "rules")
"""The same of the wall."""


class Client(QObject):
    """Everything of a window that shows a service."""

    def __init__(self, service: Service, kept: Path) -> None:
        """Connects to nothing yet.

        Args:
            service: what is shown.
            kept: beside this file is kept how the window is left.

        Raises:
            ConfigError: the certificate of the service's authority cannot be read.
        """
        super().__init__()
        self.notices, self.log, self.remote = Notices(), KeptLog(), Remote(service)
        self.cameras, self.alerts = DistantCameras(self.remote), DistantAlerts(self.remote)
        self._kept = preferences_path(kept)
        self.preferences, problem = load_preferences(self._kept)
        self.alerts.who = self.preferences.operator or self.alerts.who
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        theme.apply(application, self.preferences.look)
        if problem:
            self.notices.post(Level.WARNING, PREFERENCES, problem)
        nothing = dict.fromkeys(HIDDEN, lambda: None)
        recent = RecentMenu(self.tr("Open recent"), lambda text: None)
        self.bridge = Bridge(Setup(None, None))
        self.footage = Footages(self.cameras, lambda config: self.remote.recordings, self.notices, self._open_footage)
        leads = {**nothing, "mute": self._switch_sound, "footage": self.footage.choose, "quit": self.quit}
        self.window = Window(self.notices, leads, recent)
        self._make_pages()
        recent.menuAction().setVisible(False)  # type: ignore[union-attr]
        for name in HIDDEN:
            self.window.commands[name].setVisible(False)
            self.window.commands[name].setEnabled(False)
        self.alarm = Alarm(self.window, self.alerts, self.alerts_page)
        self.alarm.set_muted(self.preferences.muted)
        self._connect()
        self._allow(Grant())
        restore(self.window, self.preferences, self.notices)
        self._lock()

    def start(self) -> None:
        """Connects; the window is shown by whoever has it."""
        self.remote.start()
        self.cameras.start()
        self.alerts.start()

    def come_forward(self, text: str) -> None:
        """Does what a second start asks for: the window comes to the front."""
        self.window.come_forward()

    def quit(self) -> None:
        """Ends the program."""
        self.window.close()

    def let_end(self) -> None:
        """Closing the window ends the program in any case."""

    def close(self) -> None:
        """Keeps how the window was left, then ends all that runs and waits for it; may be called twice."""
        self._save()
        for page in self.window.pages.values():
            page.finish()
        self.alarm.sound.stop()
        self.footage.close()
        self.bridge.close()
        self.cameras.close()
        self.alerts.close()
        self.remote.close()

    def dispose(self) -> None:
        """Takes the window apart while all that watches it is whole."""
        sip.delete(self.window)

    def _make_pages(self) -> None:
        def nothing(*_: object) -> None:
            """What is locked is asked for by nobody."""

        asked = WallCallbacks(*(nothing,) * 8, past=self.remote.series)
        self.wall = WallPage(self.cameras, self.cameras, asked)
        known = Known(lambda: self.cameras.config, lambda: DistantLog(self.remote))
        opening = self.window.commands["footage"]
        outside = Outside(opening, self.footage.choose, known, self.remote.name)
        self.recording = RecordingPage(self.bridge, self.notices, outside)
        asks = AlertCallbacks(
            nothing,
            nothing,
            nothing,
            lambda alert: self.footage.show(alert.owner, seconds_of(alert.raised_at)),
            lambda alert, then: self.footage.look_for(alert.owner, seconds_of(alert.raised_at), then),
        )
        self.alerts_page = AlertsPage(self.alerts, self.cameras, asks)
        self.window.add_pages([self.wall, self.recording, self.alerts_page], {})
        self.window.put_above(self.footage.strip)

    def _lock(self) -> None:
        """Leaves nothing to be set up, since that is done where the service is."""
        self.wall.restore(self.wall.state() | {"locked": True})
        for name in SET_UP:
            self.wall.doings[name].setVisible(False)
            self.wall.doings[name].setEnabled(False)
        for name in ("rules", "evidence"):
            self.alerts_page.doings[name].setVisible(False)
        for button in (self.alerts_page.details.export, self.alerts_page.invitation.button):
            button.hide()
        words = self.tr("What {service} recorded is shown here, with the counts that it has of it.")
        self.recording.lend(words.format(service=self.remote.name), self.tr("Choose footage…"))

    def _open_footage(self, footage: Footage, at_s: float | None) -> None:
        """Shows a moment of what was fetched, or its beginning; with the first one, what draws heat-maps is loaded."""
        self.bridge.start()
        self.window.show_page("recording")
        self.recording.open_footage(footage, footage.begin_s if at_s is None else at_s)

    def _connect(self) -> None:
        self.window.closing.connect(self.close)
        self.cameras.told.connect(self._tell)
        self.cameras.granted.connect(self._allow)

    def _switch_sound(self) -> None:
        self.alarm.switch_sound()

    def _tell(self, problem: str) -> None:
        self.notices.dismiss(SERVICE)
        if problem:
            self.notices.post(Level.PROBLEM, SERVICE, problem)

    def _allow(self, grant: Grant) -> None:
        self.alerts_page.set_denied({deed: grant.denied(deed) for deed in NEEDED})

    def _save(self) -> None:
        kept = left(self.window, self.preferences).model_copy(
            update={"operator": self.alerts.who, "muted": self.alarm.sound.is_muted}
        )
        try:
            save_preferences(kept, self._kept)
        except EngineError as error:
            self.notices.post(Level.WARNING, PREFERENCES, str(error))
