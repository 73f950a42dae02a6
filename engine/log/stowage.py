"""What waits on disk for a database that cannot be written for long: batches of entries, the oldest written first.

Each program has a folder of its own, which it claims; what one that died left behind is taken over by the next. A batch
is deleted once it is in the log, and written again if that was not noted: no sample is doubled by it.
"""

import gzip
import hashlib
import logging
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from pydantic import BaseModel, ValidationError

from engine.counting.reading import Sample
from engine.errors import OutputError
from engine.files import claim, written_whole
from engine.log.gaps import Gap
from engine.log.run import Entry, NamedModel, RunRecord, is_sample

MOST_BYTES = 1 << 30
"""Of all batches of a program; about ten million samples."""
SUFFIX = ".json.gz"
LEVEL = 1

logger = logging.getLogger(__name__)


class _KeptRun(BaseModel):
    camera: str
    kind: str
    began_s: float
    model_name: str
    model_sha256: str


class _KeptBatch(BaseModel):
    """Entries by the number of their run."""

    runs: list[_KeptRun]
    samples: list[tuple[int, Sample]]
    gaps: list[tuple[int, Gap]]


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries that wait on disk."""

    path: Path
    entries: tuple[Entry, ...]


class Stowage:
    """The batches of one program; of the thread that writes the log."""

    def __init__(self, root: Path, name: str) -> None:
        """Claims a folder once there is something to put into it.

        Args:
            root: the folder of all logs and programs.
            name: of the log; holds no secret.
        """
        self._log = root / hashlib.sha256(name.encode()).hexdigest()[:16]
        self._claims: list[int] = []
        self._own: Path | None = None
        self._paths: list[Path] = []
        self._records: dict[Path, list[RunRecord]] = {}
        self._bytes, self._number = 0, 0
        self.samples = 0
        """How many samples this program put here that are not in the log yet."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._paths

    def take_over(self) -> None:
        """Finds what programs left behind that are no more."""
        with suppress(OSError):
            for folder in sorted(self._log.iterdir()):
                place = claim(folder) if folder != self._own else None
                if place is None:
                    continue
                self._claims.append(place)
                found = sorted(folder.glob(f"[!.]*{SUFFIX}"))
                self._paths += found
                self._bytes += sum(path.stat().st_size for path in found)
                if not found:
                    folder.rmdir()

    def put(self, entries: Sequence[Entry]) -> bool:
        """Puts entries on disk; False if there is no room, or they cannot be written."""
        if self._bytes > MOST_BYTES:
            return False
        records = list(dict.fromkeys(record for record, _ in entries))
        content = gzip.compress(_text_of(records, entries).encode(), LEVEL)
        try:
            path = self._folder() / f"{self._number:08d}{SUFFIX}"
            with written_whole(path) as partial:
                partial.write_bytes(content)
        except (OSError, OutputError) as error:
            logger.error("samples that wait cannot be put on disk: %s", error)
            return False
        self._number += 1
        self._paths.append(path)
        self._records[path] = records
        self._bytes += len(content)
        self.samples += sum(map(is_sample, entries))
        return True

    def first(self) -> Batch | None:
        """Returns the oldest batch; None where there is none."""
        while self._paths:
            path = self._paths[0]
            try:
                return Batch(path, _entries_of(gzip.decompress(path.read_bytes()), self._records.get(path)))
            except (OSError, EOFError, ValueError) as error:
                logger.error("samples that waited in %s cannot be read, and are left there: %s", path, error)
                self._paths.pop(0)
        return None

    def drop(self, batch: Batch) -> None:
        """Lets go of a batch that is in the log."""
        self._paths = [path for path in self._paths if path != batch.path]
        own = self._records.pop(batch.path, None)
        self.samples -= sum(map(is_sample, batch.entries)) if own is not None else 0
        with suppress(OSError):
            self._bytes -= batch.path.stat().st_size
            batch.path.unlink()
            if batch.path.parent != self._own:
                batch.path.parent.rmdir()  # where it was the last

    def close(self) -> None:
        """Leaves what waits to whoever writes the log next; may be called twice."""
        if self._own is not None and not any(path.parent == self._own for path in self._paths):
            with suppress(OSError):
                self._own.rmdir()
        for place in self._claims:
            os.close(place)
        self._claims = []

    def _folder(self) -> Path:
        if self._own is None:
            folder = self._log / token_hex(8)
            folder.mkdir(parents=True)
            place = claim(folder)
            self._claims += [] if place is None else [place]
            self._own = folder
        return self._own


def _text_of(records: Sequence[RunRecord], entries: Sequence[Entry]) -> str:
    numbers = {record: number for number, record in enumerate(records)}
    return _KeptBatch(
        runs=[
            _KeptRun(
                camera=record.camera,
                kind=record.kind,
                began_s=record.began_s,
                model_name=record.model.name,
                model_sha256=record.model.sha256,
            )
            for record in records
        ],
        samples=[(numbers[record], made) for record, made in entries if isinstance(made, Sample)],
        gaps=[(numbers[record], made) for record, made in entries if isinstance(made, Gap)],
    ).model_dump_json()


def _entries_of(text: bytes, known: list[RunRecord] | None) -> tuple[Entry, ...]:
    """Returns what a batch holds; raises ValueError where it is none."""
    try:
        kept = _KeptBatch.model_validate_json(text)
    except ValidationError as error:
        raise ValueError(f"it holds no samples ({error.error_count()} things are wrong in it)") from None
    records = known or [_record(run) for run in kept.runs]
    made: list[tuple[int, Sample | Gap]] = [*kept.samples, *kept.gaps]
    if any(not 0 <= number < len(records) for number, _ in made):
        raise ValueError("it names a run that it does not hold")
    return (*((record, None) for record in records), *((records[number], each) for number, each in made))


def _record(run: _KeptRun) -> RunRecord:
    model = NamedModel(run.model_name, run.model_sha256)
    return RunRecord(run.camera, model, run.began_s, kind="group" if run.kind == "group" else "camera")
