"""Where snapshots and clips of alerts lie: in a folder beside the log, which the log names them by."""

import logging
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from time import time

from sqlalchemy.engine import URL

from engine.log.place import is_sqlite
from engine.paths import default_database

logger = logging.getLogger(__name__)

SUFFIX = ".alerts"
PARTIAL = ".*.part.*"
PARTIAL_S = 3600.0
"""After which a file that was never finished is nobody's any more."""


def proof_folder(url: URL) -> Path:
    """Returns the folder for a log: beside its file, for a server in the user's data folder."""
    if is_sqlite(url):
        return Path(f"{url.database}{SUFFIX}")
    return default_database().with_name(f"{url.database}{SUFFIX}")


def delete_proofs(url: URL, names: Iterable[str | None]) -> None:
    """Deletes files by the names that the log has of them; one that cannot be deleted is said, and stays."""
    folder = proof_folder(url)
    for name in filter(None, names):
        path = folder / Path(name).name
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            logger.warning("%s is no longer kept, and cannot be deleted: %s", path, error.strerror)


def delete_left_over(url: URL, before_s: float, most: int) -> None:
    """Deletes files of before a moment, in seconds since 1970, that a program left which was killed.

    The log has to name none that is so old; `most` are deleted at once.
    """
    folder = proof_folder(url)
    try:
        old = (path for path in folder.iterdir() if path.is_file() and path.stat().st_mtime < before_s)
        for path in list(islice(old, most)):
            path.unlink(missing_ok=True)
    except OSError as error:
        if folder.is_dir():
            logger.info("files in %s are no longer kept, and cannot be deleted: %s", folder, error.strerror)


def delete_partial(folder: Path) -> None:
    """Deletes what a killed program began and nobody will finish.

    Raises:
        OSError: one of them cannot be deleted.
    """
    before_s = time() - PARTIAL_S
    for path in folder.glob(PARTIAL):
        if path.stat().st_mtime < before_s:
            path.unlink(missing_ok=True)
