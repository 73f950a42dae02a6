"""The part of an audit log that concerns one subject, with its proof.

Rows that concern others keep number and hashes alone: that the chain is unbroken from the first row to the last can
still be seen, and what those rows say is nobody's affair.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from engine.alerts.listing import Alert
from engine.evidence.span import Span
from engine.log.audit import EMPTY, FIRST, Row, Tip

BOUND = ("number", "before", "hash")
"""What is left of a row that concerns others."""
ACKNOWLEDGE = "acknowledge"
WATCH = "watch"
"""The subject of starts and ends."""


def excerpt_of(rows: Sequence[Row], name: str, span: Span, alerts: Iterable[Alert], faults: Sequence[str]) -> str:
    """Returns an excerpt as JSON.

    Args:
        rows: all, in the order of their numbers.
        name: of the camera, group or recording.
        span: that is told of.
        alerts: in the span.
        faults: that were found in the whole chain.
    """
    uids = {alert.uid for alert in alerts}
    watch = _watched(rows, span)
    wanted = {row.number for row in rows if row.number in watch or _concerns(row, name, uids)}
    first = min(wanted, default=len(rows) + 1)
    kept = [asdict(row) if row.number in wanted else _bound(row) for row in rows if row.number >= first]
    tip = Tip(rows[-1].number, rows[-1].hash) if rows else EMPTY
    found = {"rows": kept, "last": asdict(tip), "faults": list(faults)}
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def _watched(rows: Sequence[Row], span: Span) -> set[int]:
    """Returns the starts and ends of watches in the span, and the last start before it."""
    if not span.is_wall:
        return set()
    found: set[int] = set()
    before: int | None = None
    for row in rows:
        at_s = _at(row)
        if row.subject != WATCH or at_s > span.to_s:
            continue
        if at_s >= span.from_s:
            found.add(row.number)
        elif row.action == "start":
            before = row.number
    return found if before is None else {*found, before}


def _at(row: Row) -> float:
    try:
        return datetime.fromisoformat(row.at).timestamp()
    except ValueError:
        return 0.0


def _concerns(row: Row, name: str, uids: set[str]) -> bool:
    is_own = row.subject == name or row.subject.startswith((f"{name}: ", f"{name}/"))
    return any(uid in row.detail for uid in uids) or (is_own and row.action != ACKNOWLEDGE)


def _bound(row: Row) -> dict[str, Any]:
    return {key: value for key, value in asdict(row).items() if key in BOUND}


def excerpt_faults(content: str) -> list[str]:
    """Returns what is wrong with an excerpt, in sentences; nothing where its chain is whole."""
    try:
        found = json.loads(content)
        rows, last = list(found["rows"]), Tip(int(found["last"]["number"]), str(found["last"]["hash"]))
        faults = [f"the audit log was faulty when the bundle was made: {each}" for each in found["faults"]]
        numbered = [(int(row["number"]), str(row["before"]), str(row["hash"]), row) for row in rows]
    except (ValueError, TypeError, KeyError):
        return ["it is no excerpt of an audit log"]
    before: tuple[int, str] | None = None
    for number, previous, digest, row in numbered:
        if before is not None and number != before[0] + 1:
            faults.append(f"row {before[0] + 1} of the audit log is missing")
        elif before is not None and previous != before[1]:
            faults.append(f"row {number} of the audit log does not follow row {before[0]}")
        if set(row) != set(BOUND) and not _is_true(row):
            faults.append(f"row {number} of the audit log was changed after it was written")
        before = number, digest
    end = before or (last.number, last.hash)
    if end != (last.number, last.hash):
        faults.append(f"row {last.number} of the audit log is not the last one, as its proof says")
    if numbered and numbered[0][0] == 1 and numbered[0][1] != FIRST:
        faults.append("row 1 of the audit log follows another one")
    return faults


def _is_true(row: dict[str, Any]) -> bool:
    try:
        return bool(Row(**row).true_hash == row["hash"])
    except TypeError:
        return False
