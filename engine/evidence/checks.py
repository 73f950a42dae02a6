"""Spot checks of a camera or recording, as a table."""

from sqlalchemy import Engine, and_, select

from engine.evidence.span import Span
from engine.evidence.tables import CHECK_COLUMNS, moment_text, table
from engine.log.place import reported
from engine.log.tables import StoredSpotCheck
from engine.log.writing import storable
from engine.redaction import redacted


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
    check = StoredSpotCheck
    of_camera = and_(check.camera == storable(name), check.source_sha256.is_(None))
    whose = check.source_sha256 == recording if recording else of_camera
    query = (
        select(
            check.time_s, check.people, check.counted, check.model_name, check.model_sha256, check.who,
            check.noted_at, check.note,
        )
        .where(whose, check.removed_at.is_(None))
        .where(check.time_s >= span.from_s, check.time_s < span.to_s)
        .order_by(check.time_s)
    )  # fmt: skip
    with reported(engine.url), engine.connect() as connection:
        found = connection.execute(query).all()
    rows = [[*row[:6], moment_text(row.noted_at), redacted(row.note)] for row in found]
    return table(CHECK_COLUMNS, rows) if rows else None
