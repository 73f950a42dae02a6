"""What a log can be searched for: cameras, groups, zones, recordings that were counted, alerts; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import PurePath

from engine.alerts.listing import Alert
from engine.history.contents import Contents, Counted, Owner
from engine.rules.series import Subject
from engine.sources.file import VIDEO_SUFFIXES

MOST = 200
"""That are listed."""


class Kind(StrEnum):
    """What was found, in the order in which it is listed."""

    CAMERA = "camera"
    GROUP = "group"
    ZONE = "zone"
    RECORDING = "recording"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to be found."""

    kind: Kind
    title: str
    subject: Subject
    text: str = field(repr=False)
    """All of its words, without capitals."""
    at_s: float | None = None
    """When it was: of an alert when it was raised, of a recording when it was counted, of others when last."""
    length_s: float | None = None
    """Of a recording; of an alert that is over."""
    uid: str = ""
    """Of an alert."""


def entries_of(contents: Contents, alerts: Sequence[Alert], configured: Iterable[str]) -> tuple[Entry, ...]:
    """Returns all that can be found, in the order in which it is listed.

    Args:
        contents: of the log.
        alerts: the newest first.
        configured: names of cameras that are none of recordings, however they sound.
    """
    names = frozenset(configured)
    recordings = {owner.name for owner in contents.owners if is_recording(owner, names)}
    cameras = [owner for owner in contents.owners if owner.name not in recordings]
    found = [_owner(owner) for owner in cameras]
    found += [_zone(owner, zone) for owner in cameras for zone in owner.zones]
    found += [_recording(run) for run in contents.runs if run.owner in recordings and run.end_s is not None]
    found += [_alert(alert) for alert in alerts]
    order = list(Kind)
    return tuple(sorted(found, key=lambda entry: order.index(entry.kind)))


def found(entries: Iterable[Entry], words: str, *, most: int = MOST) -> list[Entry]:
    """Returns those in which all words are; none for no word."""
    wanted = words.casefold().split()
    if not wanted:
        return []
    fitting = (entry for entry in entries if all(word in entry.text for word in wanted))
    return [entry for entry, _ in zip(fitting, range(most), strict=False)]


def is_recording(owner: Owner, configured: frozenset[str]) -> bool:
    """Whether it is a file that was counted: the log calls it by the file's name."""
    is_file = PurePath(owner.name).suffix.lower() in VIDEO_SUFFIXES
    return is_file and not owner.is_group and owner.name not in configured


def _owner(owner: Owner) -> Entry:
    kind = Kind.GROUP if owner.is_group else Kind.CAMERA
    return Entry(kind, owner.name, Subject(owner.name), f"{owner.name} {kind}".casefold(), owner.last_s)


def _zone(owner: Owner, zone: str) -> Entry:
    subject = Subject(owner.name, zone)
    return Entry(Kind.ZONE, str(subject), subject, f"{subject} {Kind.ZONE}".casefold(), owner.last_s)


def _recording(run: Counted) -> Entry:
    assert run.end_s is not None
    text = f"{run.owner} {run.model} {Kind.RECORDING} {_day(run.began_s)}".casefold()
    return Entry(Kind.RECORDING, run.owner, Subject(run.owner), text, run.began_s, run.end_s - run.began_s)


def _alert(alert: Alert) -> Entry:
    raised = alert.raised_at.replace(tzinfo=UTC).timestamp()
    over = alert.cleared_at or alert.closed_at
    parts = (alert.subject, alert.rule_name, alert.said, alert.severity, alert.note, alert.acknowledged_by)
    text = " ".join([*filter(None, parts), Kind.ALERT, _day(raised)]).casefold()
    length = None if over is None else (over - alert.raised_at).total_seconds()
    subject = Subject(alert.owner, alert.zone)
    return Entry(Kind.ALERT, f"{alert.subject}: {alert.rule_name}", subject, text, raised, length, alert.uid)


def _day(moment_s: float) -> str:
    """Returns a day in the ways in which people write it."""
    then = datetime.fromtimestamp(moment_s)
    return f"{then:%Y-%m-%d} {then:%A} {then.day} {then:%B %Y}"
