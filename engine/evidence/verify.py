"""Proves a bundle against its own manifest: every byte of every member, the audit log's chain, alerts against rules.

The file is untrusted. Nothing of it is unpacked to a disk, what is read into memory is bounded, and what a member
promises to hold is not believed: reading ends where it holds more.
"""

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, LargeZipFile, ZipFile, ZipInfo

from engine.errors import ConfigError
from engine.evidence.archive import MOST_MEMBERS, archive_faults
from engine.evidence.excerpt import excerpt_faults
from engine.evidence.manifest import NAME, Manifest, Member, read_manifest
from engine.evidence.proving import Told, alert_faults
from engine.redaction import readable

LONGEST_LINE = 4096
MOST_READ_BYTES = 32 << 20
"""Of a member that is read into memory."""
PIECE_BYTES = 1 << 20
BROKEN = (
    BadZipFile, LargeZipFile, zlib.error, struct.error, EOFError, OSError, NotImplementedError, RuntimeError,
    ValueError,
)  # fmt: skip
"""What reading a damaged ZIP raises."""
NEEDED = ("report.pdf", "samples.csv", "alerts.json", "alerts.csv", "model-card.md")


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found out about a bundle."""

    findings: tuple[str, ...]
    """What is wrong, a sentence each; nothing where all holds."""
    sha256: str = ""
    """Of its manifest; '' where there is none."""
    members: int = 0
    manifest: Manifest | None = None


def verify(
    path: Path, *, sha256: str | None = None, progress: Callable[[float], object] = lambda share: None
) -> Verified:
    """Finds all that is wrong with a bundle.

    Args:
        path: of the file.
        sha256: of its manifest, as it was told where the bundle was made; None leaves that open.
        progress: called with the share that is done.

    Raises:
        ConfigError: there is no such file, or it cannot be read.
    """
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise ConfigError(f"bundle {path} cannot be read: {(error.strerror or str(error)).lower()}") from error
    try:
        with path.open("rb") as file, ZipFile(path) as archive:
            return _Verifying(archive, file, path.stat().st_size, progress).run(sha256)
    except BROKEN as error:
        return Verified((f"it is no ZIP, or a damaged one: {readable(str(error)).lower()}",))


@dataclass(eq=False, slots=True)
class _Verifying:
    archive: ZipFile
    file: IO[bytes]
    size: int
    progress: Callable[[float], object]

    def run(self, sha256: str | None) -> Verified:
        infos = self.archive.infolist()
        found = list(archive_faults(self.archive, self.file, self.size))
        if len(infos) > MOST_MEMBERS:
            return Verified(tuple(found))
        content = self._read(NAME)
        if content is None:
            return Verified((*found, f"{NAME} is missing, or cannot be read: nothing can be proved"))
        digest = hashlib.sha256(content).hexdigest()
        if sha256 is not None and sha256.lower() != digest:
            found.append(f"{NAME} has the SHA-256 {digest}, expected {sha256.lower()}: the bundle was made anew")
        try:
            manifest = read_manifest(content)
        except ValueError as error:
            return Verified((*found, f"{NAME} {error}"), digest)
        found += self._members(manifest, [info for info in infos if info.filename != NAME])
        found += self._contents(manifest)
        return Verified(tuple(dict.fromkeys(found)), digest, len(manifest.members), manifest)

    def _members(self, manifest: Manifest, infos: Sequence[ZipInfo]) -> Iterator[str]:
        """Yields what members do not have as the manifest says."""
        promised = {member.name: member for member in manifest.members}
        if len(promised) < len(manifest.members):
            yield f"{NAME} names a member twice"
        there = {info.filename: info for info in infos}
        yield from (f"{readable(name)} is not in the manifest: it was added" for name in there if name not in promised)
        yield from (f"{readable(name)} is missing" for name in promised if name not in there)
        yield from (f"{name} is missing, which every bundle has" for name in NEEDED if name not in promised)
        total, done = max(1, sum(member.bytes for member in manifest.members)), 0
        for name, member in promised.items():
            if name in there:
                yield from self._member(there[name], member)
                done += member.bytes
                self.progress(min(1.0, done / total))

    def _member(self, info: ZipInfo, member: Member) -> Iterator[str]:
        """Yields what is wrong with one member."""
        name, size, found = readable(member.name), 0, hashlib.sha256()
        try:
            with self.archive.open(info) as file:
                while size <= member.bytes and (piece := file.read(PIECE_BYTES)):
                    size += len(piece)
                    found.update(piece)
        except BROKEN as error:
            yield f"{name} is damaged: {readable(str(error)).lower()}"
            return
        if size > member.bytes:
            yield f"{name} was changed: it has more than the {member.bytes:,} bytes of the manifest"
        elif size < member.bytes:
            yield f"{name} was changed: it has {size:,} bytes, and {member.bytes:,} by the manifest"
        elif found.hexdigest() != member.sha256:
            yield f"{name} was changed: its SHA-256 is another than that of the manifest"

    def _contents(self, manifest: Manifest) -> Iterator[str]:
        """Yields what does not agree between the members, whatever the manifest says of their bytes."""
        names = {member.name for member in manifest.members} & set(self.archive.namelist())
        if "audit.json" in names:
            yield from self._text_faults("audit.json", excerpt_faults)
        if "alerts.json" not in names:
            return
        alerts, table = self._text("alerts.json"), self._text("alerts.csv")
        if alerts is None:
            yield "alerts.json is too long, or no text in UTF-8: what it says cannot be proved"
            return
        lines = self._lines("samples.csv") if "samples.csv" in names else ()
        try:
            yield from alert_faults(Told(alerts, table, lines, manifest.facts, names))
        except BROKEN:
            yield "samples.csv cannot be read: what alerts say of it cannot be proved"

    def _lines(self, name: str) -> Iterator[str]:
        """Yields the lines of a table; one that is too long is broken."""
        with self.archive.open(name) as file:
            while line := file.readline(LONGEST_LINE):
                yield line.decode()

    def _text_faults(self, name: str, faults: Callable[[str], list[str]]) -> list[str]:
        text = self._text(name)
        return [f"{name} is too long, or no text in UTF-8"] if text is None else faults(text)

    def _text(self, name: str) -> str | None:
        content = self._read(name)
        try:
            return None if content is None else content.decode()
        except UnicodeDecodeError:
            return None

    def _read(self, name: str) -> bytes | None:
        """Returns what a member holds; None where that cannot be read, or is too long."""
        try:
            with self.archive.open(name) as file:
                content = file.read(MOST_READ_BYTES + 1)
        except (KeyError, *BROKEN):
            return None
        return content if len(content) <= MOST_READ_BYTES else None
