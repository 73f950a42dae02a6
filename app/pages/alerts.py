"""The page "Alerts": what rules raised, open and past; it is acknowledged here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from time import time

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QFocusEvent, QResizeEvent
from PyQt6.QtWidgets import QLabel, QPushButton, QStackedWidget, QVBoxLayout

from app.actions import Command, make_actions, tip_of
from app.dialogs.suspend_menu import SuspendMenu
from app.dialogs.words import WrappedLabel
from app.pages.alert_footage import AlertFootage
from app.pages.dealing import Dealing
from app.pages.page import Page
from app.panels.alert_details import AlertDetails
from app.panels.alert_filter import AlertFilter, Choice
from app.panels.alert_table import AlertTable
from app.panels.alert_words import detail_lines, heading
from app.panels.invitation import Invitation
from app.panels.splitter import splitter
from app.panels.suspended_bar import SuspendedBar
from app.running.alerts import Configured
from app.running.looked import Alerted
from app.theme import em
from engine.alerts.listing import Alert, State
from engine.rules.rulebook import Key

COMMANDS = (
    Command(
        "acknowledge",
        "Acknowledge…",
        "Take care of the chosen alerts, with a note",
        ("A", "Return", "Enter"),
        "acknowledge",
    ),
    Command("suspend", "Suspend…", "Let the rule of the chosen alert raise none for a while", ("S",), "suspend"),
    Command("rules", "Rules…", "Change what raises alerts", ("R",), "edit"),
    Command(
        "evidence",
        "Export evidence…",
        "Put the chosen alert into one file: report, clip, counts, hashes",
        ("E",),
        "export",
    ),
    Command("footage", "Show in footage", "Look at what was recorded when the alert was raised", ("F",), "recording"),
    Command("close", "Close…", "Close the chosen alerts for good, as those that nothing will clear", ("C",), "close"),
    Command("search", "Search", "Go to the search", ("Ctrl+F",)),
)
NARROW_EM = 56  # width below which the details stand beneath the list


@dataclass(frozen=True, slots=True)
class AlertCallbacks:
    """What the page asks for that is not its own."""

    edit_rules: Callable[[str], object]
    """Opens the rules of a camera or group; of the first one for ''."""
    add_camera: Callable[[], object]
    export: Callable[[Alert], object]
    """Asks for the evidence of an alert."""
    show_footage: Callable[[Alert], object]
    """Opens what was recorded when an alert was raised."""
    look_for_footage: Callable[[Alert, Callable[[bool], object]], object]
    """Says in a while whether anything was, unless it is asked for another alert before."""


class AlertsPage(Page):
    """A list with its filter, and the details of what is chosen."""

    name, icon, is_numbered = "alerts", "alerts", True

    def __init__(self, alerts: Alerted, configured: Configured, callbacks: AlertCallbacks) -> None:
        super().__init__()
        self.title = self.tr("Alerts")
        self._alerts, self._configured, self._callbacks = alerts, configured, callbacks
        self._second, self._wanted = 0, ""
        self.dealing = Dealing(alerts, self.window)
        self.footage = AlertFootage(callbacks.look_for_footage, callbacks.show_footage, self._offer_footage)
        self.filter, self.table, self.problem = AlertFilter(), AlertTable(), WrappedLabel()
        self.button, self.suspend_button = QPushButton(self.tr("Acknowledge…")), QPushButton(self.tr("Suspend"))
        self.details = AlertDetails(self.button, self.suspend_button)
        self.menu = SuspendMenu(self, alerts, self._chosen_rule)
        self.suspended = SuspendedBar(lambda each: alerts.suspend(each.owner, each.rule, None))
        self.doings = make_actions(
            self,
            COMMANDS,
            {
                "acknowledge": self.acknowledge,
                "suspend": self._open_menu,
                "rules": lambda: callbacks.edit_rules(self.table.chosen[0].owner if self.table.chosen else ""),
                "evidence": self.export,
                "footage": self.footage.show,
                "close": lambda: self.dealing.close(self.table.chosen),
                "search": self.filter.search.setFocus,
            },
        )
        self._parts = {
            "acknowledge": (self.doings["acknowledge"], self.button),
            "suspend": (self.doings["suspend"], self.suspend_button),
            "close": (self.doings["close"],),
        }
        """What each of these deeds is asked for with."""
        self._denied: Mapping[str, str] = {}
        self.invitation = Invitation(self.tr("Make a rule…"), self._invite)
        self.nothing = QLabel(self.tr("No alert is as the filter wants it."))
        self._build()
        self.set_denied({})
        alerts.changed.connect(self._fill)
        self._fill()

    def enter(self) -> None:
        """Keeps the list up to date from now on."""
        self._alerts.is_watched = True
        self._fill()

    def leave(self) -> None:
        """Nobody looks at the list."""
        self._alerts.is_watched = False

    def pull_numbers(self) -> None:
        """Says how long alerts have held, once a second."""
        if int(time()) != self._second:
            self._fill()

    def commands(self) -> Sequence[QAction]:
        """Acknowledge, close, suspend, rules, evidence, footage."""
        return [self.doings[name] for name in ("acknowledge", "close", "suspend", "rules", "evidence", "footage")]

    def state(self) -> dict[str, object]:
        """What is listed; not what was searched."""
        return asdict(self.filter.choice) | {"words": ""}

    def restore(self, state: dict[str, object]) -> None:
        """Takes what `state` returned; what makes no sense is as at the first start."""
        known = {each.name: value for each in fields(Choice) if isinstance(value := state.get(each.name), str)}
        choice = Choice(**known)
        self.filter.offer([choice.owner] if choice.owner else [])
        self.filter.choose(choice)

    def set_locked(self, locked: bool) -> None:
        """Leaves watching and acknowledging, and no rules to be changed or suspended, nor alerts to be closed."""
        for name in ("rules", "suspend", "close"):
            self.doings[name].setVisible(not locked)
        self.suspend_button.setHidden(locked)
        self.suspended.set_locked(locked)
        self.invitation.button.setHidden(locked)

    def set_denied(self, denied: Mapping[str, str]) -> None:
        """Takes why some of acknowledge, suspend and close may not be done here; that is said where they stand."""
        self._denied = denied
        for deed, parts in self._parts.items():
            why = f"\n⚠ {denied[deed]}" if denied.get(deed) else ""
            for part in parts:
                part.setToolTip(tip_of(self.doings[deed]) + why)
        self.suspended.set_denied(denied.get("suspend", ""))
        self._show_details()

    def show_alert(self, uid: str) -> None:
        """Chooses an alert, as soon as the log has it; what the filter leaves out is let in."""
        alert = self._alerts.alert(uid)
        if alert is not None and not self.filter.choice.takes(alert):
            self.filter.choose(Choice())
        self._wanted = "" if alert is not None else uid
        self.table.choose(uid)

    def acknowledge(self) -> None:
        """Asks for a note on the chosen alerts that nobody has acknowledged."""
        alerts = [alert for alert in self.table.chosen if alert.acknowledged_at is None]
        if alerts and not self._denied.get("acknowledge"):
            self.ask_note({alert.uid: heading(alert) for alert in alerts})

    def export(self) -> None:
        """Asks for the evidence of the chosen alert."""
        if len(self.table.chosen) == 1:
            self._callbacks.export(self.table.chosen[0])

    def ask_note(self, alerts: dict[str, str]) -> None:
        """Asks for a note on alerts, given by what they are called, and acknowledges them."""
        self.dealing.acknowledge(alerts)

    def focusInEvent(self, event: QFocusEvent | None) -> None:  # noqa: N802
        """Hands the keyboard on to the list."""
        super().focusInEvent(event)
        shown = self._stack.currentWidget()
        (self.invitation.button if shown is self.invitation else self.table).setFocus(Qt.FocusReason.OtherFocusReason)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Puts the details beneath the list where there is little room."""
        super().resizeEvent(event)
        narrow = self.width() < em(self, NARROW_EM)
        self.splitter.setOrientation(Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal)
        self.details.set_terse(narrow)

    def _build(self) -> None:
        self.doings["acknowledge"].setShortcutContext(Qt.ShortcutContext.WidgetShortcut)  # Enter searches elsewhere
        self.table.addAction(self.doings["acknowledge"])
        self.button.clicked.connect(self.acknowledge)
        self.suspend_button.setMenu(self.menu)
        self.details.export.clicked.connect(self.export)
        self.details.export.setToolTip(self.doings["evidence"].toolTip())
        self.details.footage.clicked.connect(self.footage.show)
        self.details.footage.setToolTip(self.doings["footage"].toolTip())
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setWordWrap(True)
        self.table.doubleClicked.connect(lambda _: self.acknowledge())
        self.table.chosen_changed.connect(self._show_details)
        self.filter.changed.connect(self._fill)
        self.splitter = splitter(Qt.Orientation.Horizontal, (self.table, 66), (self.details, 34))
        self._stack = QStackedWidget()
        for part in (self.invitation, self.nothing, self.splitter):
            self._stack.addWidget(part)
        column = QVBoxLayout(self)
        column.addWidget(self.suspended)
        column.addWidget(self.filter)
        column.addWidget(self.problem)
        column.addWidget(self._stack, stretch=1)

    def _fill(self) -> None:
        """Shows what there is now."""
        alerts, now_s = self._alerts.all, time()
        self._second = int(now_s)
        self.filter.offer({alert.owner for alert in alerts})
        shown = self.filter.of(alerts)
        self.table.show_alerts(shown, now_s)
        if self._wanted and self._alerts.alert(self._wanted):
            self.show_alert(self._wanted)
        self.suspended.show_suspended(self._alerts.suspended)
        self.filter.setVisible(bool(alerts))
        self.problem.setText(f"⚠ {self._alerts.problem}" if self._alerts.problem else "")
        self.problem.setVisible(bool(self._alerts.problem))
        if not alerts:
            self._say_nothing()
        self._stack.setCurrentWidget(self.splitter if shown else self.nothing if alerts else self.invitation)

    def _say_nothing(self) -> None:
        config = self._configured.config
        if not config.owners:
            sentence = self.tr("Alerts come from rules on the count of a camera. Add a camera first.")
            button = self.tr("Add a camera…")
        elif not config.first_rule:
            sentence = self.tr("A rule such as “above 25 people for 3 s” raises alerts; they are listed here.")
            button = self.tr("Make a rule…")
        else:
            sentence = self.tr("Rules watch; what they raise is listed here, to be acknowledged.")
            button = self.tr("Rules…")
        self.invitation.say(self.tr("No alert yet"), sentence)
        self.invitation.button.setText(button)

    def _invite(self) -> None:
        if self._configured.config.owners:
            self._callbacks.edit_rules("")
        else:
            self._callbacks.add_camera()

    def _show_details(self) -> None:
        chosen = self.table.chosen
        waiting = [alert for alert in chosen if alert.acknowledged_at is None]
        self._offer("acknowledge", bool(waiting))
        self._offer("close", any(alert.state is not State.CLOSED for alert in chosen))
        self._offer("suspend", len(chosen) == 1)
        for part in (self.doings["evidence"], self.details.export):
            part.setEnabled(len(chosen) == 1)
        self.footage.choose(chosen, self._second)
        if len(chosen) == 1:
            alert, proof = chosen[0], self._alerts.proof
            self.details.show_facts(heading(alert), detail_lines(alert, time()))
            self.details.show_proofs(proof(alert.snapshot), proof(alert.clip))
        else:
            self.details.show_proofs(None, None)
            self.details.show_facts(self.tr("{number} alerts are chosen").format(number=len(chosen)), {})

    def _offer(self, deed: str, is_wanted: bool) -> None:
        for part in self._parts[deed]:
            part.setEnabled(is_wanted and not self._denied.get(deed))

    def _offer_footage(self, is_there: bool) -> None:
        for part in (self.doings["footage"], self.details.footage):
            part.setEnabled(is_there)

    def _chosen_rule(self) -> Key | None:
        chosen = self.table.chosen
        return (chosen[0].owner, chosen[0].rule_name) if len(chosen) == 1 else None

    def _open_menu(self) -> None:
        """Opens the menu at the chosen alert, where whoever presses the key looks."""
        place = self.table.visualRect(self.table.currentIndex()).bottomLeft()
        viewport = self.table.viewport()
        assert viewport is not None
        self.menu.popup(viewport.mapToGlobal(place))
