"""The tables of a bundle, as people and spreadsheets read them; and read again when it is verified."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from engine.alerts.listing import Alert
from engine.counting.reading import Sample
from engine.evidence.recorded import FrameCount

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # with which a spreadsheet takes a text for a formula
ALERT_COLUMNS = (
    "uid", "subject", "rule_name", "rule_said", "severity", "state", "began_at", "raised_at", "worsened_at",
    "cleared_at", "closed_at", "peak", "peak_at", "acknowledged_at", "acknowledged_by", "note", "model_name",
    "model_sha256", "snapshot", "clip",
)  # fmt: skip
CHECK_COLUMNS = ("time", "people", "counted", "model_name", "model_sha256", "who", "noted_at", "note")
RECORDED_COLUMNS = ("second", "mean", "least", "most", "readings", "consistency")
FRAME_COLUMNS = ("frame", "time_s", "count", "own_time_s")


def alerts_json(alerts: Iterable[Alert], names: Mapping[str, str]) -> str:
    """Returns alerts as JSON, each with its rule as it stood.

    Args:
        alerts: the oldest first.
        names: of the members that show them, by the names that the log has for the files.
    """
    facts = [_facts(alert, names) for alert in alerts]
    return json.dumps(facts, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def alerts_csv(facts: Sequence[Mapping[str, Any]]) -> str:
    """Returns what `alerts_json` holds as a table."""
    rows = [{**each, "rule_said": each["rule"].get("said", ""), "subject": _subject(each)} for each in facts]
    return table(ALERT_COLUMNS, ([row.get(name) for name in ALERT_COLUMNS] for row in rows))


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Returns rows as CSV; unknown is an empty cell."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return file.getvalue()


def recorded_csv(samples: Iterable[Sample]) -> str:
    """Returns the seconds of a recording as a table; one of which nothing is known is not in it."""
    rows = ((one.second, one.mean, one.least, one.most, one.readings, one.consistency) for one in samples)
    return table(RECORDED_COLUMNS, rows)


def frames_csv(frames: Iterable[FrameCount]) -> str:
    """Returns the frames of a recording as a table."""
    rows = ((one.frame, f"{one.time_s:.3f}", f"{one.people:.3f}", one.own_s) for one in frames)
    return table(FRAME_COLUMNS, rows)


def moment_text(at: datetime) -> str:
    """Returns a moment of the log with its distance from UTC."""
    return at.replace(tzinfo=UTC).isoformat()


def _facts(alert: Alert, names: Mapping[str, str]) -> dict[str, Any]:
    facts = alert.as_dict
    return facts | {key: names.get(facts[key]) if facts[key] else None for key in ("snapshot", "clip")}


def _subject(facts: Mapping[str, Any]) -> str:
    return str(facts["owner"]) if facts["zone"] is None else f"{facts['owner']}/{facts['zone']}"


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
