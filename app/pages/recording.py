"""The page of recordings: one at a time, with its picture, count, curve and samples."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QVBoxLayout

from app.actions import RECORDING, make_actions, placed, separator
from app.dialogs.video_choice import VideoChoice
from app.icons import icon
from app.notices import Level, Notices
from app.pages.log_state import SOURCE, LogState
from app.pages.look_around import LookAround
from app.pages.outside import Outside
from app.pages.page import Page
from app.pages.recording_state import PLAYABLE, State, note_of
from app.pages.replaying import Deck
from app.pages.timeline_desk import TimelineDesk
from app.panels.facts_panel import FactsPanel
from app.panels.layout import Panels, arrange
from app.panels.opacity_slider import OpacitySlider
from app.panels.readout import Readout
from app.panels.sample_log import SampleLog
from app.panels.status_line import StatusLine
from app.panels.timeline import Timeline
from app.panels.video_view import VideoView
from app.running.bridge import Bridge
from app.running.player import Recording
from engine.recording.footage import FileFootage, Footage

COUNTING = ("heads", "again", "evidence")
"""What is done with the model, or the log, of this computer."""


class RecordingPage(Page):
    """What today's recording shows."""

    name, icon = "recording", "recording"

    heads_wanted = pyqtSignal(str)
    """The frame that is shown is to be counted by hand; the recording's key."""

    def __init__(self, bridge: Bridge, notices: Notices, outside: Outside) -> None:
        super().__init__()
        self.title = self.tr("Recording")
        self.bridge, self.doing = bridge, State.EMPTY
        self._notices, self._opening = notices, outside.opening
        self._wanted: Footage | None = None
        """What was asked for and has neither begun nor been refused."""
        self._wanted_at_s: float | None = None
        """The moment of it that is to be seen, in seconds since 1970 (UTC); None for its beginning."""
        self._before = State.EMPTY
        """What the recording does that plays until the wanted one has begun."""
        self.panels = Panels(VideoView(on_demo=outside.on_demo), FactsPanel(), Timeline(), SampleLog())
        self.status = StatusLine()
        self.opacity = OpacitySlider(self.panels.video.set_opacity)
        self._readout = Readout(self.panels, self.status)
        self._log = LogState(self.panels.log, self.status, bridge, notices, outside.counts_of)
        self.around = LookAround(bridge, self._readout, notices, SOURCE)
        deck = Deck(self.look, lambda: self.doing is State.PLAYING, self._go_on, outside.known)
        self.desk = TimelineDesk(self.panels, bridge, self.around, notices, deck)
        self.acts = make_actions(self, RECORDING, self._callbacks())
        self.files = VideoChoice()
        self._room: tuple[int, int] | None = None
        """For the picture, as far as the bridge was told; None while the page is not seen."""
        self._build()
        self._connect()
        self._enter(State.EMPTY)

    def commands(self) -> Sequence[QAction]:
        """What belongs into the toolbar."""
        return self._toolbar

    def open(self, path: Path) -> None:
        """Counts a video file from its beginning, in place of the recording before."""
        self.open_footage(FileFootage(path))

    def open_footage(self, footage: Footage, at_s: float | None = None) -> None:
        """Counts a recording, whatever it is made of, in place of the one before; shows a moment since 1970 of it."""
        self._notices.dismiss(SOURCE)
        if self.doing is not State.OPENING:
            self._before = self.doing
        self._wanted, self._wanted_at_s = footage, at_s
        self._enter(State.OPENING)
        self.bridge.open_footage(footage)

    def chosen_file(self) -> Path | None:
        """Asks for a file; None where none was chosen."""
        return self.files.ask(self.window())

    def play_or_pause(self) -> None:
        """Pauses, goes on, or after the end starts again."""
        if self.around.is_on and self.doing is not State.OPENING:
            if self.doing is State.PLAYING:
                self.around.run(runs=False)
                self._enter(State.PAUSED)
            else:
                self._go_on()
        elif self.doing is State.PLAYING:
            self.bridge.pause()
            self._readout.hold()
            self._enter(State.PAUSED)
        elif self.doing is State.PAUSED:
            self._readout.resume()
            self.bridge.resume()
            self._enter(State.PLAYING)
        elif self.doing is State.ENDED:
            self.restart()

    def count_heads(self) -> None:
        """Holds the frame that is shown, and asks for it to be counted by hand."""
        if self.doing is State.PLAYING:
            self.play_or_pause()
        if self.doing in PLAYABLE and self.bridge.recording is not None:
            self.heads_wanted.emit(self.bridge.recording.key)

    def restart(self) -> None:
        """Counts the recording again from its beginning."""
        recording = self.bridge.recording
        if recording is not None and recording.path is not None:
            self.open(recording.path)
        elif recording is not None:
            self.open_footage(recording.footage)

    def look(self, go: Callable[[], None]) -> None:
        """Goes to another time, where there is a recording to look at; it is paused there."""
        if self.doing in PLAYABLE:
            go()
            self._enter(State.PAUSED)

    def _go_on(self) -> None:
        self.around.run(runs=True)
        self._enter(State.PLAYING)

    def switch_heatmap(self) -> None:
        """Shows or hides the heat-map, as its button says; hidden, it is not computed."""
        shown = self.acts["heatmap"].isChecked()
        self.bridge.want_density(shown)
        self.panels.video.set_heatmap_visible(shown)
        self._note()

    def leave(self) -> None:
        """Asks for no more pictures."""
        self._room = None
        self.bridge.show_within(None)

    def finish(self) -> None:
        """Ends what is being saved."""
        self.desk.finish()

    def fill(self, full: bool) -> None:
        """Shows picture and count alone while the screen is full."""
        self._content.fill(full)
        self.status.setVisible(not full)

    def pull_pictures(self) -> None:
        """Shows the newest picture."""
        room = self.panels.video.room
        if room != self._room:
            self._room = room
            self.bridge.show_within(room)
        picture = self.bridge.newest()
        self._follow()
        if picture is not None:
            self._readout.show_picture(picture)
            if self.doing is State.OPENING and self._wanted is None:
                self._enter(State.PLAYING)
            self._note()

    def pull_numbers(self) -> None:
        """Shows what is new to read."""
        self._readout.pull(self.bridge, moving=self.doing is State.PLAYING)
        self.panels.log.table.add(self.bridge.samples())
        self._follow()
        self.desk.pull()

    def state(self) -> dict[str, object]:
        """The folder that was opened last, and how the heat-map is shown."""
        return {
            "folder": self.files.folder,
            "heatmap": self.acts["heatmap"].isChecked(),
            "opacity": round(100 * self.opacity.opacity),
            **self.desk.state(),
        }

    def restore(self, state: dict[str, object]) -> None:
        """Takes what was kept; anything else is as at the first start."""
        heatmap, opacity = state.get("heatmap"), state.get("opacity")
        self.desk.restore(state)
        self.files.restore(state.get("folder"))
        if heatmap is False:
            self.acts["heatmap"].setChecked(False)
            self.switch_heatmap()
        if isinstance(opacity, int):
            self.opacity.set_opacity(opacity / 100)

    def lend(self, words: str, button: str) -> None:
        """Shows what is counted elsewhere from now on: here nothing is counted or checked, and no log is written."""
        self.panels.video.invite_to(words, button)
        self._content.leave_out_log()
        for name in COUNTING:
            self.acts[name].setVisible(False)

    def _callbacks(self) -> dict[str, Callable[[], object]]:
        return {
            "play": self.play_or_pause,
            "restart": self.restart,
            **self.around.commands(self.look),
            **self.desk.commands(),
            "heads": self.count_heads,
            "heatmap": self.switch_heatmap,
            "stronger": lambda: self.opacity.step(1),
            "weaker": lambda: self.opacity.step(-1),
        }

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._content = arrange(self.panels)
        column.addWidget(self._content, stretch=1)
        column.addWidget(self.status)
        act = self.acts
        self._toolbar = (
            self._opening,
            separator(self),
            act["play"],
            act["restart"],
            separator(self),
            act["heads"],
            act["heatmap"],
            placed(self, self.opacity),
        )
        self.desk.offer(act)
        act["heatmap"].setChecked(True)
        self._log.show(logged=True)

    def _connect(self) -> None:
        bridge = self.bridge
        bridge.opened.connect(self._begin)
        bridge.ended.connect(self._end)
        bridge.refused.connect(self._refuse)

    def _follow(self) -> None:
        """Shows what is known of the time that is looked at."""
        looked = self.around.looked if self._wanted is None else None
        if looked is None:
            return
        self.around.follow()
        if self.doing is State.PLAYING and not looked.is_running:
            self._enter(State.PAUSED)
        self._note()

    def _begin(self, recording: Recording) -> None:
        self.around.begin()
        at_s = None
        if recording.footage is self._wanted:
            self._wanted, at_s = None, self._wanted_at_s
        self._readout.begin(recording)
        self.desk.begin()
        self._log.show(logged=recording.logged)
        self.setWindowTitle(recording.name)
        if at_s is not None:
            self.around.seek(max(0.0, at_s - (recording.footage.begin_s or 0.0)))
        self._before = State.PLAYING
        self._enter(State.OPENING)  # until there is something to see

    def _end(self, problem: str) -> None:
        self.pull_pictures()
        self.pull_numbers()
        if not self.around.is_on:
            self._readout.hold()
        if problem:
            self._notices.post(Level.WARNING, SOURCE, problem)
        if self._wanted is None:
            self._enter(self.doing if self.around.is_on else State.ENDED)
        else:
            self._before = State.ENDED

    def _refuse(self, problem: str) -> None:
        self._notices.post(Level.PROBLEM, SOURCE, problem)
        self._wanted = None
        if self.doing is State.OPENING:
            self._enter(self._before)

    def _enter(self, state: State) -> None:
        self.doing = state
        play = self.acts["play"]
        self.panels.video.invite(state is State.EMPTY)
        self._note()
        play.setIcon(icon("pause" if state is State.PLAYING else "play"))
        words = self.tr("Pause") if state is State.PLAYING else self.tr("Play")
        play.setText(words)
        play.setIconText(words)
        for name in ("play", "restart", "heads"):
            self.acts[name].setEnabled(state in PLAYABLE)
        self.desk.allow(self.acts, state in PLAYABLE)

    def _note(self) -> None:
        """Says on the picture what is not seen by itself."""
        video, looked = self.panels.video, self.around.looked
        is_made = video.has_heatmap or not video.heatmap_visible
        video.set_note(note_of(self.doing, is_near=bool(looked and not looked.is_exact), lacks_map=not is_made))
