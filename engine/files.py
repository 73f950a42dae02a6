"""Files that are written whole or not at all: beside their place first, then moved there."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av

from engine.errors import OutputError


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Yields a temporary path beside `path`, moved there if the block succeeds and deleted if it fails.

    Raises:
        OutputError: the file cannot be written.
    """
    partial = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        yield partial
        partial.replace(path)
    except (OSError, av.FFmpegError) as error:
        raise unwritable(path, error) from error
    finally:
        partial.unlink(missing_ok=True)


def prepare_folder(folder: Path) -> None:
    """Makes a folder for results and tries to write in it; raises OutputError if that cannot be done."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".deepcount-probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise unwritable(folder, error) from error


def ffmpeg_file(path: Path) -> str:
    """Returns what FFmpeg calls a file; by its path alone it would take what stands before a colon for a protocol."""
    return f"file:{path}"


def unwritable(path: Path, error: OSError | av.FFmpegError) -> OutputError:
    """Returns the error that says why a path cannot be written, and what to do."""
    reason = (error.strerror or str(error)).lower()
    return OutputError(f"{path} cannot be written: {reason}; give another folder with --out, or make room")
