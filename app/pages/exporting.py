"""What is saved of a recording: a picture of what is shown, a part of it as a clip, the counts of a part as a table.

Files are written in threads of their own; what came of it is told as a notice.
"""

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QCoreApplication
from PyQt6.QtWidgets import QFileDialog

from app.notices import Level, Notices
from app.panels.curve_export import write_picture
from app.panels.layout import Panels
from app.panels.snapshot import file_stem, free_path, pictures_folder
from app.panels.timeline_span import moment_text, write_counts
from app.panels.timeline_stretch import Span
from app.panels.work_strip import WorkStrip
from app.running.bridge import Bridge
from app.running.errands import Errands
from engine.recording.footage import Footage

CLIP = "saving the clip"
CLIPS, TABLES = "Clips (*.mp4 *.mov *.mkv)", "Tables (*.csv)"


class Exporting:
    """Saves what is shown and what is chosen; belongs to the GUI thread."""

    def __init__(self, panels: Panels, bridge: Bridge, notices: Notices, source: str) -> None:
        """`source` is that of its notices."""
        self.folder: Path | None = None
        """Into which something was saved last."""
        self.on_evidence: Callable[[Span | None], object] = lambda span: None
        """Asks for the evidence of what is chosen, of all for None."""
        self.strip = WorkStrip()
        self._panels, self._bridge, self._notices, self._source = panels, bridge, notices, source
        self._clips, self._files = Errands("clips of a recording"), Errands("files of a recording")
        self._share, self._is_cancelled = 0.0, False
        self.strip.cancelled.connect(self.cancel)

    def commands(self) -> dict[str, Callable[[], object]]:
        """Returns what the keys do."""
        return {
            "snapshot": self.save_snapshot,
            "save_clip": self._ask_clip,
            "save_counts": self._ask_counts,
            "evidence": lambda: self.on_evidence(self._panels.plot.span),
        }

    def save_snapshot(self) -> Path | None:
        """Saves a picture of what is shown, into the folder that was used last; returns where, None without any."""
        recording, line = self._bridge.recording, self._panels.plot
        if recording is None or not self._panels.video.has_picture:
            return None
        words = f"{self._panels.facts.count.accessibleName()} · {moment_text(line.head_s)} · {recording.name}"
        image = self._panels.video.snapshot(words)
        path = free_path(self._usual_folder() / f"{file_stem(recording.name, line.head_s)}.png")
        self._files.ask(_said("saving {0}").format(path.name), lambda: write_picture(free_path(path), image))
        return path

    def save_clip(self, path: Path) -> None:
        """Saves what is chosen as a clip."""
        recording, span = self._bridge.recording, self._panels.plot.span
        if recording is None or span is None:
            return
        self._share, self._is_cancelled, self.folder = 0.0, False, path.parent
        self._clips.ask(CLIP, lambda: self._copy(path, recording.footage, span))
        self.pull()

    def save_counts(self, path: Path) -> None:
        """Saves the counts of what is chosen as a table, or all where nothing is."""
        line = self._panels.plot
        times, people = (each.copy() for each in line.counted.between(*(line.span or (0.0, line.counted.end_s))))
        self.folder = path.parent
        self._files.ask(_said("saving {0}").format(path.name), lambda: write_counts(path, times, people))

    def cancel(self) -> None:
        """Gives up the clip that is being saved."""
        self._is_cancelled = True

    def pull(self) -> None:
        """Tells what was saved, and how far it is."""
        is_busy = self._clips.is_busy(CLIP) and not self._is_cancelled
        self.strip.show_work(_said("Saving the clip…") if is_busy else "", self._share)
        for outcome in (*self._clips.outcomes(), *self._files.outcomes()):
            if outcome.problem and not (outcome.kind == CLIP and self._is_cancelled):
                self._notices.post(Level.PROBLEM, self._source, outcome.problem)
            elif isinstance(outcome.result, Path):
                self._notices.post(Level.NEWS, self._source, _said("saved as {0}").format(outcome.result))
            elif isinstance(outcome.result, str):
                self._notices.post(Level.NEWS, self._source, outcome.result)

    def finish(self) -> None:
        """Gives up a clip, and waits for what else is being written."""
        self.cancel()
        self._clips.close(CLIP)
        self._files.close()

    def _copy(self, path: Path, footage: Footage, span: Span) -> str:
        begin_s = footage.save(path, span, lambda: not self._is_cancelled, self._step)
        words = _said("saved as {0}; it begins at {1}, with the picture from which on it can be played, without sound")
        return words.format(path, moment_text(begin_s))

    def _step(self, share: float) -> None:
        self._share = share

    def _ask_clip(self) -> None:
        recording, span = self._bridge.recording, self._panels.plot.span
        if recording is None:
            return
        if span is None:
            words = _said("no part is chosen, expected one; set in and out point (I and O) or drag with Shift")
            self._notices.post(Level.WARNING, self._source, words)
        elif path := self._asked(_said("Save a clip"), f"{file_stem(recording.name, *span)}.mp4", CLIPS):
            self.save_clip(path)

    def _ask_counts(self) -> None:
        recording, line = self._bridge.recording, self._panels.plot
        if recording is not None and line.points:
            span: Span = line.span or (0.0, line.counted.end_s)
            path = self._asked(_said("Save the counts"), f"{file_stem(recording.name, *span)}.csv", TABLES)
            if path is not None:
                self.save_counts(path)

    def _asked(self, title: str, name: str, kinds: str) -> Path | None:
        place = str((self.folder or Path.home()) / name)
        chosen, _ = QFileDialog.getSaveFileName(self._panels.video.window(), title, place, kinds)
        return (Path(chosen) if Path(chosen).suffix else Path(chosen + Path(name).suffix)) if chosen else None

    def _usual_folder(self) -> Path:
        return self.folder if self.folder is not None and self.folder.is_dir() else pictures_folder()


def _said(words: str) -> str:
    return QCoreApplication.translate("exporting", words)
