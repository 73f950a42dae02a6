"""Where the snapshot and the clip of an alert lie."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Adds their paths, none of those that were before."""
    op.add_column("alert", sa.Column("snapshot", sa.String(300)))
    op.add_column("alert", sa.Column("clip", sa.String(300)))
