"""Which recording a file or folder is, whatever it is called: its size, its time of change, and a hash of its ends.

A hash of all of it would take as long as reading it. A folder of pictures is known by their names, sizes and times.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from engine.errors import SourceError
from engine.sources.folder import SUFFIXES

END_BYTES = 1 << 20  # hashed at the beginning, and as many at the end


@dataclass(frozen=True, slots=True)
class Identity:
    """By what a recording is known again."""

    size: int
    """Bytes."""
    changed_ns: int
    """When it was changed last, in nanoseconds since 1970."""
    sha256: str
    """Of its first and last MiB, or of what is known of the pictures of a folder."""


def identity_of(path: Path) -> Identity:
    """Returns the identity of a video file, or of a folder of pictures.

    Raises:
        SourceError: it cannot be read.
    """
    try:
        return _of_folder(path) if path.is_dir() else _of_file(path)
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}") from error


def _of_file(path: Path) -> Identity:
    with path.open("rb") as file:
        facts = path.stat()
        found = hashlib.sha256(file.read(END_BYTES))
        file.seek(max(END_BYTES, facts.st_size - END_BYTES))
        found.update(file.read(END_BYTES))
    return Identity(facts.st_size, facts.st_mtime_ns, found.hexdigest())


def _of_folder(path: Path) -> Identity:
    found = hashlib.sha256()
    size, changed_ns = 0, 0
    for picture in sorted(one for one in path.iterdir() if one.suffix.lower() in SUFFIXES):
        facts = picture.stat()
        found.update(repr((picture.name, facts.st_size, facts.st_mtime_ns)).encode())
        size, changed_ns = size + facts.st_size, max(changed_ns, facts.st_mtime_ns)
    return Identity(size, changed_ns, found.hexdigest())
