"""Proves a bundle against its own manifest: every byte of every member, the audit log's chain, alerts against rules.

The file is untrusted. Nothing of it is unpacked to a disk, what is read into memory is bounded, and what a member
promises to hold is not believed: reading ends where it holds more.
"""

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, LargeZipFile, ZipFile, ZipInfo

from engine.errors import ConfigError
from engine.evidence.excerpt import excerpt_faults
from engine.evidence.manifest import NAME, Manifest, Member, read_manifest
from engine.evidence.proving import Told, alert_faults
from engine.redaction import readable

MOST_MEMBERS = 10_000
LONGEST_LINE = 4096
MOST_READ_BYTES = 32 << 20
"""Of a member that is read into memory."""
MOST_SWELL = 1100
"""How much longer what was deflated can be at most, by the format."""
MOST_SLACK = 512
"""Bytes between two members: headers, and room for long sizes."""
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
        with ZipFile(path) as archive:
            return _Verifying(archive, path.stat().st_size, progress).run(sha256)
    except BROKEN as error:
        return Verified((f"it is no ZIP, or a damaged one: {readable(str(error)).lower()}",))


@dataclass(eq=False, slots=True)
class _Verifying:
    archive: ZipFile
    size: int
    progress: Callable[[float], object]

    def run(self, sha256: str | None) -> Verified:
        infos = self.archive.infolist()
        found = list(_of_archive(infos, self.archive.comment, self.size))
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


def _of_archive(infos: Sequence[ZipInfo], comment: bytes, size: int) -> Iterator[str]:
    """Yields what is wrong with the archive as such."""
    if len(infos) > MOST_MEMBERS:
        yield f"it holds {len(infos):,} members, expected at most {MOST_MEMBERS:,}"
        return
    if comment:
        yield "the archive has a comment, which no bundle has: it was added"
    names: set[str] = set()
    for info in infos:
        name = readable(info.filename)
        if info.filename.casefold() in names:
            yield f"{name} is there twice"
        names.add(info.filename.casefold())
        if _is_tricky(info.filename):
            yield f"{name} would be written outside of the folder that it is unpacked into"
        if info.flag_bits & 0x1:
            yield f"{name} is encrypted, which no member is"
        if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            yield f"{name} is compressed in a way that no member is"
        if info.file_size > MOST_SWELL * info.compress_size + PIECE_BYTES:
            yield f"{name} promises {info.file_size:,} bytes in {info.compress_size:,}, which cannot be"
    yield from _holes(infos, size)


def _holes(infos: Sequence[ZipInfo], size: int) -> Iterator[str]:
    """Yields where bytes lie that belong to no member, or to several."""
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        name = readable(info.filename)
        if info.header_offset < end:
            yield f"{name} shares its bytes with another member"
        elif info.header_offset > end + MOST_SLACK:
            yield f"before {name} lie {info.header_offset - end:,} bytes that belong to no member"
        end = info.header_offset + info.compress_size
    directory = sum(len(info.orig_filename.encode()) + len(info.extra) + MOST_SLACK for info in infos)
    if size > end + directory + MOST_SLACK:
        yield f"behind the last member lie {size - end:,} bytes, more than a list of the members takes"


def _is_tricky(name: str) -> bool:
    path = PurePosixPath(name)
    is_odd = "\\" in name or ":" in name or "\0" in name or not name.isprintable() or name.endswith("/")
    return path.is_absolute() or ".." in path.parts or not name or is_odd
