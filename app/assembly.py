"""Puts together what runs, the pages and the window; the only place that knows them all."""

from PyQt6 import sip
from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QApplication

from app import theme
from app.alarm import Alarm
from app.backstage import Backstage
from app.dialogs.help import show_model_card
from app.dialogs.rules import RulesDialog
from app.evidence import Evidence
from app.footages import Footages
from app.head_counts import HeadCounts
from app.keeping import PREFERENCES, left, restore
from app.notices import Level, Notices
from app.on_picture import OnPicture
from app.order import Order, Source, counted_before, demonstration, source_of
from app.own_sinks import desktop, sound
from app.pages.alerts import AlertCallbacks, AlertsPage
from app.pages.diagnostics import DiagnosticsPage
from app.pages.history import HistoryCallbacks, HistoryPage
from app.pages.outside import Known, Outside
from app.pages.recording import RecordingPage
from app.pages.setup import SetupCallbacks, SetupPage
from app.pages.wall import WallCallbacks, WallPage
from app.panels.alert_marks import AlertMarks
from app.panels.alert_words import seconds_of
from app.panels.drop_target import DropTarget
from app.panels.tray import Tray
from app.panels.trial_bar import TrialBar
from app.panels.welcome import Welcome, first_cards
from app.preferences import load_preferences, preferences_path, remembered, save_preferences, with_recent
from app.recent_menu import RecentMenu
from app.running.alerts import Alerts
from app.running.bridge import Bridge
from app.running.footage_log import log_of
from app.running.live import Live
from app.running.recorded import OwnRecordings
from app.running.watched import Watched
from app.staying import Staying
from app.troubles import CAMERAS, Troubles
from app.window import Window
from engine.capture.health import State
from engine.errors import EngineError
from engine.inference.variants import main_file
from engine.paths import DEMO_CLIP
from engine.recording.footage import Footage
from engine.redacted_log import KeptLog
from engine.settings.config import CameraSettings


class Assembly(QObject):
    """Everything of one window."""

    def __init__(self, order: Order, backstage: Backstage | None = None) -> None:
        """Takes what runs behind the window, or has that of its own."""
        super().__init__()
        self.order, self.notices, self.log = order, Notices(), KeptLog()
        backstage = backstage or Backstage(order)
        self.document, self.engine = backstage.document, backstage.engine
        self.live, self.bridge = Live(self.engine), Bridge(backstage.setup, self.engine)
        self.watched = Watched(self.document, self.live, order.given)
        self.troubles = Troubles(self.notices, self.document, self.live)
        self.preferences, problem = load_preferences(preferences_path(order.config))
        self.alerts = Alerts(self.live, self.watched)
        self.alerts.who = self.preferences.operator or self.alerts.who
        self._dress()
        if problem:
            self.notices.post(Level.WARNING, PREFERENCES, problem)
        self.recent = RecentMenu(self.tr("Open recent"), self.open_text)
        self.footage = Footages(self.watched, OwnRecordings, self.notices, self._open_footage)
        leads = {
            "open": self.choose_file,
            "footage": self.footage.choose,
            "demo": self.open_demo,
            "mute": self._switch_sound,
            "tray": self._switch_tray,
            "quit": self.quit,
        }
        self.window = Window(self.notices, leads, self.recent)
        self.heads = HeadCounts(self.engine, self.watched, self.alerts, self.notices, self.window)
        self.on_picture = OnPicture(self.live, self.watched, self.window)
        self.evidence = Evidence(self.watched, self.alerts, self.bridge, self.notices)
        self._make_pages()
        self.tray = Tray(self.window, self.window.windowIcon(), states=self._states, on_quit=self.window.close)
        self.staying = Staying(self.window, self.tray)
        self.staying.keep(self.preferences.keeps_running)
        self.alarm = Alarm(self.window, self.alerts, self.alerts_page, self.tray)
        self.alarm.set_muted(self.preferences.muted)
        self.tray.tells = self.preferences.tells_desktop
        self.setup.sinks_tab.show_window([sound(self.alarm), desktop(self.tray)])
        AlertMarks(self.wall.curve, self.alerts, self.watched)
        DropTarget(self.window, on_drag=self.recording.panels.video.set_dragging, on_drop=self.open)
        self._connect()
        restore(self.window, self.preferences, self.notices)
        if order.is_first:
            self.window.show_page("live")
        self._show_recent()

    def start(self) -> None:
        """Starts what runs, and opens what was asked for; the window is shown by whoever has it."""
        self.bridge.start()
        self.live.start()
        self.alerts.start()
        self.watched.apply()
        self.troubles.begin(self.watched.config)
        if self.order.source is not None:
            self.open(self.order.source)
        elif self.order.is_first:
            self.watched.try_camera(demonstration())

    def open(self, source: Source) -> None:
        """Opens a recording on its page, or shows a camera for a try."""
        known = self.preferences
        if isinstance(source, CameraSettings):
            recent = {"recent_cameras": with_recent(known.recent_cameras, remembered(source.address))}
            self.window.show_page("live")
            self.watched.try_camera(source)
        else:
            path = str(source.parent.resolve() / source.name)
            recent = {"recent_files": with_recent(known.recent_files, path)}
            self.window.show_page("recording")
            self.recording.open(source)
        self.preferences = known.model_copy(update=recent)
        self._show_recent()

    def open_text(self, text: str) -> None:
        """Opens what a text names, a path or an address; what is none is told."""
        try:
            self.open(source_of(text))
        except EngineError as error:
            self.notices.post(Level.PROBLEM, "window", str(error))

    def open_counted(self, name: str) -> None:
        """Opens a recording that was counted before, by the name of its file; one that is not found is told."""
        try:
            self.open(counted_before(name, self.preferences.recent_files))
        except EngineError as error:
            self.notices.post(Level.NEWS, "window", str(error))

    def open_demo(self) -> None:
        """Opens the demonstration clip as a recording."""
        self.window.show_page("recording")
        self.recording.open(DEMO_CLIP)

    def _open_footage(self, footage: Footage, at_s: float | None) -> None:
        self.window.show_page("recording")
        self.recording.open_footage(footage, at_s)

    def choose_file(self) -> None:
        """Asks for a recording and opens it."""
        if path := self.recording.chosen_file():
            self.open(path)

    def edit_rules(self, owner: str) -> None:
        """Opens the rules of a camera or group, of the first one for ''."""
        (rules := RulesDialog(self.watched, self.alerts, owner, self.window)).open()
        rules.finished.connect(rules.deleteLater)

    def add_camera(self) -> None:
        """Asks for a camera over the set-up, and comes back with it."""
        before = self.window.page.name
        self.window.show_page("setup")
        self.setup.add().accepted.connect(lambda: self.window.show_page(before))

    def set_up(self, name: str) -> None:
        """Goes to the set-up and asks for changes of a camera; one that is tried has to be kept first."""
        if self.document.camera(name) is None:
            words = self.tr("“{camera}” is shown for a try and has no settings").format(camera=name)
            self.notices.post(Level.NEWS, CAMERAS, words, remedy=self.tr("keep it first"))
            return
        self.window.show_page("setup")
        self.setup.edit(name)

    def choose_look(self, choice: theme.Choice) -> None:
        """Makes a look that of the window, now and at later starts."""
        self.preferences = self.preferences.model_copy(update={"look": choice})
        self._dress()

    def come_forward(self, text: str) -> None:
        """Does what a second start asks for: the window comes to the front, and opens what was given then."""
        self.window.come_forward()
        if text:
            self.open_text(text)

    def quit(self) -> None:
        """Ends the program, whatever closing the window does."""
        self.tray.quit()

    def let_end(self) -> None:
        """Has closing the window end the program from now on."""
        self.tray.is_ending = True

    def close(self) -> None:
        """Keeps how the window was left, then ends all that runs and waits for it; may be called twice."""
        self._save()
        for page in self.window.pages.values():
            page.finish()
        self.alarm.sound.stop()
        for each in (self.evidence, self.alerts, self.footage, self.on_picture):
            each.close()
        self.bridge.close()
        self.live.close()
        self.document.close()

    def dispose(self) -> None:
        """Takes the window apart while all that watches it is whole; Python has no order for that."""
        sip.delete(self.window)

    def _make_pages(self) -> None:
        window, watched = self.window, self.watched
        asked = WallCallbacks(
            add_camera=self.add_camera,
            count_heads=self.heads.count,
            edit_zones=self.on_picture.edit_zones,
            calibrate=self.on_picture.calibrate,
            trust=self.on_picture.trust,
            set_up=self.set_up,
            edit_rules=self.edit_rules,
            lock=self._lock,
        )
        self.wall = WallPage(self.live, watched, asked)
        known = Known(lambda: watched.config, lambda: log_of(watched.config))
        outside = Outside(window.commands["open"], self.open_demo, known)
        self.recording = RecordingPage(self.bridge, self.notices, outside)
        asks_of_alerts = AlertCallbacks(
            self.edit_rules,
            self.add_camera,
            lambda alert: self.evidence.of_alert(alert, window),
            lambda alert: self.footage.show(alert.owner, seconds_of(alert.raised_at)),
            lambda alert, then: self.footage.look_for(alert.owner, seconds_of(alert.raised_at), then),
        )
        self.alerts_page = AlertsPage(self.alerts, watched, asks_of_alerts)
        asks_of_history = HistoryCallbacks(self.open_counted, self.footage.show, lambda: window.show_page("setup"))
        self.history = HistoryPage(watched, asks_of_history)
        self.diagnostics = DiagnosticsPage(self.live, self.notices, self.log, config=lambda: watched.config)
        self.trial = TrialBar(on_keep=watched.keep, on_drop=watched.drop)
        self.welcome = Welcome(first_cards(self.add_camera, self.choose_file, self._show_model_card))
        self.welcome.setVisible(self.order.is_first and self.order.source is None)
        asks = SetupCallbacks(
            self.on_picture.edit_zones,
            self.edit_rules,
            self.choose_look,
            lambda: self.preferences.look,
            self.on_picture.calibrate,
            self.on_picture.trust,
            config=lambda: watched.config,
        )
        self.setup = SetupPage(self.document, self.live, asks)
        pages = [self.wall, self.recording, self.history, self.alerts_page, self.setup, self.diagnostics]
        window.add_pages(pages, {"live": [self.welcome, self.trial]})

    def _lock(self, locked: bool) -> None:
        self.window.hide_pages({"setup"} if locked else set())
        self.alerts_page.set_locked(locked)
        self.history.set_locked(locked)

    def _switch_sound(self) -> None:
        self.alarm.switch_sound()

    def _switch_tray(self) -> None:
        self.staying.switch()

    def _dress(self) -> None:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        theme.apply(application, self.preferences.look)

    def _connect(self) -> None:
        self.window.closing.connect(self.close)
        self.document.changed.connect(lambda config: self.welcome.leave() if config.cameras else None)
        self.recording.heads_wanted.connect(self.heads.count)
        self.recording.desk.exporting.on_evidence = lambda span: self.evidence.of_recording(span, self.window)
        self.welcome.closed.connect(self._show_tries)
        self.watched.tries_changed.connect(self._show_tries)
        self.watched.changed.connect(lambda _: self.recording.desk.marks.lay())

    def _show_model_card(self) -> None:
        show_model_card(self.window, main_file(self.bridge.setup.model))

    def _states(self) -> list[State]:
        return [facts.health.state for facts in self.live.facts().values()]

    def _show_tries(self) -> None:
        """Says what is shown for a try, unless the cards do; both would leave no room in a small window."""
        said = not self.welcome.isHidden()
        self.trial.show_try("" if said else self.watched.tries[-1].name if self.watched.tries else "")

    def _show_recent(self) -> None:
        self.recent.set_recent(self.preferences.recent_files, self.preferences.recent_cameras)

    def _save(self) -> None:
        seen = {
            "operator": self.alerts.who,
            "muted": self.alarm.sound.is_muted,
            "keeps_running": self.tray.keeps_running,
            "tells_desktop": self.tray.tells,
        }
        self.preferences = left(self.window, self.preferences).model_copy(update=seen)
        try:
            save_preferences(self.preferences, preferences_path(self.order.config))
        except EngineError as error:
            self.notices.post(Level.WARNING, PREFERENCES, str(error))
