"""What a bundle holds of a camera or group: its samples, and the snapshots and clips of its alerts."""

import math
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Engine

from engine.alerts.listing import Alert
from engine.alerts.orders import witnesses_of
from engine.errors import ConfigError, EngineError
from engine.evidence.account import utc
from engine.evidence.contents import Contents
from engine.evidence.footage import add_footage
from engine.evidence.order import Order, Work
from engine.evidence.pictures import masked_clip, masked_picture, read_picture
from engine.evidence.report import Illustration
from engine.evidence.span import Span
from engine.evidence.watched import LogPlace, watched
from engine.log.database import open_as_reader
from engine.log.export import export, parts_of
from engine.log.proof_files import proof_folder
from engine.log.writing import storable
from engine.picture.masks import Mask

SETTINGS = (
    "capacity", "members", "max_fps", "aspect", "grid", "density_interval_s", "smoothing_s", "motion_gate", "include",
    "privacy", "zones", "rules",
)  # fmt: skip
"""What a manifest says of a camera or group: how it is counted, and nothing of how it is reached."""
UNMASKED = (
    "pictures are masked as they were when they were made: without a configuration nobody knows what is masked now"
)
MOST_SHOWN = 6
"""Snapshots in the report."""
KINDS = {"snapshot": ("snapshots", "the picture of alert {number}"), "clip": ("clips", "the clip of alert {number}")}


def contents_of_log(order: Order, name: str, folder: Path, work: Work) -> Contents:
    """Returns the contents of a camera's or group's bundle.

    Raises:
        EngineError: the log cannot be read, or nothing was counted in the span.
        OSError: the folder cannot be written.
    """
    place = order.place
    if place is None or order.from_s is None or order.to_s is None:
        raise ConfigError(f"a bundle of camera '{name}' needs a log and a span, expected both; give --from and --to")
    work.tell("reading the log", 0.0)
    account = watched(place, name, Span(order.from_s, order.to_s))
    contents = Contents(folder, account)
    contents.remarks.extend(account.notes)
    engine = open_as_reader(place.target)
    try:
        _add_samples(contents, engine, name, work)
        if order.pictures:
            private = private_of(place, name)
            contents.facts["masked_anew"] = bool(private)
            _add_proofs(contents, private, proof_folder(engine.url), work)
            add_footage(contents, place, private, work)
    finally:
        engine.dispose()
    contents.facts["settings"] = settings_of(place, name)
    if order.pictures and place.config is None:
        contents.remarks.append(UNMASKED)
    return contents


def settings_of(place: LogPlace, name: str) -> dict[str, object] | None:
    """Returns how a camera or group is counted; None where that is not configured."""
    owners = place.config.owners if place.config else ()
    owner = next((owner for owner in owners if owner.name == name), None)
    return None if owner is None else owner.model_dump(mode="json", include=set(SETTINGS), warnings=False)


def _add_samples(contents: Contents, engine: Engine, name: str, work: Work) -> None:
    span, path = contents.account.span, contents.place("samples.csv")
    parts = parts_of(engine, name, math.floor(span.from_s), math.ceil(span.to_s))
    done = 0

    def advance() -> None:
        nonlocal done
        done += 1
        work.tell("writing the samples", done / len(parts))

    export(engine, parts, path, advance)
    contents.add(path.name, "every second that was counted, of the whole and of its zones")


def _add_proofs(contents: Contents, private: Mask, folder: Path, work: Work) -> None:
    """Adds snapshots and clips, without what is masked now, whenever that was drawn."""
    for done, alert in enumerate(contents.alerts):
        work.tell("adding snapshots and clips", done / len(contents.alerts))
        for kind in KINDS:
            source = getattr(alert, kind)
            if source is None:
                continue
            try:
                _add_proof(contents, alert, kind, folder / Path(source).name, private, work)
            except (EngineError, OSError) as error:
                work.check()
                why = error.strerror if isinstance(error, OSError) else str(error)
                contents.remarks.append(f"alert {alert.id} has no {kind} here: {why}")


def private_of(place: LogPlace, name: str) -> Mask:
    """Returns what is hidden of a camera as it is configured now; of a group what is of any of its cameras."""
    if place.config is None:
        return Mask()
    seen = {name, *witnesses_of(place.config).get(storable(name), ())}
    hidden = [polygon for camera in place.config.cameras if camera.name in seen for polygon in camera.privacy]
    return Mask(tuple(dict.fromkeys(hidden)))


def _add_proof(contents: Contents, alert: Alert, kind: str, source: Path, private: Mask, work: Work) -> None:
    where, words = KINDS[kind]
    name, what = f"{where}/{source.name}", words.format(number=alert.id)
    if kind == "clip":
        target = contents.place(name)
        if private:
            masked_clip(source, target, private, work)
        else:
            target.write_bytes(source.read_bytes())
        contents.add(name, what)
        return
    content = source.read_bytes()
    content = masked_picture(content, private, source.name) if private else content
    contents.add(name, what, content)
    if len(contents.illustrations) < MOST_SHOWN:
        with suppress(EngineError):
            at = contents.account.span.moment(utc(alert.raised_at))
            caption = f"Alert {alert.id}, {at}: {alert.rule_name} ({alert.said})"
            contents.illustrations.append(Illustration(read_picture(content, name), caption))


def names_of(contents: Contents) -> dict[str, str]:
    """Returns the members that show alerts, by the names that the log has for the files."""
    there = {content.name for content in contents.files}
    found = {}
    for alert in contents.alerts:
        for kind, (where, _) in KINDS.items():
            source = getattr(alert, kind)
            if source is not None and (name := f"{where}/{Path(source).name}") in there:
                found[source] = name
    return found
