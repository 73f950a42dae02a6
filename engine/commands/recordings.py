"""Lists what was recorded of live cameras, and copies some of it: the work of `deepcount-engine recordings`."""

import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import time

from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.errors import OutputError
from engine.paths import default_config, default_recordings
from engine.picture.masks import Mask
from engine.picture.view import NO_MASK
from engine.recording.export import Export, write_export
from engine.recording.segments import (
    Segment,
    Span,
    camera_folder,
    missing_in,
    read_cameras,
    read_segments,
    size_words,
    spans_of,
    total_bytes,
    writing_since,
)
from engine.settings.config import Config
from engine.settings.config_file import load_config

COLUMNS = ("camera", "from", "to", "length", "size")


def _config_of(path: Path | None) -> Config:
    """Returns a configuration, by default your own; raises ConfigError where it cannot be read."""
    own = default_config()
    return load_config(path or own) if path or own.exists() else Config()


def _folder(config: Config) -> Path:
    """Returns where recordings lie."""
    folder = config.recordings.folder
    return folder.path if folder else default_recordings()


def print_recordings(config: Path | None, *, as_json: bool) -> int:
    """Prints what there is of every camera; returns the exit status.

    Raises:
        ConfigError: the configuration cannot be read.
    """
    root = _folder(_config_of(config))
    found = {camera: read_segments(camera_folder(root, camera)) for camera in read_cameras(root)}
    writing = {camera: writing_since(camera_folder(root, camera), time()) for camera in found}
    if as_json:
        facts = [_plain(camera, segments, writing[camera]) for camera, segments in found.items()]
        print(json.dumps(facts, ensure_ascii=False, indent=2))
        return 0
    if not found:
        print(f"{root} holds no recording", file=sys.stderr)
        return 0
    console = Console()
    console.print(_table(found))
    for camera, since_s in writing.items():
        if since_s is not None:
            print(f"{camera}: what comes since {local(since_s)} is still being written", file=sys.stderr)
    size = sum(total_bytes(segments) for segments in found.values())
    print(f"{size_words(size)} in {root}", file=sys.stderr)
    return 0


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """What is to be copied."""

    config: Path | None
    camera: str
    from_s: float
    """In seconds since 1970, as is `to_s`."""
    to_s: float
    out: Path


def export_recording(order: ExportOrder) -> int:
    """Copies a span of a camera's recording into one file; returns the exit status.

    Raises:
        EngineError: there is no such camera, nothing was recorded then, or the file cannot be written.
    """
    config = _config_of(order.config)
    root, cameras = _folder(config), read_cameras(_folder(config))
    if order.camera not in cameras:
        there = ", ".join(cameras) or "none"
        raise OutputError(f"{root} holds no recording of a camera '{order.camera}', expected one of: {there}")
    if order.to_s <= order.from_s:
        raise OutputError("the span ends before it begins, expected --from to be before --to")
    segments = read_segments(camera_folder(root, order.camera), order.from_s, order.to_s)
    private = next((Mask(camera.privacy) for camera in config.cameras if camera.name == order.camera), NO_MASK)
    since_s = writing_since(camera_folder(root, order.camera), time())
    since_s = None if since_s is None or since_s >= order.to_s else since_s
    if not segments and since_s is not None:
        span = f"{local(order.from_s)} to {local(order.to_s)}"
        raise OutputError(
            f"what comes since {local(since_s)} is still being written, so nothing of {span} can be copied yet; "
            "try again in a minute"
        )
    is_there = order.out.exists()
    written = write_export(order.out, Export(segments, order.from_s, order.to_s, private))
    print(f"{order.out}: {order.camera}, {local(written.begin_s)} to {local(written.end_s)}")
    if is_there:
        print(f"note: {order.out} was there already, and was replaced", file=sys.stderr)
    for part in missing_in(Span(order.from_s, order.to_s), spans_of(segments)):
        print(_missing(part, since_s), file=sys.stderr)
    return 0


def _missing(part: Span, since_s: float | None) -> str:
    """Returns a line about a part that was asked for and is not there."""
    span = f"{local(part.begin_s)} to {local(part.end_s)}"
    if since_s is None or since_s >= part.end_s:
        return f"nothing was recorded from {span}"
    return f"{span} is not in it: what comes since {local(since_s)} is still being written"


def local(second: float) -> str:
    """Returns a moment in this computer's time."""
    return f"{datetime.fromtimestamp(second):%Y-%m-%d %H:%M:%S}"


def _table(found: dict[str, list[Segment]]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for number, name in enumerate(COLUMNS):
        table.add_column(name, justify="left" if number < 3 else "right", no_wrap=number > 0)
    for camera, segments in found.items():
        for span in spans_of(segments):
            size = total_bytes([one for one in segments if span.begin_s <= one.begin_s < span.end_s])
            table.add_row(Text(camera), local(span.begin_s), local(span.end_s), _length(span), size_words(size))
    return table


def _length(span: Span) -> str:
    minutes, seconds = divmod(round(span.end_s - span.begin_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"


def _plain(camera: str, segments: list[Segment], since_s: float | None) -> dict[str, object]:
    spans = [{"from": _utc(span.begin_s), "to": _utc(span.end_s)} for span in spans_of(segments)]
    return {
        "camera": camera,
        "bytes": total_bytes(segments),
        "segments": len(segments),
        "spans": spans,
        "writing_since": None if since_s is None else _utc(since_s),
    }


def _utc(second: float) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat(timespec="milliseconds")
