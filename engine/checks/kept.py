"""Spot checks in the log, and the pictures of their frames in a folder beside it; each is noted in the audit log.

A check that is taken back stays in the table, and its picture is deleted.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import cv2
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, func, insert, select, update
from sqlalchemy.engine import URL

from engine.checks.spot_check import SpotCheck
from engine.errors import EngineError, OutputError
from engine.files import unwritable, written_whole
from engine.log.audit import Deed, add, keep_tip
from engine.log.place import is_sqlite, reported
from engine.log.tables import StoredSpotCheck
from engine.log.writing import storable
from engine.paths import default_database
from engine.redaction import readable, redacted

SUFFIX = ".checks"
LONGEST_NOTE = 2000  # characters
MOST_POINTS = 20_000
Mark = tuple[int | None, int]
"""Number of the newest check, and how many were taken back."""


class UnknownCheckError(EngineError):
    """A spot check that is asked for is not in the log."""


def new_uid() -> str:
    """Returns what names a further spot check."""
    return uuid4().hex


def picture_folder(url: URL) -> Path:
    """Returns the folder of the pictures for a log: beside its file, for a server in the user's data folder."""
    place = Path(f"{url.database}{SUFFIX}")
    return place if is_sqlite(url) else default_database().with_name(place.name)


def keep(engine: Engine, check: SpotCheck, picture: NDArray[np.uint8] | None) -> SpotCheck:
    """Writes a spot check for good, with the picture of its frame; returns it as it is kept.

    Args:
        engine: of the log.
        check: whose points lie in the picture.
        picture: (height, width, 3) uint8 RGB, without what privacy masks hide; None keeps none.

    Raises:
        EngineError: a point lies outside, or there are too many.
        OutputError: the picture cannot be written, and nothing was.
        DatabaseError: the log cannot be written, and nothing was.
    """
    _check_points(check)
    folder = picture_folder(engine.url)
    name = None if picture is None else f"{check.uid}.png"
    if picture is not None:
        _write_picture(folder / f"{check.uid}.png", picture)
    kept = replace(check, noted_at=datetime.now(UTC).replace(tzinfo=None), picture=name)
    try:
        with reported(engine.url), engine.begin() as connection:
            tip = add(connection, [_deed(kept, "spot check", kept.who)])
            connection.execute(insert(StoredSpotCheck), _row(kept))
    except EngineError:
        (folder / f"{check.uid}.png").unlink(missing_ok=True)
        raise
    keep_tip(engine.url, tip)
    return kept


def take_back(engine: Engine, uid: str, who: str) -> None:
    """Takes a spot check back: it counts no more, and its picture is deleted.

    Raises:
        UnknownCheckError: there is none of that name that counts.
        DatabaseError: the log cannot be written, and nothing was.
    """
    row = StoredSpotCheck
    known = {check.uid: check for check in checks_of(engine)}
    if uid not in known:
        raise UnknownCheckError(f"spot check '{uid}' is not in the log, expected one of those that 'checks' lists")
    now = datetime.now(UTC).replace(tzinfo=None)
    with reported(engine.url), engine.begin() as connection:
        tip = add(connection, [_deed(known[uid], "take back spot check", who)])
        connection.execute(update(row).where(row.uid == uid).values(removed_at=now, picture=None))
    keep_tip(engine.url, tip)
    (picture_folder(engine.url) / f"{uid}.png").unlink(missing_ok=True)


def mark_of(engine: Engine) -> Mark:
    """Returns what is another as soon as somebody keeps a check or takes one back; costs next to nothing.

    Raises:
        DatabaseError: the log cannot be read.
    """
    row = StoredSpotCheck
    with reported(engine.url), engine.connect() as connection:
        newest, removed = connection.execute(select(func.max(row.id), func.count(row.removed_at))).one()
        return newest, removed


def checks_of(engine: Engine, camera: str | None = None, source_sha256: str | None = None) -> list[SpotCheck]:
    """Returns the spot checks that count, in the order of cameras and times; of one camera, of one recording.

    Raises:
        DatabaseError: the log cannot be read.
    """
    row = StoredSpotCheck
    query = select(row).where(row.removed_at.is_(None)).order_by(row.camera, row.time_s, row.id)
    if camera is not None:
        query = query.where(row.camera == storable(camera))
    if source_sha256 is not None:
        query = query.where(row.source_sha256 == source_sha256)
    with reported(engine.url), engine.connect() as connection:
        return [
            SpotCheck(
                uid=each.uid,
                camera=each.camera,
                time_s=each.time_s,
                size=(each.height, each.width),
                points=tuple((float(x), float(y)) for x, y in json.loads(each.points)),
                counted=each.counted,
                model_name=each.model_name,
                model_sha256=each.model_sha256,
                who=each.who,
                note=each.note,
                source_sha256=each.source_sha256,
                noted_at=each.noted_at,
                picture=each.picture,
            )
            for each in connection.execute(query)
        ]


def cameras_of(checks: Sequence[SpotCheck]) -> dict[str, list[SpotCheck]]:
    """Returns checks by their cameras."""
    found: dict[str, list[SpotCheck]] = {}
    for check in checks:
        found.setdefault(check.camera, []).append(check)
    return found


def _check_points(check: SpotCheck) -> None:
    if len(check.points) > MOST_POINTS:
        raise EngineError(f"{len(check.points)} heads are marked in one frame, expected at most {MOST_POINTS}")
    outside = next((point for point in check.points if not (0 <= point[0] <= 1 and 0 <= point[1] <= 1)), None)
    if outside is not None:
        raise EngineError(f"a head lies at {outside}, expected both numbers from 0 to 1, relative to the picture")


def _write_picture(path: Path, picture: NDArray[np.uint8]) -> None:
    done, content = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    if not done:
        raise OutputError(f"the frame of a spot check of {picture.shape} cannot be encoded, expected a picture")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(path.parent, error) from error
    with written_whole(path) as partial:
        partial.write_bytes(content.tobytes())


def _deed(check: SpotCheck, action: str, who: str) -> Deed:
    detail = {
        "check": check.uid,
        "time_s": check.time_s,
        "people": check.people,
        "counted": check.counted,
        "model": check.model_sha256,
        "recording": check.source_sha256,
    }
    return Deed(who, action, check.camera, detail)


def _row(check: SpotCheck) -> dict[str, object]:
    height, width = check.size
    return {
        "uid": check.uid,
        "camera": storable(check.camera),
        "source_sha256": check.source_sha256,
        "time_s": check.time_s,
        "width": width,
        "height": height,
        "points": json.dumps([[round(x, 6), round(y, 6)] for x, y in check.points]),
        "people": check.people,
        "counted": check.counted,
        "model_name": storable(check.model_name),
        "model_sha256": check.model_sha256,
        "who": storable(check.who),
        "note": redacted(readable(check.note))[:LONGEST_NOTE],
        "noted_at": check.noted_at,
        "picture": check.picture,
    }
