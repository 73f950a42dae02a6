"""Recordings that lie elsewhere, in any of fsspec's file systems (s3, gcs, sftp and so on), and are brought here."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path, PurePosixPath
from time import sleep
from typing import Any

from engine.archive.pieces import Place
from engine.errors import SourceError
from engine.files import claim, written_whole
from engine.paths import cache_folder
from engine.recording.identity import Identity
from engine.redaction import readable, redacted, redacted_address
from engine.sources.file import VIDEO_SUFFIXES

MOST_BYTES = 20 << 30
"""Of what was fetched to one machine of several; what was not used longest goes."""
WAIT_S = 0.2  # between two looks whether another worker has fetched it
MAGIC = frozenset("*?[")
MARKS = "ETag", "etag", "md5Hash", "checksum", "LastModified", "last_modified", "mtime", "created"
"""What file systems say of a file by which its content is known again."""


def is_remote(address: str) -> bool:
    """Whether an address is one for fsspec."""
    return "://" in address


def shown(place: Place) -> str:
    """Returns the address of a recording, for people."""
    scheme = place.address.partition("://")[0]
    return redacted_address(readable(f"{scheme}://{place.inside.lstrip('/')}"))


def listed(address: str) -> list[tuple[Place, tuple[str, ...]]]:
    """Returns the videos of an address, each with the parts of its path below what was named.

    The address is of a file, of a folder, whose folders are looked through too, or a pattern.

    Raises:
        SourceError: there is none, or they cannot be listed.
    """
    files, path = _opened(address)
    try:
        infos = files.glob(path, detail=True) if MAGIC & set(path) else files.find(path, detail=True)
    except Exception as error:  # each file system has errors of its own
        raise SourceError(f"{redacted_address(address)} cannot be listed: {_reason(error)}") from None
    root = _root(path) if set(infos) != {path} else PurePosixPath(path).parent
    found = [
        (_place(address, name, info), _parts(name, root))
        for name, info in sorted(infos.items())
        if info.get("type") == "file" and (name == path or PurePosixPath(name).suffix.lower() in VIDEO_SUFFIXES)
    ]
    if not found:
        raise SourceError(f"{redacted_address(address)} holds no video, expected files such as .mp4")
    return found


@contextmanager
def at_hand(place: Place, folder: Path | None = None) -> Iterator[Path]:
    """Yields the path of a recording on this machine, brought here first where it lies elsewhere.

    Args:
        place: of the recording.
        folder: for what is fetched; None is one that all workers of this machine share.

    Raises:
        SourceError: it cannot be fetched.
    """
    if not is_remote(place.address):
        yield Path(place.address)
        return
    yield _fetched(place, folder or cache_folder() / "fetched")


def _fetched(place: Place, folder: Path) -> Path:
    name = sha256(repr((place.address, place)).encode()).hexdigest()[:32]
    path = folder / f"{name}{PurePosixPath(place.inside).suffix}"
    lock = _alone(folder / f"{name}.lock")
    try:
        if path.is_file():
            os.utime(path)
            return path
        files, _ = _opened(place.address)
        with written_whole(path) as partial:
            files.get_file(place.inside, str(partial))
        _make_room(folder, path)
    except Exception as error:  # each file system has errors of its own
        raise SourceError(f"{shown(place)} cannot be fetched: {_reason(error)}") from None
    finally:
        os.close(lock)
    return path


def _alone(folder: Path) -> int:
    """Waits until no other worker of this machine fetches the same."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        while (lock := claim(folder)) is None:
            sleep(WAIT_S)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SourceError(f"{folder} cannot be written: {reason}; it is needed for what is fetched") from None
    return lock


def _make_room(folder: Path, newest: Path) -> None:
    known = [(path.stat(), path) for path in folder.iterdir() if path.is_file()]
    files = [(facts.st_mtime, facts.st_size, path) for facts, path in known]
    over = sum(size for _, size, _ in files) - MOST_BYTES
    for _, size, path in sorted(files):
        if over <= 0:
            break
        if path != newest:
            with suppress(OSError):
                path.unlink()
            over -= size


def _opened(address: str) -> tuple[Any, str]:
    """Returns a file system and the path in it; raises SourceError."""
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise SourceError(
            f"{redacted_address(address)} needs the Python package fsspec, which is not installed; "
            "pip install 'deepcount[cluster]', or name files of this computer"
        ) from None
    try:
        files, path = url_to_fs(address)
    except ImportError as error:  # s3fs, gcsfs and so on, which says so itself
        raise SourceError(f"{redacted_address(address)} needs another Python package: {_reason(error)}") from None
    except Exception as error:
        raise SourceError(f"{redacted_address(address)} cannot be used: {_reason(error)}") from None
    return files, str(path)


def _place(address: str, name: str, info: Mapping[str, Any]) -> Place:
    marks = repr([(mark, str(info[mark])) for mark in MARKS if mark in info])
    known = sha256(f"{name} {marks}".encode()).hexdigest()
    return Place(address, Identity(int(info.get("size") or 0), 0, known), name)


def _root(path: str) -> PurePosixPath:
    """Returns the last folder of a path that stands before any pattern."""
    parts = PurePosixPath(path).parts
    fixed = next((number for number, part in enumerate(parts) if MAGIC & set(part)), len(parts))
    return PurePosixPath(*parts[:fixed])


def _parts(name: str, root: PurePosixPath) -> tuple[str, ...]:
    path = PurePosixPath(name)
    return path.relative_to(root).parts if path.is_relative_to(root) else (path.name,)


def _reason(error: Exception) -> str:
    return redacted(readable(str(error) or type(error).__name__))
