"""The engine behind a window: one monitor with its screen, and the thread that gives it orders.

Cameras and recordings share it, so that there is one model, log and pipeline for the life of the window; `Live` and
`Bridge` are its two faces. What may take time happens in the thread and never holds up the window.
"""

import logging
from collections.abc import Callable, Mapping
from threading import Event
from time import monotonic

from PyQt6.QtCore import QObject, pyqtSignal

from app.running.player import Events, Player, Setup, sentence
from engine.errors import EngineError
from engine.handoff import WAIT_S, LatestSlot
from engine.memory import FreedMemory
from engine.monitor.monitor import CLOSE_S, Monitor
from engine.monitor.screen import Screen, Wish
from engine.recording.footage import Footage
from engine.settings.config import Config
from engine.worker import Worker

AGAIN_S = 30.0  # between two tries to open a log
LOADING_S = 5.0  # for what is being loaded when there is nothing yet to lose

logger = logging.getLogger(__name__)


class Engine(QObject):
    """Takes orders for cameras and recordings; all methods belong to the GUI thread."""

    applied = pyqtSignal(object)
    """A configuration runs now: its `Changes`."""
    refused = pyqtSignal(str)
    """A configuration could not be used, and why; what ran before goes on."""
    lacking = pyqtSignal(str)
    """Cameras are counted, but no log is kept, and why; '' when it is kept after all."""
    unsaved = pyqtSignal(str)
    """The log is not backed up as it should be, and why; '' when it is again."""
    failed = pyqtSignal(str)
    """Counting or showing has ended for good, and why; the next configuration begins anew."""
    opened = pyqtSignal(object)
    """A `Recording` has begun, in place of the one before."""
    unopened = pyqtSignal(str)
    """A recording could not be opened, and why; the one before goes on."""
    ended = pyqtSignal(str)
    """The recording is through; what ended it before its time and what was wrong with it, a line each, or ''."""
    log_failed = pyqtSignal(str)
    """Samples are not being written, and why."""
    log_resumed = pyqtSignal(str)
    """Samples are being written again; what was lost meanwhile, or ''."""

    def __init__(self, setup: Setup | None = None) -> None:
        """Nothing is counted before it is started; without a setup, not before the first configuration."""
        super().__init__()
        self.monitor = Monitor()
        self.screen = Screen(self.monitor)
        self._setup = setup
        events = Events(self.opened.emit, self.ended.emit, self.log_failed.emit, self.log_resumed.emit)
        self._player = Player(self.monitor, setup or Setup(None, None), events)
        self._bell, self._started, self._closed = Event(), Event(), False
        self._configs: LatestSlot[Config] = LatestSlot()
        self._footage: LatestSlot[Footage] = LatestSlot()
        self._configs.bell = self._footage.bell = self._bell
        self._config: Config | None = None
        """What was applied last."""
        self._again_s = float("-inf")
        """When a log that could not be opened is tried again."""
        self._unsaved = ""
        self._told: set[str] = set()
        """What failed, as far as it was told."""
        self._memory = FreedMemory()
        self._worker = Worker("orders for the engine", self._obey)

    def begin(self) -> None:
        """Loads the model and opens the log, unless it did; what comes of that is told once it is started."""
        if self._worker.ident is None:
            self._worker.start()

    def start(self) -> None:
        """Starts the threads, unless they run; signals have to be connected before."""
        if not self._started.is_set():
            self.screen.start()
            self._started.set()
            self.begin()

    def close(self) -> None:
        """Ends everything and waits for it; may be called twice."""
        self._closed = True
        self._started.set()
        self._bell.set()
        self.screen.close()
        self.monitor.close()
        self._worker.finish(LOADING_S if self.monitor.model is None else CLOSE_S)

    def apply(self, config: Config) -> None:
        """Asks for another configuration; `applied` or `refused` follows. Of several the newest counts."""
        self._configs.put(config)

    def open(self, footage: Footage) -> None:
        """Asks for a recording; `opened` or `unopened` follows. Of several the newest counts."""
        self._footage.put(footage)

    def want(self, face: object, wishes: Mapping[str, Wish]) -> None:
        """Says what one of the faces shows; nothing is made of what none of them does."""
        self.screen.want(wishes, face)

    def _obey(self) -> None:
        config, problems = self._configs.get(timeout_s=0.0), list[str]()
        if config is None and self._setup is not None:
            self._attempt(self._prepare, problems.append)
        self._started.wait()
        for problem in problems:
            self.unopened.emit(problem)
        while not self._closed:
            if config is not None:
                self._attempt(lambda config=config: self._apply(config), self.refused.emit)  # type: ignore[misc]
            footage = self._footage.get(timeout_s=0.0)
            if footage is not None:
                self._attempt(lambda one=footage: self._player.open(one), self.unopened.emit)  # type: ignore[misc]
            self._attempt(self._watch, self.failed.emit)
            self._bell.wait(WAIT_S)
            self._bell.clear()  # before looking, so that what comes while we look is seen the next time
            config = self._configs.get(timeout_s=0.0)

    def _attempt(self, action: Callable[[], object], refuse: Callable[[str], None]) -> None:
        try:
            action()
        except Exception as error:  # the last stop: the thread has to live on for the next order
            if not self._closed:
                refuse(sentence(error))

    def _apply(self, config: Config) -> None:
        if self.monitor.has_ended:
            self.monitor.let_go()
        changes = self.monitor.apply(config, whole=False)
        self._config, self._again_s = config, monotonic() + AGAIN_S
        self._told.clear()
        self._player.takes(config)
        self.applied.emit(changes)
        self.lacking.emit(self.monitor.lack)

    def _prepare(self) -> None:
        problem = self._player.prepare()
        if problem:
            logger.warning("no log is kept: %s", problem)  # and told when the first recording is opened

    def _watch(self) -> None:
        self._memory.give_back(monotonic())
        self._try_log()
        self._player.watch()
        backup = self.monitor.alarms.backup
        why = backup.problem if backup else ""
        if bool(why) != bool(self._unsaved):
            self._unsaved = why
            self.unsaved.emit(why)
        if self.monitor.failure:
            self._tell("counting has ended", self.monitor.failure)
        if self.screen.failure:
            self._tell("pictures can no longer be shown; start the program again", self.screen.failure)

    def _try_log(self) -> None:
        """Has a log kept that could not be opened, once it can be."""
        if self._config is None or not self.monitor.lack or monotonic() < self._again_s:
            return
        self._again_s = monotonic() + AGAIN_S
        self.monitor.apply(self._config, whole=False)
        if not self.monitor.lack:
            self.lacking.emit("")

    def _tell(self, what: str, why: Exception) -> None:
        if what not in self._told:
            self._told.add(what)
            reason = str(why) if isinstance(why, EngineError) else type(why).__name__
            self.failed.emit(f"{what} ({reason})")
