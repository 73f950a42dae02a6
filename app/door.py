"""One window for each configuration: a second start knocks at the door of the first, and hands over what it was given.

Who holds the lock has the window; the system and Qt tell when its process is gone, so nothing of a crash stays in the
way. Lock and socket lie in a folder of the user's own, since what is handed over may hold a password.
"""

import json
import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from time import monotonic

from PyQt6.QtCore import QLockFile, QObject, pyqtSignal
from PyQt6.QtNetwork import QLocalServer, QLocalSocket

from engine.errors import EngineError
from engine.paths import cache_folder

ANSWER_MS, ANSWERS_WITHIN_S = 1000, 20.0  # the first may be starting just now, on a busy machine
PAUSE_MS = 100
LONGEST = 65536  # bytes of a message
LONGEST_SOCKET = 90  # characters of a path that every system takes
DONE = b"done\n"


class Door(QObject):
    """Of one configuration."""

    knocked = pyqtSignal(str)
    """Somebody started once more: what was given then, a path or an address, or ''."""

    def __init__(self, config: Path) -> None:
        super().__init__()
        self._config = config
        folder, name = cache_folder(), f"window-{sha256(os.fsencode(config.resolve())).hexdigest()[:12]}"
        with suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = QLockFile(str(folder / f"{name}.lock"))
        self._lock.setStaleLockTime(0)  # never by its age alone
        place = str(folder / name)
        self.place = place if len(place) <= LONGEST_SOCKET else name
        """Of the socket."""
        self._server: QLocalServer | None = None

    def enter(self, given: str) -> bool:
        """Says whether the window is ours; where it is not, whoever has it was told what was given.

        Where nothing can be locked, as in a home that is read-only, everybody has a window.

        Raises:
            EngineError: whoever has it does not answer.
        """
        end_s = monotonic() + ANSWERS_WITHIN_S
        while monotonic() < end_s:
            if self._lock.tryLock(PAUSE_MS) or self._lock.error() is not QLockFile.LockError.LockFailedError:
                return True
            if self._knock(given):
                return False
        _, process, _, _ = self._lock.getLockInfo()
        raise EngineError(
            f"a window on {self._config.name} is open already (process {process}) and does not answer, expected it to "
            "come forward; end it, and start again"
        )

    def listen(self) -> bool:
        """Hears knocks from now on, in the event loop of this thread; says whether that could be."""
        QLocalServer.removeServer(self.place)  # of one that crashed: the lock is ours
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._welcome)
        return self._server.listen(self.place)

    def close(self) -> None:
        """Lets another window be opened; may be called twice."""
        if self._server is not None:
            self._server.close()
        self._lock.unlock()

    def _knock(self, given: str) -> bool:
        socket = QLocalSocket()
        socket.connectToServer(self.place)
        if not socket.waitForConnected(ANSWER_MS):
            return False
        socket.write(json.dumps({"given": given}).encode() + b"\n")
        socket.flush()
        while socket.bytesAvailable() < len(DONE):
            if not socket.waitForReadyRead(ANSWER_MS):
                return False
        return socket.readAll().data() == DONE

    def _welcome(self) -> None:
        assert self._server is not None
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.disconnected.connect(socket.deleteLater)
            socket.readyRead.connect(lambda socket=socket: self._hear(socket))
            self._hear(socket)

    def _hear(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() > LONGEST:
                socket.abort()
            return
        try:
            given = json.loads(bytes(socket.readLine(LONGEST)))["given"]
        except (ValueError, KeyError, TypeError):
            given = None
        if not isinstance(given, str):
            socket.abort()
            return
        socket.write(DONE)
        socket.flush()
        self.knocked.emit(given)
