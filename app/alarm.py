"""What the window does when an alert is raised: banner, sound, desktop notification, numbers. Nothing blinks."""

from PyQt6.QtCore import QObject

from app.icons import icon
from app.notices import Level, Notices
from app.pages.alerts import AlertsPage
from app.panels.alert_banner import AlertBanner
from app.panels.alert_sound import AlertSound
from app.panels.alert_words import firing_words, severity_word
from app.panels.tray import Tray
from app.running.alert_list import AlertList
from app.window import Window
from engine.alerts.guard import Firing


class Alarm(QObject):
    """Follows the alerts for one window."""

    def __init__(self, window: Window, alerts: AlertList, page: AlertsPage, tray: Tray | None = None) -> None:
        """`tray` tells the desktop; None leaves that out."""
        super().__init__(window)
        self._window, self._alerts, self._page, self._tray = window, alerts, page, tray
        self.sound = AlertSound()
        self.banner = AlertBanner(on_show=self._go_to, on_acknowledge=self._acknowledge)
        window.put_above(self.banner)
        alerts.told.connect(self._tell)
        alerts.changed.connect(self._show)
        alerts.failed.connect(self._fail)
        if tray is not None:
            tray.icon.messageClicked.connect(self._open)
        self.set_muted(False)

    @property
    def notices(self) -> Notices:
        """Where it is told that an alert was not acknowledged."""
        return self._window.notices

    def set_muted(self, muted: bool) -> None:
        """Makes no sound from now on, or makes it again."""
        self.sound.is_muted = muted
        if muted:
            self.sound.stop()
        action = self._window.commands["mute"]
        action.setChecked(muted)
        action.setIcon(icon("muted" if muted else "sound"))
        action.setText(self.tr("Muted") if muted else self.tr("Mute"))

    def switch_sound(self) -> None:
        """Mutes, or ends that."""
        self.set_muted(not self.sound.is_muted)

    def _tell(self, firing: Firing) -> None:
        self.banner.add(firing)
        self.sound.play(firing.severity.value)
        if self._tray is not None:
            title = self.tr("DeepCount: {severity}").format(severity=severity_word(firing.severity.value))
            self._tray.tell(title, firing_words(firing))

    def _show(self) -> None:
        """Shows how many are open, and says no more of what was taken care of."""
        self._window.show_number("alerts", len(self._alerts.firing))
        done = {alert.uid for alert in self._alerts.all if alert.acknowledged_at is not None}
        open_now = {each.uid for each in self._alerts.firing}
        over = frozenset(each.uid for each in self.banner.waiting if each.uid not in open_now)
        self.banner.keep(lambda each: each.uid not in done, over)

    def _go_to(self, firing: Firing) -> None:
        self._window.show_page("alerts")
        self._page.show_alert(firing.uid)

    def _acknowledge(self, firing: Firing) -> None:
        self._page.ask_note({firing.uid: firing_words(firing)})

    def _open(self) -> None:
        self._window.come_forward()
        if self.banner.waiting:
            self._go_to(self.banner.waiting[-1])

    def _fail(self, why: str) -> None:
        self.notices.post(Level.PROBLEM, "alerts", why)
