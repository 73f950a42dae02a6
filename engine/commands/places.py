"""Which recordings a command line names, and the folder that each one's results go to."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from engine.errors import SourceError
from engine.sources.file import VIDEO_SUFFIXES
from engine.sources.folder import SUFFIXES


@dataclass(frozen=True, slots=True)
class Place:
    """A recording, and the folder for what is found in it."""

    source: Path
    folder: Path


def places(named: Sequence[Path], out: Path | None) -> list[Place]:
    """Returns the recordings of the files and folders that were named, each with a folder of its own.

    Args:
        named: videos, folders of videos, and folders of pictures, which are one recording each.
        out: the folder of the only recording, or in which each has one; None for those of their names here.
    """
    sources = list(dict.fromkeys(source for path in named for source in _recordings(path)))
    if len(sources) == 1:
        return [Place(sources[0], out or Path(f"{sources[0].stem}-counts"))]
    names = _distinct(sources)
    return [
        Place(source, Path(f"{name}-counts") if out is None else out / name)
        for source, name in zip(sources, names, strict=True)
    ]


def check_folder(folder: Path) -> None:
    """Raises SourceError where a folder holds neither pictures nor videos; what cannot be read is left to others."""
    with suppress(OSError):
        if not any(one.suffix.lower() in SUFFIXES | VIDEO_SUFFIXES for one in folder.iterdir()):
            pictures = ", ".join(sorted(SUFFIXES))
            raise SourceError(
                f"folder {folder} holds no picture and no video, expected pictures ({pictures}) "
                "or videos (such as .mp4)"
            )


def _recordings(path: Path) -> list[Path]:
    """Returns the videos of a folder; the folder where it holds none, and the file where it is one."""
    try:
        videos = sorted(one for one in path.iterdir() if one.suffix.lower() in VIDEO_SUFFIXES and one.is_file())
        has_pictures = any(one.suffix.lower() in SUFFIXES for one in path.iterdir())
    except OSError:
        return [path]
    return [*([path] if has_pictures or not videos else []), *videos]


def _distinct(sources: Sequence[Path]) -> Iterator[str]:
    """Yields a name for each: without its suffix where nobody else has that, whatever their cases."""
    stems = [source.stem.casefold() for source in sources]
    taken: set[str] = set()
    for source, stem in zip(sources, stems, strict=True):
        name = wanted = source.stem if stems.count(stem) == 1 else source.name
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{wanted}-{number}"
        taken.add(name.casefold())
        yield name
