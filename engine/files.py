"""Files that are written whole or not at all: beside their place first, then moved there; and folders with one writer.

The file beside is new and has a name that nobody can foresee. So no two writers share it, and a link that lies in the
folder is not followed.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryFile

import av

from engine.errors import OutputError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

TOKEN_BYTES = 4


class ClaimedError(OutputError):
    """A folder that another process has claimed."""


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Yields a temporary path beside `path`, moved there if the block succeeds and deleted if it fails.

    Raises:
        OutputError: the file cannot be written.
    """
    partial = _partial(path, token_hex(TOKEN_BYTES))
    try:
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        yield partial
        partial.replace(path)
    except (OSError, av.FFmpegError) as error:
        raise unwritable(path, error) from error
    finally:
        with suppress(OSError):  # on a read-only disk even what is not there cannot be deleted
            partial.unlink(missing_ok=True)


@contextmanager
def claimed(folder: Path, *names: str) -> Iterator[None]:
    """Makes a folder for results, and lets nobody else claim it while the block runs.

    Args:
        folder: made if it is not there.
        names: of the files that will be written; what a killed process left of them is deleted.

    Raises:
        OutputError: it cannot be written, or another process has claimed it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            place = _opened_lock(folder)
    except OSError as error:
        raise unwritable(folder, error) from error
    try:
        if not _locked(place):
            raise ClaimedError(f"{folder} is being written by another count; wait for its end, or give another --out")
        for left in (left for name in names for left in folder.glob(_partial(Path(name), "?" * 2 * TOKEN_BYTES).name)):
            left.unlink(missing_ok=True)
        yield
    finally:
        os.close(place)


def claim(folder: Path) -> int | None:
    """Claims a folder until what is returned is closed (`os.close`); None where somebody else has it.

    Raises:
        OSError: it cannot be opened.
    """
    place = _opened_lock(folder)
    if _locked(place):
        return place
    os.close(place)
    return None


def ffmpeg_file(path: Path) -> str:
    """Returns what FFmpeg calls a file; by its path alone it would take what stands before a colon for a protocol."""
    return f"file:{path}"


def unwritable(path: Path, error: OSError | av.FFmpegError) -> OutputError:
    """Returns the error that says why a path cannot be written, and what to do."""
    reason = (error.strerror or str(error)).lower()
    return OutputError(f"{path} cannot be written: {reason}; give another folder with --out, or make room")


def _partial(path: Path, token: str) -> Path:
    return path.with_name(f".{path.stem}.{token}.part{path.suffix}")


def _opened_lock(folder: Path) -> int:
    """Opens what is locked for a folder: the folder itself, or on Windows a file in it that vanishes with the lock."""
    if sys.platform == "win32":
        return os.open(folder / ".deepcount-lock", os.O_CREAT | os.O_RDWR | os.O_TEMPORARY)
    return os.open(folder, os.O_RDONLY)


def _locked(place: int) -> bool:
    """Says whether a lock could be had; where the file system knows none, nobody else can be noticed either."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(place, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True
    return True
