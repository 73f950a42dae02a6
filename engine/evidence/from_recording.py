"""What a bundle holds of a recording: its clip, its counts, the picture of the highest."""

from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from engine.counting.batch import readings_of
from engine.errors import EngineError
from engine.evidence.contents import Contents
from engine.evidence.counting import Counted, counted, sha256_of
from engine.evidence.order import Order, RecordingSubject, Work
from engine.evidence.pictures import frame_at, read_picture, recording_clip, write_peak
from engine.evidence.reach import check_reach
from engine.evidence.recorded import Recorded, recorded
from engine.evidence.report import Illustration
from engine.evidence.span import clock
from engine.evidence.tables import frames_csv, recorded_csv
from engine.inference.variants import load_model
from engine.recording.sighting import seen_in
from engine.redaction import readable

PEAK = "peak.jpg"
EARLIER_S = 0.05
"""By which a clip may begin before its span without a word."""


def contents_of_recording(order: Order, subject: RecordingSubject, folder: Path, work: Work) -> Contents:
    """Returns the contents of a recording's bundle; what is not counted yet of the span is counted first.

    Raises:
        EngineError: the recording cannot be read, the model not be run, or nothing lies in the span.
        OSError: the folder cannot be written.
    """
    check_reach(subject, order.from_s, order.to_s, work)
    work.tell("loading the model", 0.0)
    model = load_model(subject.model, provider=subject.provider)
    subject = replace(subject, view=seen_in(subject.path, subject.view, partial(readings_of, model)))
    found = counted(subject, model, work, order.from_s, order.to_s)
    database = order.place.target if order.place else None
    known = recorded(found, subject.path, order.from_s, order.to_s, database)
    contents = Contents(folder, known.account)
    contents.add("samples.csv", "the count of every second", recorded_csv(known.samples))
    contents.add("counts.csv", "the count of every frame", frames_csv(known.frames))
    sha256 = sha256_of(subject.path, work)
    contents.facts.update(_facts(subject, found, known, sha256))
    contents.remarks.extend(known.account.notes)
    if order.pictures:
        _add_pictures(contents, subject, found, known, work)
    return contents


def _facts(subject: RecordingSubject, found: Counted, known: Recorded, sha256: str) -> dict[str, object]:
    """Returns what the manifest says of a recording and of how it was counted."""
    view, model = subject.view, found.model
    return {
        "recording": {"name": readable(subject.path.name), "bytes": found.identity.size, "sha256": sha256},
        "settings": {
            "grid": None if view.grid is None else str(view.grid),
            "grid_seen": None if view.seen is None else str(view.seen.grid),
            "aspect": None if view.aspect is None else str(view.aspect),
            "include": [list(polygon) for polygon in view.included.polygons],
            "privacy": [list(polygon) for polygon in view.private.polygons],
        },
        "counted": {"frames": len(known.frames), "provider": model.provider, "details": model.details},
        "flaws": found.flaws.as_dict,
        "known_by": {"ends_sha256": found.identity.sha256},
    }


def _add_pictures(contents: Contents, subject: RecordingSubject, found: Counted, known: Recorded, work: Work) -> None:
    span = contents.account.span
    try:
        path, begin_s = recording_clip(contents.folder, subject, span, work)
    except EngineError as error:
        work.check()
        contents.remarks.append(f"there is no clip: {error}")
    else:
        contents.add(path.name, f"the recording from {clock(max(0.0, begin_s))} on, without sound")
        if span.from_s - begin_s > EARLIER_S:
            contents.remarks.append(
                f"the clip begins at {clock(max(0.0, begin_s))}, before the span ({clock(span.from_s)}): it can be "
                "played from a key frame alone"
            )
        contents.facts["clip"] = {"name": path.name, "begins_at_s": round(begin_s, 3)}
    work.tell("drawing", 0.0)
    highest = max(known.frames, key=lambda one: one.people, default=None)
    frame = None if highest is None else frame_at(subject, highest.time_s, work)
    if frame is None:
        return
    with suppress(EngineError):
        write_peak(contents.place(PEAK), frame, found.model)
        words = f"the picture at {clock(frame.time_s)}, where the count is highest, with its heat-map"
        contents.add(PEAK, words)
        picture = read_picture(contents.place(PEAK).read_bytes(), PEAK)
        contents.illustrations.append(Illustration(picture, f"{words[0].upper()}{words[1:]}"))
