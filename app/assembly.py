"""Puts together what runs, the pages and the window; the only place that knows them all."""

from fractions import Fraction

from PyQt6.QtCore import QObject

from app.notices import Level, Notices
from app.order import Order, Source
from app.pages.page import Page
from app.pages.recording import RecordingPage
from app.panels.drop_target import DropTarget
from app.running.bridge import Bridge
from app.running.document import Document, Problems
from app.running.engine import Engine
from app.running.live import Live
from app.running.player import Setup
from app.running.watched import Watched, in_force
from app.window import Window
from engine.settings.config import CameraSettings, Config

CONFIGURATION, CAMERAS = "configuration", "cameras"
"""Sources of notices."""


class Assembly(QObject):
    """Everything of one window."""

    def __init__(self, order: Order) -> None:
        super().__init__()
        self.order, self.notices = order, Notices()
        self.document = Document(order.config)
        setup = setup_of(in_force(self.document.config, order.given, ()), order.aspect)
        engine = Engine(setup)
        self.live, self.bridge = Live(engine), Bridge(setup, engine)
        self.watched = Watched(self.document, self.live, order.given)
        self.window = Window(self.notices, {"open": self.choose_file, "demo": self.open_demo})
        self.recording = RecordingPage(
            self.bridge, self.notices, opening=self.window.commands["open"], on_demo=self.open_demo
        )
        self.window.add_pages([_Place("live", "Live"), self.recording, _Place("setup", "Set-up")])
        DropTarget(self.window, on_drag=self.recording.panels.video.set_dragging, on_drop=self.open)
        self._connect()

    def start(self) -> None:
        """Starts what runs, and opens what was asked for; the window is shown by whoever has it."""
        self.bridge.start()
        self.live.start()
        self.watched.apply()
        if self.watched.config.database is None:
            self.notices.post(
                Level.NEWS,
                CONFIGURATION,
                self.tr("no log is kept, since {file} names no database").format(file=self.document.path.name),
                remedy=self.tr("name one under Set-up"),
            )
        if self.order.source is not None:
            self.open(self.order.source)

    def open(self, source: Source) -> None:
        """Opens a recording on its page, or shows a camera for a try."""
        if isinstance(source, CameraSettings):
            self.window.show_page("live")
            self.watched.try_camera(source)
        else:
            self.window.show_page("recording")
            self.recording.open(source)

    def open_demo(self) -> None:
        """Opens the demonstration clip as a recording."""
        self.window.show_page("recording")
        self.recording.open_demo()

    def choose_file(self) -> None:
        """Asks for a recording and opens it."""
        self.window.show_page("recording")
        self.recording.choose_file()

    def close(self) -> None:
        """Ends all that runs, and waits for it; may be called twice."""
        self.bridge.close()
        self.live.close()

    def _connect(self) -> None:
        self.window.closing.connect(self.close)
        self.live.applied.connect(lambda _: self.notices.dismiss(CAMERAS))
        self.live.refused.connect(lambda why: self.notices.post(Level.PROBLEM, CAMERAS, why))
        self.document.changed.connect(lambda _: self.notices.dismiss(CONFIGURATION))
        self.document.refused.connect(self._tell_refusal)

    def _tell_refusal(self, problems: Problems) -> None:
        words = "; ".join(problem.sentence for problem in problems)
        self.notices.post(
            Level.PROBLEM, CONFIGURATION, words, remedy=self.tr("what was in force before stays in force")
        )


class _Place(Page):
    """Where a page will be."""

    def __init__(self, name: str, title: str) -> None:
        super().__init__()
        self.name, self.icon, self.title = name, name, title


def setup_of(config: Config, aspect: Fraction | None) -> Setup:
    """Returns what recordings are counted with."""
    database = config.database
    place = None if database is None else database.path if database.kind == "path" else database.full
    return Setup(config.model.path if config.model else None, place, config.provider, aspect)
