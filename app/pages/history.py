"""The page "History": days that are over, their curves over each other, their peaks and sums; all from the log."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import time
from typing import Protocol

from PyQt6.QtCore import pyqtBoundSignal
from PyQt6.QtGui import QAction, QFocusEvent, QImage
from PyQt6.QtWidgets import QStackedWidget, QVBoxLayout

from app.actions import Command, make_actions
from app.dialogs.words import FAULT_SIGN, WrappedLabel
from app.pages.page import Page
from app.panels.curve_export import picture
from app.panels.history_body import HistoryBody
from app.panels.history_saving import HistorySaving, Shown
from app.panels.history_span import KINDS
from app.panels.invitation import Invitation
from app.running.asking import Asking
from app.running.errands import Outcome
from app.running.lookback import AskHolding, Holding
from engine.rules.series import Subject
from engine.settings.config import Config

COMMANDS = (
    Command("search", "Search", "Go to the search", ("Ctrl+F",), "search"),
    Command("earlier", "Earlier", "Look at the days before", ("Alt+Left",)),
    Command("later", "Later", "Look at the days after", ("Alt+Right",)),
    Command("today", "Today", "Look at today", ("Alt+Home",)),
    Command(
        "footage",
        "Show in footage",
        "Open what was recorded of the camera at the moment that is read; without one, choose it",
        ("F",),
        "recording",
    ),
    Command("refresh", "Read again", "Read what the log has now", ("F5",), "restart"),
)
REFRESH_S, REFRESH_DAY_S = 30.0, 2.0
"""After which what goes on today is read again, and at least so long for each day that is seen."""


class Configured(Protocol):
    """Who knows the configuration in force."""

    changed: pyqtBoundSignal

    @property
    def config(self) -> Config:
        """As it is now."""
        ...


@dataclass(frozen=True, slots=True)
class HistoryCallbacks:
    """What the page asks for that is not its own."""

    open_recording: Callable[[str], object]
    """Opens a recording that was counted, by its name in the log."""
    show_footage: Callable[[str, float | None], object]
    """Opens what was recorded of a camera or group at a moment, in seconds since 1970; None has it asked for."""
    set_up: Callable[[], object]
    """Goes where a log is named, and cameras are added."""


class HistoryPage(Page):
    """What the log holds, or why there is nothing to see."""

    name, icon = "history", "history"

    def __init__(
        self, configured: Configured, callbacks: HistoryCallbacks, *, clock: Callable[[], float] = time
    ) -> None:
        super().__init__()
        self.title = self.tr("History")
        self._configured, self._clock, self._read_s = configured, clock, float("-inf")
        self.holding: Holding | None = None
        """What the log was found to hold; None before it was read."""
        self.asking, self.problem = Asking(), WrappedLabel()
        self.saving = HistorySaving(self, self._shown, self._picture)
        self.body = HistoryBody(self.asking, lambda: configured.config, [self.saving.action], clock=clock)
        self.invitation = Invitation(self.tr("Set-up"), callbacks.set_up)
        body = self.body
        self.doings = make_actions(
            self,
            COMMANDS,
            {
                "search": body.go_to_search,
                "earlier": lambda: body.look_at(body.span.moved(-1)),
                "later": lambda: body.look_at(body.span.moved(1)),
                "today": lambda: body.look_around(body.today),
                "footage": lambda: callbacks.show_footage(*body.place),
                "refresh": self.refresh,
            },
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self.invitation)
        self._stack.addWidget(self.body)
        whole = QVBoxLayout(self)
        whole.addWidget(self.problem)
        whole.addWidget(self._stack, stretch=1)
        self.problem.hide()
        body.recording_wanted.connect(callbacks.open_recording)
        configured.changed.connect(self._configure)

    def enter(self) -> None:
        """Reads what is new."""
        self.refresh()

    def finish(self) -> None:
        """Ends what it reads and writes."""
        self.asking.close()
        self.saving.finish()

    def pull_numbers(self) -> None:
        """Shows what was read meanwhile, and reads again what goes on."""
        for outcome in self.asking.outcomes():
            self._take(outcome)
        state = self.saving.pull()
        self.body.bar.show_note(self.saving.note, is_problem=self.saving.is_problem)
        self.body.bar.show_state(state or (self.tr("reading the log…") if self.asking.is_busy else ""))
        is_old = not 0 <= self._clock() - self._read_s < max(REFRESH_S, REFRESH_DAY_S * self.body.span.number)
        if is_old and (self.holding is None or self.body.span.holds(self.body.today)):
            self.refresh()

    def commands(self) -> Sequence[QAction]:
        """Search, today, footage, reading again."""
        return [self.doings[name] for name in ("search", "today", "footage", "refresh")]

    def state(self) -> dict[str, object]:
        """What is drawn, and how many days; not which."""
        chosen = [[subject.owner, subject.zone or ""] for subject in self.body.curve.choice.ticked]
        return {"kind": self.body.span.kind, "chosen": chosen}

    def restore(self, state: dict[str, object]) -> None:
        """Takes what `state` returned; what makes no sense is as at the first start."""
        kind, chosen = state.get("kind"), state.get("chosen")
        if kind in KINDS[:3]:
            self.body.look_by(str(kind))
        if isinstance(chosen, list):
            pairs = [entry for entry in chosen if isinstance(entry, list) and len(entry) == 2]
            self.body.want([Subject(str(owner), str(zone) or None) for owner, zone in pairs])

    def set_locked(self, locked: bool) -> None:
        """Leaves reading, and no way to the set-up."""
        self.invitation.button.setHidden(locked)

    def refresh(self) -> None:
        """Reads what the log has now."""
        self._read_s = self._clock()
        database = self._configured.config.database
        place = None if database is None else database.full
        if place != self.asking.database:
            self.asking.database, self.holding = place, None
            self.body.forget()
        if place is None:
            words = self.tr("Counts are kept in a log; none is configured. Name one under Set-up.")
            self._say(self.tr("No log is kept"), words)
            return
        self.asking.forget()
        self.asking.ask(AskHolding(tuple(camera.name for camera in self._configured.config.cameras)))
        self.body.ask()

    def focusInEvent(self, event: QFocusEvent | None) -> None:  # noqa: N802
        """Hands the keyboard on to the calendar."""
        super().focusInEvent(event)
        if self._stack.currentWidget() is self.body:
            self.body.calendar.table.setFocus()

    def _configure(self) -> None:
        self._read_s = float("-inf")
        if self.isVisible():
            self.refresh()

    def _take(self, outcome: Outcome) -> None:
        if outcome.problem:
            self._fail(outcome.problem)
        elif isinstance(outcome.result, Holding):
            self._hold(outcome.result)
        else:
            self.body.take(outcome.result)

    def _fail(self, problem: str) -> None:
        self.asking.forget()
        if self.holding is None:
            self._say(self.tr("The log cannot be read"), problem)
        else:
            self.problem.setText(f"{FAULT_SIGN} {problem}")
            self.problem.show()

    def _hold(self, holding: Holding) -> None:
        self.problem.hide()
        if holding.contents.last_s is None:
            self.holding = None
            words = self.tr("Every camera that is counted, and every recording, leaves its days here.")
            self._say(self.tr("Nothing was counted yet"), words)
            return
        self.holding = holding
        self._stack.setCurrentWidget(self.body)
        self.body.offer(holding)

    def _say(self, heading: str, sentence: str) -> None:
        self.body.forget()
        self.invitation.say(heading, sentence)
        self._stack.setCurrentWidget(self.invitation)

    def _shown(self) -> Shown | None:
        if self.asking.database is None or self.holding is None:
            return None
        body, span = self.body, self.body.span
        logged = {owner.name for owner in self.holding.contents.owners}
        owners = dict.fromkeys(subject.owner for subject in body.lines.subjects if subject.owner in logged)
        curves = {name: line.series for name, line in body.curve.named.items()}
        name = f"history-{span.first}" + ("" if span.number == 1 else f"-{span.last}")
        return Shown(self.asking.database, span.bounds, list(owners), body.results.rows, curves, self._clock(), name)

    def _picture(self) -> QImage:
        curve = self.body.curve
        looks = {name: line.look for name, line in curve.named.items()}
        return picture(curve.plot, looks, self.body.span.bounds.from_s)
