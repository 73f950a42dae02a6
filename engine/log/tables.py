"""The tables that the log was given after those of its first version, which are in `engine.log.database`."""

from datetime import datetime

from sqlalchemy import BigInteger, Double, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.log.database import TEXT_LENGTH, Base

UID_LENGTH, WORD_LENGTH, KIND_LENGTH, REASON_LENGTH, PATH_LENGTH = 32, 10, 20, 40, 300
WHOLE = 0
"""The zone of a roll-up that is of the whole camera, or of a group."""


class StoredZone(Base):
    """A zone of a camera; one that is drawn anew under its name stays the same."""

    __tablename__ = "zone"
    __table_args__ = (UniqueConstraint("camera_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("camera.id"))
    name: Mapped[str] = mapped_column(String(TEXT_LENGTH))


class StoredZoneSample(Base):
    """The readings of one second of a zone, as `sample` has them of its camera."""

    __tablename__ = "zone_sample"
    __table_args__ = (UniqueConstraint("run_id", "zone_id", "second"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    zone_id: Mapped[int] = mapped_column(ForeignKey("zone.id"))
    second: Mapped[int]
    mean: Mapped[float]
    least: Mapped[float]
    most: Mapped[float]
    readings: Mapped[int]


class StoredGap(Base):
    """Seconds of a run of which it is known why nothing was counted."""

    __tablename__ = "gap"
    __table_args__ = (UniqueConstraint("run_id", "second"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    second: Mapped[int]
    seconds: Mapped[int]
    reason: Mapped[str] = mapped_column(String(REASON_LENGTH))


class RollUp(Base):
    """What a minute or an hour of a run came to."""

    __tablename__ = "rollup"
    __table_args__ = (UniqueConstraint("run_id", "zone_id", "span_s", "began_s"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    zone_id: Mapped[int]
    """`WHOLE`, or the zone's."""
    span_s: Mapped[int]
    """60 or 3600."""
    began_s: Mapped[int] = mapped_column(BigInteger)
    """Seconds since 1970 (UTC); a multiple of the span."""
    people: Mapped[float]
    """Summed over the readings, by which it is to be divided."""
    least: Mapped[float]
    most: Mapped[float]
    readings: Mapped[int]
    seconds: Mapped[int]
    """With at least one reading."""


class StoredAlert(Base):
    """One occurrence of a rule; times are UTC."""

    __tablename__ = "alert"
    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(UID_LENGTH), unique=True)
    """Given where it is raised, so that it is stored once whatever happens to the answer of the database."""
    owner: Mapped[str] = mapped_column(String(TEXT_LENGTH))
    """Camera or group."""
    zone: Mapped[str | None] = mapped_column(String(TEXT_LENGTH))
    rule_name: Mapped[str] = mapped_column(String(TEXT_LENGTH))
    rule: Mapped[str] = mapped_column(Text)
    """JSON: the rule as it stood."""
    severity: Mapped[str] = mapped_column(String(WORD_LENGTH))
    began_at: Mapped[datetime]
    raised_at: Mapped[datetime] = mapped_column(index=True)
    worsened_at: Mapped[datetime | None]
    cleared_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    """Cleared and acknowledged, or its rule was edited into another or taken out."""
    peak: Mapped[float]
    peak_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None] = mapped_column(String(TEXT_LENGTH))
    note: Mapped[str | None] = mapped_column(Text)
    model_name: Mapped[str] = mapped_column(String(TEXT_LENGTH))
    model_sha256: Mapped[str] = mapped_column(String(64))
    snapshot: Mapped[str | None] = mapped_column(String(PATH_LENGTH))
    """Path of the file, from the folder of the log on; None where there is none, or no more."""
    clip: Mapped[str | None] = mapped_column(String(PATH_LENGTH))


class StoredRuleState(Base):
    """In which state a rule was left."""

    __tablename__ = "rule_state"
    __table_args__ = (UniqueConstraint("owner", "rule_name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(TEXT_LENGTH))
    rule_name: Mapped[str] = mapped_column(String(TEXT_LENGTH))
    state: Mapped[str] = mapped_column(Text)
    """JSON, as `engine.rules.machine.RuleState` has it."""
    rule: Mapped[str] = mapped_column(Text)
    """JSON: the rule that it is a state of."""
    alert_uid: Mapped[str | None] = mapped_column(String(UID_LENGTH))
    """Of the alert that is open."""


class StoredAudit(Base):
    """What somebody did, chained by hashes; see `engine.log.audit`."""

    __tablename__ = "audit"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """From 1, without a gap."""
    at: Mapped[str] = mapped_column(String(40))
    """UTC, as ISO 8601: under the hash a time needs one way to be written."""
    who: Mapped[str] = mapped_column(String(TEXT_LENGTH))
    action: Mapped[str] = mapped_column(String(REASON_LENGTH))
    subject: Mapped[str] = mapped_column(String(TEXT_LENGTH))
    detail: Mapped[str] = mapped_column(Text)
    """JSON."""
    before: Mapped[str] = mapped_column(String(64))
    """Hash of the row before."""
    hash: Mapped[str] = mapped_column(String(64))


class StoredNotification(Base):
    """What one sink is told of one thing that happened, until it was told; the table is the outbox."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_sink_state", "sink", "state"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    """In the order in which it is told."""
    uid: Mapped[str] = mapped_column(String(UID_LENGTH), unique=True)
    sink: Mapped[str] = mapped_column(String(TEXT_LENGTH))
    alert_uid: Mapped[str] = mapped_column(String(UID_LENGTH))
    kind: Mapped[str] = mapped_column(String(KIND_LENGTH))
    """What happened to the alert."""
    payload: Mapped[str] = mapped_column(Text)
    """JSON."""
    created_at: Mapped[datetime]
    """UTC."""
    state: Mapped[str] = mapped_column(String(WORD_LENGTH))
    """'waiting', 'sent' or 'failed'."""
    attempts: Mapped[int]
    """Noted before each is made, so that one that was broken off counts too."""
    bundle: Mapped[str | None] = mapped_column(String(UID_LENGTH))
    """The key under which it was tried, alone or with others; stays the same for every attempt."""
    problem: Mapped[str | None] = mapped_column(Text)
    """Why the last attempt failed."""
    ended_at: Mapped[datetime | None]
    """When it was sent or given up; UTC."""


class StoredSuspension(Base):
    """That a rule raises nothing for a while; of one rule the row that came last holds."""

    __tablename__ = "suspension"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(TEXT_LENGTH))
    """Camera or group."""
    rule_name: Mapped[str] = mapped_column(String(TEXT_LENGTH))
    until_s: Mapped[int] = mapped_column(BigInteger)
    """Seconds since 1970 (UTC); 0 lifts it."""
    who: Mapped[str] = mapped_column(String(TEXT_LENGTH))
    note: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
    """UTC."""


class StoredSpotCheck(Base):
    """How many people a frame truly has, as somebody clicked their heads."""

    __tablename__ = "spot_check"
    __table_args__ = (Index("ix_spot_check_camera", "camera", "time_s"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(UID_LENGTH), unique=True)
    camera: Mapped[str] = mapped_column(String(TEXT_LENGTH))
    """The camera's name, or the recording's as it can be shown."""
    source_sha256: Mapped[str | None] = mapped_column(String(64))
    """Of a recording, as its identity has it; None for a live camera."""
    time_s: Mapped[float] = mapped_column(Double)
    """Of the frame in its recording; of a live camera seconds since 1970 (UTC)."""
    width: Mapped[int]
    height: Mapped[int]
    """Pixels of the picture as it was shown."""
    points: Mapped[str] = mapped_column(Text)
    """JSON: [x, y] of each head, relative to the picture's size."""
    people: Mapped[int]
    counted: Mapped[float | None]
    """What the model said of that frame; None where nothing was counted."""
    model_name: Mapped[str] = mapped_column(String(TEXT_LENGTH))
    model_sha256: Mapped[str] = mapped_column(String(64))
    who: Mapped[str] = mapped_column(String(TEXT_LENGTH))
    note: Mapped[str] = mapped_column(Text)
    noted_at: Mapped[datetime]
    """UTC."""
    removed_at: Mapped[datetime | None]
    """When it was taken back; it stays in the table."""
    picture: Mapped[str | None] = mapped_column(String(PATH_LENGTH))
    """Path of the frame as PNG, from the folder of the log on; None where none is kept."""


class StoredLease(Base):
    """Who of a fleet may write what concerns a camera, and until when nobody else may take that."""

    __tablename__ = "lease"
    name: Mapped[str] = mapped_column(String(TEXT_LENGTH), primary_key=True)
    """Of a camera or group, or of a duty."""
    holder: Mapped[str | None] = mapped_column(String(TEXT_LENGTH))
    """The node; None where it was given back."""
    until_s: Mapped[float] = mapped_column(Double)
    """Seconds since 1970 (UTC) by the database's clock."""
    number: Mapped[int] = mapped_column(BigInteger)
    """Rises whenever another takes it."""


class StoredNode(Base):
    """A node of a fleet, as it said last."""

    __tablename__ = "node"
    name: Mapped[str] = mapped_column(String(TEXT_LENGTH), primary_key=True)
    """Unlike that of any process before it."""
    seen_s: Mapped[float] = mapped_column(Double)
    """Seconds since 1970 (UTC) by the database's clock."""
    said: Mapped[str] = mapped_column(Text)
    """JSON, as `engine.fleet.leases.Node` has it."""
