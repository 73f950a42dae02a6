"""What was recorded of a camera in a span, as one clip without what masks hide.

Packets are copied. What was recorded under other masks than those of now is decoded, blanked and encoded anew. Where
the camera changed its way of coding, or a part of a segment cannot be read, there are several clips.
"""

from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path

from engine.errors import EngineError, OutputError
from engine.evidence.contents import Contents
from engine.evidence.order import Work
from engine.evidence.pictures import COPIED_AS_MP4, MKV, MP4, masked_clip
from engine.evidence.span import Span, local
from engine.evidence.watched import LogPlace
from engine.paths import default_recordings
from engine.picture.masks import Mask
from engine.recording.export import Export, Exported, write_export
from engine.recording.segments import Segment, camera_folder, missing_in, read_segments, spans_of
from engine.recording.segments import Span as Recorded
from engine.sources.file import opened_file, video_stream
from engine.sources.opening import ERRORS

Coding = tuple[object, ...]


def add_footage(contents: Contents, place: LogPlace, private: Mask, work: Work) -> None:
    """Adds the footage of a camera; what cannot be read is said, and left out."""
    span = contents.account.span
    found = read_segments(camera_folder(root_of(place), contents.account.name), span.from_s, span.to_s)
    pieces = _alike(contents, found, work)
    while pieces:
        coding, piece = pieces.pop(0)
        number = sum(content.name.startswith("footage") for content in contents.files) + 1
        suffix = MP4 if private or coding[0] in COPIED_AS_MP4 else MKV
        name = f"footage{suffix}" if number == 1 else f"footage-{number}{suffix}"
        try:
            written = _write(contents.place(name), Export(piece, span.from_s, span.to_s, private), work)
        except EngineError as error:
            work.check()
            contents.place(name).unlink(missing_ok=True)
            pieces = [(coding, [segment]) for segment in piece if len(piece) > 1] + pieces
            if len(piece) == 1:
                contents.remarks.append(f"{piece[0].path.name} is not in the footage: {error}")
        else:
            contents.add(name, _words(written, piece, span))


def root_of(place: LogPlace) -> Path:
    """Returns the folder of all recordings."""
    folder = place.config.recordings.folder if place.config else None
    return default_recordings() if folder is None else folder.path


def _alike(contents: Contents, segments: Sequence[Segment], work: Work) -> list[tuple[Coding, list[Segment]]]:
    """Returns segments in order, those together that follow one another and are coded in one way."""
    pieces = list[tuple[Coding, list[Segment]]]()
    for done, segment in enumerate(segments):
        work.tell("looking at the footage", done / len(segments))
        try:
            coding = _coding(segment)
        except EngineError as error:
            contents.remarks.append(f"{segment.path.name} is not in the footage: {error}")
            continue
        if not pieces or pieces[-1][0] != coding:
            pieces.append((coding, []))
        pieces[-1][1].append(segment)
    return pieces


def _coding(segment: Segment) -> Coding:
    with closing(opened_file(segment.path)) as source:
        context = video_stream(source, segment.path).codec_context
        return context.name, context.width, context.height, context.extradata


def _write(target: Path, export: Export, work: Work) -> Exported:
    """Copies the footage, or writes it anew through masks where it was not recorded through them."""

    def told(share: float) -> None:
        work.tell("adding footage", share)

    if not export.private:
        return _copied(target, export, is_wanted=work.is_wanted, on_step=told)
    with suppress(OutputError):
        return _copied(target, export, is_wanted=work.is_wanted, on_step=told)
    work.check()
    cut = target.with_name(f"cut-{target.stem}{MKV}")
    try:
        bare = Export(export.segments, export.from_s, export.to_s)
        written = _copied(cut, bare, is_wanted=work.is_wanted, on_step=told)
        masked_clip(cut, target, export.private, work)
    finally:
        cut.unlink(missing_ok=True)
    return written


def _copied(
    target: Path, export: Export, *, is_wanted: Callable[[], bool], on_step: Callable[[float], object]
) -> Exported:
    try:
        return write_export(target, export, is_wanted=is_wanted, on_step=on_step)
    except ERRORS as error:
        raise OutputError("its packets cannot be copied; it may be damaged") from error


def _words(written: Exported, segments: Sequence[Segment], span: Span) -> str:
    """Returns what a clip is, with the parts of it in which nothing was recorded."""
    first_s, last_s = written.begin_s, min(written.end_s, span.to_s)
    words = f"recorded from {local(first_s):%Y-%m-%d %H:%M:%S} to {local(last_s):%Y-%m-%d %H:%M:%S}"
    missing = missing_in(Recorded(first_s, last_s), spans_of(segments))
    gaps = ", ".join(f"{local(gap.begin_s):%H:%M:%S}–{local(gap.end_s):%H:%M:%S}" for gap in missing)
    return f"{words}, but not {gaps}: there it stands still" if gaps else words
