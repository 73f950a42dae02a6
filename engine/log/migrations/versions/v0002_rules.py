"""Zones and groups, why nothing was counted, roll-ups, alerts with the states of their rules, and the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds to the tables that are there, and makes new ones."""
    op.add_column("camera", sa.Column("kind", sa.String(10), nullable=False, server_default="camera"))
    op.add_column("sample", sa.Column("consistency", sa.Float))
    op.add_column("sample", sa.Column("condition", sa.String(10)))
    _add_zones()
    _add_sums()
    _add_alerts()
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("before", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )


def _add_zones() -> None:
    op.create_table(
        "zone",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("camera_id", sa.Integer, sa.ForeignKey("camera.id"), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.UniqueConstraint("camera_id", "name"),
    )
    op.create_table(
        "zone_sample",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("run.id"), nullable=False),
        sa.Column("zone_id", sa.Integer, sa.ForeignKey("zone.id"), nullable=False),
        sa.Column("second", sa.Integer, nullable=False),
        sa.Column("mean", sa.Float, nullable=False),
        sa.Column("least", sa.Float, nullable=False),
        sa.Column("most", sa.Float, nullable=False),
        sa.Column("readings", sa.Integer, nullable=False),
        sa.UniqueConstraint("run_id", "zone_id", "second"),
    )


def _add_sums() -> None:
    op.create_table(
        "gap",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("run.id"), nullable=False),
        sa.Column("second", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Integer, nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.UniqueConstraint("run_id", "second"),
    )
    op.create_table(
        "rollup",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("run.id"), nullable=False),
        sa.Column("zone_id", sa.Integer, nullable=False),
        sa.Column("span_s", sa.Integer, nullable=False),
        sa.Column("began_s", sa.BigInteger, nullable=False),
        sa.Column("people", sa.Float, nullable=False),
        sa.Column("least", sa.Float, nullable=False),
        sa.Column("most", sa.Float, nullable=False),
        sa.Column("readings", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Integer, nullable=False),
        sa.UniqueConstraint("run_id", "zone_id", "span_s", "began_s"),
    )


def _add_alerts() -> None:
    op.create_table(
        "alert",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.String(32), nullable=False, unique=True),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("zone", sa.String(200)),
        sa.Column("rule_name", sa.String(200), nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("severity", sa.String(10), nullable=False),
        sa.Column("began_at", sa.DateTime, nullable=False),
        sa.Column("raised_at", sa.DateTime, nullable=False, index=True),
        sa.Column("worsened_at", sa.DateTime),
        sa.Column("cleared_at", sa.DateTime),
        sa.Column("closed_at", sa.DateTime),
        sa.Column("peak", sa.Float, nullable=False),
        sa.Column("peak_at", sa.DateTime, nullable=False),
        sa.Column("acknowledged_at", sa.DateTime),
        sa.Column("acknowledged_by", sa.String(200)),
        sa.Column("note", sa.Text),
        sa.Column("model_name", sa.String(200), nullable=False),
        sa.Column("model_sha256", sa.String(64), nullable=False),
    )
    op.create_table(
        "rule_state",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("rule_name", sa.String(200), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("alert_uid", sa.String(32)),
        sa.UniqueConstraint("owner", "rule_name"),
    )
