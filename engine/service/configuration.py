"""The configuration of a service: read again when its file changes or somebody asks; one that is broken is refused.

The file is looked at once a second, and read when two looks in a row find the same, so that one that is being written
is not. What takes long, such as another model, is loaded in a thread of its own.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Event

from engine.errors import EngineError
from engine.handoff import WAIT_S
from engine.monitor.state import Changes
from engine.settings.config import Config
from engine.worker import Worker

Stamp = tuple[int, int, int] | None
"""By which a file is known to be another: time, size, number; None where there is none."""

logger = logging.getLogger(__name__)


class Configuration:
    """What a service is to do; what has no underscore may be used by any thread."""

    def __init__(self, path: Path, read: Callable[[], Config], apply: Callable[[Config], Changes]) -> None:
        """Reads nothing yet.

        Args:
            path: of the file.
            read: returns what it holds now.
            apply: brings what runs in step with it; both raise EngineError where it cannot be used.
        """
        self._path, self._read, self._apply = path, read, apply
        self._tried = self._looked = _stamp(path)
        self._is_asked = False
        self._bell, self._ending = Event(), Event()
        self.current = Config()
        """What is in force."""
        self.problem = ""
        """Why what the file holds now is not in force, in a sentence; empty where it is."""
        self.reloads = 0
        """How often another was put in force."""
        self._worker = Worker(f"configuration {path.name}", self._reload_again_and_again)

    @property
    def failure(self) -> Exception | None:
        """Why it is read no more, or None."""
        return self._worker.failure

    def begin(self) -> None:
        """Puts the first one in force, and reads it again from then on; takes as long as it takes.

        Raises:
            EngineError: it cannot be used.
        """
        config = self._read()
        self._apply(config)
        self.current = config
        self._worker.start()

    def ask(self) -> None:
        """Has it read again at the next look; may be called by a signal handler."""
        self._is_asked = True

    def look(self) -> None:
        """Looks at the file; has to be called about once a second, by one thread."""
        stamp, before = _stamp(self._path), self._looked
        self._looked = stamp
        if self._is_asked or (stamp != self._tried and stamp == before):
            self._is_asked, self._tried = False, stamp
            self._bell.set()

    def close(self) -> None:
        """Reads it no more; waits for what is being loaded, unless that was broken off."""
        self._ending.set()
        self._bell.set()
        self._worker.finish()

    def _reload_again_and_again(self) -> None:
        while not self._ending.is_set():
            if self._bell.wait(WAIT_S):
                self._bell.clear()
                self._reload()

    def _reload(self) -> None:
        if self._ending.is_set():
            return
        try:
            config = self._read()
            changes = self._apply(config)
        except EngineError as error:
            if not self._ending.is_set():
                self.problem = str(error)
                logger.warning("the configuration is refused, and the one before goes on: %s", error)
            return
        before, self.current, self.problem = self.current, config, ""
        self.reloads += 1
        logger.info("the configuration was read again: %s", words_of(changes, is_same=config == before))


def words_of(changes: Changes, *, is_same: bool) -> str:
    """Says what another configuration changed."""
    named = {
        "added": changes.added,
        "removed": changes.removed,
        "connected anew": changes.reconnected,
        "changed": changes.recounted,
    }
    said = [f"{what}: {', '.join(names)}" for what, names in named.items() if names]
    said += ["another model"] if changes.model else []
    said += ["another log"] if changes.database else []
    return "; ".join(said) or ("nothing changed" if is_same else "no camera was touched")


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
