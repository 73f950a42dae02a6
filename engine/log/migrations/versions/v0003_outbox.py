"""Notifications that wait until they are delivered."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.String(32), nullable=False, unique=True),
        sa.Column("sink", sa.String(200), nullable=False),
        sa.Column("alert_uid", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("bundle", sa.String(32)),
        sa.Column("problem", sa.Text),
        sa.Column("ended_at", sa.DateTime),
    )
    op.create_index("ix_outbox_sink_state", "outbox", ["sink", "state"])
