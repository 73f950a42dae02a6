"""Which recordings a command line names, and what each one's table is called.

Tables lie below the folder for results as the recordings lie below the folder that was named. A name that was once
given stays with its recording, so that an archive may grow; none leads out of the folder for results.
"""

import glob
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePath

from engine.archive.fetching import MAGIC, is_remote, listed, shown
from engine.archive.pieces import Place
from engine.errors import OutputError, SourceError
from engine.files import written_whole
from engine.recording.identity import identity_of
from engine.redaction import readable
from engine.sources.file import VIDEO_SUFFIXES
from engine.sources.folder import SUFFIXES

NAMES = "names.json"
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')
LONGEST_PART = 150  # characters of a folder's or file's name


@dataclass(frozen=True, slots=True)
class Recording:
    """One of those that were named."""

    shown: str
    """Its path or URL, for people."""
    name: str
    """Of its table, below the folder for results, without the suffix."""
    bytes: int
    path: Path
    remote: Place | None = None
    """Where it lies, of one that has to be fetched; then `path` is nothing."""

    def place(self) -> Place:
        """Returns where it lies, and which it is; raises SourceError where it cannot be read."""
        return self.remote or Place(str(self.path), identity_of(self.path))


@dataclass(frozen=True, slots=True)
class _Found:
    """A recording without a name."""

    key: str
    """By which its name is known; holds no secret."""
    shown: str
    bytes: int
    parts: tuple[str, ...]
    """Its path below what was named."""
    path: Path = Path()
    place: Place | None = None


def recordings(named: Sequence[str], out: Path, state: Path) -> list[Recording]:
    """Returns the recordings of all that was named, each once.

    Args:
        named: files, folders, patterns, and URLs of these.
        out: the folder for results, in which none is looked for.
        state: the folder in which names are kept.

    Raises:
        SourceError: one names no recording.
        OutputError: the names cannot be kept.
    """
    found: dict[str, _Found] = {}
    for each in named:
        for one in _remote(each) if is_remote(each) else _local(each, out):
            found.setdefault(one.key, one)
    names = _names({key: one.parts for key, one in found.items()}, state / NAMES)
    return [Recording(one.shown, names[key], one.bytes, one.path, one.place) for key, one in found.items()]


def _remote(named: str) -> Iterator[_Found]:
    for place, parts in listed(named):
        key = sha256(f"{place.address} {place.inside}".encode()).hexdigest()
        yield _Found(key, shown(place), place.identity.size, parts, place=place)


def _local(named: str, out: Path) -> Iterator[_Found]:
    for path, parts in _paths(named, out.resolve()):
        whole = Path(os.path.abspath(path))  # noqa: PTH100  # other than `absolute` it takes out '..'
        yield _Found(str(whole), readable(str(path)), _bytes(path), parts, whole)


def _paths(named: str, out: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Yields the paths of recordings, and each one's parts below what was named."""
    path = Path(named)
    if path.is_dir():
        yield from _of_folder(path, out)
    elif path.exists():
        yield path, (path.name,)
    elif MAGIC & set(named):
        yield from _of_pattern(named)
    else:
        raise SourceError(f"{named} does not exist, expected a video, a folder or a pattern such as '2024/*.mp4'")


def _of_pattern(named: str) -> Iterator[tuple[Path, tuple[str, ...]]]:
    parts, number = Path(named).parts, 0
    fixed = next(number for number, part in enumerate(parts) if MAGIC & set(part))
    for match in map(Path, sorted(glob.glob(named, recursive=True))):  # noqa: PTH207  # of any pattern, also absolute
        if match.is_file() and match.suffix.lower() in VIDEO_SUFFIXES:
            number += 1
            yield match, match.parts[fixed:]
    if not number:
        raise SourceError(f"{named} finds no video, expected files such as .mp4; check the pattern")


def _of_folder(path: Path, out: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Yields the videos of a folder and of the folders in it; the folder itself where it only holds pictures."""
    number = 0
    for folder, folders, files in os.walk(path):
        here = Path(folder)
        folders[:] = sorted(each for each in folders if not each.startswith(".") and (here / each).resolve() != out)
        for name in sorted(files):
            if PurePath(name).suffix.lower() in VIDEO_SUFFIXES and not name.startswith("."):
                number += 1
                yield here / name, (here / name).relative_to(path).parts
    if number:
        return
    if not any(each.suffix.lower() in SUFFIXES for each in path.iterdir()):
        raise SourceError(f"folder {path} holds no video and no picture, expected recordings such as .mp4")
    yield path, (path.resolve().name,)


def _bytes(path: Path) -> int:
    try:
        return sum(each.stat().st_size for each in path.iterdir()) if path.is_dir() else path.stat().st_size
    except OSError:  # whoever counts it says why
        return 0


def _names(wanted: Mapping[str, tuple[str, ...]], path: Path) -> dict[str, str]:
    """Returns the names of recordings by their keys: those that they had, and new ones for the others."""
    known = _known(path)
    taken = {name.casefold() for name in known.values()}
    for key, parts in wanted.items():
        if key in known:
            continue
        base = name = "/".join(map(_safe, parts))
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{base}-{number}"
        taken.add(name.casefold())
        known[key] = name
    with written_whole(path) as partial:
        partial.write_text(json.dumps(known, indent=1), encoding="utf-8")
    return known


def _known(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise OutputError(
            f"{path} cannot be read ({error}), without which results could take each other's names"
        ) from None
    if not (isinstance(found, dict) and all(isinstance(name, str) and _is_inside(name) for name in found.values())):
        raise OutputError(f"{path} does not hold names of results; restore it, or give another --out")
    return found


def _safe(part: str) -> str:
    """Returns a part of a path as one that leads nowhere else on any system."""
    name = _UNSAFE.sub("_", readable(part))[:LONGEST_PART].rstrip(". ")
    return f"_{name}" if not name or name.startswith(".") else name


def _is_inside(name: str) -> bool:
    return all(_safe(part) == part for part in name.split("/"))
