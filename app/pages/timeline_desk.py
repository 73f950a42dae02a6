"""All that stands around the time-line of a recording: moving along it, saving from it, trying rules on it."""

from collections.abc import Callable, Mapping
from pathlib import Path

from PyQt6.QtGui import QAction

from app.notices import Notices
from app.pages.counting_again import CountingAgain
from app.pages.exporting import Exporting
from app.pages.footage_marks import FootageMarks
from app.pages.log_state import SOURCE
from app.pages.look_around import LookAround
from app.pages.replaying import Deck, Replaying
from app.panels.layout import Panels
from app.panels.timeline_trial import TimelineTrial
from app.running.bridge import Bridge

ALWAYS = frozenset({"slower", "faster"})
BUTTONS = ("peak_on", "mark_in", "mark_out", "what_if", "zones", "again", "snapshot", "fit", "evidence")


class TimelineDesk:
    """Passes on to each of its parts what the page is told."""

    def __init__(self, panels: Panels, bridge: Bridge, around: LookAround, notices: Notices, deck: Deck) -> None:
        self._line = panels.plot
        self.replaying = Replaying(panels.plot, around, deck)
        self.exporting = Exporting(panels, bridge, notices, SOURCE)
        self.trial = TimelineTrial(panels.plot)
        self.again = CountingAgain(panels.plot, bridge, notices)
        self.marks = FootageMarks(panels.plot, bridge, notices, deck.known)
        for strip in (self.exporting.strip, self.again.strip, self.trial):
            panels.plot.put_above(strip)

    def commands(self) -> dict[str, Callable[[], object]]:
        """Returns what the keys do."""
        return {
            **self.replaying.commands(),
            **self.exporting.commands(),
            "again": self.again.ask,
            "zones": self.marks.choose,
            "what_if": lambda: self.trial.switch(not self.trial.is_on),
        }

    def offer(self, acts: Mapping[str, QAction]) -> None:
        """Shows the buttons."""
        self._line.bar.offer([acts[name] for name in BUTTONS])
        self.trial.closed.connect(acts["what_if"].trigger)

    def allow(self, acts: Mapping[str, QAction], allowed: bool) -> None:
        """Lets be done what needs a recording, or no longer."""
        for name in self.commands():
            acts[name].setEnabled(allowed or name in ALWAYS)

    def begin(self) -> None:
        """Another recording is shown."""
        self.replaying.begin()
        self.trial.begin()
        self.marks.begin()
        self.again.remove()

    def pull(self) -> None:
        """Shows what is new."""
        self.exporting.pull()
        self.trial.pull()

    def finish(self) -> None:
        """Ends what goes on, and waits for it."""
        self.exporting.finish()
        self.trial.finish()
        self.marks.finish()
        self.again.finish()

    def state(self) -> dict[str, object]:
        """The folder into which something was saved last."""
        return {"saved": None if self.exporting.folder is None else str(self.exporting.folder)}

    def restore(self, state: Mapping[str, object]) -> None:
        """Takes what was kept."""
        saved = state.get("saved")
        if isinstance(saved, str) and Path(saved).is_dir():
            self.exporting.folder = Path(saved)
