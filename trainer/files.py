"""Files that are written whole or not at all: beside their place first, then moved there.

The file beside is new and has a name that nobody can foresee. So no two writers share it, and a link that lies in the
folder is not followed.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from trainer.errors import TrainerError

TOKEN_BYTES = 4


@contextmanager
def written_whole(path: Path, what: str) -> Iterator[Path]:
    """Yields a temporary path beside `path`; what was written there takes its place when the block ends well.

    Args:
        path: of the file, whose old content stays if anything fails.
        what: the file holds, for the message.

    Raises:
        TrainerError: the folder cannot be written to, or the disk is full.
    """
    partial = path.with_name(f".{path.stem}.{token_hex(TOKEN_BYTES)}.part{path.suffix}")
    try:
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        yield partial
        partial.replace(path)
    except OSError as error:
        raise TrainerError(f"{what} {path} cannot be written: {reason(error)}") from error
    finally:
        with suppress(OSError):  # where there is nothing to remove, the first error is the one to tell
            partial.unlink(missing_ok=True)


def made_folder(path: Path, what: str) -> Path:
    """Makes a folder and those above it where they are missing; raises TrainerError if it cannot be written to."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TrainerError(f"{what} {path} cannot be made: {reason(error)}; choose another") from error
    if not os.access(path, os.W_OK):
        raise TrainerError(f"{what} {path} cannot be written to; change its permissions or choose another")
    return path


def content_hash(path: Path) -> str:
    """Returns the SHA-256 of a file, in hexadecimal; raises TrainerError if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise TrainerError(f"{path} cannot be read: {reason(error)}") from error


def reason(error: BaseException) -> str:
    """Says in one short line what went wrong; foreign messages come with line breaks and with paths said already."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    line = " ".join(text.split()) or type(error).__name__
    return line if len(line) <= 200 else line[:197] + "..."
