"""What was counted so far of an archive, in a folder beside its results, so that the same command goes on.

Of each recording that is being counted there is a folder with a file for each piece, whole and with a hash of itself;
of one that is done there is one file, and the pieces are gone.
"""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np

from engine.archive.counting import Counted
from engine.archive.pieces import Piece
from engine.archive.result import Result
from engine.files import unwritable, written_whole
from engine.recording.counts import COLUMNS, flaws_facts, flaws_from

FORMAT = 1
HASH_BYTES = 32


class Ledger:
    """Counts by the key of their recording; of one thread."""

    def __init__(self, folder: Path) -> None:
        """Takes a folder, which is there."""
        self.folder = folder

    def done(self, key: str) -> Result | None:
        """Returns what came of a recording that is done; None where it is not."""
        try:
            return Result.of(json.loads(self._done(key).read_text("utf-8")))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def finish(self, key: str, result: Result) -> None:
        """Notes that a recording is done, and forgets its pieces; raises OutputError."""
        with written_whole(self._done(key)) as partial:
            partial.write_text(json.dumps(result.as_dict), encoding="utf-8")
        shutil.rmtree(self._pieces(key), ignore_errors=True)

    def keep(self, key: str, piece: Piece, counted: Counted) -> None:
        """Keeps what was counted of a piece; raises OutputError."""
        head = {"format": FORMAT, "remarks": counted.remarks, "flaws": flaws_facts(counted.flaws)}
        content = json.dumps(head).encode() + b"\n" + counted.rows.tobytes()
        path = self._pieces(key) / piece.name
        _make_folder(path.parent)
        with written_whole(path) as partial:
            partial.write_bytes(hashlib.sha256(content).digest() + content)

    def kept(self, key: str, piece: Piece) -> Counted | None:
        """Returns what was counted of a piece; None where nothing is kept of it, or what is kept is damaged."""
        try:
            content = (self._pieces(key) / piece.name).read_bytes()
        except OSError:
            return None
        if hashlib.sha256(content[HASH_BYTES:]).digest() != content[:HASH_BYTES]:
            return None
        line_end = content.index(b"\n", HASH_BYTES)
        head = json.loads(content[HASH_BYTES:line_end])
        if head["format"] != FORMAT:
            return None
        rows = np.frombuffer(content[line_end + 1 :], np.float64).reshape(-1, COLUMNS)
        return Counted(rows, tuple(head["remarks"]), flaws_from(head["flaws"]))

    def forget(self, key: str) -> None:
        """Forgets a recording, so that it is counted anew."""
        self._done(key).unlink(missing_ok=True)
        shutil.rmtree(self._pieces(key), ignore_errors=True)

    def _done(self, key: str) -> Path:
        return self.folder / f"{key}.json"

    def _pieces(self, key: str) -> Path:
        return self.folder / key


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error
