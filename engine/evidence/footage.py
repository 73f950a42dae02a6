"""What was recorded of a camera in a span: its segments, cut to the span, without what masks hide."""

from datetime import UTC, datetime
from pathlib import Path

from engine.errors import EngineError
from engine.evidence.contents import Contents
from engine.evidence.order import Work
from engine.evidence.pictures import masked_clip
from engine.evidence.span import Span, local
from engine.evidence.watched import LogPlace
from engine.files import unwritable
from engine.paths import default_recordings
from engine.picture.masks import Mask
from engine.recording.excerpt import Excerpt, write_excerpt
from engine.recording.segments import Segment, camera_folder, read_segments

FOLDER = "footage"


def add_footage(contents: Contents, place: LogPlace, private: Mask, work: Work) -> None:
    """Adds the segments of a camera; one that cannot be read is said, and left out."""
    span = contents.account.span
    found = read_segments(camera_folder(root_of(place), contents.account.name), span.from_s, span.to_s)
    for done, segment in enumerate(found):
        work.tell("adding footage", done / len(found))
        name = f"{FOLDER}/{datetime.fromtimestamp(segment.begin_s, UTC):%Y%m%d-%H%M%SZ}{segment.path.suffix}"
        name = str(Path(name).with_suffix(".mp4")) if private else name
        try:
            _write(segment, contents.place(name), span, private, work)
        except EngineError as error:
            work.check()
            contents.remarks.append(f"{segment.path.name} is not in the footage: {error}")
        else:
            contents.add(name, f"recorded from {local(segment.begin_s):%Y-%m-%d %H:%M:%S} on")


def root_of(place: LogPlace) -> Path:
    """Returns the folder of all recordings."""
    folder = place.config.recordings.folder if place.config else None
    return default_recordings() if folder is None else folder.path


def _write(segment: Segment, target: Path, span: Span, private: Mask, work: Work) -> None:
    """Writes a segment, cut to the span from the key frame before; through masks it is encoded anew."""
    is_inside = span.from_s <= segment.begin_s and segment.end_s <= span.to_s
    if is_inside and not private:
        try:
            target.write_bytes(segment.path.read_bytes())
        except OSError as error:
            raise unwritable(target, error) from error
        return
    cut = target.with_name(f"cut-{target.stem}{segment.path.suffix}") if private else target
    begin_s, end_s = (max(0.0, edge - segment.begin_s) for edge in (span.from_s, span.to_s))
    write_excerpt(cut, Excerpt(segment.path, begin_s, end_s), is_wanted=work.is_wanted, on_step=lambda share: None)
    if private:
        masked_clip(cut, target, private, work)
        cut.unlink()
