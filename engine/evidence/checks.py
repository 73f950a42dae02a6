"""Spot checks of a camera or recording, as a table."""

from collections.abc import Sequence

from sqlalchemy import Engine

from engine.checks.kept import checks_of
from engine.checks.spot_check import SpotCheck
from engine.evidence.span import Span
from engine.evidence.tables import CHECK_COLUMNS, moment_text, table


def spot_checks_csv(engine: Engine, name: str, span: Span, recording: str | None) -> str | None:
    """Returns the spot checks of a span; None where there is none.

    Args:
        engine: of the log.
        name: of the camera.
        span: that is told of.
        recording: hash in the identity of a recording; None for a camera.

    Raises:
        DatabaseError: the log cannot be read.
    """
    found = checks_of(engine, None if recording else name, recording)
    own = [check for check in found if check.source_sha256 == recording and span.from_s <= check.time_s < span.to_s]
    return table(CHECK_COLUMNS, map(_row, own)) if own else None


def _row(check: SpotCheck) -> Sequence[object]:
    noted = None if check.noted_at is None else moment_text(check.noted_at)
    return (
        check.time_s, check.people, check.counted, check.model_name, check.model_sha256, check.who, noted, check.note,
    )  # fmt: skip
