"""What a sink is told: one notice, or several together, with the proof of the audit log; pure.

A message that is tried again says so by the number of its attempt, and keeps its key: what may have come twice can be
told by it.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from engine.alerts.occurrence import Occurrence
from engine.log.audit import Tip
from engine.rules.machine import Kind

VERSION = 1
MOST_OTHERS = 50
"""Notices of a message that are told beside the newest; all are counted."""
TEST = "test"

Notice = Mapping[str, Any]
"""Plain values with stable names: kind, sentence, alert, audit."""


@dataclass(frozen=True, slots=True)
class Message:
    """One attempt to tell one sink."""

    key: str
    """The same for all attempts."""
    notices: tuple[Notice, ...]
    """At least one, the newest last."""
    attempt: int = 1
    picture: bytes | None = field(default=None, repr=False)
    """JPEG, of the newest notice."""

    @property
    def newest(self) -> Notice:
        """The notice that the message is about; the others are told beside it."""
        return self.notices[-1]

    @property
    def title(self) -> str:
        """In a few words."""
        more = f" (and {len(self.notices) - 1} more)" if len(self.notices) > 1 else ""
        return f"{self.newest['title']}{more}"

    @property
    def text(self) -> str:
        """In sentences, a line each."""
        lines = [str(notice["sentence"]) for notice in reversed(self.notices[-MOST_OTHERS - 1 :])]
        if len(self.notices) > 1:
            lines.insert(
                1, f"\nTold together, since there were more than the rate limit lets through: {len(self.notices)}."
            )
        if self.attempt > 1:
            lines.append(f"\nThis is attempt {self.attempt}: you may have had it before.")
        audit = self.newest["audit"]
        if audit is not None:
            lines.append(f"\nAudit log: row {audit['number']}, {audit['hash']}")
        return "\n".join(lines) + "\n"

    def body(self, sent_at: datetime) -> bytes:
        """Returns it as JSON."""
        values = {
            "version": VERSION,
            "key": self.key,
            "attempt": self.attempt,
            "may_be_repeated": self.attempt > 1,
            "sent_at": sent_at.isoformat(timespec="milliseconds"),
            **self.newest,
            "told_together": len(self.notices),
            "others": list(reversed(self.notices[-MOST_OTHERS - 1 : -1])),
        }
        return json.dumps(values, ensure_ascii=False, allow_nan=False).encode()


def notice_of(occurrence: Occurrence, alert_id: int, tip: Tip) -> Notice:
    """Returns what is told of something that happened."""
    alert, kind = occurrence.alert, occurrence.kind
    rule = json.loads(alert.rule)
    subject = alert.owner if alert.zone is None else f"{alert.owner}/{alert.zone}"
    values = {
        key: value.replace(tzinfo=UTC).isoformat() if isinstance(value, datetime) else value
        for key, value in asdict(alert).items()
    }
    return {
        "kind": kind.value,
        "title": f"{alert.severity.upper()} {subject}: {alert.rule_name} {kind.value}",
        "sentence": f"{subject}: alert '{alert.rule_name}' ({rule['said']}) {_happened(occurrence)}.",
        "alert": {"id": alert_id, **values, "rule": rule},
        "operator": _operator(occurrence),
        "audit": asdict(tip),
    }


def trial_notice(sink: str) -> Notice:
    """Returns what is told where somebody tries a sink."""
    sentence = f"This is a test of the sink '{sink}' of DeepCount; nothing has happened."
    return {"kind": TEST, "title": f"Test of '{sink}'", "sentence": sentence, "alert": None, "audit": None}


def _happened(occurrence: Occurrence) -> str:
    alert = occurrence.alert
    peak = f"peak {alert.peak:.3g}"
    match occurrence.kind:
        case Kind.RAISED:
            return f"was raised as {alert.severity} at {_clock(alert.raised_at)}; {peak}"
        case Kind.WORSENED:
            return f"lasts since {_clock(alert.raised_at)} and became {alert.severity}; {peak}"
        case Kind.CLEARED:
            return f"cleared at {_clock(alert.cleared_at)}; {peak}"
        case Kind.ACKNOWLEDGED | Kind.CLOSED if occurrence.dealing is not None:
            dealing = occurrence.dealing
            note = f": {dealing.note}" if dealing.note else ""
            return f"was {occurrence.kind.value} by {dealing.who} at {_clock(dealing.at)}{note}"
        case Kind.ACKNOWLEDGED:
            return "was acknowledged"
        case Kind.CLOSED:
            return "was closed, since its rule was changed or taken out"


def _operator(occurrence: Occurrence) -> dict[str, str] | None:
    """Returns who did it, where a person did."""
    dealing = occurrence.dealing
    if dealing is None:
        return None
    return {"who": dealing.who, "note": dealing.note, "at": dealing.at.isoformat()}


def _clock(moment: datetime | None) -> str:
    return "–" if moment is None else moment.strftime("%Y-%m-%d %H:%M:%S UTC")
