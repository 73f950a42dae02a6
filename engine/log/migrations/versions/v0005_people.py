"""What people say: which rules raise nothing for a while, and how many heads a frame truly has."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Makes the tables, and room for a longer word; SQLite goes by no length."""
    if op.get_context().dialect.name == "postgresql":
        op.alter_column("outbox", "kind", type_=sa.String(20))
    op.create_table(
        "suspension",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("rule_name", sa.String(200), nullable=False),
        sa.Column("until_s", sa.BigInteger, nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("asked_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "spot_check",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.String(32), nullable=False, unique=True),
        sa.Column("camera", sa.String(200), nullable=False),
        sa.Column("source_sha256", sa.String(64)),
        sa.Column("time_s", sa.Double, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("points", sa.Text, nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("counted", sa.Float),
        sa.Column("model_name", sa.String(200), nullable=False),
        sa.Column("model_sha256", sa.String(64), nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("noted_at", sa.DateTime, nullable=False),
        sa.Column("removed_at", sa.DateTime),
        sa.Column("picture", sa.String(300)),
    )
    op.create_index("ix_spot_check_camera", "spot_check", ["camera", "time_s"])
