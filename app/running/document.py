"""The configuration file in the window: read, watched, changed by dialogs and by hand, with undo.

Whoever edits it by hand meanwhile loses nothing: what touches other cameras and settings is put together, what touches
the same is refused. An undo writes the very text that was there before, comments and all.
"""

from dataclasses import dataclass, field
from pathlib import Path

from PyQt6.QtCore import QFileSystemWatcher, QObject, QTimer, pyqtSignal

from app.running.ahead import ReadAhead
from app.running.changes import Item, Key, moved, put_in, taken_out
from app.running.deed import deed
from engine.errors import ConfigError
from engine.settings.config import LISTS, CameraSettings, Config
from engine.settings.config_file import Listed, config_text, parsed_config, read_text, write_text
from engine.settings.merging import merged
from engine.settings.problems import Problem, tried

SETTLE_MS = 150  # editors write in several steps
POLL_MS = 2000  # for file systems that tell nothing
MOST_STEPS = 100
LOGIN_REMEDY = "give user and password in their own fields"

Stamp = tuple[int, int, int]
"""Of a file: what differs after each change."""
Problems = tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Version:
    """What the file said at one moment."""

    text: str = field(repr=False)
    config: Config


@dataclass(frozen=True, slots=True)
class _Step:
    """A change that can be undone."""

    words: str
    before: _Version
    after: _Version


class _Refusal(Exception):  # noqa: N818
    """Why a change is not made."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__()
        self.problems = problems


class Document(QObject):
    """One configuration file and the configuration in force; for the GUI thread."""

    changed = pyqtSignal(object)
    """Another `Config` is in force, and in the file."""
    mended = pyqtSignal()
    """The file can be used again, and says what is in force."""
    refused = pyqtSignal(object)
    """A tuple of `Problem`: a change that was not made, or an edit by hand that cannot be; what was in force stays."""

    def __init__(self, path: Path) -> None:
        """Reads the file; one that is not there is a configuration without cameras, and is made at the first change."""
        super().__init__()
        self.path = path
        self.problems: Problems = ()
        """What is wrong in the file now; while there is something, nothing is written over it."""
        self._is_astray = False
        """Whether the file was gone or could not be used when it was read last."""
        self._stamp = self._seen = self._stamp_there = _stamp(path)
        self._version, self._ahead = _Version("", Config()), ReadAhead(path)
        self._done: list[_Step] = []
        self._undone: list[_Step] = []
        self._read(first=True)
        self._watcher, self._settle, self._poll = QFileSystemWatcher(self), QTimer(self), QTimer(self)
        self._watch()

    @property
    def config(self) -> Config:
        """The configuration in force."""
        return self._version.config

    @property
    def undo_words(self) -> str:
        """What can be undone, such as 'Remove gate'; empty where nothing can."""
        return self._done[-1].words if self._done else ""

    @property
    def redo_words(self) -> str:
        """What can be done again; empty where nothing can."""
        return self._undone[-1].words if self._undone else ""

    def camera(self, name: str) -> CameraSettings | None:
        """Returns a camera's settings; None where there is none of that name."""
        return next((camera for camera in self.config.cameras if camera.name == name), None)

    def put_camera(self, settings: CameraSettings, *, replacing: str | None = None) -> Problems:
        """Adds a camera at the end, or puts it in the place of one; returns why it could not, as all that change."""
        return self.put_item("cameras", settings, replacing=replacing)

    def remove_camera(self, name: str) -> Problems:
        """Takes a camera out, of groups as well."""
        return self.remove_item("cameras", name)

    def move_camera(self, name: str, by: int) -> Problems:
        """Moves a camera so many places towards the end, or towards the beginning; at the ends it stays."""
        return self.move_item("cameras", name, by)

    def put_item(self, key: Key, item: Item, *, replacing: str | None = None) -> Problems:
        """Adds something to a list, or puts it in the place of one of that name; what points to that follows."""
        change = put_in(self.config, key, item, replacing)
        if change is None:
            words = f"{LISTS[key]} '{replacing}' is not there any more, expected it; add it anew"
            return self._refuse(_plain(words))
        return self._put(change.config, change.renamed)

    def move_item(self, key: Key, name: str, by: int) -> Problems:
        """Moves something in its list."""
        return self._put(moved(self.config, key, name, by))

    def remove_item(self, key: Key, name: str) -> Problems:
        """Takes something out of a list, and out of what points to it."""
        return self._put(taken_out(self.config, key, name))

    def put(self, config: Config) -> Problems:
        """Takes another configuration whole; the file keeps what was changed in it meanwhile elsewhere."""
        return self._put(config)

    def renew(self) -> None:
        """Has the configuration in force taken anew, since what it points to changed, such as a password."""
        self.changed.emit(self.config)

    def undo(self) -> Problems:
        """Takes back the last change."""
        return self._step(self._done, self._undone)

    def redo(self) -> Problems:
        """Makes the change again that was taken back last."""
        return self._step(self._undone, self._done)

    def close(self) -> None:
        """Reads nothing ahead any more; may be called twice."""
        self._ahead.finish()

    def look(self) -> None:
        """Looks whether the file was changed by somebody else; done by itself some moments after it was."""
        seen = _stamp(self.path)
        if seen == self._stamp:
            return
        if seen != self._seen:  # it is still being written
            self._seen = seen
            self._settle.start(SETTLE_MS)
            return
        self._stamp = seen
        self._watch_paths()
        self._read()

    def _put(self, config: Config, renamed: dict[Listed, str] | None = None) -> Problems:
        if config == self.config:
            return ()
        base = self.config
        try:
            _, found = tried(Config, dict(config), self.path.name, folder=self.path.parent)
            if found:
                raise _Refusal(*found)
            there = self._version_there()
            self._write(self._composed((base, config), there, renamed or {}))
        except _Refusal as refusal:
            return self._refuse(*refusal.problems)
        self._done = [*self._done, _Step(deed(base, config), there, self._version)][-MOST_STEPS:]
        self._undone.clear()
        self.changed.emit(self.config)
        return ()

    def _step(self, taken: list[_Step], given: list[_Step]) -> Problems:
        if not taken:
            return ()
        step = taken[-1]
        start, end = (step.after, step.before) if taken is self._done else (step.before, step.after)
        try:
            there = self._version_there()
            is_untouched = there.text == start.text
            text = end.text if is_untouched else self._composed((start.config, end.config), there, {})
            self._write(text)
        except _Refusal as refusal:
            return self._refuse(*refusal.problems)
        given.append(taken.pop())
        self.changed.emit(self.config)
        return ()

    def _version_there(self) -> _Version:
        """Returns what the file says now; where it is gone, what it said last, so that nothing of it is lost."""
        self._stamp_there = _stamp(self.path)
        if self._stamp_there is None:
            return self._version
        try:
            text = read_text(self.path)
        except ConfigError as error:
            raise _Refusal(_plain(str(error))) from None
        if text == self._version.text:
            return self._version
        config, found = parsed_config(text, self.path)
        if config is None:
            raise _Refusal(*found)
        return _Version(text, config)

    def _composed(self, change: tuple[Config, Config], there: _Version, renamed: dict[Listed, str]) -> str:
        """Returns the text of the file with a change, given as before and after."""
        try:
            config = merged(*change, there.config)
            parsed = self._ahead.take(there.text)
            text, left_out = config_text(config, there.text, self.path, renamed=renamed, parsed=parsed)
        except ConfigError as error:
            raise _Refusal(_plain(str(error))) from None
        if left_out:
            remedy = "let the server trust it, or set PGPASSWORD" if left_out[0] == "database" else LOGIN_REMEDY
            words = f"{left_out[0]}: the address holds a password, which is not written into the file; {remedy}"
            raise _Refusal(_plain(words))
        return text

    def _write(self, text: str) -> None:
        """Writes a text over the version that was looked at last."""
        made, found = parsed_config(text, self.path)
        if made is None:
            raise _Refusal(*found)
        if _stamp(self.path) != self._stamp_there:
            raise _Refusal(_plain(f"{self.path.name} is being changed by another program just now; try again"))
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_text(text, self.path)
        except ConfigError as error:
            raise _Refusal(_plain(str(error))) from None
        except OSError as error:
            reason = (error.strerror or "unknown reason").lower()
            raise _Refusal(_plain(f"{self.path.parent} cannot be made: {reason}; choose another folder")) from None
        self._version, self._stamp, self.problems = _Version(text, made), _stamp(self.path), ()
        self._ahead.begin(text)
        self._watch_paths()

    def _read(self, *, first: bool = False) -> None:
        """Takes over what is in the file."""
        if not self.path.exists():
            if not first:
                self._is_astray = True
                self._refuse(_plain(f"{self.path} is gone; what it said last stays in force, until the next change"))
            return
        try:
            text = read_text(self.path)
            config, self.problems = parsed_config(text, self.path)
        except ConfigError as error:
            config, self.problems = None, (_plain(str(error)),)
        was_astray, self._is_astray = self._is_astray, config is None
        if config is None:
            if not first:
                self.refused.emit(self.problems)
            return
        is_other = config != self.config
        self._version = _Version(text, config)
        self._ahead.begin(text)
        if is_other and not first:
            self.changed.emit(config)
        elif was_astray:
            self.mended.emit()

    def _refuse(self, *problems: Problem) -> Problems:
        self.refused.emit(problems)
        return problems

    def _watch(self) -> None:
        self._settle.setSingleShot(True)
        for signal in (self._watcher.fileChanged, self._watcher.directoryChanged):
            signal.connect(self.look)
        for timer in (self._settle, self._poll):
            timer.timeout.connect(self.look)
        self._poll.start(POLL_MS)
        self._watch_paths()

    def _watch_paths(self) -> None:
        """Watches the file and its folder, since an editor that replaces the file ends the watch on it."""
        missing = {str(self.path), str(self.path.parent)} - {*self._watcher.files(), *self._watcher.directories()}
        if there := [path for path in missing if Path(path).exists()]:
            self._watcher.addPaths(there)


def _plain(sentence: str) -> Problem:
    return Problem((), sentence, sentence)


def _stamp(path: Path) -> Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
