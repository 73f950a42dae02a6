"""The main window: passes on what the bridge reports to the panels, and what the operator wants to the bridge."""

from collections.abc import Callable
from enum import Enum
from pathlib import Path

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QCloseEvent, QKeyEvent
from PyQt6.QtWidgets import QFileDialog, QMainWindow, QToolBar

from app.actions import fill_toolbar, make_actions
from app.dialogs.help import show_about, show_keys
from app.icons import icon
from app.panels.banner import Banner
from app.panels.count_plot import CountPlot
from app.panels.drop_target import DropTarget
from app.panels.facts_panel import FactsPanel
from app.panels.layout import Panels, arrange
from app.panels.opacity_slider import OpacitySlider
from app.panels.readout import Readout
from app.panels.sample_log import SampleLog
from app.panels.status_line import StatusLine
from app.panels.video_view import VideoView
from app.running.bridge import Bridge
from app.running.player import Recording
from engine.paths import DEMO_CLIP
from engine.redaction import readable, redacted_address

PICTURE_MS, NUMBERS_MS = 33, 125  # numbers that change with every frame cannot be read
SIZE, LEAST_SIZE = (1280, 800), (900, 600)
VIDEOS = "Videos (*.mp4 *.mkv *.mov *.avi *.webm *.m4v *.mpg *.mpeg *.ts *.mts *.wmv *.flv *.ogv);;All files (*)"


class State(Enum):
    """What the recording does, with the words for it on the video."""

    EMPTY = "empty"
    OPENING = "Opening…"
    PLAYING = "playing"
    PAUSED = "Paused"
    ENDED = "Ended – Space plays it again"


class Window(QMainWindow):
    """DeepCount on the screen."""

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self.bridge, self.state = bridge, State.EMPTY
        self.panels = Panels(Banner(), VideoView(on_demo=self.open_demo), FactsPanel(), CountPlot(), SampleLog())
        self.status = StatusLine()
        self.opacity = OpacitySlider(self.panels.video.set_opacity)
        self.commands = make_actions(self, self._callbacks())
        self._readout = Readout(self.panels, self.status)
        self._folder = str(Path.home())
        self._build()
        self._connect()
        self._enter(State.EMPTY)
        bridge.start()

    def open(self, path: Path) -> None:
        """Counts a recording from its beginning, in place of the one before."""
        self.panels.banner.dismiss()
        if self.state is State.EMPTY:
            self._enter(State.OPENING)
        else:
            self.panels.video.set_note(State.OPENING.value)
        self.bridge.open(path)

    def open_demo(self) -> None:
        """Counts the demonstration clip."""
        self.open(DEMO_CLIP)

    def choose_file(self) -> None:
        """Asks for a file and opens it."""
        chosen, _ = QFileDialog.getOpenFileName(self, "Open a video", self._folder, VIDEOS)
        if chosen:
            self._folder = str(Path(chosen).parent)
            self.open(Path(chosen))

    def play_or_pause(self) -> None:
        """Pauses, goes on, or after the end starts again."""
        if self.state is State.PLAYING:
            self.bridge.pause()
            self._enter(State.PAUSED)
        elif self.state is State.PAUSED:
            self._readout.resume()
            self.bridge.resume()
            self._enter(State.PLAYING)
        elif self.state is State.ENDED:
            self.restart()

    def restart(self) -> None:
        """Counts the recording again from its beginning."""
        if self.bridge.recording:
            self.open(self.bridge.recording.path)

    def switch_heatmap(self) -> None:
        """Shows or hides the heat-map, as its button says; hidden, it is not computed."""
        shown = self.commands["heatmap"].isChecked()
        self.bridge.want_density(shown)
        self.panels.video.set_heatmap_visible(shown)

    def switch_fullscreen(self) -> None:
        """Fills the screen, or leaves it, as its button says."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)
        self.commands["fullscreen"].setChecked(self.isFullScreen())

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Leaves the full screen at Escape, as people expect everywhere."""
        if event is not None and event.key() == Qt.Key.Key_Escape and self.isFullScreen():
            self.switch_fullscreen()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802
        """Vanishes at once, then ends the engine's threads."""
        for timer in self._timers:
            timer.stop()
        self.hide()
        self.bridge.close()
        super().closeEvent(event)

    def _callbacks(self) -> dict[str, Callable[[], object]]:
        return {
            "open": self.choose_file,
            "demo": self.open_demo,
            "quit": self.close,
            "play": self.play_or_pause,
            "restart": self.restart,
            "heatmap": self.switch_heatmap,
            "stronger": lambda: self.opacity.step(1),
            "weaker": lambda: self.opacity.step(-1),
            "fullscreen": self.switch_fullscreen,
            "keys": lambda: show_keys(self),
            "about": lambda: show_about(self),
        }

    def _build(self) -> None:
        self.setCentralWidget(arrange(self.panels))
        self.setStatusBar(self.status)
        bar = QToolBar("Toolbar")
        bar.setMovable(False)
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        fill_toolbar(bar, self.commands, self.opacity)
        self.addToolBar(bar)
        self.commands["heatmap"].setChecked(True)
        self.setMinimumSize(*LEAST_SIZE)
        self.resize(*SIZE)
        self._show_log_place(logged=True)

    def _connect(self) -> None:
        DropTarget(self, on_drag=self.panels.video.set_dragging, on_drop=self.open)
        bridge = self.bridge
        bridge.opened.connect(self._begin)
        bridge.ended.connect(self._end)
        bridge.refused.connect(self._refuse)
        bridge.log_failed.connect(self._miss_log)
        bridge.log_resumed.connect(self._resume_log)
        self._timers = [QTimer(self), QTimer(self)]
        pulls = ((PICTURE_MS, self._pull_picture), (NUMBERS_MS, self._pull_numbers))
        for timer, (pace_ms, pull) in zip(self._timers, pulls, strict=True):
            timer.timeout.connect(pull)
            timer.start(pace_ms)

    def _pull_picture(self) -> None:
        reading = self.bridge.newest()
        if reading is not None:
            self._readout.show_reading(reading)

    def _pull_numbers(self) -> None:
        self._readout.show_numbers(self.bridge.points())
        self.panels.log.table.add(self.bridge.samples())

    def _begin(self, recording: Recording) -> None:
        self._readout.begin(recording)
        self._show_log_place(logged=recording.logged)
        self._enter(State.PLAYING)

    def _end(self, problem: str) -> None:
        self._pull_picture()
        self._pull_numbers()
        if problem:
            self.panels.banner.show_problem(problem)
        self._enter(State.ENDED)

    def _refuse(self, problem: str) -> None:
        self.panels.banner.show_problem(problem)
        self._enter(State.EMPTY if self.state is State.OPENING else self.state)

    def _miss_log(self, problem: str) -> None:
        self.panels.banner.show_problem(problem)
        self._show_logged(logged=False)

    def _resume_log(self, loss: str) -> None:
        self.panels.banner.show_problem("the log is being written again" + (f"; {loss}" if loss else ""))
        self._show_logged(logged=True)

    def _show_logged(self, *, logged: bool) -> None:
        self.panels.log.set_logged(logged)
        self._show_log_place(logged=logged)

    def _enter(self, state: State) -> None:
        self.state = state
        video, play = self.panels.video, self.commands["play"]
        video.invite(state is State.EMPTY)
        video.set_note(state.value if state in (State.OPENING, State.PAUSED, State.ENDED) else "")
        play.setIcon(icon("pause" if state is State.PLAYING else "play"))
        words = "Pause" if state is State.PLAYING else "Play"
        play.setText(words)
        play.setIconText(words)
        for name in ("play", "restart"):
            self.commands[name].setEnabled(state not in (State.EMPTY, State.OPENING))
        recording = self.bridge.recording
        self.setWindowTitle(f"{recording.name} – DeepCount" if recording else "DeepCount")

    def _show_log_place(self, *, logged: bool) -> None:
        self.status.show_log(f"log: {place_text(self.bridge.setup.database) if logged else 'not being written'}")


def place_text(database: str | Path) -> str:
    """Returns where a log is, for people: without a password, and ~ for the home folder."""
    if isinstance(database, Path) and database.is_relative_to(Path.home()):
        database = Path("~", database.relative_to(Path.home()))
    return redacted_address(readable(str(database)))
