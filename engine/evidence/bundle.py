"""A bundle of evidence: one ZIP of all that was counted and seen in a span, with a report and a manifest of hashes."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import time
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from engine import __version__
from engine.errors import DatabaseError
from engine.evidence.checks import spot_checks_csv
from engine.evidence.contents import Contents
from engine.evidence.curve import write_curve
from engine.evidence.excerpt import excerpt_of
from engine.evidence.from_log import contents_of_log, names_of
from engine.evidence.from_recording import contents_of_recording
from engine.evidence.manifest import NAME, Manifest, Member
from engine.evidence.order import Made, Order, RecordingSubject, Step, Work
from engine.evidence.report import write_report
from engine.evidence.span import Span, clock
from engine.evidence.tables import alerts_csv, alerts_json
from engine.evidence.verify import Verified
from engine.files import unwritable, written_whole
from engine.log.audit import Deed, note, proved, system_account
from engine.log.database import open_as_reader, open_existing
from engine.log.place import briefly_named, named

STORED = (".mp4", ".mkv", ".jpg", ".png", ".pdf")
"""What is compressed already."""
PIECE_BYTES = 1 << 20
REPORT = "report.pdf"
ACTION = "export evidence"
"""What the audit log calls it."""


def make(
    order: Order, progress: Callable[[Step], object] = lambda step: None, is_wanted: Callable[[], bool] = lambda: True
) -> Made:
    """Makes a bundle, whole or not at all, and notes that in the audit log of the database.

    Args:
        order: what is wanted.
        progress: told how far it is.
        is_wanted: asked meanwhile.

    Raises:
        GivenUpError: it is no longer wanted.
        EngineError: it cannot be made.
    """
    work, subject = Work(progress, is_wanted), order.subject
    with _workshop(order.out) as folder:
        if isinstance(subject, RecordingSubject):
            contents = contents_of_recording(order, subject, folder, work)
        else:
            contents = contents_of_log(order, subject, folder, work)
        _add_common(contents, order, work)
        _add_report(contents, work)
        manifest = _manifest(contents, order)
        with written_whole(order.out) as partial:
            _pack(partial, contents, manifest, work)
        size = order.out.stat().st_size
    remarks = [*contents.remarks, *_noted(order, contents, manifest)]
    return Made(order.out, manifest.sha256, len(manifest.members), size, tuple(dict.fromkeys(remarks)))


@contextmanager
def _workshop(out: Path) -> Iterator[Path]:
    """Yields a folder beside the bundle that is gone afterwards, whatever happens."""
    try:
        with TemporaryDirectory(prefix=f".{out.stem}.", dir=out.parent) as folder:
            yield Path(folder)
    except OSError as error:
        raise unwritable(out, error) from error


def _add_common(contents: Contents, order: Order, work: Work) -> None:
    """Adds what every bundle has: curve, alerts, audit, spot checks, the model's card."""
    work.tell("drawing", 0.2)
    account = contents.account
    if not account.is_empty:
        write_curve(contents.place("curve.png"), account)
        contents.add("curve.png", "the count over time")
    told = alerts_json(contents.alerts, names_of(contents))
    contents.add("alerts.json", "the alerts of the span, each with its rule as it stood", told)
    contents.add("alerts.csv", "the same as a table", alerts_csv(json.loads(told)))
    contents.add("model-card.md", "what the model is, and how far off it is", _card(contents))
    if order.place is None:
        return
    engine = open_as_reader(order.place.target)
    try:
        rows, faults = proved(engine)
        audit = excerpt_of(rows, account.name, account.span, contents.alerts, faults)
        contents.add("audit.json", "what people did, from the audit log, with its proof", audit)
        contents.facts["log"] = {"name": briefly_named(engine.url), "audit_rows": len(rows)}
        contents.remarks.extend([f"the audit log is faulty: {fault}" for fault in faults])
        ends = contents.facts.get("known_by", {}).get("ends_sha256")
        checks = spot_checks_csv(engine, account.name, account.span, ends)
        if checks is not None:
            contents.add("spot-checks.csv", "what people counted on single frames of the span", checks)
    finally:
        engine.dispose()


def _card(contents: Contents) -> str:
    card = contents.account.accuracy.card
    if card is not None:
        return card.read_text("utf-8", errors="replace")
    models = "".join(f"* {model.name}, SHA-256 `{model.sha256}`\n" for model in contents.account.models)
    return (
        f"# Model\n\nThe card of the model is not where this bundle was made. It counted by:\n\n{models or '* none'}\n"
    )


def _add_report(contents: Contents, work: Work) -> None:
    """Adds the report as the first member."""
    annex = [(content.name, content.what) for content in contents.files if "/" not in content.name]
    annex += _folders(contents)
    recording = contents.facts.get("recording")
    if isinstance(recording, dict):
        annex.insert(0, ("the recording", f"{recording['name']}\nSHA-256 {recording['sha256']}"))
    annex += [("note", remark) for remark in dict.fromkeys(contents.remarks)]
    write_report(
        contents.place(REPORT), [contents.account], pictures=contents.illustrations, annex=annex,
        progress=lambda share: work.tell("writing the report", share),
    )  # fmt: skip
    contents.add(REPORT, "the report: read it first")
    contents.files.insert(0, contents.files.pop())


def _folders(contents: Contents) -> list[tuple[str, str]]:
    """Returns the folders of members, and how many lie in each."""
    found: dict[str, int] = {}
    for content in contents.files:
        folder, sign, _ = content.name.partition("/")
        if sign:
            found[folder] = found.get(folder, 0) + 1
    return [(f"{folder}/", f"{number} {'file' if number == 1 else 'files'}") for folder, number in found.items()]


def _manifest(contents: Contents, order: Order) -> Manifest:
    account, span = contents.account, contents.account.span
    members = []
    for content in contents.files:
        digest, size = _digest(content.path)
        members.append(Member(content.name, size, digest, content.what))
    facts: dict[str, Any] = {
        "made_by": {"program": "DeepCount", "version": __version__, "at": datetime.now(UTC).isoformat("T", "seconds")},
        "subject": {"kind": account.kind.value, "name": account.name, **_span_facts(span)},
        "pictures": order.pictures,
        "models": [{"name": model.name, "sha256": model.sha256} for model in account.models],
        **contents.facts,
        "notes": list(dict.fromkeys(contents.remarks)),
    }
    return Manifest(facts, tuple(members))


def _span_facts(span: Span) -> dict[str, Any]:
    if not span.is_wall:
        return {"from": clock(span.from_s), "to": clock(span.to_s), "from_s": span.from_s, "to_s": span.to_s}
    first, last = (datetime.fromtimestamp(edge, UTC).isoformat() for edge in (span.from_s, span.to_s))
    return {"from": first, "to": last, "from_s": span.from_s, "to_s": span.to_s, "clock": span.zone}


def _digest(path: Path) -> tuple[str, int]:
    found, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            found.update(piece)
            size += len(piece)
    return found.hexdigest(), size


def _pack(path: Path, contents: Contents, manifest: Manifest, work: Work) -> None:
    """Writes the ZIP."""
    total, done = sum(member.bytes for member in manifest.members), 0
    now = datetime.fromtimestamp(time()).timetuple()[:6]
    with ZipFile(path, "w") as archive:
        for content in contents.files:
            how = ZIP_STORED if content.path.suffix in STORED else ZIP_DEFLATED
            info = _info(content.name, now, how)
            with content.path.open("rb") as source, archive.open(info, "w", force_zip64=True) as target:
                while piece := source.read(PIECE_BYTES):
                    target.write(piece)
                    done += len(piece)
                    work.tell("packing", done, total, "bytes")
        archive.writestr(_info(NAME, now, ZIP_DEFLATED), manifest.content)


def _info(name: str, at: tuple[int, ...], how: int) -> ZipInfo:
    info = ZipInfo(name, (at[0], at[1], at[2], at[3], at[4], at[5]))
    info.compress_type, info.external_attr = how, 0o644 << 16
    return info


def _noted(order: Order, contents: Contents, manifest: Manifest) -> list[str]:
    """Notes the bundle in the audit log; returns what is to be said where that cannot be done."""
    if order.place is None:
        return []
    account = contents.account
    detail = {
        "file": order.out.name, "manifest_sha256": manifest.sha256, "pictures": order.pictures,
        **_span_facts(account.span),
    }  # fmt: skip
    try:
        engine = open_existing(order.place.target)
        try:
            note(engine, [Deed(order.who or system_account(), ACTION, account.name, detail)])
        finally:
            engine.dispose()
    except DatabaseError as error:
        return [f"that the bundle was made is not in the audit log: {error}"]
    return []


def logged_faults(database: str, found: Verified) -> list[str]:
    """Returns why an audit log does not prove a bundle, in sentences; nothing where it does.

    Raises:
        DatabaseError: the log cannot be read.
    """
    engine = open_as_reader(database)
    try:
        rows, faults = proved(engine)
        name = named(engine.url)
    finally:
        engine.dispose()
    noted = [row for row in rows if row.action == ACTION and found.sha256 in row.detail]
    told = [f"audit log of {name}: {fault}" for fault in faults]
    return told if noted else [*told, f"the audit log of {name} knows no bundle with the manifest {found.sha256}"]
