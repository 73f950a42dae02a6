"""Where the snapshot and the clip of an alert lie, and which runs are yet to be rolled up."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Adds columns; runs without a roll-up are of the first version."""
    op.add_column("alert", sa.Column("snapshot", sa.String(300)))
    op.add_column("alert", sa.Column("clip", sa.String(300)))
    op.add_column("run", sa.Column("is_summed", sa.Boolean, nullable=False, server_default=sa.true()))
    has_none = "NOT EXISTS (SELECT 1 FROM rollup WHERE rollup.run_id = run.id)"
    op.execute(sa.text(f"UPDATE run SET is_summed = :no WHERE {has_none}").bindparams(no=False))
