"""How the window itself tells of alerts, for the list of all who are told: by a sound, and on the desktop."""

from PyQt6.QtCore import QCoreApplication

from app.alarm import Alarm
from app.pages.sinks_tab import OwnSink
from app.panels.tray import Tray
from engine.notify.sinks import Outcome

translate = QCoreApplication.translate


def sound(alarm: Alarm) -> OwnSink:
    """Returns the sound of a window."""
    return OwnSink(
        translate("Sinks", "Sound"),
        translate("Sinks", "at this computer"),
        is_on=lambda: not alarm.sound.is_muted,
        switch=lambda on: alarm.set_muted(not on),
        test=lambda: _try_sound(alarm),
    )


def desktop(tray: Tray) -> OwnSink:
    """Returns the notifications that the desktop shows while the window is not in front."""
    return OwnSink(
        translate("Sinks", "Desktop"),
        translate("Sinks", "while the window is not in front"),
        is_on=lambda: tray.tells,
        switch=lambda on: setattr(tray, "tells", on),
        test=lambda: _try_desktop(tray),
    )


def _try_sound(alarm: Alarm) -> Outcome:
    if alarm.sound.is_muted:
        return Outcome(translate("Sinks", "The sound is muted, and nothing was played; enable it."), is_good=False)
    alarm.sound.play("warning")
    return Outcome(translate("Sinks", "The sound of a warning was played."), is_good=True)


def _try_desktop(tray: Tray) -> Outcome:
    if not tray.is_there:
        words = translate("Sinks", "This desktop has no tray, from which notifications come; nothing was shown.")
        return Outcome(words, is_good=False)
    tray.say("DeepCount", translate("Sinks", "This is a test: an alert would be told like this."))
    return Outcome(translate("Sinks", "The desktop was asked to show a notification."), is_good=True)
